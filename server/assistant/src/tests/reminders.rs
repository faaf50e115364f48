//! Reminders through the tools, and what the built-in assistant says of them.

use super::{Node, TestDatabase, single_node, upstream::Upstream};
use crate::{
    providers::ProviderSettings,
    tools::{self, ToolError},
};
use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use serde_json::{Value, json};
use tandem_protocol::{enums::ReminderState, model::Task};

async fn call(node: &Node, name: &str, arguments: Value) -> Result<Value, ToolError> {
    let mut unit = node.services.begin(&node.caller, None).await.unwrap();
    let answer = tools::call(&mut unit, name, &arguments).await?;
    unit.commit().await.unwrap();
    Ok(answer)
}

async fn task(node: &Node) -> Task {
    node.tasks().await.remove(0)
}

/// The rules of the reminders of an answer: a duration before the due date, or a day and time.
fn rules(answer: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let rule = |reminder: &Value| match &reminder["at"] {
        Value::Null => text(&reminder["before"]),
        at => format!("{} {}", text(&at["date"]), text(&at["time"])),
    };
    answer["task"]["reminders"].as_array().into_iter().flatten().map(rule).collect()
}

#[tokio::test]
async fn a_day_without_a_time_means_the_users_time_of_day() {
    let (_database, node) = single_node(&Upstream::start([]).await).await;
    for (all_day, at) in [(Value::Null, "09:00"), (json!("07:30"), "07:30")] {
        let patch = json!({ "settings": { "reminders": { "all_day": all_day } } });
        node.services.update_profile(&node.admitted().await, serde_json::from_value(patch).unwrap()).await.unwrap();
        let draft = json!({ "title": "Dentist", "due": "2096-11-26T15:00", "reminders": ["2096-11-25", "on the day"] });
        let added = call(&node, "add_task", draft).await.unwrap();
        assert_eq!(rules(&added), [format!("2096-11-25 {at}"), format!("2096-11-26 {at}")]);
        let until = json!({ "task_id": added["task"]["id"], "until": "2096-11-24" });
        let snoozed = call(&node, "snooze_reminder", until).await.unwrap();
        assert!(snoozed["reminds"].as_str().unwrap().ends_with(at), "{snoozed}");
    }
}

#[tokio::test]
async fn a_time_of_day_is_on_the_day_of_the_due_date() {
    let (_database, node) = single_node(&Upstream::start([]).await).await;
    let draft =
        json!({ "title": "Dentist", "due": "2096-11-26T15:00", "reminders": ["at 9:00", "the day before at 6pm"] });
    let added = call(&node, "add_task", draft).await.unwrap();
    assert_eq!(rules(&added), ["2096-11-26 09:00", "2096-11-25 18:00"]);
    let changes = json!({ "task_id": "1", "reminders": ["an hour before and at noon"] });
    let changed = call(&node, "update_task", changes).await.unwrap();
    assert_eq!(rules(&changed), ["PT1H", "2096-11-26 12:00"]);
    let moved = json!({ "task_id": "1", "due": "2096-11-27T15:00", "add_reminders": ["at 13:00"] });
    let moved = call(&node, "update_task", moved).await.unwrap();
    assert_eq!(rules(&moved).last().map(String::as_str), Some("2096-11-27 13:00"));
    let series = json!({ "title": "Bins", "due": "2096-11-26", "recurrence": "every week", "reminders": ["at 7:00"] });
    assert_eq!(rules(&call(&node, "add_task", series).await.unwrap()), ["PT2H"]);
    let refused = call(&node, "add_task", json!({ "title": "Milk", "reminders": ["an hour before"] })).await;
    assert!(refused.unwrap_err().message.contains("needs a due date"));
}

