//! Calls that ask for an approval together are answered together, on any device.

use crate::support::{scripted, two_browsers};
use serde_json::json;
use tandem_tests::{
    Reply, TestUser,
    browser::{Screen, named, starting},
    eventually,
};

/// Lets the provider ask for the deletion of all tasks of the user, a call for each.
async fn deletions(user: &TestUser, titles: &[&str]) -> Reply {
    let mut calls = Vec::new();
    for title in titles {
        let task = user.add_task(title).await;
        calls.push(("delete_task", json!({ "task_id": task.number })));
    }
    Reply::calls(calls)
}

#[tokio::test]
async fn one_card_asks_for_a_set_and_some_of_it_is_approved() {
    let (server, provider) = scripted().await;
    let (laptop, phone, user) = two_browsers(&server, [Screen::LAPTOP, Screen::PHONE]).await;
    let ask = deletions(&user, &["Alpha", "Beta", "Gamma"]).await;
    provider.answer("everything", [ask, Reply::text("Done.")]);
    laptop.click(&named("tab", "All")).await;
    laptop.send_message("Delete everything").await;
    let card = named("group", "Delete 3 tasks");
    laptop.find(&card).await;
    assert_eq!(laptop.all(&named("button", "Approve")).await.len(), 1, "one question, one button");
    laptop.reads(&named("status", "Assistant status"), "Needs your approval: delete 3 tasks").await;
    let line = "return document.querySelector('.dock .note').innerText";
    assert_eq!(laptop.run(line, Vec::new()).await, "Waiting for your answer above");
    assert!(laptop.title().await.starts_with("(1) "), "the tab says that a question waits");

    // The other device shows the same question.
    phone.click(&starting("button", "Threads").within(named("navigation", "Views"))).await;
    phone.click(&starting("link", "Delete everything").within(named("navigation", "Conversations"))).await;
    phone.find(&card).await;

    laptop.click(&starting("checkbox", "#2").within(card.clone())).await;
    laptop.click(&named("button", "Approve 2").within(card.clone())).await;
    laptop.lists_tasks(&["Beta"]).await;
    for browser in [&laptop, &phone] {
        browser.gone(&card).await;
        browser.replies_ended(1).await;
        browser.find(&starting("group", "Deleted 2 tasks")).await;
    }
    assert!(!laptop.title().await.starts_with('('));
    tokio::join!(laptop.close(), phone.close());
}

#[tokio::test]
async fn a_set_is_denied_as_a_whole_on_the_other_device() {
    let (server, provider) = scripted().await;
    let (laptop, phone, user) = two_browsers(&server, [Screen::LAPTOP, Screen::PHONE]).await;
    let ask = deletions(&user, &["Alpha", "Beta"]).await;
    provider.answer("everything", [ask, Reply::text("As you wish.")]);
    laptop.send_message("Delete everything").await;
    phone.click(&starting("button", "Threads").within(named("navigation", "Views"))).await;
    phone.click(&starting("link", "Delete everything").within(named("navigation", "Conversations"))).await;
    phone.click(&named("button", "Deny").within(named("group", "Delete 2 tasks"))).await;
    laptop.replies_ended(1).await;
    eventually("the laptop to say where it was answered", async || {
        laptop.last_reply().await.contains("Denied on another device").then_some(())
    })
    .await;
    assert_eq!(user.tasks("").await.len(), 2, "nothing was deleted");
    tokio::join!(laptop.close(), phone.close());
}

#[tokio::test]
async fn a_typed_yes_answers_like_the_button() {
    let (server, provider) = scripted().await;
    let (laptop, phone, user) = two_browsers(&server, [Screen::LAPTOP, Screen::PHONE]).await;
    let ask = deletions(&user, &["Alpha", "Beta"]).await;
    provider.answer("everything", [ask, Reply::text("Done.")]);
    laptop.send_message("Delete everything").await;
    laptop.find(&named("group", "Delete 2 tasks")).await;
    laptop.write(&named("textbox", "Message"), "yes\u{e007}").await;
    eventually("both to be deleted", async || user.tasks("").await.is_empty().then_some(())).await;
    laptop.find(&starting("group", "Deleted Alpha")).await;
    laptop.gone(&named("button", "Remove from queue")).await;
    tokio::join!(laptop.close(), phone.close());
}
