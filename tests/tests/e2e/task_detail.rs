//! The details of a task, its subtasks, and the way back through the views of a phone.

use crate::support::{register, server, sign_in};
use tandem_tests::{
    Browser,
    browser::{Screen, named, starting},
    eventually,
};

const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";

async fn with_tasks(screen: Screen, titles: &[&str]) -> Browser {
    let browser = Browser::new(server().await, screen).await;
    register(&browser, "Ann").await;
    if screen.width < 700 {
        show(&browser, "Tasks").await;
    }
    browser.click(&named("tab", "All")).await;
    for title in titles {
        browser.write(&named("textbox", "Add a task"), &format!("{title}{ENTER}")).await;
    }
    browser.lists_tasks(titles).await;
    // A task has an address when the server has it.
    browser.find(&named("link", titles[0]).within(named("list", "Task list"))).await;
    browser
}

async fn show(browser: &Browser, view: &str) {
    browser.click(&named("button", view).within(named("navigation", "Views"))).await;
}

async fn is_at(browser: &Browser, path: &str) {
    eventually(format_args!("the path {path}"), async || (browser.path().await == path).then_some(())).await;
}

#[tokio::test]
async fn the_details_of_a_task_have_an_address_and_show_all_of_it() {
    let laptop = with_tasks(Screen::LAPTOP, &["Pack the books", "Call Bob"]).await;
    laptop.click(&named("link", "Pack the books")).await;
    is_at(&laptop, "/t/1").await;
    let details = named("region", "Task details");
    laptop.reads(&details, "Pack the books").await;
    laptop.lists_tasks(&["Pack the books", "Call Bob"]).await;
    laptop.click(&named("button", "Edit task")).await;
    let editor = named("form", "Details of Pack the books");
    laptop.write(&named("textbox", "Notes").within(editor.clone()), "Two **heavy** boxes").await;
    laptop.click(&named("button", "Save").within(editor)).await;
    laptop.reads(&details, "Two heavy boxes").await;
    let bold = laptop.run("return document.querySelector('.detail strong').textContent", Vec::new()).await;
    assert_eq!(bold, "heavy");
    let add = named("textbox", "Add a subtask");
    laptop.write(&add, &format!("Novels{ENTER}Maps{ENTER}")).await;
    laptop.click(&named("checkbox", "Complete Maps").within(named("list", "Subtasks"))).await;
    laptop.reads(&details, "1/2").await;
    laptop.reload().await;
    laptop.reads(&details, "Two heavy boxes").await;
    laptop.reads(&details, "Novels").await;
    laptop.click(&named("button", "Close details")).await;
    laptop.gone(&details).await;
    laptop.go("/t/99").await;
    laptop.reads(&details, "No such task").await;
    laptop.close().await;
}

#[tokio::test]
async fn subtasks_that_are_done_are_there_on_a_new_device() {
    let laptop = Browser::new(server().await, Screen::LAPTOP).await;
    let email = register(&laptop, "Ann").await;
    laptop.click(&named("tab", "All")).await;
    laptop.write(&named("textbox", "Add a task"), &format!("Pack the books{ENTER}")).await;
    laptop.click(&named("link", "Pack the books")).await;
    let details = named("region", "Task details");
    laptop.write(&named("textbox", "Add a subtask"), &format!("Novels{ENTER}Maps{ENTER}")).await;
    laptop.click(&named("checkbox", "Complete Maps").within(named("list", "Subtasks"))).await;
    laptop.reads(&details, "1/2").await;
    let tablet = Browser::new(server().await, Screen::LAPTOP).await;
    sign_in(&tablet, &email).await;
    tablet.click(&named("tab", "All")).await;
    tablet.reads(&named("list", "Task list"), "1 of 2").await;
    tablet.go("/t/1").await;
    tablet.reads(&details, "1/2").await;
    let ticked = tablet.run("return document.querySelector('.detail-parts .task-done').textContent", Vec::new()).await;
    assert!(ticked.as_str().is_some_and(|text| text.contains("Maps")), "{ticked}");
    laptop.close().await;
    tablet.close().await;
}

