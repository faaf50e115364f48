//! The task panel: changes on one device appear on the other.

use crate::support::{server, two_browsers};
use serde_json::json;
use tandem_tests::{
    Browser, TestServer, TestUser,
    browser::{Screen, named, starting},
    eventually,
};

async fn two_laptops() -> (Browser, Browser, TestUser) {
    let (one, two, user) = two_browsers(server().await, [Screen::LAPTOP; 2]).await;
    for browser in [&one, &two] {
        browser.click(&named("tab", "All")).await;
    }
    (one, two, user)
}

#[tokio::test]
async fn a_task_is_added_completed_edited_deleted_and_brought_back_on_both_devices() {
    let (laptop, tablet, user) = two_laptops().await;
    let add = named("textbox", "Add a task");
    for line in ["Buy bread tomorrow at 9am #shop p2", "Call Bob"] {
        laptop.write(&add, line).await;
        laptop.press("\u{e007}").await;
    }
    for browser in [&laptop, &tablet] {
        browser.lists_tasks(&["Buy bread", "Call Bob"]).await;
    }
    let bread = user.tasks("label=shop&priority=high").await;
    assert_eq!(bread.len(), 1, "the words of the quick add became fields");
    assert_eq!(bread[0].due.as_ref().and_then(|due| due.time), Some(jiff::civil::time(9, 0, 0, 0)));

    tablet.click(&named("button", "Edit Call Bob")).await;
    let editor = named("form", "Details of Call Bob");
    tablet.overwrite(&named("textbox", "Title").within(editor.clone()), "Call Bob and Ann").await;
    tablet.click(&named("button", "Save").within(editor)).await;
    for browser in [&laptop, &tablet] {
        browser.lists_tasks(&["Buy bread", "Call Bob and Ann"]).await;
    }

    laptop.click(&named("checkbox", "Complete Buy bread")).await;
    for browser in [&laptop, &tablet] {
        browser.lists_tasks(&["Call Bob and Ann"]).await;
    }
    tablet.click(&named("tab", "Done")).await;
    tablet.lists_tasks(&["Buy bread"]).await;
    let done = named("checkbox", "Complete Buy bread");
    assert_eq!(tablet.find(&done).await.prop("checked").await.unwrap().as_deref(), Some("true"));
    tablet.click(&named("tab", "All")).await;

    laptop.click(&named("button", "Delete Call Bob and Ann")).await;
    tablet.lists_tasks(&[]).await;
    let undo = starting("button", "Undo").within(named("region", "Notices"));
    let undos = eventually("the way back", async || {
        let all = laptop.all(&undo).await;
        (!all.is_empty()).then_some(all)
    });
    undos.await.last().expect("at least one").click().await.unwrap();
    for browser in [&laptop, &tablet] {
        browser.lists_tasks(&["Call Bob and Ann"]).await;
    }
    tokio::join!(laptop.close(), tablet.close());
}

#[tokio::test]
async fn a_tool_call_is_undone_in_its_card() {
    let (laptop, tablet, _) = two_laptops().await;
    laptop.send_message("Add a task to sell the boat").await;
    for browser in [&laptop, &tablet] {
        browser.lists_tasks(&["sell the boat"]).await;
    }
    laptop.replies_ended(1).await;
    laptop.click(&named("button", "Undo").within(starting("group", "Created"))).await;
    for browser in [&laptop, &tablet] {
        browser.lists_tasks(&[]).await;
    }
    laptop.reads(&starting("article", "Assistant"), "Undone").await;
    tokio::join!(laptop.close(), tablet.close());
}

#[tokio::test]
async fn a_search_leads_to_a_task_that_a_filter_hides() {
    let (laptop, tablet, user) = two_laptops().await;
    let task = user.add(json!({ "title": "Paint the fence", "due": { "date": "2030-01-02" } })).await;
    laptop.lists_tasks(&["Paint the fence"]).await;
    laptop.click(&named("tab", "Done")).await;
    laptop.lists_tasks(&[]).await;
    laptop.press("\u{e009}k\u{e000}").await;
    laptop.write(&named("searchbox", "Search"), "fence").await;
    eventually("a hit", async || {
        let hits = laptop.run("return document.querySelectorAll('.hit').length", Vec::new()).await;
        (hits == 1).then_some(())
    })
    .await;
    laptop.press("\u{e007}").await;
    laptop.lists_tasks(&["Paint the fence"]).await;
    let marked = format!("return !!document.querySelector('[data-task=\"{}\"] [data-found]')", task.id);
    eventually("the task to be marked", async || (laptop.run(&marked, Vec::new()).await == true).then_some(())).await;
    tokio::join!(laptop.close(), tablet.close());
}

#[tokio::test]
async fn changes_by_a_program_appear_by_themselves() {
    let (laptop, tablet, user) = two_laptops().await;
    let task = user.add(json!({ "title": "From a script", "priority": "urgent" })).await;
    for browser in [&laptop, &tablet] {
        browser.lists_tasks(&["From a script"]).await;
    }
    user.patch(&format!("/tasks/{}", task.id)).json(json!({ "title": "Renamed by a script" })).await.expect(200);
    for browser in [&laptop, &tablet] {
        browser.lists_tasks(&["Renamed by a script"]).await;
    }
    tokio::join!(laptop.close(), tablet.close());
}

#[tokio::test]
async fn offline_changes_are_sent_once_when_the_server_is_back() {
    let server = TestServer::new().await;
    let (laptop, tablet, user) = two_browsers(&server, [Screen::LAPTOP; 2]).await;
    server.kill();
    let away = "Offline: messages will be sent when you are back";
    laptop.reads(&named("status", "Connection"), away).await;
    laptop.find(&named("button", "Retry now")).await;
    laptop.write(&named("textbox", "Add a task"), "Written offline\u{e007}").await;
    laptop.lists_tasks(&["Written offline"]).await;
    laptop.send_message("Add a task to land safely").await;
    laptop.reads(&starting("article", "You"), "land safely").await;
    server.start().await;
    for browser in [&tablet, &laptop] {
        browser.lists_tasks(&["Written offline", "land safely"]).await;
    }
    laptop.reads(&named("status", "Connection"), "Connected").await;
    assert_eq!(user.tasks("status=all").await.len(), 2, "once each");
    tokio::join!(laptop.close(), tablet.close());
}
