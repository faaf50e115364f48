//! Web Push against a push service that verifies and decrypts: what is pushed to which device, once, and how it is answered.

mod devices;
mod outcomes;

use crate::support::Site;
use serde_json::{Value, json};
use std::sync::Arc;
use tandem_protocol::{
    ConversationId, ErrorCode,
    enums::{PushAnswer, PushKind, ReminderState},
    model::Task,
    push::{PushAnswered, PushKey, Subscription},
};
use tandem_tests::{
    ReceivedPush, TestBrowser, TestPushService, TestUser, bursts::moment, eventually, fresh, user::Answer,
};

on_both!(
    a_test_push_arrives_and_is_signed_by_the_key,
    a_reminder_is_pushed_to_every_device_once,
    a_reminder_is_answered_from_its_notification,
    a_notification_is_answered_once,
    a_finished_reply_is_pushed,
    a_question_of_the_assistant_is_pushed,
    what_nobody_wants_is_not_pushed,
    the_longest_title_fits,
);

/// A browser with a subscription of a user.
async fn subscribed(user: &TestUser, service: &TestPushService, device: &str) -> (Arc<TestBrowser>, Subscription) {
    let browser = service.browser(&fresh::word(device));
    let subscription = user.post("/push/subscriptions").json(browser.subscription(device)).await.expect(201).read();
    (browser, subscription)
}

/// A task that reminds in so many seconds.
async fn remind(user: &TestUser, title: &str, seconds: i64) -> Task {
    user.add(json!({ "title": title, "reminders": [{ "at": moment(seconds) }] })).await
}

async fn task(user: &TestUser, task: &Task) -> Task {
    user.get(&format!("/tasks/{}", task.id)).await.expect(200).read()
}

async fn answer(user: &TestUser, token: &str, answer: &str) -> Answer {
    user.post("/push/answers").anonymous().json(json!({ "token": token, "answer": answer })).await
}

fn token(push: &ReceivedPush) -> &str {
    &push.payload.reminder.as_ref().unwrap().token
}

/// Asserts that nothing but these pushes is sent: what would have been sent before is sent before a test push.
async fn nothing_but(
    user: &TestUser,
    service: &TestPushService,
    device: &(Arc<TestBrowser>, Subscription),
    count: usize,
) {
    let tests = |pushes: &[ReceivedPush]| pushes.iter().filter(|push| push.payload.kind == PushKind::Test).count();
    let before = tests(&service.pushes(&device.0));
    user.post(&format!("/push/subscriptions/{}/test", device.1.id)).await.expect(202);
    let pushes =
        eventually("a test push", async || Some(service.pushes(&device.0)).filter(|pushes| tests(pushes) > before))
            .await;
    assert_eq!(pushes.len() - tests(&pushes), count, "{pushes:?}");
}

async fn a_test_push_arrives_and_is_signed_by_the_key(site: &Site) {
    let (user, service) = (TestUser::register(site).await, TestPushService::start().await);
    let key: PushKey = user.get("/push/key").await.expect(200).read();
    let (browser, subscription) = subscribed(&user, &service, "phone").await;
    let accepted = user.post(&format!("/push/subscriptions/{}/test", subscription.id)).await.expect(202).value();
    assert_eq!(accepted, json!({ "status": "accepted" }));
    let push = service.wait(&browser, 1).await.remove(0);
    assert_eq!((push.payload.kind, push.signed_by), (PushKind::Test, key.public_key));
    assert_eq!(push.contact, user.origin());
    assert_eq!(push.payload.reminder, None);
    // A second one is sent, too.
    user.post(&format!("/push/subscriptions/{}/test", subscription.id)).await.expect(202);
    service.wait(&browser, 2).await;
    user.post(&format!("/push/subscriptions/{}/test", fresh::id())).await.refused(ErrorCode::NotFound);
}

