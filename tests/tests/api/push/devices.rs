//! Which devices receive pushes: who may subscribe where, what ends it, and that a device which shows something is not
//! pushed it.

use super::{nothing_but, remind, subscribed};
use crate::support::Site;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tandem_protocol::{
    ConversationId, ErrorCode,
    enums::{PushKind, Scope},
    live::{Command, command::ConversationRead},
    push::Subscription,
    rest::Page,
};
use tandem_tests::{Device, TestPushService, TestUser, eventually, fresh, reminders, user::PASSWORD};

on_both!(
    what_is_no_subscription_is_refused,
    a_device_has_one_subscription,
    a_browser_receives_the_pushes_of_one_user,
    a_device_that_is_signed_out_receives_nothing,
    a_deleted_account_receives_nothing,
    a_device_that_shows_a_reminder_is_not_pushed_it,
    a_device_that_does_not_answer_is_pushed_it,
    a_reply_is_pushed_unless_somebody_reads_it,
);

/// How long a push is held back for a device that is connected.
const HELD: Duration = Duration::from_secs(10);

async fn listed(user: &TestUser) -> Vec<Subscription> {
    user.get("/push/subscriptions").await.expect(200).read::<Page<Subscription>>().items
}

async fn what_is_no_subscription_is_refused(site: &Site) {
    let (user, service) = (TestUser::register(site).await, TestPushService::start().await);
    let good = service.browser(&fresh::word("phone")).subscription("phone");
    let with = |pointer: &str, value: Value| {
        let mut body = good.clone();
        *body.pointer_mut(pointer).unwrap() = value;
        body
    };
    let mut unknown = good.clone();
    unknown["user_id"] = json!("x");
    // 65 bytes with the mark of an uncompressed point, and not on the curve.
    let no_point = format!("BA{}A", "H".repeat(84));
    let mut tests = good.clone();
    tests["kinds"] = json!(["test"]);
    for body in [
        json!({}),
        unknown,
        tests,
        with("/endpoint", json!("http://push.example.com/x")),
        with("/endpoint", json!("https://10.0.0.1/x")),
        with("/endpoint", json!("https://169.254.169.254/latest")),
        with("/endpoint", json!("https://[fd00::1]/x")),
        with("/endpoint", json!("https://printer.local/x")),
        with("/endpoint", json!("https://nothing.invalid/x")),
        with("/endpoint", json!("nonsense")),
        with("/keys/p256dh", json!("BCVx")),
        with("/keys/p256dh", json!(no_point)),
        with("/keys/auth", json!("BTBZ")),
        with("/keys/auth", json!("BTBZMqHH6r4Tts7J/aSIgg")),
        with("/device_id", json!("")),
    ] {
        user.post("/push/subscriptions").json(body).await.refused(ErrorCode::InvalidRequest);
    }
    let (token, _) = user.personal_token(&[Scope::Read, Scope::Write]).await;
    for path in ["/push/key", "/push/subscriptions"] {
        user.get(path).anonymous().await.refused(ErrorCode::Unauthenticated);
        user.get(path).bearer(&token).await.refused(ErrorCode::InsufficientScope);
    }
    user.post("/push/subscriptions").bearer(&token).json(good).await.refused(ErrorCode::InsufficientScope);
    for number in 0..20 {
        subscribed(&user, &service, &format!("device-{number}")).await;
    }
    let more = service.browser(&fresh::word("more")).subscription("more");
    user.post("/push/subscriptions").json(more).await.refused(ErrorCode::Limit);
    assert_eq!(listed(&user).await.len(), 20);
    user.delete(&format!("/push/subscriptions/{}", fresh::id())).await.refused(ErrorCode::NotFound);
}

async fn a_device_has_one_subscription(site: &Site) {
    let (user, service) = (TestUser::register(site).await, TestPushService::start().await);
    let (old, first) = subscribed(&user, &service, "phone").await;
    let again: Subscription = user.post("/push/subscriptions").json(old.subscription("phone")).await.expect(201).read();
    assert_eq!(again, first, "a page subscribes at each start");
    let (new, second) = subscribed(&user, &service, "phone").await;
    assert_ne!(second.id, first.id);
    assert_eq!(listed(&user).await, [second]);
    remind(&user, "Water the plants", 1).await;
    service.wait(&new, 1).await;
    assert!(service.pushes(&old).is_empty());
    // The same browser under another name, as after its storage was cleared.
    let renamed: Subscription =
        user.post("/push/subscriptions").json(new.subscription("tablet")).await.expect(201).read();
    assert_eq!(listed(&user).await, std::slice::from_ref(&renamed));
    user.delete(&format!("/push/subscriptions/{}", renamed.id)).await.expect(200);
    assert!(listed(&user).await.is_empty());
}

async fn a_browser_receives_the_pushes_of_one_user(site: &Site) {
    let (ann, bob) = (TestUser::register(site).await, TestUser::register(site).await);
    let service = TestPushService::start().await;
    let (browser, of_ann) = subscribed(&ann, &service, "shared").await;
    let of_bob: Subscription =
        bob.post("/push/subscriptions").json(browser.subscription("shared")).await.expect(201).read();
    assert_ne!(of_ann.id, of_bob.id);
    assert!(listed(&ann).await.is_empty());
    remind(&ann, "Of Ann", 1).await;
    let task = remind(&bob, "Of Bob", 2).await;
    let pushes = service.wait(&browser, 1).await;
    assert_eq!(reminders(&pushes), [task.reminders[0].id]);
    nothing_but(&bob, &service, &(browser, of_bob), 1).await;
}

