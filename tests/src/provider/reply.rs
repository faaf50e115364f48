//! A scripted reply, as a list of steps.

use serde_json::{Value, json};
use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

/// A scripted answer to one request.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    pub(super) status: Option<u16>,
    pub(super) steps: Vec<Step>,
}

/// One step of a reply.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Sends a chunk of the stream.
    Chunk(Value),
    /// Sends nothing for this time.
    Pause(Duration),
    /// Sends nothing until the test releases it.
    Hold,
    /// Sends nothing more and keeps the connection open.
    Hang,
    Cut,
    /// Ends the stream regularly.
    Done,
}

impl Reply {
    /// `count` words of [`words`], one every `pause`. Further steps may follow; otherwise the reply ends regularly.
    #[must_use]
    pub fn words(count: usize, pause: Duration) -> Self {
        Self::default().and_words(0, count, pause)
    }

    /// Further words, numbered from `first`.
    #[must_use]
    pub fn and_words(mut self, first: usize, count: usize, pause: Duration) -> Self {
        for number in first..first + count {
            if !pause.is_zero() {
                self.steps.push(Step::Pause(pause));
            }
            self.steps.push(text(&word(number)));
        }
        self
    }

    /// Further words as thoughts, numbered from `first`.
    #[must_use]
    pub fn and_thoughts(mut self, first: usize, count: usize, pause: Duration) -> Self {
        for number in first..first + count {
            self.steps.push(Step::Pause(pause));
            self.steps.push(delta(&json!({ "reasoning_content": word(number) })));
        }
        self
    }

    /// A text in one chunk.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self { status: None, steps: vec![self::text(text)] }
    }

    /// A tool call in several chunks, as models send it.
    #[must_use]
    pub fn call(tool: &str, arguments: &Value) -> Self {
        Self::calls([(tool, arguments.clone())])
    }

    /// Several tool calls in one step.
    #[must_use]
    pub fn calls<'a>(calls: impl IntoIterator<Item = (&'a str, Value)>) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let mut steps = Vec::new();
        for (index, (tool, arguments)) in calls.into_iter().enumerate() {
            let id = format!("call_{}", NEXT.fetch_add(1, Ordering::Relaxed));
            let arguments = arguments.to_string();
            let half = arguments.char_indices().nth(arguments.chars().count() / 2).map_or(0, |(at, _)| at);
            let (head, tail) = arguments.split_at(half);
            steps.push(delta(&json!({ "tool_calls": [{ "index": index, "id": id, "type": "function",
                "function": { "name": tool, "arguments": head } }] })));
            steps.push(delta(&json!({ "tool_calls": [{ "index": index, "function": { "arguments": tail } }] })));
        }
        steps.push(finish("tool_calls"));
        Self { status: None, steps }
    }

    #[must_use]
    pub fn then(mut self, other: Self) -> Self {
        self.steps.extend(other.steps);
        self
    }

    /// An error response with this status.
    #[must_use]
    pub fn error(status: u16) -> Self {
        Self { status: Some(status), steps: Vec::new() }
    }

    /// Then waits until the test releases it.
    #[must_use]
    pub fn hold(self) -> Self {
        self.and(Step::Hold)
    }

    /// Then sends nothing more.
    #[must_use]
    pub fn hang(self) -> Self {
        self.and(Step::Hang)
    }

    /// Then breaks the connection.
    #[must_use]
    pub fn cut(self) -> Self {
        self.and(Step::Cut)
    }

    fn and(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// All steps, including the end of the stream.
    pub(super) fn steps(self) -> Vec<Step> {
        let called = self.steps.iter().any(|step| matches!(step, Step::Chunk(chunk) if is_finish(chunk)));
        let mut steps = self.steps;
        if !called {
            steps.push(finish("stop"));
        }
        let usage = json!({ "prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12 });
        steps.push(Step::Chunk(json!({ "choices": [], "usage": usage })));
        steps.push(Step::Done);
        steps
    }
}

/// The word with this number, with letters of one to four bytes: a confusion of bytes and characters fails a test.
#[must_use]
pub(super) fn word(number: usize) -> String {
    let kinds = ["plain", "größer", "漢字", "🙂"];
    format!("{}{number} ", kinds[number % kinds.len()])
}

/// The text of `count` words.
#[must_use]
pub fn words(count: usize) -> String {
    (0..count).map(word).collect()
}

fn text(text: &str) -> Step {
    delta(&json!({ "content": text }))
}

fn delta(delta: &Value) -> Step {
    Step::Chunk(json!({ "choices": [{ "index": 0, "delta": delta, "finish_reason": null }] }))
}

fn finish(reason: &str) -> Step {
    Step::Chunk(json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": reason }] }))
}

fn is_finish(chunk: &Value) -> bool {
    chunk["choices"][0]["finish_reason"].is_string()
}
