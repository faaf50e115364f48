//! The answers of the fake provider.
//!
//! The phrases below select an answer. They are part of a user's message, because the server passes that on and nothing else.

use serde::Deserialize;
use serde_json::Value;

/// In a user's message: the provider first calls the tool that adds a task with the title that follows.
pub const ADD_TASK: &str = "add a task to ";
/// In a user's message: the reply has one token, to fill a history quickly.
pub const BRIEFLY: &str = "briefly";

/// In a user's message: the reply has [`LONG_REPLY`] tokens.
pub const AT_LENGTH: &str = "at length";
/// Tokens of a reply to a message with [`AT_LENGTH`]: minutes at the usual pace.
pub const LONG_REPLY: u32 = 20_000;
/// In a user's message: the reply counts in [`Served::counted`](super::Served::counted).
pub const COUNTED: &str = "on my bill";
/// In a user's message: the provider refuses the request, so that the server uses its next provider.
pub const REFUSED: &str = "not for a model";

/// An answer and its form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub kind: Kind,
    /// Server-sent events, or else one JSON document.
    pub streamed: bool,
    /// Whether the stream ends with a usage chunk.
    pub usage: bool,
    /// Whether it counts in [`Served::counted`](super::Served::counted).
    pub counted: bool,
}

/// The content of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A title for a conversation.
    Title,
    /// A call of `add_task`.
    AddTask {
        /// Title of the task.
        title: String,
    },
    Refusal,
    Text {
        tokens: u32,
    },
}

#[derive(Deserialize)]
struct Request {
    messages: Vec<Message>,
    #[serde(default)]
    tools: Vec<Value>,
    #[serde(default)]
    stream: bool,
    #[serde(default)]
    stream_options: Option<StreamOptions>,
}

#[derive(Deserialize)]
struct StreamOptions {
    #[serde(default)]
    include_usage: bool,
}

#[derive(Deserialize)]
struct Message {
    role: String,
    #[serde(default)]
    content: Value,
}

impl Message {
    /// The content as text; it may be a string or a list of parts.
    fn text(&self) -> String {
        match &self.content {
            Value::String(text) => text.clone(),
            Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect(),
            _ => String::new(),
        }
    }
}

/// The answer to a request; `tokens` is the length of an ordinary reply.
///
/// # Errors
/// When the body is not a chat-completions request.
pub fn answer_to(body: &[u8], tokens: u32) -> Result<Answer, serde_json::Error> {
    let request: Request = serde_json::from_slice(body)?;
    // After a tool call the last message is its result, and the reply follows.
    let last = request.messages.iter().rev().find(|message| message.role == "user" || message.role == "tool");
    let kind = match last {
        // The server sends its tools with every request for a reply, so one without tools is for a title.
        _ if request.tools.is_empty() => Kind::Title,
        Some(message) if message.role == "user" => kind_of(&message.text(), tokens),
        _ => Kind::Text { tokens },
    };
    let usage = request.stream_options.is_some_and(|options| options.include_usage);
    // The request for a title contains the same message, but is no reply to it.
    let counted = last.is_some_and(|message| message.text().contains(COUNTED)) && kind != Kind::Title;
    Ok(Answer { kind, streamed: request.stream, usage, counted })
}

fn kind_of(text: &str, tokens: u32) -> Kind {
    let lower = text.to_lowercase();
    match lower.split_once(ADD_TASK) {
        Some((_, title)) => Kind::AddTask { title: title.trim().to_owned() },
        None if lower.contains(REFUSED) => Kind::Refusal,
        None if lower.contains(BRIEFLY) => Kind::Text { tokens: 1 },
        None if lower.contains(AT_LENGTH) => Kind::Text { tokens: LONG_REPLY },
        None => Kind::Text { tokens },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn kind(messages: &Value, tools: &Value) -> Kind {
        let body = json!({"model": "fake", "messages": messages, "tools": tools, "stream": true});
        answer_to(body.to_string().as_bytes(), 200).unwrap().kind
    }

    fn tools() -> Value {
        json!([{"type": "function", "function": {"name": "add_task"}}])
    }

    #[test]
    fn a_question_is_answered_by_text_of_the_requested_length() {
        let messages = json!([{"role": "system", "content": "Be short."}, {"role": "user", "content": "Tell me more"}]);
        assert_eq!(kind(&messages, &tools()), Kind::Text { tokens: 200 });
        let messages = json!([{"role": "user", "content": [{"type": "text", "text": "Say it briefly"}]}]);
        assert_eq!(kind(&messages, &tools()), Kind::Text { tokens: 1 });
    }

    #[test]
    fn a_task_is_added_once_and_then_the_reply_follows() {
        let asked = json!({"role": "user", "content": "Add a task to buy milk"});
        assert_eq!(kind(&json!([asked]), &tools()), Kind::AddTask { title: "buy milk".into() });
        let done = json!([asked, {"role": "assistant", "tool_calls": []}, {"role": "tool", "content": "{}"}]);
        assert_eq!(kind(&done, &tools()), Kind::Text { tokens: 200 });
        let later = json!([asked, {"role": "assistant", "content": "Done"}, {"role": "user", "content": "Thanks"}]);
        assert_eq!(kind(&later, &tools()), Kind::Text { tokens: 200 });
    }

    #[test]
    fn a_request_without_tools_is_one_for_a_title() {
        let messages = json!([{"role": "user", "content": "Add a task to buy milk"}]);
        assert_eq!(kind(&messages, &json!([])), Kind::Title);
        let bare = answer_to(br#"{"messages":[]}"#, 200).unwrap();
        assert_eq!(bare, Answer { kind: Kind::Title, streamed: false, usage: false, counted: false });
    }

    #[test]
    fn an_invalid_request_is_refused() {
        assert!(answer_to(b"", 200).is_err() && answer_to(b"{}", 200).is_err());
    }
}