async fn a_device_that_is_signed_out_receives_nothing(site: &Site) {
    let (user, service) = (TestUser::register(site).await, TestPushService::start().await);
    let phone = user.sign_in_again("phone").await;
    let (of_phone, _) = subscribed(&phone, &service, "phone").await;
    let laptop = subscribed(&user, &service, "laptop").await;
    // One that waits when the session ends goes with it.
    service.answer(&of_phone, [tandem_tests::PushServiceAnswer::Status(503, Some("2".to_owned()))]);
    remind(&user, "Water the plants", 1).await;
    service.wait_refused(&of_phone, 1).await;
    user.delete(&format!("/sessions/{}", phone.session().id)).await.expect(200);
    assert_eq!(listed(&user).await, std::slice::from_ref(&laptop.1));
    remind(&user, "Feed the cat", 3).await;
    service.wait(&laptop.0, 2).await;
    nothing_but(&user, &service, &laptop, 2).await;
    assert!(service.pushes(&of_phone).is_empty());
    user.post("/auth/logout").await.expect(204);
    let back = user.sign_in_again("laptop").await;
    assert!(listed(&back).await.is_empty());
}

async fn a_deleted_account_receives_nothing(site: &Site) {
    let (user, service) = (TestUser::register(site).await, TestPushService::start().await);
    let (browser, _) = subscribed(&user, &service, "phone").await;
    // Far enough for a deletion on a busy machine.
    remind(&user, "Water the plants", 8).await;
    user.delete("/me").json(json!({ "password": PASSWORD })).await.expect(204);
    let (other, witness) = (TestUser::register(site).await, "phone");
    let (of_other, _) = subscribed(&other, &service, witness).await;
    remind(&other, "Feed the cat", 9).await;
    service.wait_within(Duration::from_mins(1), &of_other, 1).await;
    assert!(service.pushes(&browser).is_empty());
}

async fn a_device_that_shows_a_reminder_is_not_pushed_it(site: &Site) {
    let (user, service) = (TestUser::register(site).await, TestPushService::start().await);
    let mut laptop = Device::connected(&user, "laptop").await;
    let at_laptop = subscribed(&user, &service, laptop.id()).await;
    let (at_phone, _) = subscribed(&user, &service, "phone").await;
    let shown = remind(&user, "Water the plants", 1).await;
    let begun = Instant::now();
    service.wait_within(HELD / 2, &at_phone, 1).await;
    assert_eq!(reminders(&service.pushes(&at_phone)), [shown.reminders[0].id]);
    // Nothing waits for the laptop any more, long before it would be pushed.
    let waits = format!(
        "select cast(count(*) as text) from pushes where user_id = '{}' and next_at is not null",
        user.user().id
    );
    let database = site.database().await;
    eventually("that it was shown", async || (database.lines(&waits).await == ["0"]).then_some(())).await;
    assert!(begun.elapsed() < HELD, "{:?}", begun.elapsed());
    laptop.assert_faultless();
    laptop.cut();
    let pushed = remind(&user, "Feed the cat", 2).await;
    service.wait(&at_laptop.0, 1).await;
    nothing_but(&user, &service, &at_laptop, 1).await;
    assert_eq!(reminders(&service.pushes(&at_laptop.0)), [pushed.reminders[0].id]);
}

async fn a_device_that_does_not_answer_is_pushed_it(site: &Site) {
    let (user, service) = (TestUser::register(site).await, TestPushService::start().await);
    let mut asleep = Device::new(&user, "phone").without_pongs();
    asleep.connect().await;
    let at_phone = subscribed(&user, &service, asleep.id()).await;
    let task = remind(&user, "Water the plants", 1).await;
    let due = Instant::now() + Duration::from_secs(1);
    let pushes = service.wait(&at_phone.0, 1).await;
    assert_eq!(reminders(&pushes), [task.reminders[0].id]);
    // The clock time of the reminder has whole seconds.
    assert!(pushes[0].at + Duration::from_secs(2) >= due + HELD, "{:?}", pushes[0].at.duration_since(due));
    nothing_but(&user, &service, &at_phone, 1).await;
}

async fn a_reply_is_pushed_unless_somebody_reads_it(site: &Site) {
    let (user, service) = (TestUser::register(site).await, TestPushService::start().await);
    let laptop = Device::connected(&user, "laptop").await;
    let phone = subscribed(&user, &service, "phone").await;
    let (read, unread) = (ConversationId(fresh::id()), ConversationId(fresh::id()));
    let reply = laptop.send_message(read, "Hello").await.assistant_message.id;
    laptop.ended(reply).await;
    let looked_at = ConversationRead { conversation_id: read, message_id: reply };
    laptop.command(&Command::ConversationRead(looked_at)).await.unwrap();
    let reply = laptop.send_message(unread, "Hello").await.assistant_message.id;
    laptop.ended(reply).await;
    let pushes = service.wait(&phone.0, 1).await;
    assert_eq!((pushes[0].payload.kind, pushes[0].payload.path.clone()), (PushKind::Reply, format!("/c/{unread}")));
    nothing_but(&user, &service, &phone, 1).await;
}
