//! What the server answers at the edges of HTTP, over plain sockets: no client library sends such requests.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};
use tandem_tests::{TestServer, eventually};

/// Time limit for an answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Sends a request with these lines after those that every request has, and returns the head of the answer.
fn send(server: &TestServer, start: &str, lines: &[String]) -> String {
    let mut stream = TcpStream::connect(server.listen()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let host = format!("Host: {}", server.listen());
    let first = [format!("{start} HTTP/1.1"), host, "Connection: close".to_owned()];
    let head = format!("{}\r\n\r\n", [&first[..], lines].concat().join("\r\n"));
    // A head that is refused may be refused before its end.
    let _ = stream.write_all(head.as_bytes());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer).to_lowercase();
    answer.split("\r\n\r\n").next().unwrap_or_default().to_owned()
}

fn lines(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|&line| line.to_owned()).collect()
}

#[tokio::test]
async fn heads_encodings_and_handshakes_are_refused_with_their_status() {
    let server = TestServer::new().await;
    for (bytes, status) in [(31, "200"), (33, "431"), (70, "431"), (900, "431")] {
        let answer = send(&server, "GET /healthz", &[format!("X-Long: {}", "x".repeat(bytes * 1024))]);
        assert!(answer.starts_with(&format!("http/1.1 {status}")), "{bytes} KiB: {answer}");
        let answer = send(&server, &format!("GET /healthz?{}", "x".repeat(bytes * 1024)), &[]);
        assert!(answer.starts_with(&format!("http/1.1 {status}")), "{bytes} KiB: {answer}");
    }
    for encoding in ["gzip", "br", "zstd", "gzip, identity", "Identity"] {
        for path in ["/api/v1/auth/login", "/api/v1/tasks", "/mcp", "/mcp/"] {
            let encoding_line = format!("Content-Encoding: {encoding}");
            let head = ["Content-Type: application/json".to_owned(), "Content-Length: 0".to_owned(), encoding_line];
            let answer = send(&server, &format!("POST {path}"), &head);
            let refused = answer.starts_with("http/1.1 415");
            assert_eq!(refused, encoding != "Identity", "{encoding} at {path}: {answer}");
        }
    }
    for version in ["8", "12", "14", "0", ""] {
        let version = format!("Sec-WebSocket-Version: {version}");
        let mut head =
            lines(&["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]);
        head.push(version.clone());
        let answer = send(&server, "GET /api/v1/ws", &head);
        assert!(answer.starts_with("http/1.1 426"), "{version}: {answer}");
        assert!(answer.contains("sec-websocket-version: 13"), "{version}: {answer}");
    }
}

#[tokio::test]
async fn a_client_behind_proxies_has_its_own_address() {
    let proxies = "127.0.0.1, 10.0.0.0/8, 2001:db8:1::/48";
    let server =
        TestServer::setup().env("TANDEM_TRUSTED_PROXIES", proxies).env("TANDEM_LOG_FORMAT", "json").start().await;
    for (path, forwarded, client) in [
        ("a", &["X-Forwarded-For: 1.1.1.1, 203.0.113.1:51324, 10.0.0.9:443"][..], "203.0.113.1"),
        ("b", &["X-Forwarded-For: [2001:db8::7]:51324, [2001:db8:1::2]:443, 10.0.0.9"], "2001:db8::7"),
        ("c", &["X-Forwarded-For: 203.0.113.2:1", "X-Forwarded-For: [2001:db8:1::2]"], "203.0.113.2"),
        ("d", &["X-Forwarded-For: 203.0.113.3, unknown, 10.0.0.9"], "10.0.0.9"),
        ("e", &["X-Forwarded-For: \"[2001:db8::9]:7\""], "2001:db8::9"),
        ("f", &["X-Forwarded-For: 1.1.1.1, [203.0.113.4]:80, , 10.0.0.9,"], "203.0.113.4"),
    ] {
        send(&server, &format!("GET /api/v1/nothing-{path}"), &lines(forwarded));
        eventually(format_args!("the line of request {path}"), async || {
            let log = server.log();
            let line =
                log.lines().find(|line| line.contains(&format!("nothing-{path}")) && line.contains("answered"))?;
            assert!(line.contains(&format!("\"client\":\"{client}\"")), "{client}: {line}");
            Some(())
        })
        .await;
    }
}

/// Sends bytes, closes its half of the connection, and returns the status line; empty without an answer.
fn send_raw(server: &TestServer, bytes: &[u8]) -> String {
    let stream = connected(server, bytes);
    let _ = stream.shutdown(std::net::Shutdown::Write);
    status_line(stream)
}

/// A connection over which these bytes were sent.
fn connected(server: &TestServer, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(server.listen()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let _ = stream.write_all(bytes);
    stream
}

/// Reads until the server closes the connection.
fn status_line(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned()
}

/// A log-in with these lines in its head, and this body as it is sent.
fn log_in(server: &TestServer, lines: &str, body: &str) -> Vec<u8> {
    let head = format!(
        "POST /api/v1/auth/login HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n{lines}\r\n\r\n",
        server.listen()
    );
    [head.as_bytes(), body.as_bytes()].concat()
}

/// Lengths that say one thing and mean another are how a request is smuggled past a proxy.
#[tokio::test]
async fn bodies_that_lie_about_their_length_are_refused() {
    let server = TestServer::new().await;
    let body = r#"{"email":"a@example.test","password":"not the password"}"#;
    let smuggled = "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
    for (lines, body) in [
        ("Transfer-Encoding: chunked", "zz\r\n{}\r\n0\r\n\r\n"),
        ("Transfer-Encoding: chunked", "FFFFFFFFFFFFFFFFFF\r\n{}"),
        ("Transfer-Encoding: chunked", "-1\r\n{}\r\n0\r\n\r\n"),
        ("Transfer-Encoding: chunked", "5\r\n{}\r\n0\r\n\r\n"),
        ("Transfer-Encoding: chunked", "7fffffff\r\n{}"),
        ("Transfer-Encoding: chunked\r\nContent-Length: 4", smuggled),
        ("Content-Length: 4\r\nTransfer-Encoding: chunked", smuggled),
        ("Transfer-Encoding: identity, chunked, identity", smuggled),
        ("Transfer-Encoding: xchunked", smuggled),
        ("Content-Length: 5\r\nContent-Length: 6", body),
        ("Content-Length: +56", body),
        ("Content-Length: 0x38", body),
        ("Content-Length: -1", body),
        ("Content-Length: 99999999999999999999", body),
        ("Content-Length: 900", body),
    ] {
        let status = send_raw(&server, &log_in(&server, lines, body));
        assert!(status.is_empty() || status.starts_with("HTTP/1.1 4"), "{lines}: {status}");
    }
    // Chunks that are read when nothing else is said of them.
    let chunked = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    let answer = |codings: &str| {
        let lines = format!("Connection: close\r\n{codings}");
        status_line(connected(&server, &log_in(&server, &lines, &chunked)))
    };
    assert_eq!(answer("Transfer-Encoding: chunked"), "HTTP/1.1 401 Unauthorized");
    for codings in [
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked, chunked",
    ] {
        assert_eq!(answer(codings), "HTTP/1.1 400 Bad Request", "{codings}");
    }
    for half in ["GET", "GET / HTTP/1.1\r\nHost:", "\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}", "PRI * HTTP/2.0\r\n\r\n"] {
        let status = send_raw(&server, half.as_bytes());
        assert!(!status.contains(" 2"), "{half}: {status}");
    }
    assert!(send(&server, "GET /healthz", &[]).starts_with("http/1.1 200"));
    let log = server.log();
    assert!(!log.contains("panicked") && !log.contains("/smuggled"), "{log}");
}
