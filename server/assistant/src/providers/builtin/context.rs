//! The context in which a message is parsed: the tasks, the list that was shown last, the tasks that were changed last,
//! and the question that is open.
//!
//! All of it is read from the conversation, so that it is the same on every node and after a restart.

use super::markdown;
use crate::{provider::LocalContext, tools};
use serde_json::Value;
use tandem_nl::{ASKED_AGAIN, Context};
use tandem_protocol::{
    TaskId,
    enums::{Role, TaskStatus, ToolState},
    model::{Message, Part, Task, ToolCall},
};
use tandem_service::candidates::Wanted;

/// Messages that are searched for the tasks that they are about.
const READ_BACK: usize = 12;
/// Longest words of the message by which tasks are searched.
const MAX_WORDS: usize = 6;
/// Numbers and ids that are taken for tasks.
const MAX_NAMED: usize = 100;

pub(super) struct ConversationState<'a> {
    tasks: Vec<&'a Task>,
    shown: Vec<TaskId>,
    last_touched: Vec<TaskId>,
    previous: Option<String>,
    request: Option<String>,
}

impl<'a> ConversationState<'a> {
    pub(super) fn of(local: &LocalContext<'a>) -> Self {
        let replies = || local.history.iter().rev().filter(|message| message.role == Role::Assistant);
        let previous = open_question(local.history);
        let listed = |message: &Message| {
            let ids = listed_ids(message, local.tasks);
            (!ids.is_empty()).then_some(ids)
        };
        // An open question has its own choices, or none: an older list must not be taken for them.
        let depth = if previous.is_some() { 1 } else { usize::MAX };
        Self {
            tasks: known_tasks(local.tasks),
            shown: replies().take(depth).find_map(listed).unwrap_or_default(),
            last_touched: newest_named(replies()),
            previous,
            request: last_request(local.history),
        }
    }

    pub(super) fn context<'b>(&'b self, local: &LocalContext<'b>) -> Context<'b> {
        Context {
            now: local.now,
            all_day: local.all_day,
            style: local.style,
            tasks: &self.tasks,
            shown: &self.shown,
            last_touched: &self.last_touched,
            previous: self.previous.as_deref(),
            request: self.request.as_deref(),
        }
    }
}

/// The message that the last reply carried out; `None` when it changed nothing.
fn last_request(history: &[Message]) -> Option<String> {
    let [.., message, _reply, _correction] = history else { return None };
    (message.role == Role::User && has_just_written(history)).then(|| message.text())
}

/// What "it" means: the tasks that the newest reply about tasks changed; none when it only listed some.
fn newest_named<'a>(mut replies: impl Iterator<Item = &'a Message>) -> Vec<TaskId> {
    let about_tasks = |message: &&Message| touched(message).is_some() || !listed(message).is_empty();
    replies.find(about_tasks).and_then(touched).unwrap_or_default()
}

/// The undo tokens of the newest request that changed something and was not taken back, the last change first.
pub(super) fn undo_tokens(history: &[Message]) -> Vec<String> {
    let tokens = |message: &Message| {
        let calls = message.parts.iter().filter_map(Part::as_tool_call);
        let undone = calls.rev().filter(|call| call.state == ToolState::Done && call.name != "undo");
        let tokens: Vec<String> = undone.filter_map(|call| call.undo_token.clone()).collect();
        (!tokens.is_empty()).then_some(tokens)
    };
    history.iter().rev().filter(|message| message.role == Role::Assistant).find_map(tokens).unwrap_or_default()
}

/// Whether the newest reply changed something that was not taken back.
pub(super) fn has_just_written(history: &[Message]) -> bool {
    let reply = history.iter().rev().find(|message| message.role == Role::Assistant);
    let writes = |call: &ToolCall| {
        call.state == ToolState::Done && call.name != "undo" && tools::writes(&call.name, &call.arguments) > 0
    };
    reply.is_some_and(|reply| reply.parts.iter().filter_map(Part::as_tool_call).any(writes))
}

/// The tasks that the conversation may be about, for a user who has too many to load all: by words and numbers of the
/// last messages, and by what the replies listed and changed.
pub(super) fn wanted(history: &[Message]) -> Wanted {
    let latest = &history[history.len().saturating_sub(READ_BACK)..];
    let user_texts: Vec<String> =
        latest.iter().rev().filter(|m| m.role == Role::User).take(2).map(Message::text).collect();
    let words = user_texts.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
    let mut words: Vec<String> = words.filter(|word| word.len() > 2).map(str::to_lowercase).collect();
    words.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    words.dedup();
    words.truncate(MAX_WORDS);
    let replies = || latest.iter().rev().filter(|message| message.role == Role::Assistant);
    let digit_runs = user_texts.iter().flat_map(|text| text.split(|c: char| !c.is_ascii_digit()));
    let shown = replies().flat_map(listed).filter_map(|line| match line {
        Listed::Number(number) => Some(number),
        Listed::Title(_) => None,
    });
    // At most half of them from the text, so that many numbers in a message leave some for the tasks of replies.
    let numbers = digit_runs.filter_map(|digits| digits.parse().ok()).take(MAX_NAMED / 2).chain(shown);
    let ids = replies().filter_map(touched).flatten();
    Wanted { words, numbers: numbers.take(MAX_NAMED).collect(), ids: ids.take(MAX_NAMED).collect() }
}

/// Whether the newest reply asked something.
pub(super) fn has_asked(history: &[Message]) -> bool {
    open_question(history).is_some()
}

