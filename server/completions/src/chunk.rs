//! Interprets a frame: text, thoughts, pieces of tool calls, the end, or an error.
//!
//! Servers differ from OpenAI's reference in the type of every field, so each is read from any JSON. What cannot be
//! understood is absent; it never makes the rest of a frame unreadable. Fields of calls that are not known are kept,
//! because some providers expect them back.

use crate::{CallDelta, Refusal, call, echo::Echo, error_frame, refusal};
use serde_json::{Map, Value};

/// What one frame adds to an answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chunk {
    /// More text; may be empty.
    pub text: String,
    /// What the model thinks, which is no part of the text; may be empty.
    pub thoughts: String,
    /// Whether all text of the chunks before this one was thoughts: only now a tag has come that ends them.
    pub text_was_thoughts: bool,
    /// The fields with thoughts, as the provider may expect them back.
    pub echo: Map<String, Value>,
    /// Pieces of tool calls.
    pub calls: Vec<CallDelta>,
    /// Why the answer ends, once that is known.
    pub finish: Option<Finish>,
    /// Prompt and completion tokens of the answer, once that is known.
    pub usage: Option<(u64, u64)>,
    /// The model that answers, if the chunk contains it.
    pub model: Option<String>,
}

impl Chunk {
    /// Whether the chunk has anything that the model wrote.
    #[must_use]
    pub fn has_output(&self) -> bool {
        self.output_len() > 0
    }

    fn output_len(&self) -> usize {
        self.text.len() + self.thoughts.len() + self.calls.len()
    }
}

/// Why an answer ended. A greater one holds if a server gives several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finish {
    /// It is complete, or its tools are to be run.
    Stop,
    /// Any reason that is not known to be a good end: the answer was broken off.
    Broken,
    /// The provider's length limit was reached.
    Length,
    /// The provider refused the content.
    ContentFilter,
}

/// Reasons of a complete answer: OpenAI's, and those of text-generation-inference and Anthropic.
const GOOD_ENDS: [&str; 9] =
    ["stop", "tool_calls", "function_call", "eos", "end_turn", "eos_token", "stop_sequence", "tool_call", "tool_use"];
/// Parts of the reasons with which servers name a limit of length.
const LENGTHS: [&str; 9] = [
    "length",
    "max_tokens",
    "max_output",
    "max_new",
    "max_completion",
    "max_generat",
    "token_limit",
    "tokens_exceeded",
    "context_window",
];

impl Finish {
    /// The meaning of a `finish_reason`; `None` for a text that gives none.
    fn parse(reason: &str) -> Option<Self> {
        let reason = refusal::normalized(reason);
        Some(match reason.as_str() {
            "" | "null" | "none" => return None,
            good if GOOD_ENDS.contains(&good) => Self::Stop,
            long if LENGTHS.iter().any(|part| long.contains(part)) => Self::Length,
            filtered if refusal::is_filter(filtered) => Self::ContentFilter,
            _ => Self::Broken,
        })
    }
}

/// Reads the frames of one answer.
#[derive(Debug, Default)]
pub(crate) struct ChunkReader {
    /// Index of the choice that is read: the first one. Others are alternatives to it.
    choice: Option<i64>,
    /// Whether a `delta` had output. Then a `message` is the whole answer once more.
    streams: bool,
}

impl ChunkReader {
    /// Reads one frame.
    ///
    /// # Errors
    /// When the frame reports an error, in any shape.
    pub(crate) fn read(&mut self, mut frame: Value) -> Result<Chunk, Refusal> {
        let mut choices = match frame.get_mut("choices").map(Value::take) {
            Some(Value::Array(choices)) => choices,
            Some(choice @ Value::Object(_)) => vec![choice],
            _ => Vec::new(),
        };
        choices.retain(Value::is_object);
        if let Some(error) = error_frame::error_of(&frame, choices.is_empty()) {
            return Err(Refusal::classify(None, error));
        }
        let mut chunk = Chunk {
            model: frame.get("model").and_then(Value::as_str).filter(|model| !model.is_empty()).map(str::to_owned),
            usage: frame.get("usage").and_then(usage),
            finish: finish(&frame),
            ..Chunk::default()
        };
        for choice in choices {
            let index = choice.get("index").and_then(integer).unwrap_or_default();
            if *self.choice.get_or_insert(index) == index {
                self.read_choice(choice, &mut chunk)?;
            }
        }
        Ok(chunk)
    }

    fn read_choice(&mut self, mut choice: Value, chunk: &mut Chunk) -> Result<(), Refusal> {
        chunk.finish = chunk.finish.max(finish(&choice));
        let parts = [Some(&choice), choice.get("delta"), choice.get("message")];
        // A good end beside an error is none; the end of a filter has more to it than its error.
        if let Some(error) = parts.into_iter().flatten().find_map(error_frame::error_field)
            && chunk.finish != Some(Finish::ContentFilter)
        {
            return Err(Refusal::classify(None, error));
        }
        chunk.usage = chunk.usage.or_else(|| choice.get("usage").and_then(usage));
        let before = chunk.output_len();
        match choice.get_mut("delta").map(Value::take) {
            Some(Value::Object(delta)) if !delta.is_empty() => read_delta(delta, chunk),
            Some(Value::String(text)) if !text.is_empty() => chunk.text.push_str(&text),
            _ => {}
        }
        // Some proxies send text and calls of one answer as two choices, so that the chunk may have a message already.
        self.streams |= chunk.output_len() > before;
        if self.streams {
            return Ok(());
        }
        match choice.get_mut("message").map(Value::take) {
            Some(Value::Object(message)) => read_delta(message, chunk),
            _ => push_text(choice.get("text").unwrap_or(&Value::Null), chunk),
        }
        Ok(())
    }
}

