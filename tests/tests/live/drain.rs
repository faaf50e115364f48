//! SIGTERM: the server closes its sockets, waits for replies and exits; a second signal ends it immediately.

use crate::support::PACE;
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};
use tandem_protocol::{MessageId, enums::MessageState, live::CloseCode};
use tandem_tests::{
    Device, Reply, TestServer, TestUser, assert_within, device::Credentials, eventually, plain, provider::words,
    scripted_server::ScriptedServer, user::Visitor,
};

/// With nothing left to wait for, a server ends within this.
const AT_ONCE: Duration = Duration::from_secs(4);

/// Waits until `/readyz` answers 503.
async fn draining(server: &TestServer) {
    let ready = server.url("/readyz");
    eventually("the server to be not ready", async || {
        plain::client().get(&ready).send().await.ok().filter(|answer| answer.status() == 503)
    })
    .await;
}

/// A draining server with a reply that has half of its words and waits for the provider.
async fn drain_during_a_reply() -> (ScriptedServer, Device, MessageId, String) {
    let fixture = ScriptedServer::start(TestServer::setup()).await;
    let user = TestUser::register(&fixture.server).await;
    let device = Device::connected(&user, "laptop").await;
    let (word, reply) = fixture.start_reply(&device, [Reply::words(20, PACE).hold().and_words(20, 20, PACE)]).await;
    device.text_of_at_least(reply, words(20).len()).await;
    fixture.server.send_sigterm();
    (fixture, device, reply, word)
}

#[tokio::test]
async fn a_reply_may_end_while_the_server_drains() {
    let (fixture, mut device, reply, word) = drain_during_a_reply().await;
    draining(&fixture.server).await;
    Visitor::of(&fixture.server).get("/healthz").await.expect(200);
    let closed = device.closed().await;
    assert_eq!(closed.code, Some(CloseCode::Draining.code()));
    assert!(closed.bye.is_some_and(|bye| bye.reconnect_after_ms.is_some()), "the bye has a reconnect delay");

    fixture.provider.release(&word);
    let released = Instant::now();
    assert!(fixture.server.ended().await.success());
    assert_within("the end of the server after the last reply", released, AT_ONCE);
    fixture.server.start().await;
    device.connect().await;
    let message = device.ended(reply).await;
    assert_eq!((message.state, message.text(), message.attempt), (MessageState::Complete, words(40), 1));
    device.assert_faultless();
}

#[tokio::test]
async fn devices_get_different_reconnect_delays() {
    let server = TestServer::setup().env("TANDEM_SOCKETS_PER_USER", "50").start().await;
    let user = TestUser::register(&server).await;
    let mut devices = Vec::new();
    for number in 0..30 {
        devices.push(Device::connected(&user, &format!("device {number}")).await);
    }
    assert!(server.terminate().await.success());
    let mut waits = BTreeSet::new();
    for device in &devices {
        let bye = device.closed().await.bye.expect("a bye comes before the close");
        waits.insert(bye.reconnect_after_ms.expect("the bye has a reconnect delay"));
    }
    let (first, last) = (waits.first().unwrap(), waits.last().unwrap());
    assert!(waits.len() > 15 && last - first > 500, "they would come back together: {waits:?}");
}

#[tokio::test]
async fn a_device_that_reconnects_during_a_drain_is_closed_again() {
    let (fixture, mut device, reply, word) = drain_during_a_reply().await;
    device.closed().await;
    let again = device.open(Credentials::Header(device.user().access_token())).await;
    if let Err(refused) = again {
        assert_eq!(refused.status, 503, "a draining server may refuse");
        return;
    }
    device.hello().await;
    fixture.provider.release(&word);
    let released = Instant::now();
    assert!(fixture.server.ended().await.success());
    assert_within("the end of the server after the last reply", released, AT_ONCE);
    assert_eq!(device.closed().await.code, Some(CloseCode::Draining.code()));
    fixture.server.start().await;
    device.connect().await;
    assert_eq!(device.ended(reply).await.text(), words(40));
    device.assert_faultless();
}

#[tokio::test]
async fn a_second_signal_cuts() {
    let fixture = ScriptedServer::start(TestServer::setup()).await;
    let user = TestUser::register(&fixture.server).await;
    let mut device = Device::connected(&user, "laptop").await;
    let (_, reply) = fixture.start_reply(&device, [Reply::words(20, PACE).hang(), Reply::text("After all.")]).await;
    device.text_of_at_least(reply, words(20).len()).await;
    fixture.server.send_sigterm();
    draining(&fixture.server).await;
    let second = Instant::now();
    fixture.server.send_sigterm();
    fixture.server.ended().await;
    assert_within("the end of the server after the second signal", second, AT_ONCE);
    fixture.server.start().await;
    device.connect().await;
    let message = device.ended(reply).await;
    assert_eq!((message.state, message.text().as_str()), (MessageState::Complete, "After all."));
    device.assert_faultless();
}

#[tokio::test]
async fn a_server_that_still_starts_stops_in_order() {
    let server = TestServer::new().await;
    assert!(server.terminate().await.success());
    server.start_to_listen().await;
    assert!(server.terminate().await.success(), "a signal before the server is ready is no crash");
    server.start().await;
}
