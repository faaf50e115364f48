//! The results of tool calls as sentences: what was done, with dates as the tools understood them.
//!
//! A person who wrote "next Friday" has to see which day that became, so each sentence repeats the task as it is
//! stored.

use super::{last_user_message, list, markdown};
use crate::provider::LocalContext;
use serde::Deserialize as _;
use serde_json::Value;
use tandem_nl::{Action, Reading};
use tandem_protocol::{
    enums::{TaskStatus, ToolState},
    model::{Part, Task, ToolCall},
};

/// The text about the calls of a reply.
pub(super) fn compose(local: &LocalContext<'_>) -> String {
    let calls: Vec<&ToolCall> = local.reply.iter().filter_map(Part::as_tool_call).collect();
    let only_count = asks_for_count(local);
    let phrases: Vec<String> = calls.iter().map(|call| phrase(call, only_count, local)).collect();
    let short = |text: &String| !text.contains('\n');
    match phrases.as_slice() {
        [] => "There was nothing to do.".to_owned(),
        [one] => one.clone(),
        several if several.iter().all(short) => {
            several.iter().map(|text| format!("- {text}")).collect::<Vec<_>>().join("\n")
        }
        several => several.join("\n\n"),
    }
}

/// Whether the user asked how many. The message is parsed again for it: a plan is not stored.
fn asks_for_count(local: &LocalContext<'_>) -> bool {
    let state = super::context::ConversationState::of(local);
    match tandem_nl::read(&last_user_message(local), &state.context(local)) {
        Reading::Act(actions) => matches!(&actions[..], [Action::List(filter)] if filter.count),
        _ => false,
    }
}

fn phrase(call: &ToolCall, only_count: bool, local: &LocalContext<'_>) -> String {
    match call.state {
        ToolState::Done => done(call, only_count, local),
        ToolState::Denied => format!("Left {} as it is.", named(call, local)),
        ToolState::Undone => "That was taken back.".to_owned(),
        ToolState::Failed => failed(call),
        ToolState::Running | ToolState::AwaitingApproval => format!("Did not get to {}.", named(call, local)),
    }
}

fn done(call: &ToolCall, only_count: bool, local: &LocalContext<'_>) -> String {
    let task = task_in(&call.result);
    match (call.name.as_str(), task) {
        ("add_task", Some(task)) => format!("Added {}.", with_details(&task, local)),
        ("add_tasks", _) => added(call, local),
        ("list_tasks", _) => list::tasks(call, only_count, local),
        ("get_task", Some(task)) => format!("{}\n\n{}", with_details(&task, local), task.description),
        ("complete_task", Some(task)) => completed(&task, &call.result, local),
        ("uncomplete_task", Some(task)) => format!("Reopened {}.", short(&task)),
        ("delete_task", Some(task)) => format!("Deleted {}. Say “undo” to bring it back.", short(&task)),
        ("skip_task", Some(task)) => skipped(&task, local),
        ("update_task", Some(task)) => format!("Changed {}.", with_details(&task, local)),
        ("dismiss_reminder", Some(task)) => dismissed(&task),
        ("snooze_reminder", Some(task)) => snoozed(&task, &call.result, local),
        ("reschedule_task", Some(task)) => moved(&task, call, local),
        ("undo", _) => undone(&call.result, local),
        ("get_overview", _) => list::overview(&call.result, local.style),
        _ => "Done.".to_owned(),
    }
}

fn task_in(result: &Value) -> Option<Task> {
    result.get("task").and_then(|task| Task::deserialize(task).ok())
}

fn short(task: &Task) -> String {
    format!("{} {}", markdown::bold(&task.title), markdown::number(task.number))
}

fn with_details(task: &Task, local: &LocalContext<'_>) -> String {
    format!("{}{} {}", markdown::bold(&task.title), markdown::details(task, local), markdown::number(task.number))
}

