//! Connections over real sockets.

use crate::http::serve::{HEAD_TIME, accept};
use axum::{Router, body::Body, extract::Request, response::Response, routing::get};
use http::{StatusCode, header};
use hyper_util::rt::TokioIo;
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Far more than anything here takes.
const PATIENCE: Duration = Duration::from_secs(10);

struct Listening {
    address: SocketAddr,
    shutdown: CancellationToken,
    tracker: TaskTracker,
}

async fn listening(router: Router, head_time: Duration) -> Listening {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (shutdown, tracker) = (CancellationToken::new(), TaskTracker::new());
    tracker.spawn(accept(listener, router, shutdown.clone(), tracker.clone(), head_time));
    Listening { address, shutdown, tracker }
}

fn hello() -> Router {
    Router::new().route("/", get(|| async { "hello" }))
}

async fn say(stream: &mut TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).await.unwrap();
}

/// Reads until `end`, or to the end of the connection.
async fn hear(stream: &mut TcpStream, end: &str) -> String {
    let mut heard = String::new();
    let mut buffer = [0; 1024];
    while !heard.ends_with(end) || end.is_empty() {
        match timeout(PATIENCE, stream.read(&mut buffer)).await.expect("the connection hangs") {
            Ok(0) | Err(_) => break,
            Ok(len) => heard.push_str(&String::from_utf8_lossy(&buffer[..len])),
        }
    }
    heard
}

#[tokio::test]
async fn a_head_that_does_not_end_is_cut() {
    let server = listening(hello(), Duration::from_millis(50)).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    say(&mut stream, "GET / HTTP/1.1\r\nhost: a\r\nslow: ").await;
    let answer = hear(&mut stream, "").await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
}

#[tokio::test]
async fn a_shutdown_ends_idle_connections_and_waits_for_all() {
    let server = listening(hello(), HEAD_TIME).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    say(&mut stream, "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(hear(&mut stream, "hello").await.starts_with("HTTP/1.1 200"));
    server.shutdown.cancel();
    server.tracker.close();
    timeout(PATIENCE, server.tracker.wait()).await.expect("a connection stays");
    assert_eq!(hear(&mut stream, "").await, "");
    assert!(TcpStream::connect(server.address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_connection_can_become_something_else() {
    let upgraded = async |mut request: Request| {
        let upgrade = hyper::upgrade::on(&mut request);
        tokio::spawn(async move {
            let mut io = TokioIo::new(upgrade.await.unwrap());
            io.write_all(b"now in other words").await.unwrap();
        });
        Response::builder()
            .status(StatusCode::SWITCHING_PROTOCOLS)
            .header(header::CONNECTION, "upgrade")
            .header(header::UPGRADE, "words")
            .body(Body::empty())
            .unwrap()
    };
    let server = listening(Router::new().route("/", get(upgraded)), HEAD_TIME).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    say(&mut stream, "GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: words\r\n\r\n").await;
    let heard = hear(&mut stream, "other words").await;
    assert!(heard.starts_with("HTTP/1.1 101") && heard.ends_with("now in other words"), "{heard}");
}
