//! What the provider answers, decided by the request alone.

use serde::Deserialize;
use serde_json::Value;

/// In a user's message: asks for a task, which the provider makes by a tool call before it answers.
pub const ADD_TASK: &str = "add a task to ";
/// In a user's message: asks for a reply of one token, to fill a history quickly.
pub const BRIEFLY: &str = "briefly";

/// In a user's message: asks for a reply of [`LONG_REPLY`] tokens.
pub const AT_LENGTH: &str = "at length";
/// Tokens of a reply that was asked for [`AT_LENGTH`]: minutes at the usual pace.
pub const LONG_REPLY: u32 = 20_000;
/// In a user's message: counts how many of these replies are written at the same time.
pub const COUNTED: &str = "on my bill";
/// In a user's message: is refused, so that the server's next provider answers.
pub const REFUSED: &str = "not for a model";

/// What is to be answered, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub kind: Kind,
    /// As server-sent events; else as one JSON document.
    pub streamed: bool,
    /// Whether the caller wants usage at the end of the stream.
    pub usage: bool,
    /// Whether it counts among [`Served::counted`](super::Served::counted).
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
    /// The content as text, whether it came as text or as parts.
    fn text(&self) -> String {
        match &self.content {
            Value::String(text) => text.clone(),
            Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect(),
            _ => String::new(),
        }
    }
}

/// Decides what to answer. A request without tools is one for a title.
///
/// # Errors
/// When the body is no chat-completions request.
pub fn answer_to(body: &[u8], tokens: u32) -> Result<Answer, serde_json::Error> {
    let request: Request = serde_json::from_slice(body)?;
    let last = request.messages.iter().rev().find(|message| message.role == "user" || message.role == "tool");
    let kind = match last {
        _ if request.tools.is_empty() => Kind::Title,
        Some(message) if message.role == "user" => kind_of(&message.text(), tokens),
        _ => Kind::Text { tokens },
    };
    let usage = request.stream_options.is_some_and(|options| options.include_usage);
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
    fn a_question_is_answered_by_text_of_the_length_asked_for() {
        let messages = json!([{"role": "system", "content": "Be short."}, {"role": "user", "content": "Tell me more"}]);
        assert_eq!(kind(&messages, &tools()), Kind::Text { tokens: 200 });
        let messages = json!([{"role": "user", "content": [{"type": "text", "text": "Say it briefly"}]}]);
        assert_eq!(kind(&messages, &tools()), Kind::Text { tokens: 1 });
    }

    #[test]
    fn a_task_is_added_once_and_then_spoken_of() {
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
    fn what_is_no_request_is_refused() {
        assert!(answer_to(b"", 200).is_err() && answer_to(b"{}", 200).is_err());
    }
}
