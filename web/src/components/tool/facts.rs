//! Extracts what a card shows from a tool call: from the arguments of the model, the result of the tool, and the
//! current tasks.
//!
//! **Invariant:** any part may be missing or malformed, because a model has written half of it.

use crate::components::{format, shared::TaskIndex};
use crate::state::task_merge;
use crate::text::tools as text;
use jiff::civil::Date;
use serde_json::Value;
use tandem_protocol::{
    enums::{Priority, TaskStatus},
    id::TaskRef,
    json,
    model::{Due, Task, ToolCall},
};

/// What a card shows of a task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct TaskSummary {
    pub number: Option<i64>,
    pub title: String,
    pub due: Option<Due>,
}

impl From<&Task> for TaskSummary {
    fn from(task: &Task) -> Self {
        Self { number: Some(task.number), title: task.title.clone(), due: task.due.clone() }
    }
}

/// The tasks of a call: those in the result, else the known tasks that the arguments name, else the tasks that the
/// arguments describe.
pub(super) fn tasks(call: &ToolCall, index: &TaskIndex) -> Vec<TaskSummary> {
    let answered: Vec<TaskSummary> = answered_tasks(&call.result).filter_map(summary).collect();
    if !answered.is_empty() {
        return answered;
    }
    let named: Vec<TaskSummary> = named_tasks(&call.arguments)
        .map(|name| {
            index.find(name).map_or_else(
                || TaskSummary { title: unknown_task(name), ..TaskSummary::default() },
                |task| TaskSummary::from(task.as_ref()),
            )
        })
        .collect();
    if !named.is_empty() {
        return named;
    }
    let arguments = &call.arguments;
    let new = arguments["tasks"].as_array().map_or_else(|| std::slice::from_ref(arguments), Vec::as_slice);
    new.iter().filter_map(summary).collect()
}

/// The changed task in the result of a call.
pub(super) fn answered_task(call: &ToolCall) -> Option<Task> {
    // Indexing a value that has no such field gives `null`, so malformed results need no further checks.
    json::read_value(&call.result["task"]).ok()
}

/// Whether somebody has edited the task since the call.
pub(super) fn edited_since(call: &ToolCall, index: &TaskIndex) -> bool {
    let Some(written) = answered_task(call) else { return false };
    index.get(written.id).is_some_and(|now| now.rev > written.rev && task_merge::is_edited(now, &written))
}

/// Whether the open task that the call left is not open any more. All open tasks are known, those that are done are not.
pub(super) fn is_gone(call: &ToolCall, index: &TaskIndex) -> bool {
    let written = answered_task(call).filter(|task| task.status == TaskStatus::Open);
    written.is_some_and(|task| index.is_known() && index.get(task.id).is_none())
}

/// The error message of the tool.
pub(super) fn refusal(call: &ToolCall) -> Option<&str> {
    let result = call.result.get("error").unwrap_or(&call.result);
    result["message"].as_str().or_else(|| result["code"].as_str()).or_else(|| result.as_str())
}

/// A field of a task that a call has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FieldChange {
    pub field: &'static str,
    /// The old value, if the result contains it.
    pub old: Option<String>,
    /// The new value; `None` if the field was cleared.
    pub new: Option<String>,
}

/// The fields that the arguments name, with the values of the result.
pub(super) fn changes(call: &ToolCall, today: Date) -> Vec<FieldChange> {
    let Some(now) = answered_task(call) else { return Vec::new() };
    // Not every tool returns the state before the change.
    let before: Option<Task> = json::read_value(&call.result["before"]).ok();
    let named = |keys: &[&str]| keys.iter().any(|key| call.arguments.get(key).is_some());
    FIELDS
        .iter()
        .filter(|field| named(field.arguments))
        .map(|field| FieldChange {
            field: field.name,
            old: before.as_ref().and_then(|task| (field.value)(task, today)),
            new: (field.value)(&now, today),
        })
        .filter(|change| change.old.is_some() || change.new.is_some())
        .filter(|change| change.old != change.new)
        .collect()
}

struct DiffField {
    name: &'static str,
    /// The names of the field in the arguments of the tools.
    arguments: &'static [&'static str],
    value: fn(&Task, Date) -> Option<String>,
}

const FIELDS: &[DiffField] = &[
    DiffField {
        name: text::DUE,
        arguments: &["due", "due_date", "date", "time", "to"],
        value: |task, today| task.due.as_ref().map(|due| format::due(due, today)),
    },
    DiffField {
        name: text::REPEATS,
        arguments: &["recurrence"],
        value: |task, _| task.recurrence.as_ref().map(super::super::tasks::recurrence_text),
    },
    DiffField {
        name: text::PRIORITY,
        arguments: &["priority"],
        value: |task, _| (task.priority != Priority::None).then(|| format::priority(task.priority).to_owned()),
    },
    DiffField {
        name: text::LABEL,
        arguments: &["labels", "label"],
        value: |task, _| (!task.labels.is_empty()).then(|| task.labels.join(", ")),
    },
    DiffField { name: text::LIST, arguments: &["list"], value: |task, _| task.list.clone() },
    DiffField {
        name: text::NOTES,
        arguments: &["description"],
        value: |task, _| (!task.description.is_empty()).then(|| task.description.clone()),
    },
];