async fn a_reminder_is_pushed_to_every_device_once(site: &Site) {
    let (user, service) = (TestUser::register(site).await, TestPushService::start().await);
    let (phone, laptop) = (subscribed(&user, &service, "phone").await, subscribed(&user, &service, "laptop").await);
    user.add(json!({ "title": "Overdue", "due": { "date": "2020-01-01" }, "reminders": [] })).await;
    let due = json!({ "date": "2096-11-26", "time": "17:00" });
    let call = user.add(json!({ "title": "Call Ann", "due": due, "reminders": [{ "at": moment(1) }] })).await;
    for (browser, _) in [&phone, &laptop] {
        let push = service.wait(browser, 1).await.remove(0);
        assert_eq!((push.urgency.as_str(), push.ttl.as_str()), ("high", "3600"));
        let payload = &push.payload;
        assert_eq!((payload.kind, payload.title.as_str()), (PushKind::Reminder, "Call Ann"));
        assert_eq!((payload.path.clone(), payload.badge), (format!("/t/{}", call.number), 1));
        assert_eq!(payload.body, "Due on Monday, 26 November at 17:00");
        let reminder = payload.reminder.as_ref().unwrap();
        assert_eq!((reminder.task_id, reminder.reminder_id), (call.id, call.reminders[0].id));
        assert_eq!(payload.tag, reminder.reminder_id.to_string());
    }
    let topics = [&phone, &laptop].map(|(browser, _)| service.pushes(browser)[0].topic.clone());
    assert_eq!(topics[0], topics[1], "a push service replaces it by its topic");
    nothing_but(&user, &service, &phone, 1).await;
    nothing_but(&user, &service, &laptop, 1).await;
}

async fn a_reminder_is_answered_from_its_notification(site: &Site) {
    let (user, service) = (TestUser::register(site).await, TestPushService::start().await);
    let (browser, _) = subscribed(&user, &service, "phone").await;
    let one = remind(&user, "Water the plants", 1).await;
    let push = service.wait(&browser, 1).await.remove(0);
    let snoozed: PushAnswered = answer(&user, token(&push), "snooze").await.expect(200).read();
    let reminder = task(&user, &one).await.reminders.remove(0);
    assert_eq!(reminder.state, ReminderState::Snoozed);
    assert_eq!((snoozed.answer, snoozed.snoozed_until), (PushAnswer::Snooze, reminder.snoozed_until));
    let wait = reminder.snoozed_until.unwrap().millis_since(reminder.fires_at);
    assert!((590_000..700_000).contains(&wait), "{wait}");

    let two = remind(&user, "Feed the cat", 1).await;
    let push = service.wait(&browser, 2).await.remove(1);
    let done = answer(&user, token(&push), "done").await;
    assert_eq!(done.expect(200).value(), json!({ "answer": "done", "snoozed_until": null }));
    assert!(!done.body.contains("cat"), "who has the token learns nothing of the task");
    assert_eq!(task(&user, &two).await.reminders[0].state, ReminderState::Done);
    assert!(!site.log().contains(token(&push)));
}

async fn a_notification_is_answered_once(site: &Site) {
    let (user, service) = (TestUser::register(site).await, TestPushService::start().await);
    let (browser, subscription) = subscribed(&user, &service, "phone").await;
    let one = remind(&user, "Water the plants", 1).await;
    let push = service.wait(&browser, 1).await.remove(0);
    let first = answer(&user, token(&push), "done").await.expect(200).body.clone();
    assert_eq!(
        answer(&user, token(&push), "done").await.expect(200).body,
        first,
        "an answer that was lost is repeated"
    );
    answer(&user, token(&push), "snooze").await.refused(ErrorCode::Conflict);
    assert_eq!(task(&user, &one).await.reminders[0].state, ReminderState::Done);
    for wrong in ["", "nonsense", &"x".repeat(43)] {
        answer(&user, wrong, "done").await.refused(ErrorCode::NotFound);
    }
    answer(&user, token(&push), "delete").await.refused(ErrorCode::InvalidRequest);
    let bearer = user.get("/tasks").bearer(token(&push)).await;
    assert_eq!(bearer.status, 401, "it is no access token");
    user.delete(&format!("/push/subscriptions/{}", subscription.id)).await.expect(200);
    answer(&user, token(&push), "done").await.refused(ErrorCode::NotFound);
}

async fn a_finished_reply_is_pushed(site: &Site) {
    let (user, service) = (TestUser::register(site).await, TestPushService::start().await);
    let phone = subscribed(&user, &service, "phone").await;
    let conversation = ConversationId(fresh::id());
    user.send_message(conversation, "What can you do?").await;
    let push = service.wait(&phone.0, 1).await.remove(0);
    assert_eq!((push.payload.kind, push.payload.path.clone()), (PushKind::Reply, format!("/c/{conversation}")));
    assert_eq!((push.urgency.as_str(), push.payload.badge), ("normal", 1));
    let reply = user.history(conversation).await.pop().unwrap().text();
    let first = reply.split_whitespace().next().unwrap();
    let body = &push.payload.body;
    assert!(body.starts_with(first), "{body:?} of {reply:?}");
    assert!(body.chars().count() <= 300, "{body:?}");
    assert_eq!(push.payload.tag, conversation.to_string());
    user.send_message(conversation, "add a task Water the plants").await;
    let push = service.wait(&phone.0, 2).await.remove(1);
    let reply = user.history(conversation).await.pop().unwrap().text();
    assert!(reply.contains("**Water the plants**"), "{reply:?} is Markdown");
    assert!(
        push.payload.body.contains("Water the plants") && !push.payload.body.contains('*'),
        "{:?}",
        push.payload.body
    );
    nothing_but(&user, &service, &phone, 2).await;
}

