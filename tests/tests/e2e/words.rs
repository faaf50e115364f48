//! What somebody has written is never lost, and what others have changed is never undone: edits of one thing on two
//! devices, deletions, reloads.

use crate::support::{behind_proxy, open_thread, register, server, sign_in, two_browsers};
use serde_json::json;
use tandem_tests::{
    Browser, TestUser,
    browser::{Named, Screen, named, starting},
    eventually,
    user::Visitor,
};

async fn two_laptops() -> (Browser, Browser, TestUser) {
    let (one, two, user) = two_browsers(server().await, [Screen::LAPTOP; 2]).await;
    for browser in [&one, &two] {
        browser.click(&named("tab", "All")).await;
    }
    (one, two, user)
}

async fn kept(browser: &Browser, text: &str) {
    eventually(format_args!("{text:?} to be stored"), async || {
        let stored = browser.run("return JSON.stringify({...localStorage})", Vec::new()).await.to_string();
        stored.contains(text).then_some(())
    })
    .await;
}

fn field(title: &str, name: &str) -> Named {
    named("textbox", name).within(named("form", format!("Details of {title}")))
}

fn button(title: &str, name: &str) -> Named {
    named("button", name).within(named("form", format!("Details of {title}")))
}

#[tokio::test]
async fn an_open_editor_follows_the_other_device_and_saves_only_what_was_changed_here() {
    let (laptop, phone, user) = two_laptops().await;
    let task = user.add(json!({ "title": "Pay rent" })).await;
    laptop.click(&named("button", "Edit Pay rent")).await;
    laptop.overwrite(&field("Pay rent", "Title"), "Pay the rent").await;
    user.patch(&format!("/tasks/{}", task.id))
        .json(json!({ "priority": "high", "due": { "date": "2030-01-02" } }))
        .await
        .expect(200);
    let date = "return document.querySelector('.task-edit [type=date]').value";
    eventually("the date to follow", async || (laptop.run(date, Vec::new()).await == "2030-01-02").then_some(())).await;
    // The other one has no name that anybody gave.
    let note = starting("status", "").within(named("form", "Details of Pay rent"));
    laptop.reads(&note, "Changed on another device").await;
    laptop.click(&button("Pay rent", "Save")).await;
    phone.lists_tasks(&["Pay the rent"]).await;
    let now = &user.tasks("").await[0];
    assert_eq!(now.due.as_ref().map(|due| due.date), Some(jiff::civil::date(2030, 1, 2)));
    assert_eq!(now.priority, tandem_protocol::enums::Priority::High);
    tokio::join!(laptop.close(), phone.close());
}

#[tokio::test]
async fn an_edit_of_the_same_field_is_for_the_person_to_decide() {
    let (laptop, phone, user) = two_laptops().await;
    let task = user.add(json!({ "title": "Pay rent" })).await;
    laptop.click(&named("button", "Edit Pay rent")).await;
    laptop.overwrite(&field("Pay rent", "Title"), "Pay the rent").await;
    user.patch(&format!("/tasks/{}", task.id)).json(json!({ "title": "Pay Bob" })).await.expect(200);
    laptop.find(&button("Pay Bob", "Keep theirs")).await;
    laptop.click(&button("Pay Bob", "Save")).await;
    laptop.find(&starting("alert", "").within(named("form", "Details of Pay Bob"))).await;
    laptop.click(&button("Pay Bob", "Use mine")).await;
    laptop.click(&button("Pay Bob", "Save")).await;
    phone.lists_tasks(&["Pay the rent"]).await;
    tokio::join!(laptop.close(), phone.close());
}

#[tokio::test]
async fn an_edit_made_offline_is_merged_by_field_or_asks() {
    let (server, proxy) = behind_proxy().await;
    let user = TestUser::register(&server).await;
    let (laptop, phone) = tokio::join!(Browser::through(&proxy, Screen::LAPTOP), Browser::new(&server, Screen::LAPTOP));
    for browser in [&laptop, &phone] {
        sign_in(browser, user.email()).await;
        browser.click(&named("tab", "All")).await;
    }
    let mut ids = Vec::new();
    for title in ["Pay rent", "Call Ann"] {
        ids.push(user.add(json!({ "title": title })).await.id);
    }
    laptop.lists_tasks(&["Pay rent", "Call Ann"]).await;
    proxy.go_down();
    laptop.reads(&named("status", "Connection"), "Reconnecting").await;
    for title in ["Pay rent", "Call Ann"] {
        laptop.click(&named("button", format!("Edit {title}"))).await;
        laptop.overwrite(&field(title, "Title"), &format!("{title} now")).await;
        laptop.click(&button(title, "Save")).await;
    }
    laptop.lists_tasks(&["Pay rent now", "Call Ann now"]).await;
    user.patch(&format!("/tasks/{}", ids[0])).json(json!({ "priority": "high" })).await.expect(200);
    user.patch(&format!("/tasks/{}", ids[1])).json(json!({ "title": "Call Bob" })).await.expect(200);
    proxy.recover();
    laptop.reads(&named("status", "Connection"), "Connected").await;
    phone.lists_tasks(&["Pay rent now", "Call Bob"]).await;
    assert_eq!(user.tasks("priority=high").await.len(), 1, "the change of the other device is still there");
    laptop.reads(&starting("status", "").within(named("complementary", "Tasks")), "Yours said “Call Ann now”").await;
    laptop.click(&named("button", "Use mine")).await;
    phone.lists_tasks(&["Pay rent now", "Call Ann now"]).await;
    laptop.gone(&named("button", "Use mine")).await;
    tokio::join!(laptop.close(), phone.close());
}

