//! The JSON of requests and of stream frames.
//!
//! Requests follow OpenAI's reference. Frames are parsed by types of our own, since servers differ from it: a field
//! that is absent, null or empty never makes a frame unreadable, and fields of calls that are not known are kept,
//! because some providers expect them back.

use super::transport;
use crate::provider::{CallDelta, ChatTurn, Chunk, Finish, ProviderError, Request, TurnCall};
use serde::{Deserialize, de};
use serde_json::{Map, Value, json};

pub(super) fn request(model: &str, request: Request<'_>) -> Value {
    let system = json!({ "role": "system", "content": request.system });
    let messages: Vec<Value> = [system].into_iter().chain(request.turns.iter().map(message)).collect();
    let mut body = json!({
        "model": model,
        "messages": messages,
        "stream": true,
        // Without this option OpenAI sends no token counts in a stream.
        "stream_options": { "include_usage": true },
    });
    if !request.tools.is_empty() {
        let tool = |tool: &crate::tools::ToolSpec| {
            let (name, description, parameters) = (tool.name, tool.description, &tool.schema);
            json!({
                "type": "function",
                "function": { "name": name, "description": description, "parameters": parameters },
            })
        };
        body["tools"] = request.tools.iter().map(tool).collect();
    }
    body
}

fn message(turn: &ChatTurn) -> Value {
    match turn {
        ChatTurn::User(text) => json!({ "role": "user", "content": text }),
        ChatTurn::Tool { id, result } => json!({ "role": "tool", "tool_call_id": id, "content": result }),
        ChatTurn::Assistant { text, calls } if calls.is_empty() => json!({ "role": "assistant", "content": text }),
        ChatTurn::Assistant { text, calls } => {
            let content = if text.is_empty() { Value::Null } else { json!(text) };
            let calls: Vec<Value> = calls.iter().map(call).collect();
            json!({ "role": "assistant", "content": content, "tool_calls": calls })
        }
    }
}

/// A call as it was received, extras included.
fn call(call: &TurnCall) -> Value {
    let mut value = json!({
        "id": call.id,
        "type": "function",
        "function": { "name": call.name, "arguments": call.arguments },
    });
    for (name, extra) in &call.extra {
        value[name] = extra.clone();
    }
    value
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Frame {
    choices: Option<Vec<Choice>>,
    usage: Option<Usage>,
    model: Option<String>,
    error: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Choice {
    delta: Option<Delta>,
    finish_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Delta {
    content: Option<Text>,
    refusal: Option<Text>,
    tool_calls: Option<Vec<ToolCallDelta>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ToolCallDelta {
    index: Option<u64>,
    id: Option<String>,
    // Named here so that it is not among the extras: a request sets it itself.
    #[serde(rename = "type")]
    kind: de::IgnoredAny,
    function: Option<FunctionDelta>,
    #[serde(flatten)]
    extra: Map<String, Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct FunctionDelta {
    name: Option<String>,
    arguments: Option<Value>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
struct Usage {
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
}

impl Frame {
    pub(super) fn into_chunk(self) -> Result<Chunk, ProviderError> {
        if let Some(error) = self.error.filter(|error| !error.is_null()) {
            return Err(failure(&error));
        }
        let mut chunk = Chunk {
            model: self.model.filter(|model| !model.is_empty()),
            usage: self
                .usage
                .map(|usage| (usage.prompt_tokens.unwrap_or_default(), usage.completion_tokens.unwrap_or_default())),
            ..Chunk::default()
        };
        for choice in self.choices.into_iter().flatten() {
            chunk.finish = choice.finish_reason.as_deref().and_then(finish).or(chunk.finish);
            let delta = choice.delta.unwrap_or_default();
            // A refusal comes in place of the content, and is shown like it.
            for text in [delta.content, delta.refusal].into_iter().flatten() {
                chunk.text.push_str(&text.0);
            }
            chunk.calls.extend(delta.tool_calls.into_iter().flatten().map(call_delta));
        }
        Ok(chunk)
    }
}

/// The error for an error object in place of a frame. Its code is a status or a name.
fn failure(error: &Value) -> ProviderError {
    let code = error.get("code").or_else(|| error.get("status"));
    let status = code.and_then(|code| code.as_u64().or_else(|| code.as_str()?.parse().ok()));
    // An error without a status counts as one of the server, so that it is tried again.
    let status = status.and_then(|status| u16::try_from(status).ok()).unwrap_or(500);
    ProviderError::Status { status, retry_after: None, quota: transport::is_quota(error) }
}

fn finish(reason: &str) -> Option<Finish> {
    match reason.to_ascii_lowercase().as_str() {
        "" => None,
        "length" | "max_tokens" => Some(Finish::Length),
        "content_filter" | "safety" => Some(Finish::ContentFilter),
        // Servers have reasons of their own, `tool_calls` among them: all of them are a regular end.
        _ => Some(Finish::Stop),
    }
}

fn call_delta(delta: ToolCallDelta) -> CallDelta {
    let function = delta.function.unwrap_or_default();
    let arguments = match function.arguments {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text,
        // Some servers send the object instead of its text.
        Some(value) => value.to_string(),
    };
    CallDelta {
        index: delta.index,
        id: delta.id.unwrap_or_default(),
        name: function.name.unwrap_or_default(),
        arguments,
        extra: delta.extra,
    }
}

/// Text, or the joined texts of a list of content parts.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Value")]
struct Text(String);

impl TryFrom<Value> for Text {
    type Error = &'static str;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        let of_part = |part: &Value| part.get("text").and_then(Value::as_str).unwrap_or_default().to_owned();
        match value {
            Value::String(text) => Ok(Self(text)),
            Value::Array(parts) => Ok(Self(parts.iter().map(of_part).collect())),
            _ => Err("neither text nor content parts"),
        }
    }
}
