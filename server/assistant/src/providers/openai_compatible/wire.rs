//! The JSON of requests, which follows OpenAI's reference.

use crate::provider::{ChatTurn, Request, TurnCall};
use serde_json::{Value, json};

/// A request for a stream. Without `stream_options` OpenAI sends no token counts in it, but some servers refuse the option.
pub(super) fn request(model: &str, request: Request<'_>, stream_options: bool) -> Value {
    let system = json!({ "role": "system", "content": request.system });
    let messages: Vec<Value> = [system].into_iter().chain(request.turns.iter().map(message)).collect();
    let mut body = json!({
        "model": model,
        "messages": messages,
        "stream": true,
    });
    if stream_options {
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
