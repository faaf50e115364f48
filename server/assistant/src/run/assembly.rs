//! Assembles an answer from its chunks: tool calls from deltas in every style that providers were seen to send.
//!
//! OpenAI gives each call an index; Gemini sends whole calls without one; other servers repeat ids and names with every
//! delta, or reuse an index for the next call. So a delta is matched by index, then by id, then by order, and a call
//! counts as complete once its arguments are a JSON object.
//!
//! **Invariant:** what is kept is bounded, whatever a provider sends: by the limits in `sizes` and by one call more
//! than are run.

use super::{
    limits::MAX_CALLS,
    sizes::{MAX_ARGUMENTS, MAX_CALL_BYTES, MAX_EXTRA, json_bytes},
};
use crate::{
    provider::{CallDelta, Chunk, Finish},
    tools::ToolError,
};
use serde_json::{Map, Value};

/// Longest id in bytes that is kept; a call with a longer one gets an id of ours.
const MAX_ID: usize = 1024;
/// Longest name of a tool in characters; no tool has a longer one.
const MAX_NAME_CHARS: usize = 100;

/// An answer as far as it was received, without its text, which is published at once.
#[derive(Debug, Default)]
pub(super) struct AnswerAssembly {
    calls: Vec<Call>,
    /// Bytes of all arguments that were received.
    bytes: usize,
    pub(super) finish: Option<Finish>,
    pub(super) usage: (u64, u64),
    pub(super) model: Option<String>,
}

/// A tool call, complete once the answer has ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Call {
    pub(super) index: Option<u64>,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) arguments: String,
    pub(super) extra: Map<String, Value>,
    /// Whether the arguments were too long; none of their text is kept then.
    pub(super) oversized: bool,
}

impl Call {
    /// The error for arguments that no tool can accept.
    pub(super) fn rejection(&self) -> Option<ToolError> {
        if self.oversized {
            let error = ToolError::validation("The arguments are too long: they may have 256 KiB.");
            return Some(error.hint("Send less in one call."));
        }
        let unreadable = || ToolError::validation("The arguments are not a JSON object.");
        self.parsed().is_none().then(|| unreadable().hint("Send the call again with valid JSON."))
    }

    /// The arguments as they are shown: as text when they are not valid.
    pub(super) fn shown_arguments(&self) -> Value {
        self.parsed().unwrap_or_else(|| Value::String(self.arguments.clone()))
    }

    /// The parsed arguments, or `None` when they are not a JSON object. An empty text counts as an empty object.
    pub(super) fn parsed(&self) -> Option<Value> {
        if self.arguments.trim().is_empty() {
            return Some(Value::Object(Map::new()));
        }
        serde_json::from_str(&self.arguments).ok().filter(Value::is_object)
    }

    fn merge(&mut self, delta: CallDelta) {
        // Ids and names come with the first delta only, or again with each one.
        if self.id.is_empty() && delta.id.len() <= MAX_ID {
            self.id = delta.id;
        }
        if self.name.is_empty() {
            self.name = delta.name.chars().take(MAX_NAME_CHARS).collect();
        }
        if self.arguments.len() + delta.arguments.len() > MAX_ARGUMENTS {
            self.overflow();
        }
        if !self.oversized {
            self.arguments.push_str(&delta.arguments);
        }
        if !delta.extra.is_empty() && json_bytes(&self.extra) + json_bytes(&delta.extra) <= MAX_EXTRA {
            self.extra.extend(delta.extra);
        }
    }

    fn overflow(&mut self) {
        self.oversized = true;
        self.arguments = String::new();
    }

    fn is_complete(&self) -> bool {
        !self.arguments.trim().is_empty() && self.parsed().is_some()
    }
}