#[tokio::test]
async fn back_leads_through_the_views_of_a_phone_and_closes_what_lies_over_them() {
    let phone = Browser::new(server().await, Screen::PHONE).await;
    register(&phone, "Ann").await;
    phone.send_message("Add a task to sell the boat").await;
    phone.replies_ended(1).await;
    let thread = phone.path().await;
    show(&phone, "Threads").await;
    let threads = named("navigation", "Conversations");
    phone.click(&starting("link", "").within(threads.clone())).await;
    phone.find(&named("textbox", "Message")).await;
    show(&phone, "Tasks").await;
    is_at(&phone, "/tasks").await;
    phone.click(&named("tab", "All")).await;
    phone.click(&named("link", "sell the boat")).await;
    is_at(&phone, "/t/1").await;
    phone.reads(&named("region", "Task details"), "sell the boat").await;
    phone.back().await;
    is_at(&phone, "/tasks").await;
    phone.lists_tasks(&["sell the boat"]).await;
    phone.press("\u{e009}k\u{e000}").await;
    phone.find(&named("searchbox", "Search")).await;
    phone.back().await;
    phone.gone(&named("searchbox", "Search")).await;
    is_at(&phone, "/tasks").await;
    phone.back().await;
    is_at(&phone, &thread).await;
    phone.find(&named("textbox", "Message")).await;
    phone.back().await;
    phone.find(&threads).await;
    assert!(!phone.sees(&named("textbox", "Message")).await, "the list of conversations");
    phone.close().await;
}

#[tokio::test]
async fn a_dialog_that_was_closed_leaves_no_step_back() {
    let phone = with_tasks(Screen::PHONE, &["Call Bob"]).await;
    for _ in 0..2 {
        phone.press("\u{e009}k\u{e000}").await;
        phone.find(&named("searchbox", "Search")).await;
        phone.press(ESCAPE).await;
        phone.gone(&named("searchbox", "Search")).await;
    }
    // The browser leaves the entry of a dialog after the dialog is gone; who goes back in that very moment goes with it.
    let layers = "return Number((history.state || '').split('|')[1] || 0)";
    eventually("the entry to be left", async || (phone.run(layers, Vec::new()).await == 0).then_some(())).await;
    phone.back().await;
    is_at(&phone, "/").await;
    phone.close().await;
}

#[tokio::test]
async fn subtasks_are_added_one_after_the_other_and_by_keys() {
    let laptop = with_tasks(Screen::LAPTOP, &["Move flat", "Buy boxes"]).await;
    laptop.click(&named("button", "Add subtask to Move flat")).await;
    laptop.write(&named("textbox", "Subtask of Move flat"), &format!("Pack books{ENTER}Return keys{ENTER}")).await;
    let parts = named("list", "Subtasks of Move flat");
    laptop.reads(&parts, "Return keys").await;
    laptop.reads(&named("list", "Task list"), "0 of 2").await;
    laptop.press(ESCAPE).await;
    laptop.gone(&named("textbox", "Subtask of Move flat")).await;
    // The row below becomes a subtask with Tab, and a task of its own again.
    laptop
        .run("document.querySelector(`[aria-label='Complete Buy boxes']`).closest('.task').focus()", Vec::new())
        .await;
    laptop.press("\u{e004}").await;
    laptop.reads(&parts, "Buy boxes").await;
    let rows = "return document.activeElement.textContent.includes('Buy boxes')";
    eventually("the focus to stay", async || (laptop.run(rows, Vec::new()).await == true).then_some(())).await;
    laptop.press("\u{e008}\u{e004}\u{e008}").await;
    eventually("a task of its own", async || {
        (laptop.all(&starting("listitem", "").within(parts.clone())).await.len() == 2).then_some(())
    })
    .await;
    laptop.close().await;
}

#[tokio::test]
async fn a_search_for_a_task_opens_its_details() {
    let laptop = with_tasks(Screen::LAPTOP, &["Paint the fence"]).await;
    laptop.press("\u{e009}k\u{e000}").await;
    laptop.write(&named("searchbox", "Search"), "fence").await;
    eventually("a hit", async || {
        (laptop.run("return document.querySelectorAll('.hit').length", Vec::new()).await == 1).then_some(())
    })
    .await;
    laptop.press(ENTER).await;
    laptop.reads(&named("region", "Task details"), "Paint the fence").await;
    is_at(&laptop, "/t/1").await;
    laptop.close().await;
}

#[tokio::test]
async fn tasks_that_overlay_the_page_begin_with_the_quick_add_and_close_with_back() {
    let tablet = Browser::new(server().await, Screen { width: 820, ..Screen::LAPTOP }).await;
    register(&tablet, "Ann").await;
    tablet.click(&named("button", "Tasks")).await;
    is_at(&tablet, "/tasks").await;
    let first = "return document.activeElement.ariaLabel === 'Add a task'";
    eventually("the focus in the quick add", async || (tablet.run(first, Vec::new()).await == true).then_some(()))
        .await;
    tablet.press(&format!("Call Bob{ENTER}")).await;
    tablet.click(&named("tab", "All")).await;
    tablet.click(&named("link", "Call Bob")).await;
    tablet.reads(&named("region", "Task details"), "Call Bob").await;
    tablet.back().await;
    tablet.lists_tasks(&["Call Bob"]).await;
    tablet.back().await;
    is_at(&tablet, "/").await;
    tablet.gone(&named("list", "Task list")).await;
    tablet.close().await;
}

