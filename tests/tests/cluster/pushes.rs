//! Several nodes and one outbox: each push is sent once, by whichever node, and not to a device that another node serves.

use serde_json::json;
use std::{collections::BTreeSet, sync::Arc};
use tandem_protocol::{ReminderId, push::PushKey};
use tandem_tests::{
    Device, Nodes, TestBrowser, TestPushService, TestUser, bursts::moment, eventually, eventually::within, fresh,
    reminders,
};

const USERS: usize = 6;
/// Reminders of each user in a burst.
const EACH: usize = 8;

async fn nodes(count: usize) -> Nodes {
    Nodes::setup(count).env("TANDEM_PUSH_LOOPBACK", "on").env("TANDEM_ACCESS_TTL", "10h").start().await
}

async fn subscribed(user: &TestUser, service: &TestPushService, device: &str) -> Arc<TestBrowser> {
    let browser = service.browser(&fresh::word(device));
    user.post("/push/subscriptions").json(browser.subscription(device)).await.expect(201);
    browser
}

/// Sets reminders that fire at the same time, in so many seconds.
async fn set(user: &TestUser, count: usize, seconds: i64) -> BTreeSet<ReminderId> {
    let mut set = BTreeSet::new();
    for _ in 0..count {
        let task = user.add(json!({ "title": "Remind", "reminders": [{ "at": moment(seconds) }] })).await;
        set.insert(task.reminders[0].id);
    }
    set
}

#[tokio::test]
async fn each_push_is_sent_once_by_any_node() {
    let (nodes, service) = (nodes(2).await, TestPushService::start().await);
    let mut keys = BTreeSet::new();
    let mut users = Vec::new();
    for number in 0..USERS {
        let user = TestUser::register(&nodes[number % 2]).await;
        keys.insert(user.get("/push/key").await.expect(200).read::<PushKey>().public_key);
        let browsers = [subscribed(&user, &service, "phone").await, subscribed(&user, &service, "laptop").await];
        users.push((user, browsers));
    }
    assert_eq!(keys.len(), 1, "all nodes sign with one key");
    let mut wanted = Vec::new();
    for (user, _) in &users {
        wanted.push(set(user, EACH, 4).await);
    }
    for ((_, browsers), set) in users.iter().zip(&wanted) {
        for browser in browsers {
            let pushed = reminders(&service.wait(browser, EACH).await);
            assert_eq!(&pushed.iter().copied().collect::<BTreeSet<_>>(), set);
        }
    }
    // Nothing is left that could be sent once more.
    eventually("an empty outbox", async || {
        let left = nodes.location().lines("select cast(count(*) as text) from pushes where next_at is not null").await;
        (left == ["0"]).then_some(())
    })
    .await;
    for browser in users.iter().flat_map(|(_, browsers)| browsers) {
        assert_eq!(service.pushes(browser).len(), EACH);
    }
}

#[tokio::test]
async fn a_kill_of_a_node_that_sends_doubles_none() {
    let (nodes, service) = (nodes(3).await, TestPushService::start().await);
    let mut users = Vec::new();
    for _ in 0..USERS {
        let user = TestUser::register(&nodes[0]).await;
        let browser = subscribed(&user, &service, "phone").await;
        users.push((user, browser));
    }
    let mut wanted = Vec::new();
    for (user, _) in &users {
        wanted.push(set(user, EACH, 4).await);
    }
    let sent = || users.iter().map(|(_, browser)| service.pushes(browser).len()).sum::<usize>();
    eventually("some pushes", async || (sent() >= USERS).then_some(())).await;
    nodes[1].kill();
    // What the node was sending at that moment may be missing; everything else is sent by the others.
    let waits = "select cast(count(*) as text) from pushes where next_at is not null";
    let patience = std::time::Duration::from_mins(1);
    within(patience, "the end of the burst", async || (nodes.location().lines(waits).await == ["0"]).then_some(()))
        .await;
    let mut missing = 0;
    for ((_, browser), set) in users.iter().zip(&wanted) {
        let pushed = reminders(&service.pushes(browser));
        let once: BTreeSet<_> = pushed.iter().copied().collect();
        assert_eq!(once.len(), pushed.len(), "none twice");
        missing += set.difference(&once).count();
    }
    eprintln!("{missing} of {} pushes were lost with the node that was sending them", USERS * EACH);
    assert!(missing <= 32, "more than a node sends at once for these users");
    nodes[1].start().await;
}

#[tokio::test]
async fn a_device_of_another_node_shows_its_reminder_itself() {
    let (nodes, service) = (nodes(2).await, TestPushService::start().await);
    let user = TestUser::register(&nodes[0]).await;
    let laptop = Device::connected(&user.at(&nodes[1]), "laptop").await;
    let (at_laptop, at_phone) = (service.browser("laptop"), subscribed(&user, &service, "phone").await);
    user.post("/push/subscriptions").json(at_laptop.subscription(laptop.id())).await.expect(201);
    for round in 1..=5 {
        set(&user, 1, 1).await;
        service.wait(&at_phone, round).await;
    }
    eventually("that all were shown", async || {
        let left = nodes.location().lines("select cast(count(*) as text) from pushes where next_at is not null").await;
        (left == ["0"]).then_some(())
    })
    .await;
    assert!(service.pushes(&at_laptop).is_empty(), "{:?}", service.pushes(&at_laptop));
    laptop.assert_faultless();
}
