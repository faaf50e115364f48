//! The page at 400 % zoom, in the colours of the system, without motion, and on paper.

use crate::support::{register, scripted, server, sign_in};
use std::fmt::Write as _;
use tandem_tests::{
    Browser, Reply, TestUser,
    browser::{Screen, named, starting},
    eventually,
};

/// A window of 1280 x 1024 at 400 % zoom.
const ZOOMED: Screen = Screen { width: 320, height: 256, dark: false, touch: false };

async fn look(browser: &Browser, script: &str) -> serde_json::Value {
    browser.run(&format!("return {script}"), Vec::new()).await
}

#[tokio::test]
async fn four_hundred_percent_leave_half_of_the_window_to_the_messages() {
    let zoomed = Browser::new(server().await, ZOOMED).await;
    register(&zoomed, "Ann").await;
    zoomed.send_message("Hello there").await;
    zoomed.replies_ended(1).await;
    let part = "document.querySelector('.log').clientHeight / innerHeight";
    for text in ["", "Half a message"] {
        zoomed.write(&named("textbox", "Message"), text).await;
        zoomed.settled().await;
        let part = look(&zoomed, part).await.as_f64().expect("a number");
        assert!(part >= 0.5, "{part} with {text:?}");
    }
    // Everything can be reached: the send button is in the window.
    let send = "document.querySelector('.send').getBoundingClientRect().bottom <= innerHeight";
    assert_eq!(look(&zoomed, send).await, true);
    zoomed.close().await;
}

#[tokio::test]
async fn tasks_are_reached_in_a_low_window_and_nothing_lies_over_them() {
    let keyboard = Screen { width: 390, height: 430, dark: false, touch: true };
    for screen in [ZOOMED, keyboard] {
        let low = Browser::new(server().await, screen).await;
        register(&low, "Ann").await;
        low.click(&named("button", "Tasks").within(named("navigation", "Views"))).await;
        low.click(&named("tab", "All")).await;
        for number in 1..=4 {
            low.write(&named("textbox", "Add a task"), &format!("Task {number}\u{e007}")).await;
        }
        low.lists_tasks(&["Task 1", "Task 2", "Task 3", "Task 4"]).await;
        // The chips of what was understood make the quick add higher than the rest of the window.
        low.write(&named("textbox", "Add a task"), "dentist tomorrow 15:00 #home +Work !high every week").await;
        low.find(&named("button", "home: leave it in the title")).await;
        low.settled().await;
        let script = "
            const seen = (it) => {
                it.scrollIntoView({ block: 'center' });
                const { top, bottom, left } = it.getBoundingClientRect();
                const above = document.elementFromPoint(left + 30, (top + bottom) / 2);
                return top >= 0 && bottom <= innerHeight && (above === it || it.contains(above));
            };
            const found = [...document.querySelectorAll('#task-pane .task')].map(seen);
            document.querySelector('#task-pane').focus();
            const frame = document.querySelector('.app');
            return [found.length, found.every(Boolean), frame.scrollTop, document.scrollingElement.scrollTop]";
        assert_eq!(low.run(script, Vec::new()).await, serde_json::json!([4, true, 0, 0]), "{screen:?}");
        low.close().await;
    }
}

#[tokio::test]
async fn where_the_focus_is_and_what_is_chosen_is_seen_without_colours_and_shadows() {
    let laptop = Browser::new(server().await, Screen::LAPTOP).await;
    laptop.prefer(&[("forced-colors", "active")]).await;
    register(&laptop, "Ann").await;
    laptop.send_message("Add a task to buy milk").await;
    laptop.replies_ended(1).await;
    let outlined = async |selector: &str| {
        let style = format!("getComputedStyle(document.querySelector(`{selector}`)).outlineStyle");
        look(&laptop, &style).await == "solid"
    };
    laptop.run("document.querySelector('#message').focus()", Vec::new()).await;
    assert!(outlined(".composer").await, "the composer has the focus");
    laptop.run("document.querySelector('.quick input').focus()", Vec::new()).await;
    assert!(outlined(".quick").await && !outlined(".composer").await, "the quick add has the focus");
    assert!(outlined(".thread[aria-current]").await, "the open conversation");
    assert_eq!(look(&laptop, "getComputedStyle(document.querySelector('.bubble')).borderStyle").await, "solid");
    laptop.click(&named("tab", "All")).await;
    laptop.lists_tasks(&["buy milk"]).await;
    laptop.run("document.querySelector('#task-pane .task').focus()", Vec::new()).await;
    laptop.press("x").await;
    laptop.find(&named("toolbar", "Selected tasks")).await;
    assert!(outlined(".task-selected").await, "the selected task");
    laptop.close().await;
}

#[tokio::test]
async fn nothing_moves_for_whoever_does_not_want_it() {
    let (server, provider) = scripted().await;
    provider.answer("stove", [Reply::text("One moment, I am").hold()]);
    let user = TestUser::register(&server).await;
    let laptop = Browser::new(&server, Screen::LAPTOP).await;
    laptop.prefer(&[("prefers-reduced-motion", "reduce")]).await;
    sign_in(&laptop, user.email()).await;
    laptop.send_message("Which stove?").await;
    laptop.reads(&starting("article", "Assistant"), "One moment").await;
    assert_eq!(look(&laptop, "document.getAnimations().length").await, 0);
    provider.release("stove");
    laptop.replies_ended(1).await;
    laptop.write(&named("textbox", "Add a task"), "Buy milk\u{e007}").await;
    laptop.click(&named("tab", "All")).await;
    laptop.run("document.querySelector(`[aria-label='Complete Buy milk']`).click()", Vec::new()).await;
    laptop.find(&named("button", "Undo").within(named("region", "Notices"))).await;
    assert_eq!(look(&laptop, "document.getAnimations().length").await, 0);
    laptop.close().await;
}

#[tokio::test]
async fn paper_shows_the_whole_conversation_and_nothing_else() {
    let (server, provider) = scripted().await;
    let long = (0..150).fold(String::new(), |mut text, number| {
        let _ = write!(text, "Paragraph {number} of a long reply, which goes on for a while.\n\n");
        text
    });
    provider.answer("Write", [Reply::text(&long)]);
    let user = TestUser::register(&server).await;
    let laptop = Browser::new(&server, Screen::LAPTOP).await;
    sign_in(&laptop, user.email()).await;
    laptop.send_message("Write").await;
    laptop.replies_ended(1).await;
    let pages = laptop.printed_pages().await;
    assert!(pages > 4, "150 paragraphs are on {pages} pages");
    laptop.lay_out_for_paper(true).await;
    let shown = "[...document.querySelectorAll('.slot-head, .slot-nav, .slot-tasks, .dock, .msg-acts')]
        .filter((it) => it.checkVisibility()).length";
    eventually("the page to be laid out for paper", async || (look(&laptop, shown).await == 0).then_some(())).await;
    let height = "document.documentElement.scrollHeight - document.querySelector('.msg:last-of-type').offsetHeight";
    assert!(look(&laptop, height).await.as_f64().is_some_and(|rest| rest > 0.0), "all of the reply is in the document");
    laptop.close().await;
}