#[tokio::test]
async fn a_reminder_that_is_set_with_a_new_due_date_leaves_none_at_the_old_one() {
    let (_database, node) = single_node(&Upstream::start([]).await).await;
    let draft =
        json!({ "title": "Stir", "due": "2096-11-26T15:00", "reminders": ["2096-11-26T15:00:20", "2096-11-25T08:00"] });
    call(&node, "add_task", draft).await.unwrap();
    let moved = json!({ "task_id": "1", "due": "2096-11-27T17:00", "add_reminders": ["2096-11-27T16:00:05"] });
    let moved = call(&node, "update_task", moved).await.unwrap();
    assert_eq!(rules(&moved), ["PT0S", "2096-11-25 08:00", "2096-11-27 16:00:05"]);
    let undated = json!({ "task_id": "1", "due": "none", "add_reminders": ["2096-11-28T09:00"] });
    let undated = call(&node, "update_task", undated).await.unwrap();
    assert_eq!(rules(&undated), ["2096-11-25 08:00", "2096-11-27 16:00:05", "2096-11-28 09:00"]);
}

#[tokio::test]
async fn a_reminder_that_has_fired_is_dismissed_and_the_task_stays() {
    let (_database, node) = single_node(&Upstream::start([]).await).await;
    let ago: Timestamp = node.services.env().now().to_jiff() - 30.seconds();
    let ago = ago.to_zoned(TimeZone::UTC).datetime().strftime("%Y-%m-%dT%H:%M:%S").to_string();
    call(&node, "add_task", json!({ "title": "Stir", "reminders": [ago] })).await.unwrap();
    let early = call(&node, "dismiss_reminder", json!({ "task_id": "1" })).await.unwrap_err();
    assert!(early.message.contains("No reminder of task #1 has fired"), "{early:?}");
    node.services.fire_reminders().await.unwrap();
    assert_eq!(task(&node).await.ringing().count(), 1);
    let dismissed = call(&node, "dismiss_reminder", json!({ "task_id": "1" })).await.unwrap();
    assert!(dismissed["undo_token"].is_string());
    assert_eq!(task(&node).await.reminders[0].state, ReminderState::Done);
    assert!(call(&node, "dismiss_reminder", json!({ "task_id": "1" })).await.is_err(), "it rings no more");
}

#[tokio::test]
async fn the_built_in_assistant_says_when_it_reminds() {
    let database = TestDatabase::new().await;
    let node = database.node("a", vec![ProviderSettings::Builtin]).await;
    let added = node.reply_to("add dentist tomorrow at 3pm, remind me an hour before").await.text();
    assert!(added.contains("15:00, reminder 14:00"), "{added}");
    let undated = node.reply_to("remind me to water the plants").await.text();
    assert!(undated.contains("reminder ") && undated.contains("09:00"), "{undated}");
    let shown = node.reply_to("what reminders do I have?").await.text();
    assert!(shown.contains("reminder 14:00") && shown.contains("09:00"), "{shown}");
    let when = node.reply_to("when will you remind me about the dentist?").await.text();
    assert!(when.contains("reminder 14:00"), "{when}");
    let cleared = node.reply_to("remove all reminders").await.text();
    assert!(!cleared.contains("14:00"), "{cleared}");
    let tasks = node.tasks().await;
    assert!(tasks.len() == 2 && tasks.iter().all(|task| task.reminders.is_empty()), "{tasks:?}");
}

#[tokio::test]
async fn answers_have_the_clock_and_the_dates_of_the_settings() {
    let database = TestDatabase::new().await;
    let node = database.node("a", vec![ProviderSettings::Builtin]).await;
    let patch = json!({ "settings": { "twelve_hours": true, "month_first": true } });
    node.services.update_profile(&node.admitted().await, serde_json::from_value(patch).unwrap()).await.unwrap();
    let added = node.reply_to("add dentist on december 24 2096 at 3pm, remind me an hour before").await.text();
    assert!(added.contains("Mon Dec 24 2096, 3:00 PM, reminder 2:00 PM"), "{added}");
    let shown = node.reply_to("show my tasks").await.text();
    assert!(shown.contains("Mon Dec 24 2096, 3:00 PM"), "{shown}");
}
