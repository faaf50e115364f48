//! The JSON of requests, which follows OpenAI's reference.

use crate::{
    ids,
    provider::{ChatTurn, Request, TurnCall},
};
use serde_json::{Value, json};

/// What differs between servers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dialect {
    /// Without this option OpenAI sends no token counts in a stream, but some servers refuse it.
    pub(super) stream_options: bool,
    /// Whether ids of calls have to be nine letters or digits.
    pub(super) strict_ids: bool,
}

impl Dialect {
    fn id(self, id: &str) -> String {
        if self.strict_ids { ids::strict(id) } else { id.to_owned() }
    }
}

/// A request for a stream.
pub(super) fn request(model: &str, request: Request<'_>, dialect: Dialect) -> Value {
    let system = json!({ "role": "system", "content": request.system });
    let messages: Vec<Value> =
        [system].into_iter().chain(request.turns.iter().map(|turn| message(turn, dialect))).collect();
    let mut body = json!({
        "model": model,
        "messages": messages,
        "stream": true,
    });
    if dialect.stream_options {
        body["stream_options"] = json!({ "include_usage": true });
    }
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

fn message(turn: &ChatTurn, dialect: Dialect) -> Value {
    match turn {
        ChatTurn::User(text) => json!({ "role": "user", "content": text }),
        ChatTurn::Tool { id, result } => json!({ "role": "tool", "tool_call_id": dialect.id(id), "content": result }),
        ChatTurn::Assistant { text, calls, .. } if calls.is_empty() => json!({ "role": "assistant", "content": text }),
        ChatTurn::Assistant { text, calls, echo } => {
            let content = if text.is_empty() { Value::Null } else { json!(text) };
            let calls: Vec<Value> = calls.iter().map(|made| call(made, dialect)).collect();
            let mut message = json!({ "role": "assistant", "content": content, "tool_calls": calls });
            for (name, thoughts) in echo {
                message[name] = thoughts.clone();
            }
            message
        }
    }
}

/// A call as it was received, extras included.
fn call(call: &TurnCall, dialect: Dialect) -> Value {
    let mut value = json!({
        "id": dialect.id(&call.id),
        "type": "function",
        "function": { "name": call.name, "arguments": call.arguments },
    });
    for (name, extra) in &call.extra {
        value[name] = extra.clone();
    }
    value
}
