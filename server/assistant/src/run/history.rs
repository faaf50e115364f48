//! Converts messages to the chat turns that a provider reads.
//!
//! The context of a model is limited, and old results of tools are its largest and least useful part: they are
//! shortened first, then the oldest exchanges fall out. A summary (`summary`) stands for them, if the model has made one;
//! otherwise they are dropped. The extras of a call, and the thoughts before it, are sent only
//! to the provider that they are of, since others refuse fields that they do not know. The thoughts of earlier replies are
//! sent to none.
//!
//! Each answer of a model is a turn of its own, and nothing in earlier turns changes from message to message, because
//! providers cache the start of a request.
//!
//! **Invariant:** a call is followed by its result, roles alternate, no two calls have the same id, and the last message of
//! the user is always included.

mod fit;

use super::{
    sizes,
    step::{Step, StepCall},
};
use crate::{
    ids,
    provider::{ChatTurn, TurnCall},
};
use fit::{fit, turn_size};
use serde_json::{Map, Value, json};
use std::collections::HashSet;
use tandem_protocol::{
    MessageId,
    enums::{Role, ToolState},
    model::{Message, Part, ToolCall},
};

/// Bytes of the turns after a provider has refused a request as too long: about 2,000 tokens, so that prompt, tools and
/// an answer fit into a context of 8,000.
const SHORT_BUDGET: usize = 8_000;
/// The user's turn that a summary answers: as a turn of its own, the model's words are not taken for the user's.
const RECALL: &str = "Summarise our conversation so far.";
/// The text of a reply that ended after its tools: some servers refuse a user's turn right after a result.
const UNFINISHED: &str = "(This reply was interrupted.)";

/// A conversation as a provider reads it.
#[derive(Debug, PartialEq)]
pub(super) struct ChatHistory {
    pub(super) turns: Vec<ChatTurn>,
    /// Whether older exchanges were dropped.
    pub(super) is_truncated: bool,
    /// Index of the last message that a summary should stand for, because the conversation has outgrown the model.
    pub(super) outgrown: Option<usize>,
}

/// What the user wrote since the last reply, and the replies to it.
#[derive(Debug)]
struct Exchange {
    turns: Vec<ChatTurn>,
    /// Index of its last message.
    last: usize,
    /// Whether it stands for all messages up to the last. It is never dropped.
    is_summary: bool,
}

impl Exchange {
    fn size(&self) -> usize {
        self.turns.iter().map(turn_size).sum()
    }
}

/// The reply that is being written.
#[derive(Clone, Copy, Debug)]
pub(super) struct CurrentReply<'a> {
    pub(super) parts: &'a [Part],
    pub(super) steps: &'a [Step],
}

/// The provider that a history is made for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    /// The name of the provider.
    pub(super) name: &'a str,
    /// Bytes of turns that its model takes.
    pub(super) budget: usize,
    /// Whether it has refused the conversation as too long.
    pub(super) short: bool,
    /// Whether it gets its own thoughts back.
    pub(super) echo: bool,
}

impl Reader<'_> {
    /// Bytes of the turns of a request.
    pub(super) fn budget(&self) -> usize {
        if self.short { SHORT_BUDGET.min(self.budget) } else { self.budget }
    }
}

/// The conversation and the reply so far.
#[must_use]
pub(super) fn chat_history(history: &[Message], reply: CurrentReply<'_>, reader: Reader<'_>) -> ChatHistory {
    let budget = reader.budget();
    let mut exchanges = exchanges(history, budget / 4);
    let own = Own { steps: reply.steps, reader: Some(reader) };
    let Some(current) = exchanges.last_mut().filter(|current| !current.is_summary) else {
        return ChatHistory { turns: Vec::new(), is_truncated: false, outgrown: None };
    };
    // Ids of the current reply differ from all others when they are made; only those of old messages may repeat.
    assistant_turns(reply.parts, own, |_, call| call.call_id.clone(), &mut current.turns);
    fit(exchanges, budget)
}

/// The messages in groups, each beginning with what the user wrote since the last reply. The newest summary of at most so
/// many bytes stands for the messages that it is about.
fn exchanges(history: &[Message], summary_bytes: usize) -> Vec<Exchange> {
    let mut exchanges: Vec<Exchange> = Vec::new();
    let mut ids = HashSet::new();
    let summarised = history.iter().rposition(|message| message.summary.is_some());
    if let Some((at, summary)) = summarised.and_then(|at| Some((at, history[at].summary.as_ref()?))) {
        let text = sizes::head(&summary.text, summary_bytes).to_owned();
        let recalled = ChatTurn::Assistant { text, calls: Vec::new(), echo: Map::new() };
        exchanges.push(Exchange {
            turns: vec![ChatTurn::User(RECALL.to_owned()), recalled],
            last: at,
            is_summary: true,
        });
    }
    for (index, message) in history.iter().enumerate().skip(summarised.map_or(0, |at| at + 1)) {
        match (message.role, exchanges.last_mut()) {
            (Role::User, Some(Exchange { turns, last, .. })) if turns.len() == 1 => {
                // Roles must alternate, so a message without an answer is joined with the next.
                if let [ChatTurn::User(text)] = &mut turns[..] {
                    text.push_str("\n\n");
                    text.push_str(&message.text());
                }
                *last = index;
            }
            (Role::User, _) => {
                let turns = vec![ChatTurn::User(message.text())];
                exchanges.push(Exchange { turns, last: index, is_summary: false });
            }
            (Role::Assistant, Some(Exchange { turns, last, is_summary: false })) => {
                let id = |part: usize, call: &ToolCall| unique_id(message.id, part, &call.call_id, &mut ids);
                assistant_turns(&message.parts, Own::default(), id, turns);
                if matches!(turns.last(), Some(ChatTurn::Tool { .. })) {
                    let (text, calls) = (UNFINISHED.to_owned(), Vec::new());
                    turns.push(ChatTurn::Assistant { text, calls, echo: Map::new() });
                }
                *last = index;
            }
            // A reply to what is not here.
            (Role::Assistant, _) => {}
        }
    }
    exchanges
}