#[tokio::test]
async fn an_editor_survives_the_deletion_of_its_task_and_a_reload() {
    let (laptop, phone, user) = two_laptops().await;
    let task = user.add(json!({ "title": "Pay rent" })).await;
    laptop.click(&named("button", "Edit Pay rent")).await;
    laptop.write(&field("Pay rent", "Notes"), "to the landlord").await;
    kept(&laptop, "to the landlord").await;
    laptop.reload().await;
    assert_eq!(laptop.value(&field("Pay rent", "Notes")).await, "to the landlord");
    user.delete(&format!("/tasks/{}", task.id)).await.expect(200);
    laptop.reads(&starting("alert", "").within(named("form", "Details of Pay rent")), "Deleted").await;
    assert_eq!(laptop.value(&field("Pay rent", "Notes")).await, "to the landlord");
    laptop.click(&button("Pay rent", "Save as new")).await;
    phone.lists_tasks(&["Pay rent"]).await;
    assert_eq!(user.tasks("").await[0].description, "to the landlord");
    tokio::join!(laptop.close(), phone.close());
}

#[tokio::test]
async fn a_line_of_quick_add_survives_a_reload() {
    let laptop = Browser::new(server().await, Screen::LAPTOP).await;
    register(&laptop, "Ann").await;
    let add = named("textbox", "Add a task");
    laptop.write(&add, "half a task").await;
    kept(&laptop, "half a task").await;
    laptop.reload().await;
    assert_eq!(laptop.value(&add).await, "half a task");
    laptop.write(&add, " tomorrow\u{e007}").await;
    laptop.click(&named("tab", "All")).await;
    laptop.lists_tasks(&["half a task"]).await;
    assert_eq!(laptop.value(&add).await, "");
    laptop.close().await;
}

#[tokio::test]
async fn two_devices_edit_one_message_and_neither_loses_its_text() {
    let laptop = Browser::new(server().await, Screen::LAPTOP).await;
    let email = register(&laptop, "Ann").await;
    laptop.send_message("Hello there").await;
    laptop.replies_ended(1).await;
    let phone = Browser::new(server().await, Screen::LAPTOP).await;
    sign_in(&phone, &email).await;
    open_thread(&phone, "Hello there").await;
    let edit = named("textbox", "Edit message");
    for (browser, text) in [(&laptop, "Hello from the laptop"), (&phone, "Hello from the phone")] {
        browser.click(&named("button", "Edit").within(starting("article", "You"))).await;
        browser.overwrite(&edit, text).await;
    }
    laptop.click(&named("button", "Send").within(starting("article", "You"))).await;
    phone.reads(&starting("status", "").within(starting("article", "You")), "Another device sent a new version").await;
    assert_eq!(phone.value(&edit).await, "Hello from the phone");
    kept(&phone, "Hello from the phone").await;
    phone.reload().await;
    assert_eq!(phone.value(&edit).await, "Hello from the phone");
    phone.click(&named("button", "Send").within(starting("article", "You"))).await;
    for browser in [&laptop, &phone] {
        browser.reads(&starting("article", "You"), "Hello from the phone").await;
        browser.reads(&starting("article", "You"), "3/3").await;
    }
    tokio::join!(laptop.close(), phone.close());
}

#[tokio::test]
async fn a_draft_in_a_conversation_that_is_deleted_starts_a_new_one() {
    let laptop = Browser::new(server().await, Screen::LAPTOP).await;
    let email = register(&laptop, "Ann").await;
    laptop.send_message("Hello there").await;
    laptop.replies_ended(1).await;
    let message = named("textbox", "Message");
    laptop.write(&message, "Add a task to keep this").await;
    let user = Visitor::of(server().await).sign_in(&email, "script").await;
    let old = laptop.path().await;
    user.delete(&format!("/conversations/{}", old.replace("/c/", ""))).await.expect(200);
    laptop.reads(&named("log", "Conversation"), "Your draft was kept and moved to a new conversation").await;
    assert_eq!(laptop.value(&message).await, "Add a task to keep this");
    laptop.write(&message, "\u{e007}").await;
    laptop.replies_ended(1).await;
    assert_ne!(laptop.path().await, old);
    laptop.reads(&starting("article", "You"), "Add a task to keep this").await;
    laptop.click(&named("tab", "All")).await;
    laptop.lists_tasks(&["keep this"]).await;
    laptop.close().await;
}
