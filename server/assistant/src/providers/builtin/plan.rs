//! Turns what the grammar understood into tool calls or text.

use super::{context, list, markdown, phrases};
use crate::provider::{CallDelta, LocalContext};
use crate::tools::USUAL;
use serde_json::{Map, Value, json};
use tandem_nl::{Action, Actions, DueRange, Filter, Reading};
use tandem_protocol::{
    TaskId,
    enums::{Anchor, StatusFilter},
    reminder::ReminderInput,
    rest::{DueInput, NewTask, RecurrenceInput, TaskPatch},
};

/// Calls of one answer, as in the limits of a run.
const MAX_CALLS: usize = 16;
/// Tasks of one `add_tasks`, as in that tool.
const MAX_ADDED: usize = 25;
/// The tool that moves a task which repeats to its next occurrence.
const SKIP: &str = "skip_task";

/// The text of an answer and the calls that follow it.
#[derive(Debug, Default)]
pub(super) struct AnswerPlan {
    pub(super) text: String,
    pub(super) calls: Vec<CallDelta>,
}

impl AnswerPlan {
    pub(super) fn from_text(text: impl Into<String>) -> Self {
        Self { text: text.into(), calls: Vec::new() }
    }

    fn call(&mut self, name: &str, arguments: &Value) {
        let index = Some(self.calls.len() as u64);
        let (name, arguments) = (name.to_owned(), arguments.to_string());
        self.calls.push(CallDelta { index, id: String::new(), name, arguments, extra: Map::new() });
    }

    fn note(&mut self, sentence: &str) {
        self.text.push_str(sentence);
        self.text.push_str("\n\n");
    }
}

pub(super) fn of(reading: Reading, local: &LocalContext<'_>) -> AnswerPlan {
    match reading {
        Reading::Act(actions) => act(actions, local),
        Reading::Ask { question, choices } => AnswerPlan::from_text(list::question(&question, &choices, local)),
        Reading::Respond(response) => AnswerPlan::from_text(phrases::respond(&response, local)),
        Reading::Unknown { hint } => AnswerPlan::from_text(phrases::unknown(&hint, local)),
    }
}

fn act(actions: Actions, local: &LocalContext<'_>) -> AnswerPlan {
    let mut plan = AnswerPlan::default();
    let mut added: Vec<Value> = Vec::new();
    for action in actions {
        if let Action::Add(task) = action {
            added.push(new_task(task));
            continue;
        }
        flush_added(&mut plan, &mut added);
        match action {
            Action::Undo => undo(&mut plan, local),
            action => add_action(&mut plan, action),
        }
    }
    flush_added(&mut plan, &mut added);
    let wanted = plan.calls.len();
    // With more calls the run would end at its limit.
    if wanted > MAX_CALLS {
        plan.calls.truncate(MAX_CALLS);
        plan.note(&format!("That is {wanted} changes. I make the first {MAX_CALLS}; ask again for the rest."));
    }
    let count = |name: &str| plan.calls.iter().filter(|call| call.name == name).count();
    let (deletes, skips) = (count("delete_task"), count(SKIP));
    if deletes + skips > 1 {
        let what = match (deletes, skips) {
            (_, 0) => format!("Deleting {deletes} tasks needs"),
            (0, _) => format!("Skipping {skips} tasks this time needs"),
            _ => format!(
                "Deleting {} and skipping {} this time needs",
                markdown::count(deletes, "task"),
                markdown::count(skips, "task")
            ),
        };
        plan.note(&format!("{what} your approval."));
    }
    plan
}

/// Adds a call for the tasks that were collected: tasks in a row are added together.
fn flush_added(plan: &mut AnswerPlan, added: &mut Vec<Value>) {
    if added.len() == 1 {
        return plan.call("add_task", &added.remove(0));
    }
    while !added.is_empty() {
        let rest = added.split_off(added.len().min(MAX_ADDED));
        plan.call("add_tasks", &json!({ "tasks": added }));
        *added = rest;
    }
}

fn add_action(plan: &mut AnswerPlan, action: Action) {
    let each = |plan: &mut AnswerPlan, name: &str, ids: Vec<TaskId>| {
        for id in ids {
            plan.call(name, &json!({ "task_id": id }));
        }
    };
    match action {
        Action::Add(task) => plan.call("add_task", &new_task(task)),
        Action::List(filter) => plan.call("list_tasks", &list_arguments(&filter)),
        Action::Complete { ids } => each(plan, "complete_task", ids),
        Action::Reopen { ids } => each(plan, "uncomplete_task", ids),
        Action::Delete { ids } => each(plan, "delete_task", ids),
        Action::Update { id, patch, add_labels, remove_labels } => {
            plan.call("update_task", &update_arguments(id, patch, &add_labels, &remove_labels));
        }
        Action::Reschedule { id, patch, series } => {
            let scope = if series { "series" } else { "occurrence" };
            let mut arguments = json!({ "task_id": id, "scope": scope });
            set(&mut arguments, "due", patch.due.as_ref(), |due| due.as_ref().map(DueInput::to_iso));
            set(&mut arguments, "recurrence", patch.recurrence.as_ref(), |rule| rule.as_ref().map(rule_text));
            plan.call("reschedule_task", &arguments);
        }
        Action::Skip { id } => skip(plan, id),
        Action::Snooze { id, until } => plan.call("snooze_reminder", &json!({ "task_id": id, "until": until })),
        Action::Dismiss { id } => plan.call("dismiss_reminder", &json!({ "task_id": id })),
        Action::Remind { id, reminder } => {
            plan.call("update_task", &json!({ "task_id": id, "add_reminders": [reminder_text(&reminder)] }));
        }
        Action::Undo => {}
        Action::Overview => plan.call("get_overview", &json!({})),
        Action::Search { query } => plan.call("list_tasks", &json!({ "status": "all", "query": query })),
        Action::NoSuchTask { what } => plan.note(&format!("I found no task about {}.", markdown::quoted(&what))),
    }
}

