//! Notifications of a device: on and off in the settings, through a push service to the service worker of the browser.

use crate::support::{from_now, sign_in};
use serde_json::json;
use std::sync::Arc;
use tandem_protocol::{enums::ReminderState, model::Task};
use tandem_tests::{
    Browser, TestServer, TestUser,
    browser::{Screen, named},
    eventually,
    push_service::{TestBrowser, TestPushService},
};

/// Gives the page the subscription of a browser of the tests: that of Chromium would be at a push service on the internet.
const SUBSCRIBE: &str = "
    const given = { toJSON: () => arguments[0], unsubscribe: async () => { window.subscribed = false; return true; } };
    PushManager.prototype.subscribe = async (options) => {
        window.serverKey = options.applicationServerKey;
        window.subscribed = true;
        return given;
    };
    PushManager.prototype.getSubscription = async () => (window.subscribed ? given : null);";

/// A new user's browser, on the settings, that may notify. Its pushes arrive at a service of the tests.
struct Device {
    browser: Browser,
    user: TestUser,
    phone: Arc<TestBrowser>,
    service: TestPushService,
    _server: TestServer,
}

impl Device {
    async fn new() -> Self {
        let service = TestPushService::start().await;
        let server = TestServer::setup().env("TANDEM_PUSH_LOOPBACK", "on").start().await;
        let user = TestUser::register(&server).await;
        let browser = Browser::new(&server, Screen::LAPTOP).await;
        sign_in(&browser, user.email()).await;
        browser.go("/settings").await;
        browser.allow_notifications().await;
        let phone = service.browser("chromium");
        Self { browser, user, phone, service, _server: server }
    }

    async fn switch_on(&self) {
        let mut subscription = self.phone.subscription("any");
        subscription.as_object_mut().expect("an object").retain(|name, _| name != "device_id");
        self.browser.run(SUBSCRIBE, vec![subscription]).await;
        self.browser.click(&named("checkbox", "Notify me on this device")).await;
        self.browser.find(&named("button", "Send a test")).await;
    }
}

#[tokio::test]
async fn a_device_is_notified_until_it_is_switched_off() {
    let device = Device::new().await;
    device.switch_on().await;
    let Device { browser, user, phone, service, .. } = device;
    let key = user.get("/push/key").await.expect(200).value()["public_key"].clone();
    assert_eq!(browser.run("return window.serverKey", vec![]).await, key);
    browser.click(&named("button", "Send a test")).await;
    let pushes = service.wait(&phone, 1).await;
    browser.receive_push(&pushes[0].text).await;
    eventually("the notification", async || {
        browser.notifications().await.iter().any(|text| text.starts_with(&pushes[0].payload.title)).then_some(())
    })
    .await;

    browser.click(&named("checkbox", "Notify me on this device")).await;
    browser.gone(&named("button", "Send a test")).await;
    assert_eq!(user.get("/push/subscriptions").await.expect(200).value()["items"], json!([]));
    browser.close().await;
}

#[tokio::test]
async fn a_reminder_is_shown_with_its_answers_unless_somebody_looks_at_the_page() {
    let server = TestServer::new().await;
    let user = TestUser::register(&server).await;
    let browser = Browser::new(&server, Screen::LAPTOP).await;
    sign_in(&browser, user.email()).await;
    browser.allow_notifications().await;
    let push = json!({
        "kind": "reminder", "title": "Call Ann", "body": "Now", "path": "/t/1", "badge": 1, "tag": "r1",
        "reminder": { "task_id": "t", "reminder_id": "r1", "token": "x", "command_id": "c" },
    });
    browser.receive_push(&push.to_string()).await;
    let test =
        json!({ "kind": "test", "title": "It works", "body": "", "path": "/settings", "badge": 0, "tag": "test" });
    browser.receive_push(&test.to_string()).await;
    eventually("the second one", async || (!browser.notifications().await.is_empty()).then_some(())).await;
    assert_eq!(
        browser.notifications().await,
        ["It works:  "],
        "the page is looked at, and shows the reminder by itself"
    );

    // Nobody looks at a page that is gone; another one of this site reads what is shown.
    browser.leave().await;
    browser.receive_push(&push.to_string()).await;
    browser.go("/settings").await;
    eventually("the reminder", async || {
        browser.notifications().await.contains(&"Call Ann: Now Done,Snooze".to_owned()).then_some(())
    })
    .await;
    browser.close().await;
}

#[tokio::test]
async fn a_notification_is_answered_without_the_page_and_opens_it() {
    let device = Device::new().await;
    device.switch_on().await;
    let Device { browser, user, phone, service, .. } = device;
    browser.leave().await;
    let ring = async |title: &str, count: usize| {
        let task = user.add(json!({ "title": title, "reminders": [{ "at": from_now(1) }] })).await;
        let pushes = service.wait(&phone, count).await;
        browser.receive_push(&pushes[count - 1].text).await;
        task
    };
    let state = async |task: &Task| {
        let task: Task = user.get(&format!("/tasks/{}", task.id)).await.expect(200).read();
        task.reminders[0].state
    };
    let done = ring("Call Ann", 1).await;
    browser.press_notification("Call Ann", "done").await;
    assert_eq!(state(&done).await, ReminderState::Done);
    let snoozed = ring("Pay the rent", 2).await;
    browser.press_notification("Pay the rent", "snooze").await;
    assert_eq!(state(&snoozed).await, ReminderState::Snoozed);

    let opened = ring("Water the plants", 3).await;
    browser.go("/settings").await;
    assert_eq!(browser.notifications().await, ["Water the plants:  Done,Snooze"], "what is answered is gone");
    browser.press_notification("Water the plants", "").await;
    let path = format!("/t/{}", opened.number);
    eventually("the page of the task", async || (browser.path().await == path).then_some(())).await;
    browser.close().await;
}

#[tokio::test]
async fn what_is_sent_and_when_not_is_a_choice_of_the_person() {
    let server = TestServer::new().await;
    let user = TestUser::register(&server).await;
    let browser = Browser::new(&server, Screen::LAPTOP).await;
    sign_in(&browser, user.email()).await;
    browser.go("/settings").await;
    let section = named("region", "Push notifications");
    browser.click(&named("checkbox", "Replies that ended while you were away").within(section)).await;
    let chosen = async || user.get("/me").await.expect(200).value()["settings"]["push"].clone();
    eventually("the kinds", async || (chosen().await["kinds"] == json!(["reminder", "approval"])).then_some(())).await;
    // What the keys are that set a time depends on the language of the browser.
    let set = "const field = document.getElementById('quiet-from');
        field.value = '22:30';
        field.dispatchEvent(new Event('change', { bubbles: true }));";
    browser.run(set, vec![]).await;
    eventually("the quiet hours", async || {
        (chosen().await["quiet"] == json!({ "from": "22:30", "to": "07:00" })).then_some(())
    })
    .await;
    browser.close().await;
}
