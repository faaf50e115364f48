//! Frames that no client library sends, over plain sockets: the socket is closed with its code, and nobody else notices.

use crate::support::Site;
use std::time::Duration;
use tandem_protocol::live::CloseCode;
use tandem_tests::{Device, TestUser, eventually::PATIENCE};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

on_both!(
    frames_against_the_protocol_close_their_socket_alone,
    ten_thousand_fragments_are_one_message_and_no_more_than_fits,
    a_flood_of_pings_disturbs_nobody,
    many_sockets_of_a_user_replace_each_other
);

/// The close code of a violation of RFC 6455, section 7.4.1.
const PROTOCOL_ERROR: u16 = 1002;

/// A socket without a library.
struct RawSocket(TcpStream);

impl RawSocket {
    /// A socket after its `hello`.
    async fn open(user: &TestUser) -> Self {
        let host = user.origin().strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).await.unwrap();
        let (token, address) = (user.access_token(), user.network_address());
        let head = format!(
            "GET /api/v1/ws HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Authorization: Bearer {token}\r\nX-Forwarded-For: {address}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(timeout(PATIENCE, stream.read_u8()).await.expect("an answer").unwrap());
        }
        assert!(answer.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&answer));
        let mut socket = Self(stream);
        socket.send(&frame(0x81, br#"{"type":"hello","version":1,"device":{"id":"raw","name":""}}"#)).await;
        socket
    }

    /// Sends bytes, unless the server has closed the socket already.
    async fn send(&mut self, bytes: &[u8]) {
        let _ = timeout(PATIENCE, self.0.write_all(bytes)).await.expect("the server reads, or closes");
    }

    /// Reads to the end, and returns the code of the close frame.
    async fn close_code(mut self) -> Option<u16> {
        let mut bytes = Vec::new();
        // An end by a reset is an end as well.
        let _ = timeout(PATIENCE, self.0.read_to_end(&mut bytes)).await.expect("the server closes the socket");
        close_code(&bytes)
    }

    /// Whether the server has closed the socket, without waiting.
    async fn is_open(&mut self) -> bool {
        let mut bytes = [0; 4096];
        loop {
            match timeout(Duration::from_millis(1), self.0.read(&mut bytes)).await {
                Err(_) => return true,
                Ok(Ok(count)) if count > 0 => {}
                Ok(_) => return false,
            }
        }
    }
}

/// A length in two or eight bytes follows; shorter ones stand here themselves.
const TWO_BYTES: u8 = 0x7E;
const EIGHT_BYTES: u8 = 0x7F;
const MASKED: u8 = 0x80;

/// A frame of a client with an empty mask.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let length = match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(length), _) if length < TWO_BYTES => vec![MASKED | length],
        (_, Ok(length)) => [&[MASKED | TWO_BYTES][..], &length.to_be_bytes()].concat(),
        _ => [&[MASKED | EIGHT_BYTES][..], &(payload.len() as u64).to_be_bytes()].concat(),
    };
    [&[first][..], &length, &[0; 4], payload].concat()
}

/// The code in the close frame among frames of a server.
fn close_code(mut bytes: &[u8]) -> Option<u16> {
    while let [first, length, rest @ ..] = bytes {
        let (length, rest) = match length {
            &TWO_BYTES => (usize::from(u16::from_be_bytes(rest.get(..2)?.try_into().ok()?)), &rest[2..]),
            &EIGHT_BYTES => {
                let length = u64::from_be_bytes(rest.get(..8)?.try_into().ok()?);
                (usize::try_from(length).ok()?, &rest[8..])
            }
            length => (usize::from(*length), rest),
        };
        if first & 15 == 8 {
            return Some(u16::from_be_bytes(rest.get(..2)?.try_into().ok()?));
        }
        bytes = rest.get(length..)?;
    }
    None
}

/// A device of the same user and one of another, which must notice nothing.
struct Bystanders([Device; 2]);

impl Bystanders {
    async fn of(user: &TestUser, site: &Site) -> Self {
        let other = TestUser::register(site).await;
        Self([Device::connected(user, "laptop").await, Device::connected(&other, "another's").await])
    }

    async fn are_undisturbed(&self) {
        for device in &self.0 {
            let task = device.user().add_task("works").await;
            device.wait("the task", |seen| seen.replica.tasks().iter().any(|it| it.id == task.id).then_some(())).await;
            device.assert_faultless();
        }
    }
}

