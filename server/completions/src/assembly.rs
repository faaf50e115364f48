//! Assembles an answer from its chunks: tool calls from deltas in every style that providers were seen to send.
//!
//! OpenAI gives each call an index; Gemini sends whole calls without one; other servers repeat ids and names with every
//! delta, or reuse an index for the next call. So a delta is matched by index, then by id, then by order, and it begins
//! a call if it has a name that is new, a new id, or comes after complete arguments.
//!
//! **Invariant:** what is kept is bounded, whatever a provider sends: by the limits below and by one call more than are
//! run.

use crate::{
    Call, CallDelta, Chunk, Finish,
    call::{self, Nesting},
    echo::Echo,
};
use serde_json::{Map, Value};

/// Tool calls of one answer that are run; the assembly keeps one more, which shows that there were too many.
pub const MAX_CALLS: usize = 16;
/// Bytes of the arguments of one call, as the provider wrote them.
pub const MAX_ARGUMENTS: usize = 256 * 1024;
/// Bytes of the arguments of all calls of an answer.
const MAX_CALL_BYTES: usize = 1024 * 1024;
/// Bytes of the fields of one call that a provider expects back.
const MAX_EXTRA: usize = 64 * 1024;
/// Longest id in bytes that is kept; a call with a longer one gets an id of ours.
const MAX_ID: usize = 1024;
/// Longest name of a tool in characters; no tool has a longer one.
const MAX_NAME_CHARS: usize = 100;

/// An answer as far as it was received, without its text and thoughts, which are published at once.
#[derive(Debug)]
pub struct AnswerAssembly {
    calls: Vec<Call>,
    /// Bytes of all arguments that were received.
    bytes: usize,
    echo: Echo,
    pub finish: Option<Finish>,
    /// Prompt and completion tokens.
    pub usage: (u64, u64),
    pub model: Option<String>,
    is_tool: fn(&str) -> bool,
}

impl AnswerAssembly {
    /// An empty answer. `is_tool` knows the names of the tools, which some servers send in pieces.
    #[must_use]
    pub fn new(is_tool: fn(&str) -> bool) -> Self {
        Self { calls: Vec::new(), bytes: 0, echo: Echo::default(), finish: None, usage: (0, 0), model: None, is_tool }
    }

    /// Adds everything but the text of a chunk.
    pub fn add(&mut self, chunk: Chunk) {
        self.echo.add(chunk.echo);
        for delta in chunk.calls {
            self.add_delta(delta);
        }
        // A bad end stays: some servers send `stop` in every last frame, also after `length`.
        self.finish = self.finish.max(chunk.finish);
        // The token counts often come in a chunk of their own, after the one with the reason of the end.
        self.usage = chunk.usage.unwrap_or(self.usage);
        self.model = chunk.model.or(self.model.take());
    }

    fn add_delta(&mut self, delta: CallDelta) {
        let position = self.position(&delta);
        let replaced = position.map(|index| &mut self.calls[index]).filter(|call| call.is_replaced_by(&delta));
        if let Some(call) = replaced {
            self.bytes = self.bytes.saturating_sub(call.arguments.len());
            (call.arguments, call.nesting) = (String::new(), Nesting::default());
        }
        self.bytes = self.bytes.saturating_add(delta.arguments.len());
        // One bound for all calls: many calls within their own limit would fill memory as well.
        let full = self.bytes > MAX_CALL_BYTES;
        match position {
            Some(index) => {
                if let Some(name) = self.longer_name(&delta, &self.calls[index]) {
                    self.calls[index].name = name;
                }
                merge(&mut self.calls[index], delta);
                if full {
                    overflow(&mut self.calls[index]);
                }
            }
            None if full || self.calls.len() > MAX_CALLS => {}
            None if delta.id.is_empty() && delta.name.is_empty() && delta.arguments.is_empty() => {}
            None => {
                let mut call = Call { index: delta.index, ..Call::default() };
                merge(&mut call, delta);
                self.calls.push(call);
            }
        }
    }

    /// Index of the call that a delta continues; `None` when it begins a new one.
    fn position(&self, delta: &CallDelta) -> Option<usize> {
        let by_index = delta.index.and_then(|_| self.calls.iter().rposition(|call| call.index == delta.index));
        let by_id = || {
            let same = |call: &Call| !delta.id.is_empty() && call.id == delta.id;
            // Two indexes are two calls, even if a server gives both the same id.
            self.calls.iter().rposition(|call| same(call) && (delta.index.is_none() || call.index.is_none()))
        };
        // Without index and id, and with an index that no call has but no name either, the last call goes on.
        let by_order = || {
            (delta.index.is_none() || delta.name.is_empty() && delta.id.is_empty())
                .then(|| self.calls.len().checked_sub(1))
                .flatten()
        };
        let at = by_index.or_else(by_id).or_else(by_order)?;
        (!self.begins(delta, &self.calls[at])).then_some(at)
    }

