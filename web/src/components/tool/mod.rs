//! Tool calls of the assistant: one row per call, which expands to what has changed.

mod approval;
mod card;
mod facts;
mod set;
mod wording;

pub(crate) use card::ToolCards;
pub(crate) use wording::{request, sentence};

use std::ops::Range;
use tandem_protocol::{enums::Decision, id::MessageId, model::Part};

/// What a person can do with a tool call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ToolAction {
    /// Undo the effect of the call, by the undo token of its result.
    Undo(String),
    /// Approve or deny a call that waits for it.
    Decide { message_id: MessageId, call_id: String, decision: Decision },
}

/// A run of parts of a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    /// The index of a text part.
    Text(usize),
    /// The index of a part of reasoning.
    Thought(usize),
    /// Consecutive tool calls, which are one step of the assistant.
    Calls(Range<usize>),
}

/// Groups the parts of a reply into texts, thoughts and steps.
pub(crate) fn segments(parts: &[Part]) -> Vec<Segment> {
    let mut segments = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        match (part, segments.last_mut()) {
            (Part::Text { .. }, _) => segments.push(Segment::Text(index)),
            (Part::Reasoning { .. }, _) => segments.push(Segment::Thought(index)),
            (Part::ToolCall(_), Some(Segment::Calls(range))) => range.end = index + 1,
            (Part::ToolCall(_), _) => segments.push(Segment::Calls(index..index + 1)),
        }
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::tool_call;

    #[test]
    fn calls_that_follow_each_other_are_one_step() {
        let call = || Part::ToolCall(tool_call("add_task"));
        let parts = [Part::text("a"), call(), call(), Part::text("b"), call()];
        assert_eq!(segments(&parts), [Segment::Text(0), Segment::Calls(1..3), Segment::Text(3), Segment::Calls(4..5)]);
    }
}