async fn frames_against_the_protocol_close_their_socket_alone(site: &Site) {
    let user = TestUser::register(site).await;
    let bystanders = Bystanders::of(&user, site).await;
    let text = br#"{"type":"pong","seq":0}"#;
    let huge = [&[0x81, MASKED | EIGHT_BYTES][..], &(1_u64 << 62).to_be_bytes(), &[0; 4]].concat();
    let larger = [&[0x81, MASKED | EIGHT_BYTES][..], &(300_u64 * 1024).to_be_bytes(), &[0; 4]].concat();
    let violations = [
        ("unmasked", [b"\x81\x17", &text[..]].concat(), PROTOCOL_ERROR),
        ("first reserved bit", frame(0xC1, text), PROTOCOL_ERROR),
        ("second reserved bit", frame(0xA1, text), PROTOCOL_ERROR),
        ("third reserved bit", frame(0x91, text), PROTOCOL_ERROR),
        ("reserved kind of data", frame(0x83, text), PROTOCOL_ERROR),
        ("reserved kind of control", frame(0x8B, text), PROTOCOL_ERROR),
        ("a ping in fragments", frame(0x09, b"x"), PROTOCOL_ERROR),
        ("a ping of 126 bytes", frame(0x89, &[b'x'; 126]), PROTOCOL_ERROR),
        ("a continuation of nothing", frame(0x80, text), PROTOCOL_ERROR),
        ("a message within a message", [frame(0x01, b"{"), frame(0x81, text)].concat(), PROTOCOL_ERROR),
        ("a close of one byte", frame(0x88, b"x"), PROTOCOL_ERROR),
        ("invalid UTF-8", frame(0x81, &[0xC3, 0x28]), 1007),
        ("half a character at the end", frame(0x81, &[b'"', 0xF0, 0x9F]), 1007),
        ("more than there is memory", huge, CloseCode::TooBig.code()),
        ("more than a message may have", larger, CloseCode::TooBig.code()),
        ("binary", frame(0x82, text), CloseCode::BadFrame.code()),
    ];
    for (name, bytes, code) in violations {
        let mut socket = RawSocket::open(&user).await;
        socket.send(&bytes).await;
        assert_eq!(socket.close_code().await, Some(code), "{name}");
    }
    bystanders.are_undisturbed().await;
}

async fn ten_thousand_fragments_are_one_message_and_no_more_than_fits(site: &Site) {
    let user = TestUser::register(site).await;
    let bystanders = Bystanders::of(&user, site).await;
    let fragments = |count: usize, each: &[u8]| {
        let mut bytes = frame(0x01, b"{");
        for _ in 1..count {
            bytes.extend(frame(0x00, each));
        }
        bytes
    };
    // As one message, which is no frame of ours.
    let mut socket = RawSocket::open(&user).await;
    socket.send(&fragments(10_000, b" ")).await;
    socket.send(&frame(0x80, b"x")).await;
    assert_eq!(socket.close_code().await, Some(CloseCode::BadFrame.code()));
    // It is too long before it ends.
    let mut socket = RawSocket::open(&user).await;
    socket.send(&fragments(10_000, &[b' '; 64])).await;
    assert_eq!(socket.close_code().await, Some(CloseCode::TooBig.code()));
    // And empty ones do not count as progress: they are as many as the client likes, and cost nothing.
    let mut socket = RawSocket::open(&user).await;
    socket.send(&fragments(10_000, b"")).await;
    socket.send(&frame(0x80, b"x")).await;
    assert_eq!(socket.close_code().await, Some(CloseCode::BadFrame.code()));
    bystanders.are_undisturbed().await;
}

async fn a_flood_of_pings_disturbs_nobody(site: &Site) {
    let user = TestUser::register(site).await;
    let bystanders = Bystanders::of(&user, site).await;
    let mut socket = RawSocket::open(&user).await;
    let before = site.resident_memory();
    // Nobody reads the answers.
    for _ in 0..100 {
        socket.send(&frame(0x89, &[b'x'; 125]).repeat(1000)).await;
    }
    bystanders.are_undisturbed().await;
    let grown = site.resident_memory().saturating_sub(before) / 1024 / 1024;
    assert!(grown < 64, "the answers took {grown} MiB");
}

async fn many_sockets_of_a_user_replace_each_other(site: &Site) {
    let user = TestUser::register(site).await;
    let other = Device::connected(&TestUser::register(site).await, "another's").await;
    let mut sockets = Vec::new();
    for _ in 0..200 {
        sockets.push(RawSocket::open(&user).await);
    }
    tandem_tests::eventually("only twenty sockets to be open", async || {
        let mut open = 0;
        for socket in &mut sockets {
            open += usize::from(socket.is_open().await);
        }
        (open <= 20).then_some(())
    })
    .await;
    assert!(other.look(|seen| seen.closed.is_none()));
    Device::connected(&user, "the newest").await;
}