#[tokio::test]
async fn back_closes_a_menu_and_what_it_has_opened() {
    let phone = with_tasks(Screen::PHONE, &["Call Bob"]).await;
    let (account, menu, shortcuts) =
        (named("button", "Account"), named("list", "Account"), named("dialog", "Keyboard shortcuts"));
    phone.click(&account).await;
    phone.find(&menu).await;
    phone.back().await;
    phone.gone(&menu).await;
    is_at(&phone, "/tasks").await;
    phone.click(&account).await;
    phone.click(&named("button", "Keyboard shortcuts").within(menu.clone())).await;
    phone.find(&shortcuts).await;
    assert!(!phone.sees(&menu).await);
    phone.back().await;
    phone.gone(&shortcuts).await;
    is_at(&phone, "/tasks").await;
    phone.click(&account).await;
    phone.click(&named("button", "Settings").within(menu)).await;
    is_at(&phone, "/settings").await;
    phone.back().await;
    is_at(&phone, "/tasks").await;
    phone.back().await;
    is_at(&phone, "/").await;
    phone.close().await;
}

#[tokio::test]
async fn a_menu_that_opens_while_the_entry_of_another_is_left_has_one_of_its_own() {
    let phone = with_tasks(Screen::PHONE, &["Call Bob"]).await;
    let menu = named("list", "Account");
    phone.click(&named("button", "Account")).await;
    phone.find(&menu).await;
    // The page leaves the entry in a task of its own, and the browser goes back after that: the press is in between.
    let again = "const button = document.querySelector('[aria-label=Account]');
                 button.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
                 return new Promise(done => {
                     addEventListener('popstate', () => requestAnimationFrame(() => setTimeout(done)), { once: true });
                     setTimeout(() => setTimeout(() => button.click()));
                 });";
    phone.run(again, Vec::new()).await;
    phone.find(&menu).await;
    phone.back().await;
    phone.gone(&menu).await;
    is_at(&phone, "/tasks").await;
    phone.back().await;
    is_at(&phone, "/").await;
    phone.close().await;
}

#[tokio::test]
async fn escape_in_the_details_leaves_the_field_then_the_details() {
    let laptop = with_tasks(Screen::LAPTOP, &["Move flat"]).await;
    laptop.click(&named("link", "Move flat")).await;
    let (details, add) = (named("region", "Task details"), named("textbox", "Add a subtask"));
    laptop.click(&named("button", "Edit task")).await;
    laptop.find(&named("form", "Details of Move flat")).await;
    is_focused(&laptop, "it.closest('.task-edit') && it.labels[0].textContent === 'Title'").await;
    laptop.press(ESCAPE).await;
    laptop.gone(&named("form", "Details of Move flat")).await;
    is_focused(&laptop, "it.ariaLabel === 'Edit task'").await;
    laptop.write(&add, "Pack").await;
    laptop.press(ESCAPE).await;
    eventually("the field to be empty", async || laptop.value(&add).await.is_empty().then_some(())).await;
    laptop.find(&details).await;
    laptop.press(ESCAPE).await;
    laptop.gone(&details).await;
    laptop.close().await;
}

#[tokio::test]
async fn an_editor_takes_the_focus_from_the_press_that_opens_it_alone() {
    let laptop = with_tasks(Screen::LAPTOP, &["Call Bob"]).await;
    laptop.click(&named("button", "Edit Call Bob")).await;
    let editor = named("form", "Details of Call Bob");
    is_focused(&laptop, "it.closest('.task-edit')").await;
    laptop.press(" Smith").await;
    laptop.run("document.querySelector('[role=tab][aria-selected=true]').focus()", Vec::new()).await;
    laptop.press("\u{e014}").await;
    is_focused(&laptop, "it.role === 'tab' && it.textContent.includes('Done')").await;
    laptop.press("\u{e012}").await;
    laptop.find(&editor).await;
    is_focused(&laptop, "it.role === 'tab' && it.textContent.includes('All')").await;
    laptop.reload().await;
    laptop.find(&editor).await;
    is_focused(&laptop, "it.id === 'message'").await;
    laptop.close().await;
}

/// Waits until the element with the focus, `it`, is this one, and stays it while what was begun is drawn.
async fn is_focused(browser: &Browser, expression: &str) {
    let script = format!(
        "const frame = () => new Promise(requestAnimationFrame);
         return (async () => {{
             for (let n = 0; n < 6; n++) {{
                 await frame();
                 const it = document.activeElement;
                 if (!({expression})) return false;
             }}
             return true;
         }})();"
    );
    eventually(format_args!("the focus where {expression}"), async || {
        (browser.run(&script, Vec::new()).await == true).then_some(())
    })
    .await;
}
