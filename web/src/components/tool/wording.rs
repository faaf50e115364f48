//! The text of a tool card: verb, object, and details. Pure.

use super::facts::{self, TaskSummary};
use crate::components::{format, shared::TaskIndex};
use crate::text::tools as text;
use crate::text::words;
use jiff::civil::Date;
use tandem_protocol::{
    enums::{TaskStatus, ToolState},
    model::{Due, Part, ToolCall},
};

/// The text of a card. Only the object is drawn in the main colour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wording {
    /// The verb in the tense of the call's state: `Create`, `Creating`, `Created`.
    pub verb: String,
    /// `Buy milk`, `3 tasks`.
    pub object: String,
    /// Details such as `, tomorrow 17:00`. Starts with its own space or comma; may be empty.
    pub rest: String,
}

impl Wording {
    /// The accessible name of the card. It starts with the verb and ends with the failure, if there was one.
    pub(super) fn name(&self, state: ToolState) -> String {
        let outcome = match state {
            ToolState::Failed => text::AND_FAILED,
            ToolState::Denied => text::AND_DENIED,
            _ => "",
        };
        format!("{} {}{outcome}", self.verb, self.object)
    }
}

/// What a tool does to tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ToolPhrase {
    Create,
    List,
    Read,
    FieldChange,
    Move,
    Complete,
    Skip,
    Reopen,
    Delete,
    Undo,
    Review,
    Other,
}

impl ToolPhrase {
    fn of(tool: &str) -> Self {
        match tool {
            "add_task" | "add_tasks" => Self::Create,
            "list_tasks" => Self::List,
            "get_task" => Self::Read,
            "update_task" => Self::FieldChange,
            "reschedule_task" => Self::Move,
            "complete_task" => Self::Complete,
            "skip_task" => Self::Skip,
            "uncomplete_task" => Self::Reopen,
            "delete_task" => Self::Delete,
            "undo" => Self::Undo,
            "get_overview" => Self::Review,
            _ => Self::Other,
        }
    }

    /// The verb before, during and after the call.
    fn forms(self) -> [&'static str; 3] {
        match self {
            Self::Create => [text::CREATE, text::CREATING, text::CREATED],
            Self::List => [text::LIST, text::LISTING, text::LISTED],
            Self::Read => [text::READ, text::READING, text::READ],
            Self::FieldChange => [text::CHANGE, text::CHANGING, text::CHANGED],
            Self::Move => [text::MOVE, text::MOVING, text::MOVED],
            Self::Complete => [text::COMPLETE, text::COMPLETING, text::COMPLETED],
            Self::Skip => [text::SKIP, text::SKIPPING, text::SKIPPED],
            Self::Reopen => [text::REOPEN, text::REOPENING, text::REOPENED],
            Self::Delete => [text::DELETE, text::DELETING, text::DELETED],
            Self::Undo => [text::UNDO, text::UNDOING, text::UNDID],
            Self::Review => [text::REVIEW, text::REVIEWING, text::REVIEWED],
            Self::Other => [text::USE, text::USING, text::USED],
        }
    }
}

pub(super) fn wording(call: &ToolCall, index: &TaskIndex, today: Date) -> Wording {
    let kind = ToolPhrase::of(&call.name);
    let [to_do, doing, done] = kind.forms();
    let verb = match call.state {
        ToolState::Running => doing,
        ToolState::AwaitingApproval | ToolState::Denied => to_do,
        ToolState::Done | ToolState::Failed | ToolState::Undone => done,
    };
    let tasks = facts::tasks(call, index);
    let object = object(kind, call, &tasks);
    Wording { verb: verb.to_owned(), object, rest: rest(kind, call, &tasks, today) }
}

