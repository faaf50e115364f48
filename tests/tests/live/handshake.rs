//! The upgrade and the handshake: credentials, `hello`, `welcome`.

use crate::support;
use serde_json::json;
use tandem_protocol::{
    enums::{Scope, WelcomeMode},
    limits::{EXPIRY_NOTICE, Limits, PING_INTERVAL},
    live::{ClientFrame, CloseCode, ServerFrame},
};
use tandem_tests::{
    Device, TestServer, TestUser,
    device::{Closed, Credentials, Refused},
};

async fn refusal(user: &TestUser, credentials: Credentials) -> Refused {
    Device::new(user, "stranger").open(credentials).await.expect_err("the upgrade is refused")
}

fn page(token: String, origin: Option<&str>) -> Credentials {
    Credentials::Subprotocol { token, origin: origin.map(ToOwned::to_owned) }
}

/// Asserts that the socket was closed with this code after a matching `bye`.
pub(crate) fn assert_ended_with(closed: &Closed, code: CloseCode) {
    assert_eq!(closed.code, Some(code.code()), "{closed:?}");
    assert_eq!(closed.bye.as_ref().map(|bye| bye.code), Some(code.code()), "a bye comes before the close");
}

#[tokio::test]
async fn programs_connect_with_a_header_and_pages_with_a_subprotocol() {
    let fixture = support::shared().await;
    let user = TestUser::register(&fixture.server).await;
    let origin = fixture.server.url("");
    for credentials in [Credentials::Header(user.access_token()), page(user.access_token(), Some(&origin))] {
        let mut device = Device::new(&user, "device");
        device.open(credentials).await.expect("the credentials are right");
        let welcome = device.hello().await;
        assert_eq!(welcome.mode, WelcomeMode::Fresh);
        assert_eq!(welcome.limits, Limits::default());
        assert_eq!(u128::from(welcome.ping_interval_ms), PING_INTERVAL.as_millis());
        assert!((1..=600).contains(&welcome.token_expires_in), "{welcome:?}");
        device.wait("live", |seen| seen.live.then_some(())).await;
    }
}

#[tokio::test]
async fn a_handshake_of_another_version_names_ours() {
    let fixture = support::shared().await;
    let user = TestUser::register(&fixture.server).await;
    for version in ["8", "12", "14", "13, 8", ""] {
        let request = user.get("/ws").header("connection", "Upgrade").header("upgrade", "websocket");
        let request = request.header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
        let answer = request.header("sec-websocket-version", version).await;
        answer.expect(426);
        assert_eq!(answer.header("sec-websocket-version"), "13", "{version}");
    }
}

#[tokio::test]
async fn a_socket_without_a_good_token_is_not_opened() {
    let fixture = support::shared().await;
    let user = TestUser::register(&fixture.server).await;
    let cookie = vec![("cookie", format!("tandem_refresh={}", user.refresh_token()))];
    let refused = [
        Credentials::None,
        Credentials::Header("garbage".to_owned()),
        Credentials::Header(user.refresh_token()),
        Credentials::Headers(cookie),
        page("garbage".to_owned(), Some(&fixture.server.url(""))),
    ];
    for credentials in refused {
        let shown = format!("{credentials:?}");
        assert_eq!(refusal(&user, credentials).await.status, 401, "{shown}");
    }
}

#[tokio::test]
async fn a_token_in_the_address_is_refused() {
    let fixture = support::shared().await;
    let user = TestUser::register(&fixture.server).await;
    for query in [format!("?token={}", user.access_token()), format!("?access_token={}", user.access_token())] {
        assert_eq!(refusal(&user, Credentials::Query(query)).await.status, 400);
    }
    assert!(!fixture.server.log().contains(&user.access_token()), "a token is in the log");
}

#[tokio::test]
async fn pages_of_other_origins_are_refused() {
    let fixture = support::shared().await;
    let user = TestUser::register(&fixture.server).await;
    let ours = fixture.server.url("");
    let look_alike = format!("{ours}.evil.example");
    for origin in
        [Some("https://evil.example"), Some("null"), Some(look_alike.as_str()), Some("http://127.0.0.1:1"), None]
    {
        let refused = refusal(&user, page(user.access_token(), origin)).await;
        assert_eq!(refused.status, 403, "{origin:?}");
    }
}

