//! The conformance suite of MCP against the server: `cargo xtask test mcp` installs it and runs this test.
//!
//! The suite sends no token, so that it talks to a proxy that adds one. The server takes the proxy for its public address:
//! its checks of `Host` and `Origin` are those of production. Scenarios about tools, prompts and resources of a sample
//! server do not apply to any other one.

use std::{env, net::SocketAddr};
use tandem_protocol::enums::Scope;
use tandem_tests::{TestServer, TestUser};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    process::Command,
};

/// The scenarios that apply to any server with tools.
const SCENARIOS: [&str; 5] =
    ["server-initialize", "ping", "tools-list", "server-sse-multiple-streams", "dns-rebinding-protection"];

#[tokio::test(flavor = "multi_thread")]
#[ignore = "the suite has to be installed: `cargo xtask test mcp`"]
async fn the_scenarios_of_the_conformance_suite_that_apply_pass() {
    let suite = |variable: &str| env::var(variable).unwrap_or_else(|_| panic!("{variable} is not set"));
    let (node, script) = (suite("TANDEM_MCP_NODE"), suite("TANDEM_MCP_SUITE"));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = TestServer::setup().without_rate_limits().env("TANDEM_PUBLIC_URL", &url).start().await;
    let user = TestUser::register(&server).await;
    let (token, _) = user.personal_token(&[Scope::Read, Scope::Write]).await;
    tokio::spawn(proxy(listener, server.listen(), format!("Authorization: Bearer {token}\r\nConnection: close\r\n")));
    let address = format!("{url}/mcp");
    for scenario in SCENARIOS {
        let mut command = Command::new(&node);
        command.arg(&script).args(["server", "--url", &address, "--scenario", scenario]).current_dir(server.folder());
        let output = command.kill_on_drop(true).output().await.unwrap();
        let report = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && report.contains(" 0 failed"), "{scenario}: {report}");
        println!("{scenario}: {}", report.lines().rfind(|line| line.starts_with("Passed")).unwrap_or_default());
    }
}

/// Forwards each connection, with these lines in the head of its only request.
async fn proxy(listener: TcpListener, server: SocketAddr, lines: String) {
    while let Ok((client, _)) = listener.accept().await {
        tokio::spawn(forward(client, server, lines.clone()));
    }
}

async fn forward(mut client: TcpStream, server: SocketAddr, lines: String) -> std::io::Result<()> {
    let mut head = Vec::new();
    let end = loop {
        if client.read_buf(&mut head).await? == 0 {
            return Ok(());
        }
        if let Some(end) = head.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break end + 2;
        }
    };
    let rest = head.split_off(end);
    // A client that keeps connections open would send its next request without the token.
    let kept = String::from_utf8_lossy(&head);
    let kept: String = kept.split_inclusive("\r\n").filter(|line| !is_connection(line)).collect();
    let mut upstream = TcpStream::connect(server).await?;
    upstream.write_all(format!("{kept}{lines}").as_bytes()).await?;
    upstream.write_all(&rest).await?;
    tokio::io::copy_bidirectional(&mut client, &mut upstream).await?;
    Ok(())
}

fn is_connection(line: &str) -> bool {
    line.split(':').next().is_some_and(|name| name.eq_ignore_ascii_case("connection"))
}