/// The id of a call of an earlier message, or another one if an earlier call has it: older versions numbered the calls of
/// each message alike.
fn unique_id(message: MessageId, part: usize, id: &str, ids: &mut HashSet<String>) -> String {
    let mut id = id.to_owned();
    while !ids.insert(id.clone()) {
        id = ids::derived(&format!("{message}:{part}:{id}"));
    }
    id
}

/// What a provider sent in the current reply and gets back verbatim.
#[derive(Clone, Copy, Debug, Default)]
struct Own<'a> {
    steps: &'a [Step],
    /// The provider that the turns are for; `None` for earlier replies, of which nothing goes back.
    reader: Option<Reader<'a>>,
}

impl<'a> Own<'a> {
    /// The step of this index, if it is one of the provider.
    fn step(&self, index: u32) -> Option<&'a Step> {
        let step = self.steps.get(usize::try_from(index).ok()?)?;
        self.reader.filter(|reader| reader.name == step.provider).map(|_| step)
    }

    /// The call with extras that is shown in this part.
    fn call(&self, call: &ToolCall, part: usize) -> Option<&'a StepCall> {
        self.step(call.step)?.calls.iter().find(|made| made.part == part && !made.extra.is_empty())
    }

    fn echo(&self, step: u32) -> Map<String, Value> {
        let wanted = self.reader.is_some_and(|reader| reader.echo);
        self.step(step).filter(|_| wanted).map(|step| step.echo.clone()).unwrap_or_default()
    }
}

/// Adds the turns of a reply: for each answer its text with its calls, then their results.
fn assistant_turns(
    parts: &[Part],
    own: Own<'_>,
    mut id: impl FnMut(usize, &ToolCall) -> String,
    turns: &mut Vec<ChatTurn>,
) {
    let (mut text, mut calls, mut results, mut step) = (String::new(), Vec::new(), Vec::new(), 0);
    let mut flush = |text: &mut String, calls: &mut Vec<TurnCall>, results: &mut Vec<ChatTurn>, step: u32| {
        if !text.trim().is_empty() || !calls.is_empty() {
            let echo = if calls.is_empty() { Map::new() } else { own.echo(step) };
            turns.push(ChatTurn::Assistant { text: std::mem::take(text), calls: std::mem::take(calls), echo });
            turns.append(results);
        }
    };
    for (index, part) in parts.iter().enumerate() {
        match part {
            Part::Text { text: more } => {
                if !calls.is_empty() {
                    flush(&mut text, &mut calls, &mut results, step);
                }
                text.push_str(more);
            }
            Part::Reasoning { .. } => {}
            Part::ToolCall(call) => {
                // In one turn with the calls of an earlier answer, a model would see a repair beside its error.
                if call.step != step && !calls.is_empty() {
                    flush(&mut text, &mut calls, &mut results, step);
                }
                step = call.step;
                let turn_call = turn_call(call, id(index, call), own.call(call, index));
                results.push(ChatTurn::Tool { id: turn_call.id.clone(), result: result(call) });
                calls.push(turn_call);
            }
        }
    }
    flush(&mut text, &mut calls, &mut results, step);
}

/// A call as it goes back. `made` has the extras of the provider that reads it.
fn turn_call(call: &ToolCall, id: String, made: Option<&StepCall>) -> TurnCall {
    // Where a signature covers the call it goes back verbatim. Everywhere else the text is the same in the reply and in
    // later ones, so that the start of a request does not change.
    let arguments = match made {
        Some(made) => made.arguments.clone(),
        None if call.arguments.is_object() => call.arguments.to_string(),
        // Servers refuse arguments that are no object; the result says what was wrong.
        None => "{}".to_owned(),
    };
    TurnCall { id, name: call.name.clone(), arguments, extra: made.map(|made| made.extra.clone()).unwrap_or_default() }
}

fn result(call: &ToolCall) -> String {
    match call.state {
        ToolState::Denied => json!({ "code": "denied", "message": "The user said no." }).to_string(),
        ToolState::Undone => json!({ "undone": true, "message": "This was done, then taken back." }).to_string(),
        // The reply ended before the call was run. It needs a result all the same: providers refuse a call without one.
        ToolState::Running | ToolState::AwaitingApproval => {
            json!({ "code": "cancelled", "message": "This was not run." }).to_string()
        }
        ToolState::Done | ToolState::Failed => call.result.to_string(),
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
pub(super) mod tests;