    /// Whether a delta begins a call, where otherwise it would continue this one.
    fn begins(&self, delta: &CallDelta, call: &Call) -> bool {
        let another_id = !delta.id.is_empty() && !call.id.is_empty() && delta.id != call.id;
        if delta.name.is_empty() {
            // A call without a name cannot be run, so this continues the call even under another id: some servers
            // generate one for each delta. Without an index only the id can tell, and a name may follow.
            return another_id && delta.index.is_none() && call.nesting.is_complete();
        }
        if call.name.is_empty() {
            return another_id;
        }
        if delta.id == call.id && !delta.id.is_empty() {
            return false;
        }
        if delta.name != call.name {
            return self.longer_name(delta, call).is_none();
        }
        if call.nesting.is_complete() {
            return true;
        }
        // The name again: for the next call, or repeated with each delta of one call. With the same index it is one call
        // also under another id, unless the delta is a whole one.
        another_id
            && match delta.index {
                Some(_) => call::is_filled(&delta.arguments) && !call.arguments.is_empty(),
                None => call.arguments.is_empty() || begins_value(&delta.arguments),
            }
    }

    /// The name of a call with the piece of it in a delta, or as far as it has come by then; `None` for another name.
    fn longer_name(&self, delta: &CallDelta, call: &Call) -> Option<String> {
        let another_id = !delta.id.is_empty() && delta.id != call.id;
        let is_open = call.arguments.is_empty() && !call.name.is_empty() && !(self.is_tool)(&call.name);
        if !is_open || another_id || delta.name.is_empty() || delta.name == call.name {
            return None;
        }
        if delta.name.starts_with(&call.name) {
            return Some(delta.name.clone());
        }
        let joined = format!("{}{}", call.name, delta.name);
        let fits = !(self.is_tool)(&delta.name) && joined.chars().count() <= MAX_NAME_CHARS;
        fits.then(|| call::tool_name(&joined).to_owned())
    }

    #[must_use]
    pub fn has_calls(&self) -> bool {
        !self.calls.is_empty()
    }

    /// Whether there are calls, and every one of them could be run as it is.
    #[must_use]
    pub fn has_whole_calls(&self) -> bool {
        let whole = |call: &Call| !call.name.is_empty() && call.nesting.is_complete() && call.is_readable();
        self.has_calls() && self.calls.iter().all(whole)
    }

    /// Takes the fields with the thoughts that the provider expects back beside the calls, verbatim.
    #[must_use]
    pub fn take_echo(&mut self) -> Map<String, Value> {
        std::mem::take(&mut self.echo).into_fields()
    }

    /// The calls in order, without those that have no name.
    #[must_use]
    pub fn into_calls(self) -> Vec<Call> {
        let named = self.calls.into_iter().filter(|call| !call.name.is_empty());
        named.flat_map(Call::split).take(MAX_CALLS + 1).collect()
    }
}

/// Whether a text can be the start of arguments.
fn begins_value(text: &str) -> bool {
    text.trim().is_empty() || text.trim_start().starts_with(['{', '"']) || text.trim() == "null"
}

fn merge(call: &mut Call, delta: CallDelta) {
    // Ids and names come with the first delta only, or again with each one.
    if call.id.is_empty() && delta.id.len() <= MAX_ID {
        call.id = delta.id;
    }
    if call.name.is_empty() {
        call.name = delta.name.chars().take(MAX_NAME_CHARS).collect();
    }
    if call.arguments.len() + delta.arguments.len() > MAX_ARGUMENTS {
        overflow(call);
    }
    if !call.oversized {
        call.nesting.push(&delta.arguments);
        call.arguments.push_str(&delta.arguments);
    }
    if !delta.extra.is_empty() && json_bytes(&call.extra) + json_bytes(&delta.extra) <= MAX_EXTRA {
        call.extra.extend(delta.extra);
    }
}

fn overflow(call: &mut Call) {
    call.oversized = true;
    call.arguments = String::new();
    call.nesting = Nesting::default();
}

fn json_bytes(fields: &Map<String, Value>) -> usize {
    serde_json::to_vec(fields).map_or(usize::MAX, |json| json.len())
}

#[cfg(test)]
mod tests;
