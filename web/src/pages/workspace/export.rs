//! A conversation as a Markdown file.

use crate::text::chat as text;
use crate::{
    components::{format, tool},
    live::Engine,
    platform::{clock::LocalClock, window},
    state::{notice::Notice, thread::ThreadItem},
};
use std::fmt::Write as _;
use tandem_protocol::{ConversationId, enums::Role, model::Part};
use wasm_bindgen_futures::spawn_local;

/// Loads all messages of a conversation, and offers those of the newest branch as a file.
pub(super) fn download(engine: &Engine, id: ConversationId) {
    let engine = engine.clone();
    spawn_local(async move {
        let done = match engine.whole_path(id).await {
            Ok((title, zone, items)) => {
                let zone = LocalClock::of(&zone);
                let text = markdown(&title, &items, |item| format::full(zone.at(item.message.created_at)));
                window::download(&format!("{}.md", file_name(&title)), &text, "text/markdown").is_ok()
            }
            Err(_) => false,
        };
        if !done {
            engine.notify(Notice::failed(text::THE_CONVERSATION_COULD_NOT_BE));
        }
    });
}

/// The messages one after the other, each with its author and time.
fn markdown(title: &str, items: &[ThreadItem], time: impl Fn(&ThreadItem) -> String) -> String {
    let mut text = format!("# {title}\n");
    for item in items {
        let author = match item.message.role {
            Role::User => text::YOU,
            Role::Assistant => text::ASSISTANT,
        };
        // Writing to a text cannot fail.
        let _ = write!(text, "\n**{author}**, {}\n", time(item));
        for part in &item.message.parts {
            let words = match part {
                Part::Text { text } => text.trim().to_owned(),
                // A quotation: it is no text of the reply.
                Part::Reasoning { text, .. } => format!("> {}", text.trim().replace('\n', "\n> ")),
                Part::ToolCall(call) => format!("- {}", tool::sentence(call)),
            };
            let _ = write!(text, "\n{words}\n");
        }
    }
    text
}

/// A title without what file systems refuse.
fn file_name(title: &str) -> String {
    let name: String =
        title.chars().map(|c| if c.is_alphanumeric() || " -_.,".contains(c) { c } else { '-' }).collect();
    let name = name.trim_matches([' ', '.', '-']);
    if name.is_empty() { "conversation".to_owned() } else { name.chars().take(80).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        state::thread::SendStatus,
        testing::{question, reply, tool_call},
    };
    use serde_json::json;
    use std::sync::Arc;

    #[test]
    fn a_file_has_every_message_with_its_author() {
        let mut answer = reply("Done, *gladly*.");
        let mut call = tool_call("add_task");
        call.arguments = json!({"title": "Buy milk"});
        answer.parts.insert(0, Part::ToolCall(call));
        answer.parts.insert(0, Part::Reasoning { text: "Milk,\nthen.".to_owned(), duration_ms: 1 });
        let item =
            |message| ThreadItem { message: Arc::new(message), versions: Vec::new(), status: SendStatus::Stored };
        let items = [item(question("Milk, please")), item(answer)];
        assert_eq!(
            markdown("Shopping", &items, |_| "Mon".to_owned()),
            "# Shopping\n\n**You**, Mon\n\nMilk, please\n\n**Assistant**, Mon\n\n> Milk,\n> then.\n\n- Created Buy milk\n\n\
             Done, *gladly*.\n"
        );
    }

    #[test]
    fn a_file_name_is_one_on_every_system() {
        assert_eq!(file_name("a/b: \u{201c}c\u{201d}?"), "a-b- -c");
        assert_eq!(file_name("../.."), "conversation");
        assert_eq!(file_name("Réunion 会議"), "Réunion 会議");
    }
}
