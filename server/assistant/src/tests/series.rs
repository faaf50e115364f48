//! Tools on repeating tasks, on tasks with parts, and on what was done.

use super::{
    Node, is_complete, single_node,
    upstream::{Upstream, openai_calls},
};
use crate::tools::{self, ToolErrorCode};
use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use serde_json::{Value, json};
use tandem_protocol::{TaskRef, enums::Decision, live::Command, rest::NewTask};

async fn call(node: &Node, name: &str, arguments: Value) -> Value {
    let mut unit = node.services.begin(&node.caller, None).await.unwrap();
    let answer = tools::call(&mut unit, name, &arguments).await.unwrap_or_else(|error| panic!("{name}: {error:?}"));
    unit.commit().await.unwrap();
    answer
}

async fn done(node: &Node, filter: Value) -> Value {
    let mut view = node.services.view(&node.caller).await.unwrap();
    tools::read(&mut view, "list_tasks", &filter).await.unwrap()
}

fn today(node: &Node) -> Date {
    let now: Timestamp = node.services.env().now().to_jiff();
    now.to_zoned(TimeZone::UTC).date()
}

/// Due date, occurrence, start of the series, and rule.
fn series(answer: &Value) -> [String; 4] {
    let task = &answer["task"];
    let values = [&task["due"]["date"], &task["occurrence"], &task["recurrence"]["start"], &task["recurrence"]["rule"]];
    values.map(|value| value.as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn an_occurrence_or_the_series_is_moved() {
    let (_database, node) = single_node(&Upstream::start([]).await).await;
    let first = today(&node).saturating_add(10.days());
    let later = |days: i32| first.saturating_add(days.days()).to_string();
    let letters = |days: i32| first.saturating_add(days.days()).strftime("%a").to_string()[..2].to_uppercase();
    let rule = |days: i32| format!("FREQ=WEEKLY;BYDAY={}", letters(days));
    let added = json!({ "title": "Meeting", "due": later(0), "recurrence": rule(0) });
    assert_eq!(series(&call(&node, "add_task", added).await), [later(0), later(0), later(0), rule(0)]);

    let moved = call(&node, "reschedule_task", json!({ "task_id": "1", "due": later(2) })).await;
    assert_eq!(series(&moved), [later(2), later(0), later(0), rule(0)]);
    let skipped = call(&node, "skip_task", json!({ "task_id": "1" })).await;
    assert_eq!(series(&skipped), [later(7), later(7), later(0), rule(0)]);
    assert!(skipped["next_due"].is_string() && skipped["undo_token"].is_string());

    let moved = call(&node, "reschedule_task", json!({ "task_id": "1", "due": later(9), "scope": "series" })).await;
    assert_eq!(series(&moved), [later(9), later(9), later(9), rule(9)]);
    let completed = call(&node, "complete_task", json!({ "task_id": "1", "occurrence": later(9) })).await;
    assert_eq!(series(&completed)[0], later(16));
    let again = call(&node, "complete_task", json!({ "task_id": "1", "occurrence": later(9) })).await;
    assert_eq!((&again["undo_token"], series(&again)[0].clone()), (&Value::Null, later(16)));
    let back = call(&node, "uncomplete_task", json!({ "task_id": "1" })).await;
    assert_eq!(series(&back)[0], later(9));
}

#[tokio::test]
async fn what_does_not_repeat_is_not_skipped() {
    let (_database, node) = single_node(&Upstream::start([]).await).await;
    node.add(&["Once"]).await;
    let mut unit = node.services.begin(&node.caller, None).await.unwrap();
    let refused = tools::call(&mut unit, "skip_task", &json!({ "task_id": "1" })).await.unwrap_err();
    assert_eq!(refused.code, ToolErrorCode::Conflict);
}

#[tokio::test]
async fn what_was_done_is_listed_by_day() {
    let (_database, node) = single_node(&Upstream::start([]).await).await;
    let daily = json!({ "title": "Water the plants", "due": "tomorrow", "recurrence": "every day" });
    call(&node, "add_task", daily).await;
    call(&node, "add_task", json!({ "title": "Passport", "list": "Errands" })).await;
    node.add(&["Not done"]).await;
    for task in ["1", "1", "2"] {
        call(&node, "complete_task", json!({ "task_id": task })).await;
    }
    let titles = |answer: &Value| -> Vec<String> {
        answer["tasks"].as_array().unwrap().iter().map(|done| done["title"].as_str().unwrap().to_owned()).collect()
    };
    let today = done(&node, json!({ "completed_since": "today" })).await;
    assert_eq!(titles(&today), ["Passport", "Water the plants", "Water the plants"]);
    assert_eq!((&today["total"], &today["tasks"][2]["number"]), (&json!(3), &json!(1)));
    assert_eq!(titles(&done(&node, json!({ "completed_since": "today", "list": "errands" })).await), ["Passport"]);
    assert_eq!(titles(&done(&node, json!({ "completed_until": "today", "query": "WATER" })).await).len(), 2);
    assert_eq!(titles(&done(&node, json!({ "completed_until": "yesterday" })).await), [""; 0]);
    let overview = {
        let mut view = node.services.view(&node.caller).await.unwrap();
        tools::read(&mut view, "get_overview", &json!({})).await.unwrap()
    };
    assert_eq!(overview["counts"]["completed_today"], json!(3));
}

#[tokio::test]
async fn to_delete_a_task_with_parts_deletes_several_and_waits_for_approval() {
    let requested = openai_calls(&[("delete_task", json!({ "task_id": "1" }))]);
    let upstream = Upstream::start([requested]).await;
    let (_database, node) = single_node(&upstream).await;
    node.add(&["Whole"]).await;
    let part = NewTask { title: "Part".into(), parent_id: Some(TaskRef::Number(1)), ..NewTask::default() };
    node.execute::<Value>(Command::TaskCreate(part)).await;
    let id = node.send("delete it").await;
    let waiting = node.waiting(id, 1).await;
    assert_eq!(node.titles().await, ["Whole", "Part"]);
    node.answer(id, &waiting[0].call_id, Decision::Approve).await;
    is_complete(&node.ended(id).await);
    assert_eq!(node.titles().await, [""; 0]);
}