#[tokio::test]
async fn an_expired_token_has_its_own_close_code() {
    let server = TestServer::setup().env("TANDEM_ACCESS_TTL", "1s").start().await;
    let user = TestUser::register(&server).await;
    // The server allows 5 s of leeway, so the token is old only after six.
    let closed = tandem_tests::eventually("the token to be too old", async || {
        let mut device = Device::new(&user, "late");
        device.open(Credentials::Header(user.access_token())).await.expect("a token of ours is upgraded");
        device
            .send_text(json!({ "type": "hello", "version": 1, "device": { "id": "d", "name": "" } }).to_string())
            .await;
        let waited =
            device.wait("an answer", |seen| seen.welcome.as_ref().map(|_| None).or(seen.closed.clone().map(Some)));
        waited.await
    })
    .await;
    assert_ended_with(&closed, CloseCode::TokenExpired);
    user.refresh().await;
    Device::connected(&user, "renewed").await;
}

#[tokio::test]
async fn the_first_frame_must_be_a_hello_of_this_version() {
    let fixture = support::shared().await;
    let user = TestUser::register(&fixture.server).await;
    let open = async || {
        let mut device = Device::new(&user, "device");
        device.open(Credentials::Header(user.access_token())).await.expect("the credentials are right");
        device
    };
    let device = open().await;
    device.send_text(json!({ "type": "pong", "seq": 0 }).to_string()).await;
    assert_eq!(device.closed().await.code, Some(CloseCode::BadFrame.code()));

    let device = open().await;
    device.send_text(json!({ "type": "hello", "version": 99, "device": { "id": "d", "name": "" } }).to_string()).await;
    assert_eq!(device.closed().await.code, Some(CloseCode::VersionUnsupported.code()));

    let device = open().await;
    assert_eq!(device.closed().await.code, Some(CloseCode::NoHello.code()), "5 s of silence are too long");
}

#[tokio::test]
async fn invalid_frames_close_the_socket() {
    let fixture = support::shared().await;
    let user = TestUser::register(&fixture.server).await;
    for text in ["not json", "[]", "7", r#"{"type":"dance"}"#, r#"{"no":"type"}"#] {
        let device = Device::connected(&user, "device").await;
        device.send_text(text).await;
        assert_eq!(device.closed().await.code, Some(CloseCode::BadFrame.code()), "{text}");
    }
    let device = Device::connected(&user, "device").await;
    device.send_binary(vec![1, 2, 3]).await;
    assert_eq!(device.closed().await.code, Some(CloseCode::BadFrame.code()));

    let device = Device::connected(&user, "device").await;
    device.send_text(format!(r#"{{"type":"pong","seq":0,"x":"{}"}}"#, "x".repeat(300 * 1024))).await;
    assert_eq!(device.closed().await.code, Some(CloseCode::TooBig.code()));
}

#[tokio::test]
async fn a_token_is_renewed_without_a_gap() {
    let server = TestServer::setup().env("TANDEM_ACCESS_TTL", "5s").start().await;
    let user = TestUser::register(&server).await;
    let device = Device::connected(&user, "laptop").await;
    let notice = device.wait("auth.expiring", |seen| {
        seen.frames.iter().find_map(|frame| match frame {
            ServerFrame::AuthExpiring(life) => Some(life.expires_in),
            _ => None,
        })
    });
    assert!(u64::try_from(notice.await).unwrap() <= EXPIRY_NOTICE.as_secs());
    user.refresh().await;
    let token = user.access_token();
    device.send(&ClientFrame::Auth { token }).await;
    let renewed = device.wait("auth.ok", |seen| {
        seen.frames.iter().find_map(|frame| match frame {
            ServerFrame::AuthOk(life) => Some(life.expires_in),
            _ => None,
        })
    });
    assert!(renewed.await >= 1);
    user.add_task("still here").await;
    device.wait("the task", |seen| (seen.replica.tasks().len() == 1).then_some(())).await;
    let closed = device.closed().await;
    assert_ended_with(&closed, CloseCode::TokenExpired);
}

#[tokio::test]
async fn another_persons_token_does_not_renew() {
    let fixture = support::shared().await;
    let (user, other) = (TestUser::register(&fixture.server).await, TestUser::register(&fixture.server).await);
    let phone = user.sign_in_again("phone").await;
    for token in [other.access_token(), phone.access_token(), "garbage".to_owned()] {
        let device = Device::connected(&user, "laptop").await;
        device.send(&ClientFrame::Auth { token }).await;
        assert_ended_with(&device.closed().await, CloseCode::BadToken);
    }
}

#[tokio::test]
async fn a_personal_token_opens_no_socket() {
    let fixture = support::shared().await;
    let user = TestUser::register(&fixture.server).await;
    let (token, _) = user.personal_token(&[Scope::Read, Scope::Write]).await;
    let refused =
        Device::new(&user, "script").open(Credentials::Header(token)).await.expect_err("it is for REST and MCP");
    assert_eq!(refused.status.as_u16(), 401, "{refused:?}");
}