fn added(call: &ToolCall, local: &LocalContext<'_>) -> String {
    let results = list::items(&call.result, "results");
    let (mut tasks, mut refused) = (Vec::new(), Vec::new());
    for (index, result) in results.iter().enumerate() {
        if let Some(task) = task_in(result) {
            tasks.push(markdown::line(&task, local));
            continue;
        }
        let reason = result.pointer("/error/message").and_then(Value::as_str).unwrap_or("that did not work.");
        let title = call.arguments.pointer(&format!("/tasks/{index}/title")).and_then(Value::as_str);
        refused.push(not_added(title.unwrap_or("One task"), reason));
    }
    let mut text = format!("Added {}:\n\n{}", markdown::count(tasks.len(), "task"), list::numbered(tasks));
    for refusal in refused {
        text.push_str("\n\n");
        text.push_str(&refusal);
    }
    text
}

fn completed(task: &Task, result: &Value, local: &LocalContext<'_>) -> String {
    match result.get("next_due").and_then(Value::as_str) {
        Some(next) if task.status == TaskStatus::Open => {
            let next = markdown::in_style(next, local.style);
            format!(
                "Done for this time: {} comes again on {next} {}.",
                markdown::bold(&task.title),
                markdown::number(task.number)
            )
        }
        _ => format!("Completed {}.", short(task)),
    }
}

fn skipped(task: &Task, local: &LocalContext<'_>) -> String {
    format!("Skipped this time: {}.", with_details(task, local))
}

fn snoozed(task: &Task, result: &Value, local: &LocalContext<'_>) -> String {
    match result.get("reminds").and_then(Value::as_str) {
        Some(again) => {
            let again = markdown::in_style(again, local.style);
            format!("I will remind you again: {}, {again}.", short(task))
        }
        None => format!("Snoozed {}.", short(task)),
    }
}

fn dismissed(task: &Task) -> String {
    format!("Dismissed the reminder of {}. The task stays open; say “complete it” when it is done.", short(task))
}

fn moved(task: &Task, call: &ToolCall, local: &LocalContext<'_>) -> String {
    let given = |name: &str| call.arguments.get(name).is_some_and(|value| !value.is_null());
    match task.due {
        None => format!("{} has no date any more {}.", markdown::bold(&task.title), markdown::number(task.number)),
        // Another rhythm alone moves nothing.
        Some(_) if given("recurrence") && !given("due") => format!("Changed {}.", with_details(task, local)),
        Some(_) => format!("Moved {}.", with_details(task, local)),
    }
}

fn undone(result: &Value, local: &LocalContext<'_>) -> String {
    let text = list::items(result, "undone").iter().map(|item| {
        match (item.get("action").and_then(Value::as_str), task_in(item)) {
            (Some("restored"), Some(task)) => format!("Brought {} back.", short(&task)),
            (_, Some(task)) => format!("Put {} back as it was.", with_details(&task, local)),
            _ => match local
                .tasks
                .iter()
                .find(|task| item.get("id").and_then(Value::as_str) == Some(&task.id.to_string()))
            {
                Some(task) => format!("Removed {} again.", markdown::bold(&task.title)),
                None => "Removed the task again.".to_owned(),
            },
        }
    });
    text.collect::<Vec<_>>().join("\n\n")
}

fn failed(call: &ToolCall) -> String {
    let text = |name: &str| call.result.get(name).and_then(Value::as_str);
    if call.name == "undo" && text("code") == Some("not_found") {
        return "There is nothing to take back.".to_owned();
    }
    let reason = text("message").unwrap_or("That did not work.");
    match call.arguments.get("title").and_then(Value::as_str) {
        Some(title) if call.name == "add_task" => not_added(title, reason),
        _ => reason.to_owned(),
    }
}

/// Repeats the title, which would otherwise be lost together with the message.
fn not_added(title: &str, reason: &str) -> String {
    format!("{} was not added: {reason}", markdown::bold(title))
}

/// The task that a call was about.
fn named(call: &ToolCall, local: &LocalContext<'_>) -> String {
    let id = call.arguments.get("task_id").and_then(Value::as_str).unwrap_or_default();
    let task = local.tasks.iter().find(|task| task.id.to_string() == id || task.number.to_string() == id);
    task.map_or_else(|| "it".to_owned(), short)
}
