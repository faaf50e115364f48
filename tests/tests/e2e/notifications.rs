//! Notifications of a device: on and off in the settings, through a push service to the service worker of the browser.

use crate::support::sign_in;
use serde_json::json;
use tandem_tests::{
    Browser, TestServer, TestUser,
    browser::{Screen, named},
    eventually,
    push_service::TestPushService,
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

#[tokio::test]
async fn a_device_is_notified_until_it_is_switched_off() {
    let service = TestPushService::start().await;
    let server = TestServer::setup().env("TANDEM_PUSH_LOOPBACK", "on").start().await;
    let user = TestUser::register(&server).await;
    let browser = Browser::new(&server, Screen::LAPTOP).await;
    sign_in(&browser, user.email()).await;
    browser.go("/settings").await;
    browser.allow_notifications().await;
    let phone = service.browser("chromium");
    let mut subscription = phone.subscription("any");
    subscription.as_object_mut().expect("an object").retain(|name, _| name != "device_id");
    browser.run(SUBSCRIBE, vec![subscription]).await;

    let switch = named("checkbox", "Notify me on this device");
    browser.click(&switch).await;
    browser.find(&named("button", "Send a test")).await;
    let key = user.get("/push/key").await.expect(200).value()["public_key"].clone();
    assert_eq!(browser.run("return window.serverKey", vec![]).await, key);
    browser.click(&named("button", "Send a test")).await;
    let pushes = service.wait(&phone, 1).await;
    browser.receive_push(&pushes[0].text).await;
    eventually("the notification", async || {
        browser.notifications().await.iter().any(|text| text.starts_with(&pushes[0].payload.title)).then_some(())
    })
    .await;

    browser.click(&switch).await;
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
