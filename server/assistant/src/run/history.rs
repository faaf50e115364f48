//! Converts messages to the chat turns that a provider reads.
//!
//! The context of a model is limited, and old results of tools are its largest and least useful part: they are
//! shortened first, then the oldest exchanges are dropped. The extras of a call are sent only to the provider that made
//! it, since others refuse fields that they do not know.
//!
//! **Invariant:** a call is followed by its result, and the last message of the user is always included.

use super::{
    sizes,
    step::{Step, StepCall},
};
use crate::provider::{ChatTurn, TurnCall};
use serde_json::json;
use std::collections::HashMap;
use tandem_protocol::{
    enums::{Role, ToolState},
    model::{Message, Part, ToolCall},
};

/// Bytes of a request besides prompt and tools: about 12,000 tokens, which small models accept.
const BUDGET: usize = 48_000;
/// The same after a provider has refused a request as too long: about 2,000 tokens, so that prompt, tools and an answer
/// fit into a context of 8,000.
const SHORT_BUDGET: usize = 8_000;
/// Characters of a tool result in an earlier exchange.
const OLD_RESULT_CHARS: usize = 200;
/// Characters of a result in the current reply, when the last exchange alone exceeds the budget.
const NEW_RESULT_CHARS: usize = 4_000;

/// A conversation as a provider reads it.
#[derive(Debug, PartialEq)]
pub(super) struct ChatHistory {
    pub(super) turns: Vec<ChatTurn>,
    /// Whether older exchanges were dropped.
    pub(super) is_truncated: bool,
}

/// The conversation and the reply so far, for the provider of this name.
#[must_use]
pub(super) fn chat_history(
    history: &[Message],
    reply: &[Part],
    steps: &[Step],
    provider: &str,
    short: bool,
) -> ChatHistory {
    let mut exchanges = exchanges(history);
    let calls = steps.iter().flat_map(|step| step.calls.iter().map(move |call| (call.part, (step, call)))).collect();
    let Some(current) = exchanges.last_mut() else { return ChatHistory { turns: Vec::new(), is_truncated: false } };
    assistant_turns(reply, &calls, provider, current);
    fit(exchanges, if short { SHORT_BUDGET } else { BUDGET })
}

/// The messages in groups, each beginning with a message of the user.
fn exchanges(history: &[Message]) -> Vec<Vec<ChatTurn>> {
    let mut exchanges: Vec<Vec<ChatTurn>> = Vec::new();
    for message in history {
        match message.role {
            Role::User => exchanges.push(vec![ChatTurn::User(message.text())]),
            Role::Assistant => {
                if let Some(current) = exchanges.last_mut() {
                    assistant_turns(&message.parts, &HashMap::new(), "", current);
                }
            }
        }
    }
    exchanges
}

type Made<'a> = HashMap<usize, (&'a Step, &'a StepCall)>;

/// Adds the turns of a reply: text with the calls after it, then their results, and so on.
fn assistant_turns(parts: &[Part], made: &Made<'_>, provider: &str, turns: &mut Vec<ChatTurn>) {
    let (mut text, mut calls, mut results) = (String::new(), Vec::new(), Vec::new());
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
                let turn_call = turn_call(call, made.get(&index), provider);
                results.push(ChatTurn::Tool { id: turn_call.id.clone(), result: result(call) });
                calls.push(turn_call);
            }
        }
    }
    flush(&mut text, &mut calls, &mut results);
}

fn turn_call(call: &ToolCall, made: Option<&(&Step, &StepCall)>, provider: &str) -> TurnCall {
    match made {
        // Only the provider that made the call gets its own text and extras back.
        Some((step, made)) if step.provider == provider => TurnCall {
            id: call.call_id.clone(),
            name: made.name.clone(),
            arguments: made.arguments.clone(),
            extra: made.extra.clone(),
        },
        _ => TurnCall {
            id: call.call_id.clone(),
            name: call.name.clone(),
            arguments: call.arguments.to_string(),
            extra: serde_json::Map::new(),
        },
    }
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
fn fit(mut exchanges: Vec<Vec<ChatTurn>>, budget: usize) -> ChatHistory {
    let mut is_truncated = false;
    let old = exchanges.len().saturating_sub(1);
    for at in 0..old {
        if size(&exchanges) <= budget {
            break;
        }
        shorten(&mut exchanges[at], OLD_RESULT_CHARS);
    }
    while size(&exchanges) > budget && exchanges.len() > 1 {
        // A whole exchange at a time: a result without its call would be refused.
        exchanges.remove(0);
        is_truncated = true;
    }
    if size(&exchanges) > budget
        && let Some(current) = exchanges.last_mut()
    {
        shorten(current, NEW_RESULT_CHARS);
    }
    ChatHistory { turns: exchanges.into_iter().flatten().collect(), is_truncated }
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
