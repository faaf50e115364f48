//! A user registers, sends a message, and sees its effect on two devices at once.

use crate::support::{assert_grew, growth, open_thread, register, server, sign_in, watch_growth};
use tandem_tests::{
    Browser,
    browser::{Screen, named, starting},
    eventually,
};

#[tokio::test]
async fn a_person_registers_and_sees_the_answer_and_the_task_on_two_devices_at_once() {
    let laptop = Browser::new(server().await, Screen::LAPTOP).await;
    let email = register(&laptop, "Ann").await;
    laptop.send_message("Hello there").await;
    laptop.replies_ended(1).await;

    let tablet = Browser::new(server().await, Screen::LAPTOP).await;
    sign_in(&tablet, &email).await;
    open_thread(&tablet, "Hello there").await;
    tablet.replies_ended(1).await;

    tokio::join!(watch_growth(&laptop), watch_growth(&tablet));
    laptop.send_message("Add a task to buy milk tomorrow at 5pm").await;
    for browser in [&laptop, &tablet] {
        browser.replies_ended(2).await;
        assert_grew(&growth(browser).await, 2);
        let task = starting("listitem", "").within(named("list", "Task list"));
        browser.reads(&task, "milk").await;
        // The browser of the tests is American.
        browser.reads(&task, "5:00 PM").await;
        let card = starting("group", "Created").within(starting("article", "Assistant"));
        browser.reads(&card, "milk").await;
    }
    assert_eq!(laptop.task_titles().await, tablet.task_titles().await);
    assert_eq!(still(&laptop.last_reply().await), still(&tablet.last_reply().await));
    let said = starting("article", "You");
    for browser in [&laptop, &tablet] {
        let texts = browser.texts(&said).await;
        assert_eq!(texts.iter().filter(|text| text.contains("buy milk tomorrow at 5pm")).count(), 1);
    }
    tokio::join!(laptop.close(), tablet.close());
}

#[tokio::test]
async fn a_message_from_one_device_is_shown_on_the_other() {
    let laptop = Browser::new(server().await, Screen::LAPTOP).await;
    let email = register(&laptop, "Ann").await;
    let phone = Browser::new(server().await, Screen::PHONE).await;
    sign_in(&phone, &email).await;

    laptop.send_message("What can you do?").await;
    laptop.replies_ended(1).await;
    phone.click(&named("button", "Threads").within(named("navigation", "Views"))).await;
    open_thread(&phone, "What can you do?").await;
    phone.replies_ended(1).await;
    phone.send_message("Add a task to water the plants").await;
    laptop.replies_ended(2).await;
    laptop.lists_tasks(&["water the plants"]).await;
    phone.click(&named("button", "Tasks").within(named("navigation", "Views"))).await;
    phone.lists_tasks(&["water the plants"]).await;
    tokio::join!(laptop.close(), phone.close());
}

#[tokio::test]
async fn a_conversation_that_another_device_deleted_shows_it() {
    let laptop = Browser::new(server().await, Screen::LAPTOP).await;
    let email = register(&laptop, "Ann").await;
    laptop.send_message("Hello there").await;
    laptop.replies_ended(1).await;
    let user = tandem_tests::user::Visitor::of(server().await).sign_in(&email, "script").await;
    let id = laptop.path().await.replace("/c/", "");
    user.delete(&format!("/conversations/{id}")).await.expect(200);
    eventually("the page to show that it was deleted", async || {
        let log = laptop.texts(&named("log", "Conversation")).await;
        log.iter().any(|text| text.contains("gone")).then_some(())
    })
    .await;
    laptop.find(&named("textbox", "Message")).await;
    laptop.close().await;
}

/// A reply without the seconds that are left for Undo: the two browsers are not read in the same second.
fn still(reply: &str) -> String {
    let counts_down =
        |line: &&str| line.strip_suffix(" s").is_some_and(|left| left.bytes().all(|b| b.is_ascii_digit()));
    reply.lines().filter(|line| !counts_down(line)).collect::<Vec<_>>().join("\n")
}
