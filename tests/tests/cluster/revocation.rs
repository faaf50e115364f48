//! The end of a session closes its sockets on all nodes, with and without the bus.

use crate::support::{all_equal, assert_within, in_order, on_each, shared, user_on_each_node};
use serde_json::json;
use std::time::{Duration, Instant};
use tandem_protocol::live::CloseCode;
use tandem_tests::{Device, Nodes, TestUser, user::PASSWORD};

/// Time limit of the protocol, with a margin for a busy machine.
const AT_ONCE: Duration = Duration::from_millis(1_500);

/// Waits until sockets were closed with this code, and asserts that a `bye` preceded it, soon after `since`.
async fn ended_at_once(what: &str, devices: &[Device], code: CloseCode, since: Instant) {
    for device in devices {
        let closed = device.closed().await;
        assert_eq!(closed.code, Some(code.code()), "{closed:?}");
        assert_eq!(closed.bye.map(|bye| bye.code), Some(code.code()), "a bye comes before the close");
    }
    assert_within(what, since, AT_ONCE);
}

/// A user with two sessions, one of which ends on node 0 while it has a device on each node.
async fn a_session_ends(nodes: &Nodes, what: &str) {
    let (user, devices) = user_on_each_node(nodes).await;
    let lost = user.sign_in_again("lost phone").await;
    let phones = on_each(nodes, &lost).await;
    let start = Instant::now();
    user.delete(&format!("/sessions/{}", lost.session().id)).await.expect(200);
    ended_at_once(what, &phones, CloseCode::SessionRevoked, start).await;
    for server in nodes.iter() {
        assert_eq!(lost.at(server).get("/me").await.status, 401);
    }
    assert!(devices.iter().all(Device::is_connected), "the other session goes on");
    let head = user.snapshot().await.seq;
    for device in &devices {
        device.reach(head).await;
    }
    all_equal(&devices).await;
}

/// A user whose account is deleted on node 0 while there is a device on each node.
async fn an_account_ends(nodes: &Nodes, what: &str) {
    let (user, devices) = user_on_each_node(nodes).await;
    user.delete("/me").json(json!({ "password": PASSWORD })).await.expect(204);
    let start = Instant::now();
    ended_at_once(what, &devices, CloseCode::AccountDeleted, start).await;
    devices.iter().for_each(in_order);
}

/// A revoked session has no socket left on any node.
#[tokio::test]
async fn a_revoked_session_loses_its_sockets_on_all_nodes() {
    a_session_ends(shared().await, "a revoked session on all nodes").await;
}

/// Logging out and a password change close sockets like a revocation.
#[tokio::test]
async fn logging_out_and_a_new_password_close_sockets_on_all_nodes() {
    let nodes = shared().await;
    let user = TestUser::register(&nodes[1]).await;
    let (other, third) = (user.sign_in_again("phone").await, user.sign_in_again("tablet").await);
    let (phones, tablets) = (on_each(nodes, &other).await, on_each(nodes, &third).await);
    let start = Instant::now();
    other.at(&nodes[2]).post("/auth/logout").await.expect(204);
    ended_at_once("a log-out on all nodes", &phones, CloseCode::SessionRevoked, start).await;
    assert!(tablets.iter().all(Device::is_connected));

    let body = json!({ "current_password": PASSWORD, "new_password": "a completely new one" });
    user.post("/me/password").json(body).await.expect(200);
    let start = Instant::now();
    ended_at_once("a new password on all nodes", &tablets, CloseCode::SessionRevoked, start).await;
}

/// A deleted account has no socket left on any node.
#[tokio::test]
async fn a_deleted_account_loses_its_sockets_on_all_nodes() {
    an_account_ends(shared().await, "a deleted account on all nodes").await;
}

/// The same while the nodes are disconnected.
#[tokio::test]
async fn sessions_and_accounts_end_on_all_nodes_without_the_bus() {
    let nodes = Nodes::new(2).await;
    TestUser::register(&nodes[0]).await;
    nodes.nats().stop();
    for number in 0..nodes.count() {
        nodes.wait_for_status(number, "degraded").await;
    }
    a_session_ends(&nodes, "a revoked session without the bus").await;
    an_account_ends(&nodes, "a deleted account without the bus").await;
}