/// Takes the last request of the conversation back, all of its changes; else the last change of any kind.
fn undo(plan: &mut AnswerPlan, local: &LocalContext<'_>) {
    let tokens = context::undo_tokens(local.history);
    if tokens.is_empty() {
        plan.call("undo", &json!({}));
    }
    for token in tokens {
        plan.call("undo", &json!({ "undo_token": token }));
    }
}

/// Skips one occurrence. Without the tool for it the series stays: deleting it would be another thing.
fn skip(plan: &mut AnswerPlan, id: TaskId) {
    if crate::tools::spec(SKIP).is_some() {
        plan.call(SKIP, &json!({ "task_id": id }));
    } else {
        plan.note(
            "I cannot skip a single occurrence yet, so I left the series as it is. I can move it to another day.",
        );
    }
}

/// Sets an argument to the text of a patched field, or to `none` when the patch clears it. A field that stays is left out.
fn set<T>(arguments: &mut Value, name: &str, field: Option<&T>, text: impl FnOnce(&T) -> Option<String>) {
    if let Some(field) = field {
        arguments[name] = json!(text(field).unwrap_or_else(|| "none".to_owned()));
    }
}

/// A rule as the tools parse it: RRULE, or English for a rule that counts from completion, which RRULE cannot express.
fn rule_text(rule: &RecurrenceInput) -> String {
    match rule.anchor {
        Anchor::Due => rule.rule.clone(),
        Anchor::Completion => tandem_nl::describe_rule(&rule.rule, rule.anchor),
    }
}

/// A reminder as the tools parse it: a duration before the due date, a time, or the user's time of day.
fn reminder_text(reminder: &ReminderInput) -> String {
    match (&reminder.before, &reminder.at) {
        (Some(before), _) => before.to_string(),
        (None, Some(at)) => format!("{}T{}", at.date, at.time),
        (None, None) => USUAL.to_owned(),
    }
}

fn new_task(task: NewTask) -> Value {
    let mut arguments = json!({ "title": task.title });
    if let Some(description) = task.description {
        arguments["description"] = json!(description);
    }
    if let Some(due) = task.due {
        arguments["due"] = json!(due.to_iso());
    }
    if let Some(rule) = task.recurrence {
        arguments["recurrence"] = json!(rule_text(&rule));
    }
    if let Some(reminders) = task.reminders {
        arguments["reminders"] = reminders.iter().map(reminder_text).collect();
    }
    if let Some(priority) = task.priority {
        arguments["priority"] = json!(priority);
    }
    if let Some(labels) = task.labels {
        arguments["labels"] = json!(labels);
    }
    if let Some(list) = task.list {
        arguments["list"] = json!(list);
    }
    arguments
}

fn update_arguments(id: TaskId, patch: TaskPatch, add_labels: &[String], remove_labels: &[String]) -> Value {
    let mut arguments = json!({ "task_id": id });
    if let Some(title) = patch.title {
        arguments["title"] = json!(title);
    }
    if let Some(description) = patch.description {
        arguments["description"] = json!(description);
    }
    if let Some(priority) = patch.priority {
        arguments["priority"] = json!(priority);
    }
    if !add_labels.is_empty() {
        arguments["add_labels"] = json!(add_labels);
    }
    if !remove_labels.is_empty() {
        arguments["remove_labels"] = json!(remove_labels);
    }
    set(&mut arguments, "list", patch.list.as_ref(), Clone::clone);
    set(&mut arguments, "due", patch.due.as_ref(), |due| due.as_ref().map(DueInput::to_iso));
    if let Some(reminders) = patch.reminders {
        arguments["reminders"] = reminders.iter().map(reminder_text).collect();
    }
    arguments
}

/// Whether `list_tasks` filters by the day of completion.
fn lists_by_completion() -> bool {
    crate::tools::spec("list_tasks").is_some_and(|spec| spec.schema["properties"].get("completed_since").is_some())
}

fn list_arguments(filter: &Filter) -> Value {
    let status = match filter.status {
        StatusFilter::Open => "pending",
        StatusFilter::Done => "completed",
        StatusFilter::All => "all",
    };
    let mut arguments = json!({ "status": status });
    match filter.due {
        None => {}
        Some(DueRange::Overdue) => arguments["due"] = json!("overdue"),
        Some(DueRange::None) => arguments["due"] = json!("none"),
        Some(DueRange::Between(from, to)) => {
            arguments["due_from"] = json!(from.to_string());
            arguments["due_to"] = json!(to.to_string());
        }
    }
    // Without these arguments the tool lists all completed tasks, which is more than was asked and nothing less.
    if let Some((first, last)) = filter.completed.filter(|_| lists_by_completion()) {
        arguments["completed_since"] = json!(first.to_string());
        arguments["completed_until"] = json!(last.to_string());
    }
    let texts = [("list", &filter.list), ("label", &filter.label), ("query", &filter.query)];
    for (name, value) in texts {
        if let Some(value) = value {
            arguments[name] = json!(value);
        }
    }
    if let Some(priority) = filter.priority {
        arguments["priority"] = json!(priority);
    }
    arguments
}
