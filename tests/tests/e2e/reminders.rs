//! Reminders that ring on every device, and are answered on one.

use crate::support::{from_now, server, two_browsers};
use serde_json::json;
use tandem_protocol::{duration::IsoDuration, enums::ReminderState};
use tandem_tests::{
    Browser, TestUser,
    browser::{Screen, named},
    eventually,
};

/// Adds a task whose reminder rings a second from now.
async fn ring_soon(user: &TestUser, title: &str) {
    user.add(json!({ "title": title, "reminders": [{ "at": from_now(1) }] })).await;
}

async fn rings(browser: &Browser, title: &str) {
    browser.reads(&named("dialog", "Reminders"), title).await;
}

async fn state_is(user: &TestUser, title: &str, state: ReminderState) {
    eventually(format_args!("the reminder of {title} to be {state:?}"), async || {
        let task = user.tasks("").await.into_iter().find(|task| task.title == title)?;
        (task.reminders.first()?.state == state).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_reminder_rings_on_both_devices_and_an_answer_on_one_clears_the_other() {
    let (laptop, phone, user) = two_browsers(server().await, [Screen::LAPTOP, Screen::PHONE]).await;
    let card = || named("dialog", "Reminders");
    let the_card = card();
    laptop.write(&named("textbox", "Message"), "Half a ").await;
    ring_soon(&user, "Call Ann").await;
    tokio::join!(rings(&laptop, "Call Ann"), rings(&phone, "Call Ann"));
    let typing = "return document.activeElement.id";
    assert_eq!(laptop.run(typing, Vec::new()).await, json!("message"), "the focus stays in the text");
    eventually("the number in the title", async || laptop.title().await.starts_with("(1)").then_some(())).await;

    laptop.click(&named("button", "Snooze").within(card())).await;
    laptop.click(&named("button", "10 minutes").within(card())).await;
    tokio::join!(laptop.gone(&the_card), phone.gone(&the_card));
    state_is(&user, "Call Ann", ReminderState::Snoozed).await;
    laptop.click(&named("tab", "All")).await;
    let bell = "return [...document.querySelectorAll('#task-pane .task-m')].map((line) => line.textContent).join()";
    eventually("the bell", async || {
        let lines = laptop.run(bell, Vec::new()).await;
        lines.as_str().is_some_and(|lines| lines.contains("Reminder, ")).then_some(())
    })
    .await;

    ring_soon(&user, "Pay the rent").await;
    ring_soon(&user, "Water the plants").await;
    tokio::join!(rings(&laptop, "Water the plants"), rings(&phone, "Water the plants"));
    rings(&phone, "Pay the rent").await;
    // The oldest is the first.
    let done = phone.all(&named("button", "Done").within(card())).await;
    done[0].click().await.expect("it can be pressed");
    state_is(&user, "Pay the rent", ReminderState::Done).await;
    let left = async || laptop.texts(&the_card).await.iter().all(|text| !text.contains("Pay the rent"));
    eventually("one to be left", async || left().await.then_some(())).await;

    phone.click(&named("button", "Open").within(card())).await;
    eventually("the address of the task", async || phone.path().await.starts_with("/t/").then_some(())).await;
    laptop.click(&named("checkbox", "Complete Water the plants")).await;
    tokio::join!(laptop.gone(&the_card), phone.gone(&the_card));
    tokio::join!(laptop.close(), phone.close());
}

#[tokio::test]
async fn the_number_on_the_icon_is_that_of_overdue_tasks_and_unread_replies() {
    let (laptop, other, user) = two_browsers(server().await, [Screen::LAPTOP; 2]).await;
    other.close().await;
    let record = "window.counts = []; navigator.setAppBadge = async (count) => { window.counts.push(count); }";
    laptop.run(record, Vec::new()).await;
    let shows = async |count: u64| {
        eventually(format_args!("{count} on the icon"), async || {
            let counts = laptop.run("return window.counts", Vec::new()).await;
            (counts.as_array()?.last()?.as_u64()? == count).then_some(())
        })
        .await;
    };
    user.add(json!({ "title": "Pay the rent", "due": { "date": "2020-01-01" } })).await;
    shows(1).await;
    // Another conversation than the one on the page.
    let conversation = user.start_conversation("Elsewhere").await;
    user.send_message(conversation.id, "hello").await;
    shows(2).await;
    laptop.click(&named("tab", "All")).await;
    laptop.click(&named("checkbox", "Complete Pay the rent")).await;
    shows(1).await;
    laptop.close().await;
}

#[tokio::test]
async fn quick_add_and_the_editor_set_reminders() {
    let (laptop, other, user) = two_browsers(server().await, [Screen::LAPTOP; 2]).await;
    other.close().await;
    laptop.write(&named("textbox", "Add a task"), "Call Bob tomorrow 17:00 !30m\u{e007}").await;
    laptop.click(&named("tab", "Upcoming")).await;
    laptop.click(&named("button", "Edit Call Bob")).await;
    let field = named("textbox", "Reminders, with commas");
    assert_eq!(laptop.value(&field).await, "30 min before");
    laptop.write(&field, ", a day before").await;
    laptop.click(&named("button", "Save")).await;
    eventually("both reminders", async || {
        let task = user.tasks("").await.pop()?;
        let before = task.reminders.iter().filter_map(|reminder| reminder.before.as_ref());
        (before.map(IsoDuration::as_str).collect::<Vec<_>>() == ["PT30M", "P1D"]).then_some(())
    })
    .await;
    laptop.close().await;
}

#[tokio::test]
async fn a_hidden_page_shows_a_notification_and_closes_it_when_another_device_has_answered() {
    let (hidden, laptop, user) = two_browsers(server().await, [Screen::LAPTOP; 2]).await;
    hidden.allow_notifications().await;
    let stand_in = "
        Object.defineProperty(document, 'hidden', { value: true });
        document.dispatchEvent(new Event('visibilitychange'))";
    hidden.run(stand_in, Vec::new()).await;
    ring_soon(&user, "Call Ann").await;
    rings(&laptop, "Call Ann").await;
    let shown = async || hidden.notifications().await;
    eventually("a notification", async || {
        let shown = shown().await;
        shown.first().is_some_and(|words| words.starts_with("Call Ann: Reminder of today")).then_some(())
    })
    .await;
    laptop.click(&named("button", "Done").within(named("dialog", "Reminders"))).await;
    eventually("no notification", async || shown().await.is_empty().then_some(())).await;
    tokio::join!(hidden.close(), laptop.close());
}