/// The message that was answered by the question that is open. A question that was asked again is about the message before.
fn open_question(history: &[Message]) -> Option<String> {
    let [earlier @ .., message, reply, _answer] = history else { return None };
    let again = reply.text().strip_prefix(ASKED_AGAIN).map(str::to_owned);
    if let (Some(question), [.., before]) = (again, earlier)
        && before.role == Role::Assistant
        && before.text().trim_start_matches(ASKED_AGAIN) == question
    {
        return open_question(&history[..history.len() - 2]);
    }
    let is_question = reply.role == Role::Assistant
        && reply.parts.iter().all(|part| part.as_tool_call().is_none())
        && reply.text().lines().any(|line| line.trim_end().ends_with('?'));
    (is_question && message.role == Role::User).then(|| message.text())
}

/// A line of a numbered list.
#[derive(Debug, PartialEq)]
enum Listed {
    /// The number of its task.
    Number(i64),
    Title(String),
}

/// The lines of the numbered list in a reply, in order. The results of the calls behind it name the tasks; a question has no
/// call, only titles, and lists of older replies have numbers in their text.
fn listed(message: &Message) -> Vec<Listed> {
    let text = message.text();
    let lines: Vec<&str> = text.lines().filter_map(numbered_line).collect();
    if lines.is_empty() {
        return Vec::new();
    }
    let calls = message.parts.iter().filter_map(Part::as_tool_call).filter(|call| call.state == ToolState::Done);
    let numbers: Vec<i64> = calls.flat_map(|call| numbers_in(&call.name, &call.result)).collect();
    if numbers.len() >= lines.len() {
        return numbers.into_iter().take(lines.len()).map(Listed::Number).collect();
    }
    let old = |line: &str| line.trim_end().strip_suffix(')')?.rsplit_once("(#")?.1.parse().ok().map(Listed::Number);
    lines.into_iter().filter_map(|line| old(line).or_else(|| markdown::title_of(line).map(Listed::Title))).collect()
}

/// The rest of a line such as `2. **Buy milk**`.
fn numbered_line(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    if rest.len() == line.len() { None } else { rest.strip_prefix(". ") }
}

/// The numbers of the tasks that the result of a call lists.
fn numbers_in(name: &str, result: &Value) -> Vec<i64> {
    let (field, pointer) = match name {
        "list_tasks" => ("tasks", "/number"),
        "get_overview" => ("next", "/number"),
        "add_tasks" => ("results", "/task/number"),
        _ => return Vec::new(),
    };
    let items = result.get(field).and_then(Value::as_array).into_iter().flatten();
    items.filter_map(|item| item.pointer(pointer)?.as_i64()).collect()
}

/// The tasks of the numbered list in a reply. Two of the same title are taken in their order.
fn listed_ids(message: &Message, tasks: &[Task]) -> Vec<TaskId> {
    let mut ids: Vec<TaskId> = Vec::new();
    for line in listed(message) {
        let is_it = |task: &&Task| match &line {
            Listed::Number(number) => task.number == *number,
            Listed::Title(title) => task.title == *title && !ids.contains(&task.id),
        };
        ids.extend(tasks.iter().find(is_it).map(|task| task.id));
    }
    ids
}

/// The tasks that a reply changed; `None` when it changed none.
fn touched(message: &Message) -> Option<Vec<TaskId>> {
    let mut ids = Vec::new();
    for call in message.parts.iter().filter_map(Part::as_tool_call) {
        if call.state != ToolState::Done || tools::writes(&call.name, &call.arguments) == 0 {
            continue;
        }
        let one = call.result.pointer("/task/id");
        let several = call.result.get("results").and_then(Value::as_array).into_iter().flatten();
        let all = one.into_iter().chain(several.filter_map(|result| result.pointer("/task/id")));
        ids.extend(all.filter_map(Value::as_str).filter_map(|id| id.parse::<TaskId>().ok()));
    }
    (!ids.is_empty()).then_some(ids)
}

fn known_tasks(tasks: &[Task]) -> Vec<&Task> {
    let mut done: Vec<&Task> = tasks.iter().filter(|task| task.status == TaskStatus::Done).collect();
    done.sort_by_key(|task| std::cmp::Reverse(task.completed_at));
    let open = tasks.iter().filter(|task| task.status == TaskStatus::Open);
    open.chain(done).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(text: &str) -> Message {
        Message {
            id: tandem_protocol::MessageId(uuid::Uuid::nil()),
            conversation_id: tandem_protocol::ConversationId(uuid::Uuid::nil()),
            parent_id: None,
            role: Role::Assistant,
            state: tandem_protocol::enums::MessageState::Complete,
            parts: vec![Part::text(text)],
            attempt: 1,
            provider: None,
            error: None,
            created_at: tandem_protocol::Timestamp::from_millis(0),
            completed_at: None,
            usage: None,
            undo_token: None,
            summary: None,
        }
    }

    #[test]
    fn numbered_lines_name_their_tasks() {
        let text =
            "Which one?\n\n1. **Buy milk**, due Tue 24 Nov\n2. **Call \\*Ann\\***\n3. **Old** (#8)\n\n3 more (#5)";
        let title = |title: &str| Listed::Title(title.to_owned());
        assert_eq!(listed(&reply(text)), [title("Buy milk"), title("Call *Ann*"), Listed::Number(8)]);
        assert_eq!(listed(&reply("no list")), []);
    }
}
