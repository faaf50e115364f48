//! The end of a session closes its sockets.

use crate::{handshake::assert_ended_with, support};
use serde_json::json;
use std::time::{Duration, Instant};
use tandem_protocol::live::CloseCode;
use tandem_tests::{Device, TestUser, assert_within, user::PASSWORD};

/// Time limit of the protocol, with a margin for a busy machine.
const AT_ONCE: Duration = Duration::from_secs(2);

/// Waits for the end of a socket and asserts that it came at once after `since`.
async fn ended_at_once(device: &Device, code: CloseCode, since: Instant) {
    assert_ended_with(&device.closed().await, code);
    assert_within("the end of a socket", since, AT_ONCE);
}

#[tokio::test]
async fn logging_out_closes_the_sockets_of_that_session_alone() {
    let fixture = support::shared().await;
    let user = TestUser::register(&fixture.server).await;
    let other = user.sign_in_again("phone").await;
    let (one, two) = (Device::connected(&user, "one").await, Device::connected(&user, "two").await);
    let phone = Device::connected(&other, "phone").await;
    let start = Instant::now();
    user.post("/auth/logout").await.expect(204);
    ended_at_once(&one, CloseCode::SessionRevoked, start).await;
    ended_at_once(&two, CloseCode::SessionRevoked, start).await;
    phone
        .wait("session.revoked", |seen| seen.events().any(|event| event.name == "session.revoked").then_some(()))
        .await;
    assert!(phone.look(|seen| seen.closed.is_none()));
}

#[tokio::test]
async fn a_session_revoked_from_another_device_loses_its_socket() {
    let fixture = support::shared().await;
    let user = TestUser::register(&fixture.server).await;
    let lost = user.sign_in_again("lost phone").await;
    let device = Device::connected(&lost, "lost phone").await;
    let start = Instant::now();
    user.delete(&format!("/sessions/{}", lost.session().id)).await.expect(200);
    ended_at_once(&device, CloseCode::SessionRevoked, start).await;
}

#[tokio::test]
async fn a_new_password_closes_the_sockets_of_other_sessions() {
    let fixture = support::shared().await;
    let user = TestUser::register(&fixture.server).await;
    let other = user.sign_in_again("phone").await;
    let (laptop, phone) = (Device::connected(&user, "laptop").await, Device::connected(&other, "phone").await);
    let body = json!({ "current_password": PASSWORD, "new_password": "a completely new one" });
    user.post("/me/password").json(body).await.expect(200);
    let start = Instant::now();
    ended_at_once(&phone, CloseCode::SessionRevoked, start).await;
    assert!(laptop.look(|seen| seen.closed.is_none()));
}

#[tokio::test]
async fn a_deleted_account_closes_all_sockets() {
    let fixture = support::shared().await;
    let user = TestUser::register(&fixture.server).await;
    let other = user.sign_in_again("phone").await;
    let (laptop, phone) = (Device::connected(&user, "laptop").await, Device::connected(&other, "phone").await);
    user.delete("/me").json(json!({ "password": PASSWORD })).await.expect(204);
    let start = Instant::now();
    ended_at_once(&laptop, CloseCode::AccountDeleted, start).await;
    ended_at_once(&phone, CloseCode::AccountDeleted, start).await;
}