/// What a reply asks the person to approve, such as `delete 3 tasks`; `None` if it asks nothing.
pub(crate) fn request(parts: &[Part], index: &TaskIndex, today: Date) -> Option<String> {
    let calls = parts.iter().filter_map(Part::as_tool_call);
    let waiting: Vec<&ToolCall> = calls.filter(|call| call.state == ToolState::AwaitingApproval).collect();
    (!waiting.is_empty()).then(|| uncapitalised(&request_of(&waiting, index, today)))
}

/// What calls ask for together: `Delete 3 tasks`, `Make 4 changes`.
pub(super) fn request_of(calls: &[&ToolCall], index: &TaskIndex, today: Date) -> String {
    let first = wording(calls[0], index, today);
    let verb = first.verb;
    match calls {
        [_] => format!("{verb} {}", first.object),
        many if many.iter().all(|call| call.name == calls[0].name) => {
            let tasks = many.iter().map(|call| facts::tasks(call, index).len().max(1)).sum();
            format!("{verb} {}", words::tasks(tasks))
        }
        many => text::make_changes(words::changes(many.len())),
    }
}

/// The first letter is that of a verb, which is ASCII.
fn uncapitalised(text: &str) -> String {
    let mut text = text.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    text
}

/// The verb of a group of calls and what they are about: `Deleted` and `40 tasks`, `Did` and `3 actions`.
pub(super) fn group_name(calls: &[&ToolCall]) -> (&'static str, String) {
    let kind = ToolPhrase::of(&calls[0].name);
    if kind == ToolPhrase::Other || calls.iter().any(|call| ToolPhrase::of(&call.name) != kind) {
        return (text::DID, words::actions(calls.len()));
    }
    let [to_do, doing, done] = kind.forms();
    let busy = calls.iter().any(|call| call.state == ToolState::Running);
    // What the person has denied was not done.
    let done_calls = calls.iter().filter(|call| call.state != ToolState::Denied).count();
    if done_calls == 0 {
        return (to_do, words::tasks(calls.len()) + text::AND_DENIED);
    }
    (if busy { doing } else { done }, words::tasks(done_calls))
}

/// What a call did, as one line of text.
pub(crate) fn sentence(call: &ToolCall) -> String {
    // Without a today the days are written out.
    let words = wording(call, &TaskIndex::default(), Date::MIN);
    format!("{}{}", words.name(call.state), words.rest)
}

/// Whether the call deletes something.
pub(super) fn destroys(call: &ToolCall) -> bool {
    ToolPhrase::of(&call.name) == ToolPhrase::Delete
}

/// Whether the call changes something, so that it counts as an action and can be undone.
pub(super) fn acts(call: &ToolCall) -> bool {
    !matches!(ToolPhrase::of(&call.name), ToolPhrase::List | ToolPhrase::Read | ToolPhrase::Review)
}

fn object(kind: ToolPhrase, call: &ToolCall, tasks: &[TaskSummary]) -> String {
    match (kind, tasks) {
        (ToolPhrase::List, _) if call.state == ToolState::Running => text::TASKS.to_owned(),
        (ToolPhrase::List, _) => words::tasks(total(call).unwrap_or(tasks.len())),
        (ToolPhrase::Review, _) => text::YOUR_TASKS.to_owned(),
        // A tool that this client does not know, perhaps of a newer server.
        (ToolPhrase::Other, _) => call.name.replace('_', " "),
        (ToolPhrase::Undo, _) => text::THE_LAST_CHANGE.to_owned(),
        (_, [one]) => one.title.clone(),
        (_, []) => text::A_TASK.to_owned(),
        (_, many) => words::tasks(many.len()),
    }
}

/// The total number of results, which may be more than the result lists.
fn total(call: &ToolCall) -> Option<usize> {
    let total = ["total", "count"].iter().find_map(|key| call.result[key].as_u64())?;
    usize::try_from(total).ok()
}

