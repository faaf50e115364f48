//! What the answers of a push service lead to: each push arrives, and none twice.

use super::{nothing_but, remind, subscribed};
use crate::support::Site;
use std::time::Duration;
use tandem_protocol::{ErrorCode, push::Subscription, rest::Page};
use tandem_tests::{PushServiceAnswer as Answer, TestPushService, TestUser, eventually, reminders};

on_both!(
    what_is_refused_for_now_is_sent_later,
    a_service_that_dies_is_tried_again,
    what_may_have_arrived_is_not_sent_again,
    a_subscription_that_is_over_is_removed,
    what_is_refused_for_good_is_not_tried_again,
    redirects_are_not_followed,
    what_was_answered_meanwhile_is_not_sent,
);

async fn what_is_refused_for_now_is_sent_later(site: &Site) {
    let (user, service) = (TestUser::register(site).await, TestPushService::start().await);
    let phone = subscribed(&user, &service, "phone").await;
    let wait = |seconds: u64| Some(seconds.to_string());
    service.answer(&phone.0, [Answer::Status(429, wait(2)), Answer::Status(503, wait(1)), Answer::Status(500, None)]);
    let task = remind(&user, "Water the plants", 1).await;
    service.wait_refused(&phone.0, 3).await;
    let pushes = service.wait_within(Duration::from_mins(1), &phone.0, 1).await;
    assert_eq!(reminders(&pushes), [task.reminders[0].id]);
    nothing_but(&user, &service, &phone, 1).await;
}

async fn a_service_that_dies_is_tried_again(site: &Site) {
    let (user, service) = (TestUser::register(site).await, TestPushService::start().await);
    let (browser, subscription) = subscribed(&user, &service, "phone").await;
    service.answer(&browser, [Answer::HangUp]);
    let first = remind(&user, "Water the plants", 1).await;
    service.wait_refused(&browser, 1).await;
    service.kill();
    let second = remind(&user, "Feed the cat", 1).await;
    let fired = || async {
        let state = user.get(&format!("/tasks/{}", second.id)).await.expect(200).value();
        (state["reminders"][0]["state"] == "fired").then_some(())
    };
    eventually("the second reminder", fired).await;
    service.revive().await;
    let mut pushed = reminders(&service.wait_within(Duration::from_mins(1), &browser, 2).await);
    pushed.sort();
    let mut set = [first.reminders[0].id, second.reminders[0].id];
    set.sort();
    assert_eq!(pushed, set);
    nothing_but(&user, &service, &(browser, subscription), 2).await;
}

async fn what_may_have_arrived_is_not_sent_again(site: &Site) {
    let (user, service) = (TestUser::register(site).await, TestPushService::start().await);
    let phone = subscribed(&user, &service, "phone").await;
    service.answer(&phone.0, [Answer::Slowly(Duration::from_secs(12))]);
    remind(&user, "Water the plants", 1).await;
    service.wait(&phone.0, 1).await;
    // The server gives up waiting after ten seconds.
    let waits = format!(
        "select cast(count(*) as text) from pushes where user_id = '{}' and next_at is not null",
        user.user().id
    );
    let database = site.database().await;
    eventually("the end of the attempt", async || (database.lines(&waits).await == ["0"]).then_some(())).await;
    nothing_but(&user, &service, &phone, 1).await;
}

async fn a_subscription_that_is_over_is_removed(site: &Site) {
    let (user, service) = (TestUser::register(site).await, TestPushService::start().await);
    for status in [404, 410] {
        let (browser, subscription) = subscribed(&user, &service, "phone").await;
        service.answer(&browser, [Answer::Status(status, None)]);
        user.post(&format!("/push/subscriptions/{}/test", subscription.id)).await.expect(202);
        eventually("the end of the subscription", async || {
            let left: Page<Subscription> = user.get("/push/subscriptions").await.expect(200).read();
            left.items.is_empty().then_some(())
        })
        .await;
        let path = format!("/push/subscriptions/{}/test", subscription.id);
        user.post(&path).await.refused(ErrorCode::NotFound);
    }
}

async fn what_is_refused_for_good_is_not_tried_again(site: &Site) {
    let (user, service) = (TestUser::register(site).await, TestPushService::start().await);
    let phone = subscribed(&user, &service, "phone").await;
    service.answer(&phone.0, [400, 413].map(|status| Answer::Status(status, None)));
    for title in ["Water the plants", "Feed the cat"] {
        remind(&user, title, 1).await;
    }
    service.wait_refused(&phone.0, 2).await;
    nothing_but(&user, &service, &phone, 0).await;
}

async fn redirects_are_not_followed(site: &Site) {
    let (user, service) = (TestUser::register(site).await, TestPushService::start().await);
    let phone = subscribed(&user, &service, "phone").await;
    service.answer(&phone.0, [301, 302, 307, 308].map(|status| Answer::Status(status, None)));
    for _ in 0..4 {
        user.post(&format!("/push/subscriptions/{}/test", phone.1.id)).await.expect(202);
        let before = service.refused(&phone.0);
        eventually("the answer", async || (service.refused(&phone.0) > before || before == 4).then_some(())).await;
    }
    assert!(service.pushes(&phone.0).is_empty());
}

async fn what_was_answered_meanwhile_is_not_sent(site: &Site) {
    let (user, service) = (TestUser::register(site).await, TestPushService::start().await);
    let phone = subscribed(&user, &service, "phone").await;
    service.answer(&phone.0, [Answer::Status(503, Some("2".to_owned()))]);
    let task = remind(&user, "Water the plants", 1).await;
    service.wait_refused(&phone.0, 1).await;
    user.post(&format!("/tasks/{}/reminders/{}/ack", task.id, task.reminders[0].id)).await.expect(200);
    let later = remind(&user, "Feed the cat", 4).await;
    let pushes = service.wait(&phone.0, 1).await;
    assert_eq!(reminders(&pushes), [later.reminders[0].id]);
    nothing_but(&user, &service, &phone, 1).await;
}