impl AnswerAssembly {
    /// Adds everything but the text of a chunk.
    pub(super) fn add(&mut self, chunk: Chunk) {
        for delta in chunk.calls {
            self.add_delta(delta);
        }
        // The token counts often come in a chunk of their own, after the one with the reason of the end.
        self.finish = chunk.finish.or(self.finish);
        self.usage = chunk.usage.unwrap_or(self.usage);
        self.model = chunk.model.or(self.model.take());
    }

    fn add_delta(&mut self, delta: CallDelta) {
        self.bytes = self.bytes.saturating_add(delta.arguments.len());
        // One bound for all calls: many calls within their own limit would fill memory as well.
        let full = self.bytes > MAX_CALL_BYTES;
        match self.position(&delta) {
            Some(index) => {
                self.calls[index].merge(delta);
                if full {
                    self.calls[index].overflow();
                }
            }
            // One call more than are run shows that there were too many; later ones are not kept.
            None if full || self.calls.len() > MAX_CALLS => {}
            None if delta.id.is_empty() && delta.name.is_empty() && delta.arguments.is_empty() => {}
            None => {
                let mut call = Call { index: delta.index, ..Call::default() };
                call.merge(delta);
                self.calls.push(call);
            }
        }
    }

    /// Index of the call that a delta continues; `None` when it begins a new one.
    fn position(&self, delta: &CallDelta) -> Option<usize> {
        if delta.index.is_some() {
            let index = self.calls.iter().rposition(|call| call.index == delta.index)?;
            let call = &self.calls[index];
            // Some servers reuse an index for the next call. While the first one is incomplete, a delta continues it
            // even under another id.
            let another = !delta.id.is_empty() && !call.id.is_empty() && delta.id != call.id;
            return (!(another && call.is_complete())).then_some(index);
        }
        if !delta.id.is_empty() {
            return self.calls.iter().rposition(|call| call.id == delta.id);
        }
        let last = self.calls.last()?;
        // With neither index nor id, only a name can begin a call. Some servers repeat it with each delta of one call.
        let begins = !delta.name.is_empty() && (delta.name != last.name || last.is_complete());
        (!begins).then(|| self.calls.len() - 1)
    }

    pub(super) fn has_calls(&self) -> bool {
        !self.calls.is_empty()
    }

    /// Whether every call could be run as it is.
    pub(super) fn is_whole(&self) -> bool {
        self.calls.iter().all(|call| !call.name.is_empty() && call.is_complete())
    }

