//! Tasks by keyboard, and several at once.

use crate::support::server;
use crate::support::two_browsers;
use serde_json::json;
use tandem_tests::{
    Browser, TestUser,
    browser::{Screen, named, starting},
    eventually,
};

const ENTER: &str = "\u{e007}";

async fn laptop_with(titles: &[&str]) -> (Browser, TestUser) {
    let (laptop, other, user) = two_browsers(server().await, [Screen::LAPTOP; 2]).await;
    other.close().await;
    for title in titles {
        user.add_task(title).await;
    }
    laptop.click(&named("tab", "All")).await;
    laptop.lists_tasks(titles).await;
    laptop.run("document.activeElement.blur()", Vec::new()).await;
    (laptop, user)
}

async fn focus_in(laptop: &Browser, text: &str) {
    let script = "return document.activeElement.classList.contains('task') && document.activeElement.textContent.includes(arguments[0])";
    eventually(format_args!("the focus on {text}"), async || {
        (laptop.run(script, vec![text.into()]).await == true).then_some(())
    })
    .await;
}

#[tokio::test]
async fn keys_go_from_task_to_task_and_change_the_one_with_the_focus() {
    let (laptop, user) = laptop_with(&["One", "Two", "Three"]).await;
    laptop.press("j").await;
    focus_in(&laptop, "One").await;
    laptop.press("jj").await;
    focus_in(&laptop, "Three").await;
    laptop.press("k").await;
    focus_in(&laptop, "Two").await;
    laptop.press("2").await;
    eventually("the priority", async || (user.tasks("priority=high").await.len() == 1).then_some(())).await;
    laptop.press("t").await;
    laptop.click(&starting("button", "Tomorrow").within(named("dialog", "Due date"))).await;
    eventually("the date", async || user.tasks("priority=high").await[0].due.is_some().then_some(())).await;
    focus_in(&laptop, "Two").await;
    laptop.press(ENTER).await;
    laptop.reads(&named("region", "Task details"), "Two").await;
    laptop.press("e").await;
    laptop.find(&named("form", "Details of Two")).await;
    laptop.press("\u{e00c}").await;
    laptop.gone(&named("form", "Details of Two")).await;
    laptop.click(&named("button", "Close details")).await;
    laptop.press("q").await;
    let add = "return document.activeElement.ariaLabel === 'Add a task'";
    eventually("the focus in the quick add", async || (laptop.run(add, Vec::new()).await == true).then_some(())).await;
    laptop.press(&format!("Four{ENTER}")).await;
    laptop.lists_tasks(&["One", "Two", "Three", "Four"]).await;
    laptop.run("document.activeElement.blur()", Vec::new()).await;
    laptop.press("j\u{e017}").await;
    laptop.lists_tasks(&["Two", "Three", "Four"]).await;
    laptop.run("document.activeElement.blur()", Vec::new()).await;
    laptop.press("\u{e009}z\u{e000}").await;
    laptop.lists_tasks(&["One", "Two", "Three", "Four"]).await;
    laptop.close().await;
}

#[tokio::test]
async fn several_selected_tasks_are_changed_together_and_one_undo_takes_it_back() {
    let (laptop, user) = laptop_with(&["One", "Two", "Three"]).await;
    laptop.press("jxjx").await;
    let bar = named("toolbar", "Selected tasks");
    laptop.reads(&bar, "2 selected").await;
    laptop.click(&named("button", "Set date").within(bar.clone())).await;
    laptop.click(&starting("button", "Next week").within(named("dialog", "Due date of 2 tasks"))).await;
    laptop.gone(&bar).await;
    let dated = async || user.tasks("").await.iter().filter(|task| task.due.is_some()).count();
    eventually("two dates", async || (dated().await == 2).then_some(())).await;
    let toast = named("region", "Notices");
    laptop.reads(&toast, "Moved 2 tasks").await;
    laptop.click(&named("button", "Undo").within(toast.clone())).await;
    eventually("no date", async || (dated().await == 0).then_some(())).await;
    laptop.run("document.activeElement.blur()", Vec::new()).await;
    laptop.press("jxjx").await;
    laptop.click(&named("button", "Delete selected").within(bar.clone())).await;
    laptop.lists_tasks(&["Three"]).await;
    laptop.run("document.activeElement.blur()", Vec::new()).await;
    laptop.press("\u{e009}z\u{e000}").await;
    laptop.lists_tasks(&["One", "Two", "Three"]).await;
    laptop.close().await;
}

#[tokio::test]
async fn everything_that_is_late_is_moved_at_once() {
    let (laptop, user) = laptop_with(&[]).await;
    for title in ["One", "Two"] {
        user.add(json!({ "title": title, "due": { "date": "2020-01-02" } })).await;
    }
    laptop.click(&named("tab", "Today")).await;
    laptop.click(&named("button", "Reschedule 2 overdue")).await;
    laptop.click(&starting("button", "Tomorrow").within(named("dialog", "Due date of 2 tasks"))).await;
    eventually("nothing late", async || user.tasks("due=overdue").await.is_empty().then_some(())).await;
    laptop.click(&named("button", "Undo").within(named("region", "Notices"))).await;
    eventually("as before", async || (user.tasks("due=overdue").await.len() == 2).then_some(())).await;
    laptop.close().await;
}

/// Of a long list only the rows near the view are mounted. They stay the same rows when others come and go.
#[tokio::test]
async fn a_long_list_keeps_the_focus_and_leads_to_a_task_that_was_searched_for() {
    let (laptop, other, user) = two_browsers(server().await, [Screen::LAPTOP; 2]).await;
    other.close().await;
    for number in 1..=90 {
        user.add_task(&format!("Item {number:02}")).await;
    }
    laptop.click(&named("tab", "All")).await;
    laptop.find(&named("checkbox", "Complete Item 01")).await;
    laptop.run("document.activeElement.blur()", Vec::new()).await;
    laptop.press("jjj").await;
    focus_in(&laptop, "Item 03").await;
    // The bar of the selection makes the list lower, so rows at its end leave.
    laptop.press("x").await;
    laptop.find(&starting("toolbar", "Selected tasks")).await;
    focus_in(&laptop, "Item 03").await;
    laptop.press("jx").await;
    laptop.reads(&starting("toolbar", "Selected tasks"), "2 selected").await;
    laptop.press("\u{e00c}").await;
    laptop.gone(&starting("toolbar", "Selected tasks")).await;
    laptop.press("\u{e009}k\u{e000}").await;
    laptop.write(&named("searchbox", "Search"), "Item 77").await;
    eventually("a hit", async || {
        (laptop.run("return document.querySelectorAll('.hit').length", Vec::new()).await == 1).then_some(())
    })
    .await;
    laptop.press(ENTER).await;
    laptop.reads(&named("region", "Task details"), "Item 77").await;
    let shown = "const row = document.querySelector('[data-found]'), pane = document.querySelector('#task-pane').getBoundingClientRect(); \
                 const at = row?.getBoundingClientRect(); \
                 return !!at && row.textContent.includes('Item 77') && at.top >= pane.top && at.bottom <= pane.bottom";
    eventually("the row in view", async || (laptop.run(shown, Vec::new()).await == true).then_some(())).await;
    let title = "return document.activeElement.tagName === 'H2' && document.activeElement.textContent === 'Item 77'";
    eventually("the focus on its title", async || (laptop.run(title, Vec::new()).await == true).then_some(())).await;
    laptop.close().await;
}