async fn a_question_of_the_assistant_is_pushed(site: &Site) {
    let (user, service) = (TestUser::register(site).await, TestPushService::start().await);
    let phone = subscribed(&user, &service, "phone").await;
    for title in ["Milk", "Bread", "Salt"] {
        user.add_task(title).await;
    }
    let conversation = ConversationId(fresh::id());
    user.send_message(conversation, "Delete all my tasks").await;
    let push = service.wait(&phone.0, 1).await.remove(0);
    assert_eq!((push.payload.kind, push.urgency.as_str()), (PushKind::Approval, "high"));
    assert_eq!(push.payload.path, format!("/c/{conversation}"));
}

async fn what_nobody_wants_is_not_pushed(site: &Site) {
    let (user, service) = (TestUser::register(site).await, TestPushService::start().await);
    let phone = subscribed(&user, &service, "phone").await;
    let laptop = service.browser(&fresh::word("laptop"));
    let mut body = laptop.subscription("laptop");
    body["kinds"] = json!(["reply", "reply"]);
    let only_replies: Subscription = user.post("/push/subscriptions").json(body).await.expect(201).read();
    assert_eq!(only_replies.kinds, [PushKind::Reply]);
    let set = async |push: Value| user.patch("/me").json(json!({ "settings": { "push": push } })).await;
    let shown = set(json!({ "kinds": ["approval", "reminder"] })).await.expect(200).value();
    assert_eq!(shown["settings"]["push"], json!({ "kinds": ["reminder", "approval"], "quiet": null }));
    // Not to the laptop, which wants replies; and a reply to nobody.
    remind(&user, "Water the plants", 1).await;
    service.wait(&phone.0, 1).await;
    user.send_message(ConversationId(fresh::id()), "Hello").await;
    eventually("the reply", async || user.snapshot().await.active_messages.is_empty().then_some(())).await;
    nothing_but(&user, &service, &phone, 1).await;
    nothing_but(&user, &service, &(laptop, only_replies), 0).await;

    // Quiet hours around now: the reminder waits, a test push does not.
    let hour = |offset: i64| moment(offset * 3_600)["time"].as_str().unwrap()[..5].to_owned();
    let quiet = json!({ "quiet": { "from": hour(-1), "to": hour(2) } });
    assert_eq!(set(quiet.clone()).await.expect(200).value()["settings"]["push"]["quiet"], quiet["quiet"]);
    let quietly = remind(&user, "Ring the bell", 1).await;
    eventually("the reminder", async || {
        (task(&user, &quietly).await.reminders[0].state == ReminderState::Fired).then_some(())
    })
    .await;
    nothing_but(&user, &service, &phone, 1).await;
    let waits = format!(
        "select cast(count(*) as text) from pushes where user_id = '{}' and attempts = 0 and next_at is not null",
        user.user().id
    );
    assert_eq!(site.database().await.lines(&waits).await, ["1"], "until the quiet hours end");
    for wrong in [
        json!({ "kinds": ["test"] }),
        json!({ "kinds": ["bells"] }),
        json!({ "quiet": { "from": "22:00" } }),
        json!({ "quiet": { "from": "22:00", "to": "22:00" } }),
        json!({ "quiet": { "from": "22:00", "to": "7" } }),
        json!({ "sound": true }),
    ] {
        set(wrong).await.refused(ErrorCode::InvalidRequest);
    }
}

async fn the_longest_title_fits(site: &Site) {
    let (user, service) = (TestUser::register(site).await, TestPushService::start().await);
    let (browser, _) = subscribed(&user, &service, "phone").await;
    remind(&user, &"\u{1F600}".repeat(500), 1).await;
    let push = service.wait(&browser, 1).await.remove(0);
    assert!(push.text.len() <= 3_000 && push.payload.title.starts_with('\u{1F600}'), "{}", push.text.len());
}
