//! Appearance: light, dark, on a phone, on two devices, without console messages.

use crate::support::{scripted, server, sign_in};
use serde_json::json;
use tandem_tests::{
    Browser, Reply, TestServer, TestUser,
    browser::{Screen, named, starting},
    eventually,
};

/// A workspace with something in it, as the documents show it.
async fn furnished(server: &TestServer) -> TestUser {
    let user = TestUser::register(server).await;
    user.patch("/me").json(json!({ "name": "Ann" })).await.expect(200);
    for title in ["Weekend in the mountains", "Ideas for the garden"] {
        user.start_conversation(title).await;
    }
    let today = user.user().created_at.to_string();
    let day = today.split('T').next().expect("a time starts with its day");
    let tasks = [
        json!({ "title": "Send the invoice to Kim", "due": { "date": day, "time": "15:00", "time_zone": "UTC" }, "priority": "high" }),
        json!({ "title": "Water the plants", "due": { "date": day, "time_zone": "UTC" }, "recurrence": { "rule": "FREQ=WEEKLY" }, "list": "Home" }),
        json!({ "title": "Read the draft of chapter three", "labels": ["book"] }),
    ];
    for task in tasks {
        user.add(task).await;
    }
    user
}

/// Asserts that the page is not wider than the viewport and has logged nothing.
async fn assert_tidy(browser: &Browser) {
    let overflow =
        browser.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth", Vec::new());
    assert_eq!(overflow.await, json!(0), "nothing is wider than the page");
    let said = browser.console().await;
    // The page of a visitor requests the session, and the browser logs the refusal.
    let said: Vec<_> = said.iter().filter(|line| !line.contains("/auth/refresh - Failed to load resource")).collect();
    assert!(said.is_empty(), "{said:?}");
}

#[tokio::test]
async fn the_workspace_in_light_and_dark_and_on_a_phone() {
    let server = server().await;
    let screens = [
        ("workspace-light", Screen::LAPTOP),
        ("workspace-dark", Screen::LAPTOP.dark()),
        ("workspace-phone", Screen::PHONE),
    ];
    for (picture, screen) in screens {
        let user = furnished(server).await;
        let browser = Browser::new(server, screen).await;
        sign_in(&browser, user.email()).await;
        browser.send_message("Add a task to buy milk tomorrow at 5pm").await;
        browser.replies_ended(1).await;
        browser.send_message("What is due this week?").await;
        browser.replies_ended(2).await;
        if screen.width > 1_100 {
            browser
                .lists_tasks(&[
                    "buy milk",
                    "Send the invoice to Kim",
                    "Water the plants",
                    "Read the draft of chapter three",
                ])
                .await;
        }
        browser.settled().await;
        browser.document_picture(picture).await;
        assert_tidy(&browser).await;
        browser.close().await;
    }
}

#[tokio::test]
async fn dark_is_dark_and_light_is_light() {
    let brightness = async |screen: Screen| -> f64 {
        let browser = Browser::new(server().await, screen).await;
        browser.go("/sign-in").await;
        browser.find(&named("button", "Sign in")).await;
        let colour = "return getComputedStyle(document.body).backgroundColor.match(/[0-9.]+/g).slice(0, 3).map(Number)";
        let colour = browser.run(colour, Vec::new()).await;
        browser.close().await;
        colour.as_array().into_iter().flatten().filter_map(serde_json::Value::as_f64).sum()
    };
    assert!(brightness(Screen::LAPTOP).await > 600.0);
    assert!(brightness(Screen::LAPTOP.dark()).await < 200.0);
}

#[tokio::test]
async fn a_reply_on_two_devices_at_once() {
    let (server, provider) = scripted().await;
    let user = furnished(&server).await;
    let (laptop, phone) =
        (Browser::new(&server, Screen::LAPTOP).await, Browser::new(&server, Screen::PHONE.dark()).await);
    tokio::join!(sign_in(&laptop, user.email()), sign_in(&phone, user.email()));
    let beginning = "Two days are enough for the ridge walk. **Saturday**: the early train, then up to the hut before noon. \
                     **Sunday**: over the";
    provider.answer("weekend", [Reply::text(beginning).hold()]);
    laptop.send_message("Plan the weekend in the mountains").await;
    phone.click(&starting("button", "Threads").within(named("navigation", "Views"))).await;
    let thread = starting("link", "Plan the weekend").within(named("navigation", "Conversations"));
    phone.click(&thread).await;
    for browser in [&laptop, &phone] {
        browser.reads(&starting("article", "Assistant"), "Sunday").await;
        eventually("text without marks", async || (!browser.last_reply().await.contains("**")).then_some(())).await;
    }
    let pictures = [laptop.screenshot().await, phone.screenshot().await];
    provider.release("weekend");
    for browser in [&laptop, &phone] {
        browser.replies_ended(1).await;
        assert_tidy(browser).await;
    }
    phone.close().await;
    laptop.document_picture_of("two-devices", &pictures).await;
    laptop.close().await;
}