fn answered_tasks(result: &Value) -> impl Iterator<Item = &Value> {
    // Tools return one task, or a list under one of several names.
    let one = result.get("task").into_iter();
    let lists = ["tasks", "items", "results", "undone"].into_iter();
    let many = lists.filter_map(|key| result[key].as_array()).flatten();
    one.chain(many).map(|value| value.get("task").unwrap_or(value))
}

fn named_tasks(arguments: &Value) -> impl Iterator<Item = TaskRef> {
    let one = arguments.get("task_id").into_iter();
    let many = arguments["task_ids"].as_array().into_iter().flatten();
    one.chain(many).filter_map(|value| json::read_value(value).ok())
}

fn summary(value: &Value) -> Option<TaskSummary> {
    let title = value["title"].as_str()?.trim().to_owned();
    let due = json::read_value(&value["due"]).ok();
    (!title.is_empty()).then_some(TaskSummary { number: value["number"].as_i64(), title, due })
}

fn unknown_task(name: TaskRef) -> String {
    match name {
        TaskRef::Number(number) => text::task_number(number),
        TaskRef::Id(_) => text::A_TASK.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{id, now, task, tool_call};
    use jiff::civil::date;
    use serde_json::json;
    use std::sync::Arc;
    use tandem_protocol::{ReminderId, duration::IsoDuration, enums::ReminderState, reminder::Reminder};

    #[test]
    fn the_tools_answer_comes_before_the_models_words() {
        let mut call = tool_call("add_task");
        call.arguments = json!({"title": "milk"});
        assert_eq!(tasks(&call, &TaskIndex::default())[0].title, "milk");
        call.result = json!({"task": task(7, "Buy milk"), "seq": 9});
        let summary = &tasks(&call, &TaskIndex::default())[0];
        assert_eq!((summary.number, summary.title.as_str()), (Some(7), "Buy milk"));
    }

    #[test]
    fn a_task_named_by_number_is_looked_up() {
        let index: TaskIndex = [Arc::new(task(31, "Clear the shelf"))].into_iter().collect();
        let mut call = tool_call("delete_task");
        call.arguments = json!({"task_id": 31});
        assert_eq!(tasks(&call, &index)[0].title, "Clear the shelf");
        call.arguments = json!({"task_ids": ["31", 32]});
        let titles: Vec<_> = tasks(&call, &index).into_iter().map(|summary| summary.title).collect();
        assert_eq!(titles, ["Clear the shelf", "task 32"]);
    }

    #[test]
    fn a_card_notices_that_its_task_was_edited_since() {
        let mut now = task(7, "Buy milk");
        let mut call = tool_call("add_task");
        call.result = json!({"task": now});
        let index = |task: &Task| [Arc::new(task.clone())].into_iter().collect();
        assert!(!edited_since(&call, &index(&now)));
        now.rev += 1;
        now.title = "Buy oat milk".into();
        assert!(edited_since(&call, &index(&now)));
    }

    #[test]
    fn a_reminder_that_rings_and_its_answer_are_no_edit() {
        let reminder = |state, snoozed_until| Reminder {
            id: ReminderId(id(1)),
            before: Some(IsoDuration::zero()),
            at: None,
            state,
            fires_at: now(),
            snoozed_until,
        };
        let set = Task { reminders: vec![reminder(ReminderState::Pending, None)], ..task(7, "Stretch") };
        let mut call = tool_call("add_task");
        call.result = json!({ "task": set });
        let edited = |reminders: Vec<Reminder>| {
            let task = Task { reminders, rev: set.rev + 1, updated_at: now(), ..set.clone() };
            edited_since(&call, &[Arc::new(task)].into_iter().collect())
        };
        for state in [ReminderState::Fired, ReminderState::Snoozed, ReminderState::Done] {
            assert!(!edited(vec![reminder(state, Some(now()))]), "{state:?}");
        }
        assert!(edited(Vec::new()), "somebody has removed it");
    }

    #[test]
    fn a_card_notices_that_its_task_is_gone() {
        let mut call = tool_call("add_task");
        call.result = json!({"task": task(7, "Buy milk")});
        let others = [Arc::new(task(8, "Call Ann"))].into_iter().collect();
        assert!(is_gone(&call, &others));
        assert!(!is_gone(&call, &TaskIndex::default()), "no tasks are known");
    }

    #[test]
    fn only_fields_in_the_arguments_count_as_changed() {
        let mut before = task(7, "Book the van");
        before.priority = Priority::None;
        let mut now = before.clone();
        now.priority = Priority::High;
        now.labels = vec!["move".into()];
        let mut call = tool_call("update_task");
        call.arguments = json!({"task_id": 7, "priority": "high"});
        call.result = json!({"task": now, "before": before});
        let priority = FieldChange { field: "Priority", old: None, new: Some("High".into()) };
        assert_eq!(changes(&call, date(2026, 11, 23)), [priority]);
    }

    #[test]
    fn odd_arguments_and_results_are_survived() {
        for value in [json!(null), json!("x"), json!([1]), json!({"task": 3, "tasks": {}, "task_id": {}, "due": 1})] {
            let mut call = tool_call("update_task");
            call.arguments = value.clone();
            call.result = value;
            let _ = (tasks(&call, &TaskIndex::default()), changes(&call, date(2026, 11, 23)), refusal(&call));
        }
    }
}
