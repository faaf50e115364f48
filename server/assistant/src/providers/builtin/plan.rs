//! From what was understood to tool calls, or to something to say.

use super::{list, talk, words};
use crate::provider::{CallPiece, LocalContext};
use serde_json::{Map, Value, json};
use tandem_nl::{Action, DueRange, Filter, Reading};
use tandem_protocol::{
    TaskId,
    enums::{Anchor, StatusFilter},
    rest::{DueInput, NewTask, RecurrenceInput, TaskPatch},
};

/// Calls of one step; see the limits of a run.
const MAX_CALLS: usize = 16;
/// Tasks of one `add_tasks`.
const MAX_ADDED: usize = 25;

/// Something to say, then something to do.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) text: String,
    pub(super) calls: Vec<CallPiece>,
}

impl Plan {
    pub(super) fn say(text: impl Into<String>) -> Self {
        Self { text: text.into(), calls: Vec::new() }
    }

    fn call(&mut self, name: &str, arguments: &Value) {
        let index = Some(self.calls.len() as u64);
        let (name, arguments) = (name.to_owned(), arguments.to_string());
        self.calls.push(CallPiece { index, id: String::new(), name, arguments, extra: Map::new() });
    }

    fn note(&mut self, sentence: &str) {
        self.text.push_str(sentence);
        self.text.push_str("\n\n");
    }
}

/// What to do about a reading.
pub(super) fn of(reading: Reading, scene: &LocalContext<'_>) -> Plan {
    match reading {
        Reading::Act(actions) => act(actions),
        Reading::Ask { question, choices } => Plan::say(list::question(&question, &choices, scene)),
        Reading::Respond(response) => Plan::say(talk::say(&response, scene)),
        Reading::Unknown { hint } => Plan::say(talk::unknown(&hint)),
    }
}

fn act(actions: Vec<Action>) -> Plan {
    let mut plan = Plan::default();
    let mut added: Vec<Value> = Vec::new();
    for action in actions {
        if let Action::Add(task) = action {
            added.push(new_task(task));
            continue;
        }
        add(&mut plan, &mut added);
        one(&mut plan, action);
    }
    add(&mut plan, &mut added);
    let wanted = plan.calls.len();
    if wanted > MAX_CALLS {
        plan.calls.truncate(MAX_CALLS);
        plan.note(&format!("That is {wanted} changes. I make the first {MAX_CALLS}; ask again for the rest."));
    }
    let deletes = plan.calls.iter().filter(|call| call.name == "delete_task").count();
    if deletes > 1 {
        plan.note(&format!("Deleting {deletes} tasks needs your approval."));
    }
    plan
}

/// Tasks in a row are added together.
fn add(plan: &mut Plan, added: &mut Vec<Value>) {
    if let [_] = added.as_slice() {
        plan.calls.extend(added.pop().map(|task| {
            let mut one = Plan::default();
            one.call("add_task", &task);
            CallPiece { index: Some(plan.calls.len() as u64), ..one.calls.remove(0) }
        }));
        return;
    }
    while !added.is_empty() {
        let rest = added.split_off(added.len().min(MAX_ADDED));
        plan.call("add_tasks", &json!({ "tasks": added }));
        *added = rest;
    }
}

fn one(plan: &mut Plan, action: Action) {
    let each = |plan: &mut Plan, name: &str, ids: Vec<TaskId>| {
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
        Action::Undo => plan.call("undo", &json!({})),
        Action::Overview => plan.call("get_overview", &json!({})),
        Action::Search { query } => plan.call("list_tasks", &json!({ "status": "all", "query": query })),
        Action::NoSuchTask { what } => plan.note(&format!("I found no task about {}.", words::quoted(&what))),
    }
}

/// Sets an argument to the text of a patched field, or to `none` when the patch empties it. A field that stays is left out.
fn set<T>(arguments: &mut Value, name: &str, field: Option<&T>, text: impl FnOnce(&T) -> Option<String>) {
    if let Some(field) = field {
        arguments[name] = json!(text(field).unwrap_or_else(|| "none".to_owned()));
    }
}

/// A rule in the form that the tools read back: RRULE, and words for what is counted from completion.
fn rule_text(rule: &RecurrenceInput) -> String {
    match rule.anchor {
        Anchor::Due => rule.rule.clone(),
        Anchor::Completion => tandem_nl::describe_rule(&rule.rule, rule.anchor),
    }
}

fn new_task(task: NewTask) -> Value {
    let mut arguments = json!({ "title": task.title });
    if let Some(due) = task.due {
        arguments["due"] = json!(due.to_iso());
    }
    if let Some(rule) = task.recurrence {
        arguments["recurrence"] = json!(rule_text(&rule));
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
    arguments
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
