//! The user's answer in words to a reply that waits for approval, whichever provider writes that reply.

use super::markdown;
use jiff::Zoned;
use serde_json::Value;
use tandem_nl::{PendingChange, PendingKind, read_approval};
use tandem_protocol::{
    enums::Decision,
    model::{Message, Task, ToolCall},
};

/// Changes that a sentence names; more are counted.
const MAX_NAMED: usize = 5;
/// How the first line begins after a message that is no answer.
const ASKED_FIRST: &str = "I need your answer first";

/// A call that waits for the user, with the task that it names, if there is one.
#[derive(Debug)]
pub(crate) struct Pending {
    pub(crate) call: ToolCall,
    pub(crate) task: Option<Task>,
}

/// What a message decides, and the reply to it.
#[derive(Debug)]
pub(crate) struct ApprovalAnswer {
    /// By the ids of the calls; none when the message is no answer.
    pub(crate) decisions: Vec<(String, Decision)>,
    pub(crate) text: String,
}

/// Reads a message as the answer to the calls that wait. `before` is the reply before it, in whose words it is not asked
/// again.
pub(crate) fn answer(message: &str, pending: &[Pending], now: &Zoned, before: Option<&Message>) -> ApprovalAnswer {
    let titles: Vec<String> = pending.iter().map(title).collect();
    let change = |(pending, title): (&Pending, &'_ String)| {
        (pending.task.as_ref().map(|task| task.number), kind(&pending.call), title.clone())
    };
    let described: Vec<_> = pending.iter().zip(&titles).map(change).collect();
    let changes: Vec<PendingChange<'_>> =
        described.iter().map(|(number, kind, title)| PendingChange { number: *number, title, kind: *kind }).collect();
    let Some(decided) = read_approval(message, &changes, now) else {
        return ApprovalAnswer { decisions: Vec::new(), text: ask(pending, before) };
    };
    let of = |wanted: Option<bool>| {
        pending
            .iter()
            .zip(&decided)
            .filter(move |(_, said)| **said == wanted)
            .map(|(pending, _)| pending)
            .collect::<Vec<_>>()
    };
    let decisions = pending.iter().zip(&decided).filter_map(|(pending, said)| {
        let decision = if (*said)? { Decision::Approve } else { Decision::Deny };
        Some((pending.call.call_id.clone(), decision))
    });
    ApprovalAnswer { decisions: decisions.collect(), text: confirm(&of(Some(true)), &of(Some(false)), &of(None)) }
}

/// Repeats what was understood of an answer.
fn confirm(approved: &[&Pending], denied: &[&Pending], waiting: &[&Pending]) -> String {
    let mut text = match (approved, denied) {
        (_, []) if waiting.is_empty() => "All right, I go ahead.".to_owned(),
        ([], _) if waiting.is_empty() => "All right, I leave everything as it is.".to_owned(),
        (_, []) => format!("All right, I go ahead with {}.", names(approved)),
        ([], _) => format!("All right, not {}.", names(denied)),
        _ => format!("All right: yes to {}, no to {}.", names(approved), names(denied)),
    };
    if !waiting.is_empty() {
        text.extend([" What about ", &names(waiting), "?"]);
    }
    text
}

/// The line after a message that is no answer. Two in a row do not sound alike.
fn ask(pending: &[Pending], before: Option<&Message>) -> String {
    let all: Vec<&Pending> = pending.iter().collect();
    let (verb, names) = (verb(pending), names(&all));
    let choices = if pending.len() > 1 {
        ", or name those that you mean: “only the first”, “all but the second”"
    } else {
        ""
    };
    if before.is_some_and(|before| before.text().starts_with(ASKED_FIRST)) {
        return format!("That was no answer that I understand, so {names} still waits. Say “yes” or “no”{choices}.");
    }
    format!(
        "{ASKED_FIRST}: shall I {verb} {names}? Say “yes” or “no”{choices}. I have done nothing else; what you asked for now \
         can follow after that."
    )
}

fn kind(call: &ToolCall) -> PendingKind {
    match call.name.as_str() {
        "complete_task" => PendingKind::Complete,
        name if name.starts_with("add_task") => PendingKind::Add,
        "delete_task" => PendingKind::Delete,
        _ => PendingKind::Other,
    }
}

fn verb(pending: &[Pending]) -> &'static str {
    let all = |kind_of: PendingKind| pending.iter().all(|pending| kind(&pending.call) == kind_of);
    if all(PendingKind::Delete) {
        "delete"
    } else if all(PendingKind::Add) {
        "add"
    } else if all(PendingKind::Complete) {
        "complete"
    } else {
        "go ahead with"
    }
}

/// The title of what a call is about: of its task, or of those that it adds.
fn title(pending: &Pending) -> String {
    if let Some(task) = &pending.task {
        return task.title.clone();
    }
    let arguments = &pending.call.arguments;
    let text = |value: &Value| value.get("title").and_then(Value::as_str).map(str::to_owned);
    let several =
        arguments.get("tasks").and_then(Value::as_array).map(|tasks| tasks.iter().filter_map(text).collect::<Vec<_>>());
    text(arguments).or_else(|| several.map(|titles| titles.join(", "))).unwrap_or_default()
}

/// "**Milk**, **Eggs** and 3 more".
fn names(pending: &[&Pending]) -> String {
    let name = |pending: &&Pending| match title(pending) {
        title if title.is_empty() => "the last change".to_owned(),
        title => markdown::bold(&title),
    };
    let mut names: Vec<String> = pending.iter().take(MAX_NAMED).map(name).collect();
    if pending.len() > MAX_NAMED {
        names.push(format!("{} more", pending.len() - MAX_NAMED));
    }
    match names.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}
