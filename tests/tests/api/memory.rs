//! Incomplete requests and unread answers need little memory of the server, however many there are.
//!
//! Each test has a server of its own, whose memory is read from `/proc` before and during the requests.

use futures_util::{StreamExt as _, future::join_all, stream};
use serde_json::json;
use tandem_tests::{TestServer, TestUser, eventually, plain};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
};

const MEBIBYTE: u64 = 1024 * 1024;

async fn connected(server: &TestServer) -> TcpStream {
    TcpStream::connect(server.listen()).await.expect("the server listens")
}

/// A user with seventy tasks of 40 kB each, which are not in the search index.
async fn with_long_tasks(server: &TestServer) -> TestUser {
    let user = TestUser::register(server).await;
    let tasks = (0..70).map(|_| user.post("/tasks").json(json!({ "title": "T", "description": "𝄞".repeat(10_000) })));
    let tasks = stream::iter(tasks.map(IntoFuture::into_future));
    tasks.buffer_unordered(8).for_each(async |added| _ = added.expect(201)).await;
    user
}

/// The status of an answer of which nothing more is read, and its connection.
async fn request_unread(server: &TestServer, token: &str, path: &str) -> (String, TcpStream) {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4_096).expect("it is small");
    let mut stream = socket.connect(server.listen()).await.expect("the server listens");
    let host = server.listen();
    let ask = format!("GET /api/v1{path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\n\r\n");
    stream.write_all(ask.as_bytes()).await.expect("it is sent");
    let mut head = [0; 12];
    stream.read_exact(&mut head).await.expect("the answer begins");
    (String::from_utf8_lossy(&head[9..]).into_owned(), stream)
}

/// Memory of the server beyond `before`, after it has served other users.
async fn grown_since(server: &TestServer, before: u64) -> u64 {
    let client = plain::client();
    for _ in 0..20 {
        let answer = client.get(server.url("/healthz")).send().await.expect("the server answers");
        assert_eq!(answer.status().as_u16(), 200);
    }
    server.resident_memory().saturating_sub(before) / MEBIBYTE
}

/// Ten of them took 1.4 GB.
#[tokio::test]
async fn thirty_unread_exports_need_little_memory() {
    const EXPORTS: usize = 30;
    let setup = TestServer::setup().without_rate_limits();
    let server = setup.env("TANDEM_USER_EXPORTS", "30").env("TANDEM_NODE_EXPORTS", "30").start().await;
    let user = with_long_tasks(&server).await;
    // Once as a whole, so that what any first request costs is not counted.
    let length = user.get("/me/export").await.expect(200).header("content-length").parse::<u64>().expect("a number");
    assert!(length > 2 * MEBIBYTE, "{length} bytes are no large export");
    let before = server.resident_memory();
    let token = user.access_token();
    let unread = join_all((0..EXPORTS).map(async |_| {
        let (status, stream) = request_unread(&server, &token, "/me/export").await;
        assert_eq!(status, "200");
        stream
    }))
    .await;
    let grown = grown_since(&server, before).await;
    eprintln!("{grown} MiB for {EXPORTS} exports of {} MiB", length / MEBIBYTE);
    assert!(grown < 64, "{EXPORTS} exports of {} MiB took {grown} MiB", length / MEBIBYTE);
    drop(unread);
}

/// As many megabytes as there are connections, if each waited for its client without a permit.
#[tokio::test]
async fn only_the_user_with_unread_pages_is_refused() {
    const PAGES: usize = 200;
    let server = TestServer::setup().env("TANDEM_USER_PAGES", "4").env("TANDEM_NODE_PAGES", "4").start().await;
    let (user, other) = (with_long_tasks(&server).await, with_long_tasks(&server).await);
    user.get("/tasks").await.expect(200);
    let (before, token) = (server.resident_memory(), user.access_token());
    let paths = ["/tasks", "/snapshot", "/events?since=0"];
    for path in paths {
        let unread =
            join_all((0..PAGES / paths.len()).map(async |_| request_unread(&server, &token, path).await)).await;
        let of = |wanted: &str| unread.iter().filter(|(status, _)| status == wanted).count();
        assert_eq!((of("200"), of("429")), (4, PAGES / paths.len() - 4), "{path}");
        for path in paths {
            other.get(path).await.expect(200);
        }
        let grown = grown_since(&server, before).await;
        assert!(grown < 32, "{path}: {grown} MiB");
        drop(unread);
        eventually("the permits", async || (user.get(path).await.status == 200).then_some(())).await;
    }
}

/// Those of one address took 717 MB.
#[tokio::test]
async fn five_hundred_half_sent_log_ins_fit_into_little_memory() {
    let server = TestServer::setup().without_rate_limits().start().await;
    TestUser::register(&server).await;
    let before = server.resident_memory();
    // All of what is allowed but the end.
    let half = format!(
        "POST /api/v1/auth/login HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: 16000\r\n\r\n{}",
        server.listen(),
        " ".repeat(15_900)
    );
    let held = join_all((0..500).map(async |_| {
        let mut stream = connected(&server).await;
        stream.write_all(half.as_bytes()).await.expect("it is sent");
        stream
    }))
    .await;
    let grown = grown_since(&server, before).await;
    eprintln!("{grown} MiB for 500 half-sent log-ins");
    assert!(grown < 64, "500 half-sent log-ins took {grown} MiB");
    drop(held);
}