    /// The calls in order, without those that have no name.
    pub(super) fn into_calls(self) -> Vec<Call> {
        self.calls.into_iter().filter(|call| !call.name.is_empty()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn delta(index: Option<u64>, id: &str, name: &str, arguments: &str) -> CallDelta {
        CallDelta { index, id: id.into(), name: name.into(), arguments: arguments.into(), extra: Map::new() }
    }

    fn assembled(deltas: Vec<CallDelta>) -> Vec<(String, String)> {
        let mut assembly = AnswerAssembly::default();
        for delta in deltas {
            assembly.add(Chunk { calls: vec![delta], ..Chunk::default() });
        }
        assembly.into_calls().into_iter().map(|call| (call.name, call.arguments)).collect()
    }

    fn calls(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        expected.iter().map(|(name, arguments)| ((*name).to_owned(), (*arguments).to_owned())).collect()
    }

    #[test]
    fn pieces_with_an_index_go_to_its_slot_also_when_they_alternate() {
        let deltas = vec![
            delta(Some(0), "a", "add_task", ""),
            delta(Some(1), "b", "list_tasks", ""),
            delta(Some(0), "", "", "{\"title\":"),
            delta(Some(1), "", "", "{}"),
            delta(Some(0), "", "", "\"x\"}"),
        ];
        assert_eq!(assembled(deltas), calls(&[("add_task", "{\"title\":\"x\"}"), ("list_tasks", "{}")]));
    }

    #[test]
    fn without_an_index_a_new_id_or_name_begins_a_call() {
        let whole = vec![delta(None, "a", "add_task", "{\"title\":\"x\"}"), delta(None, "b", "add_task", "{}")];
        assert_eq!(assembled(whole), calls(&[("add_task", "{\"title\":\"x\"}"), ("add_task", "{}")]));
        let named = vec![delta(None, "", "add_task", "{\"a\":1}"), delta(None, "", "add_task", "{\"a\":2}")];
        assert_eq!(assembled(named), calls(&[("add_task", "{\"a\":1}"), ("add_task", "{\"a\":2}")]));
        let parts = vec![delta(None, "", "get_task", "{\"a\""), delta(None, "", "", ":1}")];
        assert_eq!(assembled(parts), calls(&[("get_task", "{\"a\":1}")]));
    }

    #[test]
    fn a_reused_index_with_a_new_id_begins_a_call_once_the_first_is_whole() {
        let deltas = vec![delta(Some(0), "a", "add_task", "{\"a\":1}"), delta(Some(0), "b", "add_task", "{\"a\":2}")];
        assert_eq!(assembled(deltas).len(), 2);
        let same = vec![delta(Some(0), "a", "add_task", "{\"a\""), delta(Some(0), "a2", "add_task", ":1}")];
        assert_eq!(assembled(same), calls(&[("add_task", "{\"a\":1}")]));
    }

    #[test]
    fn names_and_ids_that_are_repeated_with_every_piece_are_taken_once() {
        let deltas = vec![delta(Some(0), "a", "get_task", "{\"a\""), delta(Some(0), "a", "get_task", ":1}")];
        assert_eq!(assembled(deltas), calls(&[("get_task", "{\"a\":1}")]));
    }

    #[test]
    fn empty_pieces_are_no_calls() {
        assert!(assembled(vec![delta(None, "", "", ""), delta(Some(0), "", "", "")]).is_empty());
    }

    #[test]
    fn arguments_that_are_too_long_are_not_kept() {
        let mut assembly = AnswerAssembly::default();
        let half = "x".repeat(MAX_ARGUMENTS / 2 + 1);
        for text in [half.as_str(), half.as_str(), "{}"] {
            assembly.add(Chunk { calls: vec![delta(Some(0), "a", "add_task", text)], ..Chunk::default() });
        }
        let calls = assembly.into_calls();
        assert_eq!((calls[0].oversized, calls[0].arguments.as_str()), (true, ""));
        assert!(calls[0].rejection().is_some());
    }

    #[test]
    fn calls_without_end_are_not_kept() {
        let mut assembly = AnswerAssembly::default();
        for n in 0..1_000 {
            let call = delta(Some(n), &format!("id{n}"), "add_task", &"x".repeat(100_000));
            assembly.add(Chunk { calls: vec![call], ..Chunk::default() });
        }
        let calls = assembly.into_calls();
        let bytes: usize = calls.iter().map(|call| call.arguments.len()).sum();
        assert!(calls.len() <= MAX_CALLS + 1 && bytes <= MAX_CALL_BYTES, "{} calls, {bytes} bytes", calls.len());
    }

    #[test]
    fn extras_are_kept_verbatim() {
        let mut assembly = AnswerAssembly::default();
        let extra = json!({ "extra_content": { "google": { "thought_signature": "sig-é==" } } });
        let call = CallDelta { extra: extra.as_object().cloned().unwrap(), ..delta(None, "a", "add_task", "{}") };
        assembly.add(Chunk { calls: vec![call], ..Chunk::default() });
        assert_eq!(Value::Object(assembly.into_calls()[0].extra.clone()), extra);
    }

    #[test]
    fn arguments_are_objects_and_nothing_means_an_empty_one() {
        let parsed = |text: &str| Call { arguments: text.into(), ..Call::default() }.parsed();
        assert_eq!(parsed(" "), Some(json!({})));
        assert_eq!(parsed("{\"a\":1}"), Some(json!({ "a": 1 })));
        assert_eq!(parsed("{\"a\":"), None);
        assert_eq!(parsed("3"), None);
    }
}
