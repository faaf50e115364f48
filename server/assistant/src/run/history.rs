//! Converts messages to the chat turns that a provider reads.
//!
//! The context of a model is limited, and old results of tools are its largest and least useful part: they are
//! shortened first, then the oldest exchanges are dropped. The extras of a call are sent only to the provider that made
//! it, since others refuse fields that they do not know.
//!
//! Each answer of a model is a turn of its own, and nothing in earlier turns changes from message to message, because
//! providers cache the start of a request.
//!
//! **Invariant:** a call is followed by its result, roles alternate, no two calls have the same id, and the last message of
//! the user is always included.

use super::{
    sizes,
    step::{Step, StepCall},
};
use crate::{
    ids,
    provider::{ChatTurn, TurnCall},
};
use serde_json::json;
use std::collections::{HashMap, HashSet};
use tandem_protocol::{
    MessageId,
    enums::{Role, ToolState},
    model::{Message, Part, ToolCall},
};

/// Bytes of the turns after a provider has refused a request as too long: about 2,000 tokens, so that prompt, tools and
/// an answer fit into a context of 8,000.
const SHORT_BUDGET: usize = 8_000;
/// Characters of a tool result in an earlier exchange.
const OLD_RESULT_CHARS: usize = 200;
/// Characters of a result in the current reply, when the last exchange alone exceeds the budget.
const NEW_RESULT_CHARS: usize = 4_000;
/// The text of a reply that ended after its tools: some servers refuse a user's turn right after a result.
const UNFINISHED: &str = "(This reply was interrupted.)";

/// A conversation as a provider reads it.
#[derive(Debug, PartialEq)]
pub(super) struct ChatHistory {
    pub(super) turns: Vec<ChatTurn>,
    /// Whether older exchanges were dropped.
    pub(super) is_truncated: bool,
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
}

/// The conversation and the reply so far.
#[must_use]
pub(super) fn chat_history(history: &[Message], reply: CurrentReply<'_>, reader: Reader<'_>) -> ChatHistory {
    let mut ids = HashSet::new();
    let mut exchanges = exchanges(history, &mut ids);
    let made = reply.steps.iter().filter(|step| step.provider == reader.name).flat_map(|step| &step.calls);
    let made = made.filter(|call| !call.extra.is_empty()).map(|call| (call.part, call)).collect();
    let Some(current) = exchanges.last_mut() else { return ChatHistory { turns: Vec::new(), is_truncated: false } };
    // Ids of the current reply differ from all others when they are made; only those of old messages may repeat.
    assistant_turns(reply.parts, &made, |_, call| call.call_id.clone(), current);
    fit(exchanges, if reader.short { SHORT_BUDGET.min(reader.budget) } else { reader.budget })
}

/// The messages in groups, each beginning with what the user wrote since the last reply.
fn exchanges(history: &[Message], ids: &mut HashSet<String>) -> Vec<Vec<ChatTurn>> {
    let mut exchanges: Vec<Vec<ChatTurn>> = Vec::new();
    for message in history {
        match (message.role, exchanges.last_mut().map(Vec::as_mut_slice)) {
            // Roles must alternate, so a message without an answer is joined with the next.
            (Role::User, Some([ChatTurn::User(text)])) => {
                text.push_str("\n\n");
                text.push_str(&message.text());
            }
            (Role::User, _) => exchanges.push(vec![ChatTurn::User(message.text())]),
            (Role::Assistant, _) => {
                let Some(current) = exchanges.last_mut() else { continue };
                let id = |part: usize, call: &ToolCall| unique_id(message.id, part, &call.call_id, ids);
                assistant_turns(&message.parts, &HashMap::new(), id, current);
                if matches!(current.last(), Some(ChatTurn::Tool { .. })) {
                    current.push(ChatTurn::Assistant { text: UNFINISHED.to_owned(), calls: Vec::new() });
                }
            }
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

/// Adds the turns of a reply: for each answer its text with its calls, then their results.
fn assistant_turns(
    parts: &[Part],
    made: &HashMap<usize, &StepCall>,
    mut id: impl FnMut(usize, &ToolCall) -> String,
    turns: &mut Vec<ChatTurn>,
) {
    let (mut text, mut calls, mut results, mut step) = (String::new(), Vec::new(), Vec::new(), 0);
    let mut flush = |text: &mut String, calls: &mut Vec<TurnCall>, results: &mut Vec<ChatTurn>| {
        if !text.trim().is_empty() || !calls.is_empty() {
            turns.push(ChatTurn::Assistant { text: std::mem::take(text), calls: std::mem::take(calls) });
            turns.append(results);
        }
    };
    for (index, part) in parts.iter().enumerate() {
        match part {
            Part::Text { text: more } => {
                if !calls.is_empty() {
                    flush(&mut text, &mut calls, &mut results);
                }
                text.push_str(more);
            }
            Part::ToolCall(call) => {
                // In one turn with the calls of an earlier answer, a model would see a repair beside its error.
                if call.step != step && !calls.is_empty() {
                    flush(&mut text, &mut calls, &mut results);
                }
                step = call.step;
                let turn_call = turn_call(call, id(index, call), made.get(&index).copied());
                results.push(ChatTurn::Tool { id: turn_call.id.clone(), result: result(call) });
                calls.push(turn_call);
            }
        }
    }
    flush(&mut text, &mut calls, &mut results);
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

/// Shortens, then drops, until the exchanges fit the budget.
///
/// It removes in portions of half a budget, so that the start of a request stays the same for several messages.
fn fit(mut exchanges: Vec<Vec<ChatTurn>>, budget: usize) -> ChatHistory {
    let (total, portion) = (size(&exchanges), (budget / 2).max(1));
    let target = total.saturating_sub(total.saturating_sub(budget).div_ceil(portion) * portion);
    let old = exchanges.len().saturating_sub(1);
    let mut left = total;
    for exchange in &mut exchanges[..old] {
        if left <= target {
            break;
        }
        let before: usize = exchange.iter().map(turn_size).sum();
        shorten(exchange, OLD_RESULT_CHARS);
        left -= before - exchange.iter().map(turn_size).sum::<usize>();
    }
    let mut dropped = 0;
    while left > target && dropped < old {
        // A whole exchange at a time: a result without its call would be refused.
        left -= exchanges[dropped].iter().map(turn_size).sum::<usize>();
        dropped += 1;
    }
    exchanges.drain(..dropped);
    if left > budget
        && let Some(current) = exchanges.last_mut()
    {
        shorten(current, NEW_RESULT_CHARS);
    }
    ChatHistory { turns: exchanges.into_iter().flatten().collect(), is_truncated: dropped > 0 }
}

fn size(exchanges: &[Vec<ChatTurn>]) -> usize {
    exchanges.iter().flatten().map(turn_size).sum()
}

fn turn_size(turn: &ChatTurn) -> usize {
    match turn {
        ChatTurn::User(text) => text.len(),
        ChatTurn::Assistant { text, calls } => {
            text.len() + calls.iter().map(|call| call.name.len() + call.arguments.len()).sum::<usize>()
        }
        ChatTurn::Tool { result, .. } => result.len(),
    }
}

fn shorten(turns: &mut [ChatTurn], chars: usize) {
    for turn in turns {
        if let ChatTurn::Tool { result, .. } = turn {
            sizes::truncate_chars(result, chars);
        }
    }
}

#[cfg(test)]
mod tests;
