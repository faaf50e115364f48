//! Every close code of the protocol, each preceded by a `bye`.

use crate::{handshake::assert_ended_with, support};
use futures_util::{StreamExt as _, future::join_all, stream};
use serde_json::json;
use std::time::{Duration, Instant};
use tandem_protocol::{
    limits::{COMMAND_BURST, PING_INTERVAL, PONG_TIMEOUT},
    live::{ClientFrame, CloseCode, client::ResumePoint},
};
use tandem_tests::{
    ChaosProxy, Device, TestServer, TestUser,
    database::{DatabaseLocation, Kind},
    device::{Closed, Credentials, Seen},
    fresh,
    proxy::Direction,
    scripted_server::ScriptedServer,
    user::PASSWORD,
};

/// The longest that any code takes to come: the one for a device that does not answer pings.
const PATIENCE: Duration = PING_INTERVAL.saturating_add(PONG_TIMEOUT).saturating_add(Duration::from_secs(30));

/// Makes the server close a socket with this code.
async fn provoke(code: CloseCode) -> Closed {
    match code {
        CloseCode::Draining => {
            let (server, _, device) = alone(TestServer::setup()).await;
            server.terminate().await;
            device.closed().await
        }
        CloseCode::Lagging => log_without_its_end().await,
        CloseCode::NodeError => without_sessions().await,
        CloseCode::NoPong => {
            let (_, user) = user_on_shared_server().await;
            let mut device = Device::new(&user, "deaf").without_pongs();
            device.connect().await;
            device.wait_within(PATIENCE, "the end of the deaf device", |seen| seen.closed.clone()).await
        }
        CloseCode::SlowConsumer => slow_consumer().await,
        CloseCode::RateLimited => rate_limited().await,
        CloseCode::TokenExpired => {
            let (_server, _, device) = alone(TestServer::setup().env("TANDEM_ACCESS_TTL", "3s")).await;
            device.closed().await
        }
        CloseCode::BadFrame => closed_by(async |device: &Device| device.send_text("not a frame").await).await,
        CloseCode::BadToken => {
            let token = "garbage".to_owned();
            closed_by(async |device: &Device| device.send(&ClientFrame::Auth { token: token.clone() }).await).await
        }
        CloseCode::NoHello => opened().await.closed().await,
        CloseCode::SessionRevoked => {
            let (user, device) = connected().await;
            user.post("/auth/logout").await.expect(204);
            device.closed().await
        }
        CloseCode::Replaced => {
            let (_server, user, device) = alone(TestServer::setup().env("TANDEM_SOCKETS_PER_USER", "1")).await;
            let _newer = Device::connected(&user, "newer").await;
            device.closed().await
        }
        CloseCode::TooBig => {
            let much = format!(r#"{{"type":"pong","seq":0,"x":"{}"}}"#, "x".repeat(300 * 1024));
            closed_by(async |device: &Device| device.send_text(much.clone()).await).await
        }
        CloseCode::VersionUnsupported => {
            let device = opened().await;
            let hello = json!({ "type": "hello", "version": 99, "device": { "id": "d", "name": "" } });
            device.send_text(hello.to_string()).await;
            device.closed().await
        }
        CloseCode::AccountDeleted => {
            let (user, device) = connected().await;
            user.delete("/me").json(json!({ "password": PASSWORD })).await.expect(204);
            device.closed().await
        }
    }
}

#[tokio::test]
async fn every_close_code_is_preceded_by_a_bye() {
    // A few at a time: signing in costs the server more than anything else here.
    let provoked = CloseCode::ALL.iter().map(|code| async { (*code, provoke(*code).await) });
    let mut provoked = stream::iter(provoked).buffer_unordered(4);
    while let Some((code, closed)) = provoked.next().await {
        assert_ended_with(&closed, code);
        let wait = closed.bye.and_then(|bye| bye.reconnect_after_ms);
        assert_eq!(wait.is_some(), code == CloseCode::Draining, "reconnect delay of {code:?}: {wait:?}");
    }
}

#[tokio::test]
async fn invalid_utf8_closes_the_socket_without_a_bye() {
    let closed = closed_by(async |device: &Device| device.send_no_text(&[0xC3, 0x28]).await).await;
    assert_eq!((closed.code, closed.bye), (Some(1007), None));
}

async fn user_on_shared_server() -> (&'static ScriptedServer, TestUser) {
    let fixture = support::shared().await;
    (fixture, TestUser::register(&fixture.server).await)
}

async fn connected() -> (TestUser, Device) {
    let (_, user) = user_on_shared_server().await;
    let device = Device::connected(&user, "device").await;
    (user, device)
}

/// An open socket before its `hello`.
async fn opened() -> Device {
    let (_, user) = user_on_shared_server().await;
    let mut device = Device::new(&user, "device");
    device.open(Credentials::Header(user.access_token())).await.expect("the credentials are right");
    device
}

/// A device of a user on a server of its own.
async fn alone(setup: tandem_tests::server::Setup) -> (TestServer, TestUser, Device) {
    let server = setup.start().await;
    let user = TestUser::register(&server).await;
    let device = Device::connected(&user, "device").await;
    (server, user, device)
}

async fn closed_by(provoke: impl AsyncFn(&Device)) -> Closed {
    let (_, device) = connected().await;
    provoke(&device).await;
    device.closed().await
}

/// A log that breaks off while it is being replayed.
async fn log_without_its_end() -> Closed {
    let location = DatabaseLocation::new(Kind::Sqlite).await;
    let fixture = support::on(&location).await;
    let user = TestUser::register(&fixture.server).await;
    user.add_task("stays").await;
    user.add_task("is lost").await;
    let epoch = user.snapshot().await.epoch;
    location.execute("delete from events where seq = (select max(seq) from events)").await;
    let mut device = Device::new(&user, "device");
    device.open(Credentials::Header(user.access_token())).await.expect("the credentials are right");
    device.hello_with(Some(ResumePoint { epoch, seq: 0 })).await;
    device.closed().await
}

/// A database without its sessions, so that the renewal of a token fails.
async fn without_sessions() -> Closed {
    let location = DatabaseLocation::new(Kind::Sqlite).await;
    let (_server, user, device) = alone(TestServer::setup().database(location.url())).await;
    location.execute("alter table sessions rename to lost").await;
    device.send(&ClientFrame::Auth { token: user.access_token() }).await;
    device.closed().await
}

/// A device that takes nothing while a lot happens. It reads on when the server has given it up, or it would not hear
/// why.
async fn slow_consumer() -> Closed {
    let location = DatabaseLocation::new(Kind::Sqlite).await;
    let fixture = support::on(&location).await;
    let user = TestUser::register(&fixture.server).await;
    let witness = Device::connected(&user, "witness").await;
    let network = ChaosProxy::narrow(fixture.server.listen()).await;
    let mut slow = Device::new(&user, "slow").through(&network);
    slow.connect().await;
    let both = |seen: &Seen| (seen.replica.presence().len() == 2).then_some(());
    witness.wait("both devices", both).await;
    network.stall(Direction::Down);
    let long = "x".repeat(10_000);
    let start = Instant::now();
    while witness.look(|seen| both(seen).is_some()) {
        assert!(start.elapsed() < PATIENCE, "the slow device is still there");
        let adds = (0..20).map(|number| user.add(json!({ "title": format!("{number}"), "description": long })));
        join_all(adds).await;
    }
    network.recover();
    let closed = slow.closed().await;
    witness.assert_faultless();
    assert!(witness.look(|seen| seen.closed.is_none()), "others are not disturbed");
    closed
}

async fn rate_limited() -> Closed {
    let (_, device) = connected().await;
    // One after the other: a client that does not read while it writes may lose the goodbye with the connection.
    for _ in 0..20 * COMMAND_BURST {
        let id = fresh::id();
        let nonsense = json!({ "type": "command", "id": id, "name": "task.complete", "args": { "task_id": 999 } });
        device.send_text(nonsense.to_string()).await;
        let answered = |seen: &Seen| seen.closed.is_some() || seen.answers(&id.to_string()).next().is_some();
        device.wait("an answer, or the end", |seen| answered(seen).then_some(())).await;
        if device.look(|seen| seen.closed.is_some()) {
            break;
        }
    }
    device.closed().await
}
