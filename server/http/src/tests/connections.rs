//! Connections over real sockets: limits of time, size and number, and the shutdown.

use crate::{
    Connections,
    serve::{HEAD_TIME, MAX_LINGERING, accept},
};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::Request,
    response::Response,
    routing::{get, post},
};
use http::{StatusCode, header};
use hyper_util::rt::TokioIo;
use socket2::SockRef;
use std::{net::SocketAddr, time::Duration};
use tandem_service::budget::Limits;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpSocket, TcpStream},
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Longer than any step here takes.
const PATIENCE: Duration = Duration::from_secs(10);

struct Listening {
    address: SocketAddr,
    shutdown: CancellationToken,
    tracker: TaskTracker,
}

async fn listening(router: Router, head_time: Duration) -> Listening {
    limited(router, head_time, Limits::default()).await
}

async fn limited(router: Router, head_time: Duration, limits: Limits) -> Listening {
    on(TcpListener::bind("127.0.0.1:0").await.unwrap(), router, head_time, limits)
}

fn on(listener: TcpListener, router: Router, head_time: Duration, limits: Limits) -> Listening {
    let connections = Connections::new(&limits, true, &[]);
    let address = listener.local_addr().unwrap();
    let (shutdown, tracker) = (CancellationToken::new(), TaskTracker::new());
    tandem_runtime::tasks::spawn(
        &tracker,
        accept(listener, router, connections, shutdown.clone(), tracker.clone(), head_time),
    );
    Listening { address, shutdown, tracker }
}

fn hello() -> Router {
    Router::new().route("/", get(|| async { "hello" }))
}

async fn send(stream: &mut TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).await.unwrap();
}

/// Reads until `end`, or to the end of the connection.
async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut read = String::new();
    let mut buffer = [0; 1024];
    while !read.ends_with(end) || end.is_empty() {
        match timeout(PATIENCE, stream.read(&mut buffer)).await.expect("the connection hangs") {
            Ok(0) | Err(_) => break,
            Ok(len) => read.push_str(&String::from_utf8_lossy(&buffer[..len])),
        }
    }
    read
}

#[tokio::test]
async fn a_head_that_does_not_end_closes_the_connection() {
    let server = listening(hello(), Duration::from_millis(50)).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    send(&mut stream, "GET / HTTP/1.1\r\nhost: a\r\nslow: ").await;
    let answer = read_until(&mut stream, "").await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
}

#[tokio::test]
async fn a_shutdown_ends_idle_connections_and_waits_for_all() {
    let server = listening(hello(), HEAD_TIME).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    send(&mut stream, "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(read_until(&mut stream, "hello").await.starts_with("HTTP/1.1 200"));
    server.shutdown.cancel();
    server.tracker.close();
    timeout(PATIENCE, server.tracker.wait()).await.expect("a connection stays");
    assert_eq!(read_until(&mut stream, "").await, "");
    assert!(TcpStream::connect(server.address).await.is_err(), "the listener is closed");
}

#[tokio::test]
async fn an_upgraded_connection_is_handed_over() {
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
    send(&mut stream, "GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: words\r\n\r\n").await;
    let read = read_until(&mut stream, "other words").await;
    assert!(read.starts_with("HTTP/1.1 101") && read.ends_with("now in other words"), "{read}");
}

/// An answer that goes on as long as it is read.
fn endless() -> Router {
    let zeros = || async {
        let zeros = futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from(vec![0; 64 * 1024])));
        Body::from_stream(zeros)
    };
    Router::new().route("/", get(zeros))
}