/// The reason of the end in a choice, or in a frame that has it beside its choices.
fn finish(part: &Value) -> Option<Finish> {
    let reason = part.get("finish_reason")?;
    // SGLang sends an object with a type.
    reason.as_str().or_else(|| reason.get("type")?.as_str()).and_then(Finish::parse)
}

fn read_delta(mut delta: Map<String, Value>, chunk: &mut Chunk) {
    let thoughts = ["reasoning_content", "reasoning", "thinking", "reasoning_text", "reasoning_details"];
    // Some servers send the same thoughts under two names.
    if let Some(thoughts) = thoughts.iter().map(|name| all_text(delta.get(*name))).find(|text| !text.is_empty()) {
        chunk.thoughts.push_str(&thoughts);
    }
    chunk.echo.extend(Echo::pieces(&delta));
    // A refusal comes in place of the content, and is shown like it.
    for name in ["content", "refusal"] {
        push_text(delta.get(name).unwrap_or(&Value::Null), chunk);
    }
    match delta.remove("tool_calls") {
        Some(Value::Array(calls)) => chunk.calls.extend(calls.into_iter().filter_map(call_delta)),
        Some(call @ Value::Object(_)) => chunk.calls.extend(call_delta(call)),
        _ => {}
    }
    // The form of before there were tools.
    if let Some(function @ Value::Object(_)) = delta.remove("function_call") {
        chunk.calls.extend(call_delta(serde_json::json!({ "function": function })));
    }
}

/// Adds content in any form: a text, a part, or a list of them.
fn push_text(content: &Value, chunk: &mut Chunk) {
    match content {
        Value::String(text) => chunk.text.push_str(text),
        // Some servers parse each token as JSON before they send it.
        Value::Number(_) | Value::Bool(_) => chunk.text.push_str(&content.to_string()),
        Value::Array(parts) => parts.iter().for_each(|part| push_text(part, chunk)),
        Value::Object(part) => {
            let kind = part.get("type").and_then(Value::as_str).unwrap_or_default();
            if kind.contains("think") || kind.contains("reason") {
                chunk.thoughts.push_str(&all_text(Some(content)));
            } else {
                chunk.text.push_str(&all_text(Some(content)));
            }
        }
        Value::Null => {}
    }
}

/// The texts in a part, one after the other.
fn all_text(part: Option<&Value>) -> String {
    match part {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => parts.iter().map(|part| all_text(Some(part))).collect(),
        Some(Value::Object(part)) => {
            let names = ["text", "thinking", "reasoning", "summary", "content", "refusal", "value"];
            names.iter().map(|name| all_text(part.get(*name))).find(|text| !text.is_empty()).unwrap_or_default()
        }
        _ => String::new(),
    }
}

fn call_delta(call: Value) -> Option<CallDelta> {
    let Value::Object(mut call) = call else { return None };
    // A request sets the type itself, so it is not among the extras.
    call.remove("type");
    let index = call.remove("index").as_ref().and_then(integer).and_then(|index| u64::try_from(index).ok());
    let id = call.remove("id").map(plain_text).unwrap_or_default();
    let mut function = match call.remove("function") {
        Some(Value::Object(function)) => function,
        _ => ["name", "arguments"].iter().filter_map(|name| call.remove_entry(*name)).collect(),
    };
    let name = function.remove("name").map(plain_text).unwrap_or_default();
    let name = call::tool_name(&name).to_owned();
    let arguments = match function.remove("arguments") {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text,
        // Some servers send the object instead of its text.
        Some(value) => value.to_string(),
    };
    call.retain(|_, extra| !extra.is_null());
    Some(CallDelta { index, id, name, arguments, extra: call })
}

fn plain_text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

/// A whole number, also as a float or a text.
fn integer(value: &Value) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "a cast saturates, and so far no index is a fraction")]
    let from_float = |float: f64| float as i64;
    value.as_i64().or_else(|| value.as_f64().map(from_float)).or_else(|| value.as_str()?.trim().parse().ok())
}

/// Prompt and completion tokens. A count below zero is unknown.
fn usage(usage: &Value) -> Option<(u64, u64)> {
    let usage = usage.as_object().filter(|usage| !usage.is_empty())?;
    let count = |names: [&str; 2]| {
        let found = names.iter().find_map(|name| integer(usage.get(*name)?));
        found.and_then(|count| u64::try_from(count).ok()).unwrap_or_default()
    };
    Some((count(["prompt_tokens", "input_tokens"]), count(["completion_tokens", "output_tokens"])))
}

#[cfg(test)]
mod tests;
