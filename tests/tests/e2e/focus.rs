//! The keyboard focus is never lost, and toasts are never in the way.

use crate::support::{register, server};
use tandem_tests::{
    Browser,
    browser::{Screen, named, starting},
    eventually,
};

/// Types a key where the focus is.
const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";

async fn laptop_with(titles: &[&str]) -> Browser {
    let laptop = Browser::new(server().await, Screen::LAPTOP).await;
    register(&laptop, "Ann").await;
    laptop.click(&named("tab", "All")).await;
    for title in titles {
        laptop.write(&named("textbox", "Add a task"), &format!("{title}{ENTER}")).await;
    }
    laptop.lists_tasks(titles).await;
    laptop
}

async fn focus(browser: &Browser, label: &str) {
    let script = "document.querySelector(`[aria-label='${arguments[0]}']`).focus()";
    browser.run(script, vec![label.into()]).await;
}

async fn focused(browser: &Browser, label: &str) {
    eventually(format_args!("the focus on {label}"), async || {
        let name =
            browser.run("return document.activeElement.ariaLabel || document.activeElement.id", Vec::new()).await;
        (name == label).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_focus_stays_in_the_list_when_its_row_changes() {
    let laptop = laptop_with(&["One", "Two", "Three", "Four"]).await;
    focus(&laptop, "Complete One").await;
    laptop.press(" ").await;
    focused(&laptop, "Complete Two").await;
    focus(&laptop, "Delete Four").await;
    laptop.press(ENTER).await;
    focused(&laptop, "Complete Three").await;
    focus(&laptop, "Edit Two").await;
    laptop.press(ENTER).await;
    laptop.find(&named("form", "Details of Two")).await;
    laptop.press(ESCAPE).await;
    focused(&laptop, "Edit Two").await;
    focus(&laptop, "Complete Three").await;
    laptop.press("\u{e00a}\u{e013}\u{e00a}").await;
    eventually("the task to move", async || (laptop.task_titles().await == ["Three", "Two"]).then_some(())).await;
    focused(&laptop, "Complete Three").await;
    laptop.close().await;
}

#[tokio::test]
async fn the_focus_returns_to_the_row_from_a_save_of_whatever_was_changed() {
    let laptop = laptop_with(&["One", "Two", "Three"]).await;
    let save = async |title: &str, field: &str, text: &str| {
        let form = named("form", format!("Details of {title}"));
        laptop.click(&named("button", format!("Edit {title}"))).await;
        laptop.overwrite(&named("textbox", field).within(form.clone()), text).await;
        laptop.click(&named("button", "Save").within(form.clone())).await;
        laptop.gone(&form).await;
    };
    save("Two", "Title", "Second").await;
    focused(&laptop, "Edit Second").await;
    save("One", "Notes", "The first").await;
    focused(&laptop, "Edit One").await;
    save("Second", "Labels, with commas", "home").await;
    focused(&laptop, "Edit Second").await;
    laptop.close().await;
}

#[tokio::test]
async fn the_focus_returns_from_an_edit_of_a_message_and_of_a_title() {
    let laptop = laptop_with(&[]).await;
    laptop.send_message("Hello there").await;
    laptop.replies_ended(1).await;
    focus(&laptop, "Edit").await;
    laptop.press(ENTER).await;
    laptop.find(&named("textbox", "Edit message")).await;
    laptop.press(ESCAPE).await;
    focused(&laptop, "Message").await;
    focus(&laptop, "Rename conversation").await;
    laptop.press(ENTER).await;
    laptop.find(&named("textbox", "Title of the conversation")).await;
    laptop.press(ESCAPE).await;
    focused(&laptop, "Rename conversation").await;
    laptop.close().await;
}

#[tokio::test]
async fn at_most_two_toasts_are_shown_and_none_covers_a_control() {
    let laptop = laptop_with(&["One", "Two", "Three", "Four"]).await;
    for title in ["One", "Two", "Three"] {
        laptop.click(&named("button", format!("Delete {title}"))).await;
    }
    let toasts = named("region", "Notices");
    laptop.reads(&toasts, "Three").await;
    assert_eq!(laptop.all(&starting("listitem", "").within(toasts.clone())).await.len(), 2);
    laptop.click(&named("button", "Edit Four")).await;
    laptop.click(&named("button", "Save").within(named("form", "Details of Four"))).await;
    laptop.gone(&named("form", "Details of Four")).await;
    laptop.lists_tasks(&["Four"]).await;
    for _ in 0..2 {
        let dismiss = laptop.all(&named("button", "Dismiss").within(toasts.clone())).await;
        dismiss.last().expect("every toast can be dismissed").click().await.expect("it is not covered");
    }
    laptop.close().await;
}