#[tokio::test]
async fn a_client_that_reads_nothing_is_disconnected() {
    let limits = Limits { write: Duration::from_millis(100), ..Limits::default() };
    let server = limited(endless(), HEAD_TIME, limits).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    send(&mut stream, "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    // The connection ends although the client neither reads nor closes.
    let gone = async {
        while server.tracker.len() > 1 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, stream.readable()).await.unwrap().unwrap();
    timeout(PATIENCE, gone).await.expect("the connection stays");
    let mut taken = vec![0; 64 * 1024];
    let ended = async { while matches!(stream.read(&mut taken).await, Ok(len) if len > 0) {} };
    timeout(PATIENCE, ended).await.expect("it was cut");
}

/// A client that reads a little all the time would keep its answer for ever.
#[tokio::test]
async fn a_client_that_reads_too_slowly_is_disconnected() {
    // Otherwise the system buffers a megabyte, and the server does not notice how fast the client reads.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    SockRef::from(&listener).set_send_buffer_size(16 * 1024).unwrap();
    let limits = Limits { write: Duration::from_millis(400), ..Limits::default() };
    let server = on(listener, endless(), HEAD_TIME, limits);
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(8 * 1024).unwrap();
    let mut stream = socket.connect(server.address).await.unwrap();
    send(&mut stream, "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let mut piece = vec![0; 2 * 1024];
    let mut pace = tokio::time::interval(Duration::from_millis(20));
    let little = async {
        while stream.read(&mut piece).await.is_ok_and(|len| len > 0) {
            pace.tick().await;
        }
    };
    timeout(PATIENCE, little).await.expect("it goes on");
}

#[tokio::test]
async fn an_unread_body_closes_the_connection_after_the_answer() {
    let refuses = || async { (StatusCode::UNAUTHORIZED, "no") };
    let reads = |body: Bytes| async move { body.len().to_string() };
    let router = Router::new().route("/refuses", post(refuses)).route("/reads", post(reads));
    let server = listening(router, HEAD_TIME).await;

    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let long = "x".repeat(1024 * 1024);
    let head = |path: &str| format!("POST {path} HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n", long.len());
    send(&mut stream, &head("/reads")).await;
    send(&mut stream, &long).await;
    let read = read_until(&mut stream, &long.len().to_string()).await;
    assert!(!read.contains("connection: close"), "{read}");

    send(&mut stream, &head("/refuses")).await;
    // The client sends all of it before it reads anything.
    send(&mut stream, &long).await;
    let refused = read_until(&mut stream, "").await;
    assert!(refused.starts_with("HTTP/1.1 401") && refused.contains("connection: close"), "{refused}");
    assert!(refused.ends_with("no"), "{refused}");
}

#[tokio::test]
async fn few_connections_of_an_address_may_discard_at_the_same_time() {
    let router = Router::new().route("/", post(|| async { (StatusCode::UNAUTHORIZED, "no") }));
    let server = listening(router, HEAD_TIME).await;
    let half_sent = async || {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        send(&mut stream, "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n").await;
        assert!(read_until(&mut stream, "no").await.ends_with("no"));
        stream
    };
    let mut lingering = Vec::new();
    for _ in 0..MAX_LINGERING {
        lingering.push(half_sent().await);
    }
    let mut one_more = half_sent().await;
    let closed = async { while one_more.write_all(b"more").await.is_ok() {} };
    timeout(PATIENCE, closed).await.expect("it is closed behind its answer");
    for stream in &mut lingering {
        for _ in 0..10 {
            send(stream, "more").await;
        }
    }
}

#[tokio::test]
async fn a_connection_over_the_limit_gets_a_short_answer() {
    let limits = Limits { connections_per_address: 1, ..Limits::default() };
    let server = limited(hello(), HEAD_TIME, limits).await;
    let mut first = TcpStream::connect(server.address).await.unwrap();
    send(&mut first, "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(read_until(&mut first, "hello").await.starts_with("HTTP/1.1 200"));

    let mut second = TcpStream::connect(server.address).await.unwrap();
    let refused = read_until(&mut second, "").await;
    assert!(refused.starts_with("HTTP/1.1 503") && refused.contains("retry-after: 5"), "{refused}");

    drop(first);
    let served = async {
        loop {
            let mut next = TcpStream::connect(server.address).await.unwrap();
            send(&mut next, "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
            if read_until(&mut next, "hello").await.starts_with("HTTP/1.1 200") {
                break;
            }
        }
    };
    timeout(PATIENCE, served).await.expect("the place comes back");
}

#[tokio::test]
async fn the_size_of_a_head_is_limited() {
    let server = listening(hello(), HEAD_TIME).await;
    let field = |len: usize| format!("GET / HTTP/1.1\r\nhost: a\r\nlong: {}\r\n", "x".repeat(len));
    let path = |len: usize| format!("GET /{} HTTP/1.1\r\nhost: a\r\n", "x".repeat(len));
    for (head, status) in [
        (field(31 * 1024), "200"),
        (field(33 * 1024), "431"),
        (field(500 * 1024), "431"),
        (path(33 * 1024), "431"),
        (path(60 * 1024), "431"),
    ] {
        for in_one_write in [true, false] {
            let mut stream = TcpStream::connect(server.address).await.unwrap();
            // A head that is refused may be refused before its end.
            let (first, last) = if in_one_write { ("", "") } else { (head.as_str(), "connection: close\r\n\r\n") };
            let _ = stream.write_all(first.as_bytes()).await;
            let whole = format!("{head}connection: close\r\n\r\n");
            let _ = stream.write_all(if in_one_write { whole.as_bytes() } else { last.as_bytes() }).await;
            let answer = read_until(&mut stream, "").await;
            let len = head.len();
            assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{len}, {in_one_write}: {answer}");
        }
    }
}