fn rest(kind: ToolPhrase, call: &ToolCall, tasks: &[TaskSummary], today: Date) -> String {
    let argument = |key: &str| call.arguments[key].as_str().map(str::trim).filter(|text| !text.is_empty());
    let due = if let [TaskSummary { due: Some(due), .. }] = tasks { Some(due) } else { None };
    match kind {
        ToolPhrase::Create if call.state == ToolState::Done => due.map(|due| format!(", {}", phrase(due, today))),
        ToolPhrase::Move => match (call.state, due) {
            (ToolState::Done | ToolState::Undone, Some(due)) => Some(text::moved_to(format::due(due, today))),
            _ => ["due", "to", "date"].iter().find_map(|key| argument(key)).map(text::moved_to),
        },
        ToolPhrase::Complete if call.state == ToolState::Done => next_occurrence(call, today),
        ToolPhrase::List => match argument("due") {
            Some("overdue") => Some(text::AND_OVERDUE.to_owned()),
            Some("week") => Some(text::DUE_THIS_WEEK.to_owned()),
            Some("none") => Some(text::WITHOUT_A_DATE.to_owned()),
            Some(when) => Some(text::listed_due(when)),
            None => argument("list").map(text::in_the_list),
        },
        ToolPhrase::Undo if !tasks.is_empty() => Some(format!(": {}", object(ToolPhrase::Read, call, tasks))),
        ToolPhrase::Delete if tasks.len() > 1 => argument("list").map(text::from_the_list),
        _ => None,
    }
    .unwrap_or_default()
}

/// The next occurrence of a completed recurring task, which is open again: `, next on Thu 26 Nov`.
fn next_occurrence(call: &ToolCall, today: Date) -> Option<String> {
    let task = facts::answered_task(call).filter(|task| task.status == TaskStatus::Open)?;
    Some(text::next_on(format::day(task.due?.date, today)))
}

/// A due date within a sentence: `tomorrow 17:00`, `Wed 25 Nov`.
fn phrase(due: &Due, today: Date) -> String {
    let near = matches!(format::days_between(today, due.date), -1..=1);
    match due.time {
        Some(time) if near => {
            format!("{} {}", format::near_day(due.date, today).to_ascii_lowercase(), format::clock_time(time))
        }
        None if near => format::near_day(due.date, today).to_ascii_lowercase(),
        _ => format::due(due, today),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{task, tool_call};
    use jiff::civil::{date, time};
    use serde_json::{Value, json};

    const TODAY: Date = date(2026, 11, 23);

    fn text_of(tool: &str, state: ToolState, arguments: Value, result: Value) -> String {
        let call = ToolCall { state, arguments, result, ..tool_call(tool) };
        let Wording { verb, object, rest } = wording(&call, &TaskIndex::default(), TODAY);
        format!("{verb} {object}{rest}")
    }

    #[test]
    fn the_verb_follows_the_state() {
        let buy = json!({"title": "Buy milk"});
        for (state, words) in [
            (ToolState::Running, "Creating Buy milk"),
            (ToolState::AwaitingApproval, "Create Buy milk"),
            (ToolState::Denied, "Create Buy milk"),
            (ToolState::Done, "Created Buy milk"),
            (ToolState::Failed, "Created Buy milk"),
            (ToolState::Undone, "Created Buy milk"),
        ] {
            assert_eq!(text_of("add_task", state, buy.clone(), Value::Null), words);
        }
    }

    #[test]
    fn an_undo_says_what_came_back() {
        let undone = |titles: &[&str]| {
            let items: Vec<Value> = titles
                .iter()
                .map(|title| json!({ "kind": "task", "action": "restored", "task": task(1, title) }))
                .collect();
            text_of("undo", ToolState::Done, json!({}), json!({ "undone": items }))
        };
        assert_eq!(undone(&["Buy milk"]), "Undid the last change: Buy milk");
        assert_eq!(undone(&["Buy milk", "Call Ann"]), "Undid the last change: 2 tasks");
        assert_eq!(undone(&[]), "Undid the last change");
    }

    #[test]
    fn a_request_names_what_is_to_be_approved() {
        let call = |tool: &str, title: &str, state| {
            Part::ToolCall(ToolCall { state, arguments: json!({ "title": title }), ..tool_call(tool) })
        };
        let waits = ToolState::AwaitingApproval;
        let request = |parts: &[Part]| request(parts, &TaskIndex::default(), TODAY);
        assert_eq!(request(&[Part::text("a"), call("delete_task", "Buy milk", ToolState::Done)]), None);
        let one = call("delete_task", "Buy milk", waits);
        assert_eq!(request(std::slice::from_ref(&one)), Some("delete Buy milk".to_owned()));
        let two = call("delete_task", "Call Ann", waits);
        assert_eq!(request(&[one.clone(), two]), Some("delete 2 tasks".to_owned()));
        assert_eq!(request(&[one, call("undo", "", waits)]), Some("make 2 changes".to_owned()));
    }

    #[test]
    fn a_group_says_what_was_done_and_to_how_many() {
        let call = |tool: &str, state| ToolCall { state, ..tool_call(tool) };
        let (done, denied) = (call("delete_task", ToolState::Done), call("delete_task", ToolState::Denied));
        assert_eq!(group_name(&[&done, &done, &denied]), ("Deleted", "2 tasks".to_owned()));
        assert_eq!(group_name(&[&denied, &denied]), ("Delete", "2 tasks, denied".to_owned()));
        let running = call("delete_task", ToolState::Running);
        assert_eq!(group_name(&[&done, &running, &running]), ("Deleting", "3 tasks".to_owned()));
        let other = call("add_task", ToolState::Done);
        assert_eq!(group_name(&[&done, &other, &other]), ("Did", "3 actions".to_owned()));
    }

    #[test]
    fn a_changed_task_is_called_changed() {
        let rent = json!({ "title": "Pay rent" });
        assert_eq!(text_of("update_task", ToolState::AwaitingApproval, rent, Value::Null), "Change Pay rent");
    }

    #[test]
    fn a_new_task_shows_its_due_date() {
        let mut milk = task(7, "Buy milk");
        milk.due = Some(Due { date: date(2026, 11, 24), time: Some(time(17, 0, 0, 0)), time_zone: "UTC".into() });
        assert_eq!(
            text_of("add_task", ToolState::Done, Value::Null, json!({"task": milk})),
            "Created Buy milk, tomorrow 17:00"
        );
    }

    #[test]
    fn a_recurring_task_shows_its_next_date() {
        let mut plants = task(7, "Water the plants");
        plants.due = Some(Due { date: date(2026, 11, 26), time: None, time_zone: "UTC".into() });
        assert_eq!(
            text_of("complete_task", ToolState::Done, Value::Null, json!({"task": plants})),
            "Completed Water the plants, next on Thu 26 Nov"
        );
    }

    #[test]
    fn several_tasks_are_counted() {
        let tasks = json!({"tasks": [{"title": "a"}, {"title": "b"}, {"title": "c"}]});
        assert_eq!(text_of("add_tasks", ToolState::Done, tasks.clone(), Value::Null), "Created 3 tasks");
        assert_eq!(text_of("list_tasks", ToolState::Done, json!({"due": "today"}), tasks), "Listed 3 tasks due today");
        assert_eq!(text_of("list_tasks", ToolState::Done, Value::Null, json!({"tasks": []})), "Listed 0 tasks");
    }

    #[test]
    fn a_move_names_its_target_before_and_after() {
        let to = json!({"task_id": 3, "due": "next Monday"});
        assert_eq!(text_of("reschedule_task", ToolState::Running, to, Value::Null), "Moving task 3 to next Monday");
    }

    #[test]
    fn the_name_of_a_card_includes_its_failure() {
        let words = wording(&tool_call("get_overview"), &TaskIndex::default(), TODAY);
        assert_eq!(words.name(ToolState::Failed), "Reviewed your tasks, failed");
        assert_eq!(words.name(ToolState::Done), "Reviewed your tasks");
    }
}
