//! Names a conversation, with the model that wrote its first reply.
//!
//! The service names a new conversation after its first words. A model does it better, but costs a request: so it is
//! done once, after the reply, and without anything that waits for it. When it fails, the first words stay.

use super::{RunWorker, end::export_tokens};
use crate::{
    prompt,
    provider::{ChatTurn, Finish, Provider, Request},
};
use futures_util::StreamExt as _;
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use tandem_protocol::model::Part;
use tandem_runtime::tasks;
use tandem_service::{
    Result, ServiceError, Services, chat,
    runs::{self, LeasedRun},
};

/// Time for a title, including the wait for one of the user's permits.
const TIMEOUT: Duration = Duration::from_secs(15);
/// Characters of each message that are sent.
const EXCERPT_CHARS: usize = 1_000;
/// Characters of the longest title that is accepted.
const MAX_CHARS: usize = 80;

impl RunWorker {
    /// Requests a title in the background, if this was the first reply and a model wrote it.
    pub(super) fn improve_title(&self) {
        let (Some(handle), [question]) = (self.provider(self.first_provider), &self.history[..]) else { return };
        // The built-in assistant cannot summarise: the first words are the better title.
        if handle.provider.is_deterministic() {
            return;
        }
        let answer: String = self.reply.parts.iter().filter_map(Part::as_text).collect();
        let text = format!("User: {}\n\nAssistant: {}", excerpt(&question.text()), excerpt(&answer));
        let (services, provider, claimed) = (self.services.clone(), Arc::clone(&handle.provider), self.claimed.clone());
        let upstreams = Arc::clone(&self.upstreams);
        tasks::spawn(self.services.tracker(), async move {
            let mut usage = (0, 0);
            let request = async {
                let _permit = upstreams.acquire(claimed.caller.owner.user().clone()).await;
                request_title(provider.as_ref(), text, &mut usage).await
            };
            let title = tokio::time::timeout(TIMEOUT, request).await.ok().flatten();
            export_tokens(provider.name(), usage);
            if let Err(error) = store(&services, &claimed, title, usage).await {
                tracing::debug!(error = %error, "a title was not stored");
            }
        });
    }
}

/// Requests a title; `None` when there is no whole one. `usage` gets the tokens also then.
async fn request_title(provider: &dyn Provider, text: String, usage: &mut (u64, u64)) -> Option<String> {
    let turns = [ChatTurn::User(text)];
    let request = Request { system: prompt::TITLE, turns: &turns, tools: &[], local: None };
    let mut stream = provider.stream(request).await.ok()?;
    let (mut title, mut finish) = (String::new(), None);
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.ok()?;
        *usage = chunk.usage.unwrap_or(*usage);
        finish = finish.max(chunk.finish);
        if chunk.text_was_thoughts {
            title.clear();
        }
        title.push_str(&chunk.text);
        // A model that writes more than a title answers the conversation: the rest is not worth reading.
        if title.chars().count() > MAX_CHARS * 2 {
            return None;
        }
    }
    // A title that was cut off is worse than the first words.
    if finish == Some(Finish::Stop) { clean(&title) } else { None }
}

/// Stores the title, if there is one, and counts what it has cost.
async fn store(services: &Services, claimed: &LeasedRun, title: Option<String>, usage: (u64, u64)) -> Result<()> {
    if let Some(title) = title {
        let mut unit = services.begin(&claimed.caller, None).await?;
        match chat::retitle(&mut unit, claimed.run.conversation_id, &title).await {
            Ok(()) => {
                runs::count_tokens(&mut unit, usage).await?;
                return unit.commit().await.map(drop);
            }
            // The conversation was deleted meanwhile, but its title was paid for.
            Err(ServiceError::NotFound(_)) => {}
            Err(error) => return Err(error),
        }
    }
    if usage == (0, 0) {
        return Ok(());
    }
    let mut unit = services.begin(&claimed.caller, None).await?;
    runs::count_tokens(&mut unit, usage).await?;
    unit.commit().await.map(drop)
}

fn excerpt(text: &str) -> String {
    text.chars().take(EXCERPT_CHARS).collect()
}

/// The title in what a model answered: without thoughts, JSON, tags, code fence, label, quotation marks, markup and full
/// stop. `None` when nothing is left, or too much.
fn clean(answer: &str) -> Option<String> {
    // Thoughts without an opening tag: the template of the model has opened it.
    let answer = answer.rsplit_once("</think>").map_or(answer, |(_, title)| title);
    let unfenced = answer.lines().filter(|line| !line.trim_start().starts_with("```")).collect::<Vec<_>>().join("\n");
    let named = serde_json::from_str::<Value>(&unfenced).ok().and_then(|value| named(&value).map(str::to_owned));
    let text = named.unwrap_or(unfenced);
    // What begins like JSON or markup and was not understood is no title.
    let is_plain = |line: &&str| !line.starts_with(['{', '[', '<']);
    let lines = untagged(&text).lines().map(str::trim).filter(|line| !line.is_empty());
    let line = lines.take_while(is_plain).map(|line| unlabelled(bare(line))).find(|line| !line.is_empty())?;
    (is_plain(&line) && line.chars().count() <= MAX_CHARS).then(|| line.to_owned())
}

/// The title in JSON: a text, a field of this name, the only field of an object, or the first entry of a list.
fn named(value: &Value) -> Option<&str> {
    match value {
        Value::String(title) => Some(title),
        Value::Array(titles) => named(titles.first()?),
        Value::Object(fields) => {
            let field = fields.iter().find(|(name, _)| fields.len() == 1 || name.to_lowercase().contains("title"));
            named(field?.1)
        }
        _ => None,
    }
}

/// A text without the tags of one element around it.
fn untagged(text: &str) -> &str {
    let inner = || {
        let (tag, rest) = text.trim().strip_prefix('<')?.split_once('>')?;
        rest.strip_suffix('>')?.strip_suffix(tag)?.strip_suffix("</")
    };
    inner().unwrap_or(text)
}

/// Words for a title in the languages that models answer in.
const NAMES: [&str; 14] = [
    "title",
    "name",
    "topic",
    "titel",
    "titre",
    "título",
    "titulo",
    "titolo",
    "tytuł",
    "заголовок",
    "название",
    "标题",
    "タイトル",
    "제목",
];
/// Words of what models put before a title and a colon, beside one of these.
const LABEL_WORDS: [&str; 21] = [
    "here",
    "here's",
    "here’s",
    "is",
    "a",
    "an",
    "the",
    "my",
    "your",
    "this",
    "for",
    "of",
    "suggested",
    "suggestion",
    "possible",
    "proposed",
    "short",
    "concise",
    "conversation",
    "chat",
    "sure",
];

/// A line without a label such as "Suggested title:". Only a title is about the conversation, so that the words of other
/// lines stay.
fn unlabelled(line: &str) -> &str {
    // Models that were asked for one title make a list of one.
    let line = ["- ", "• ", "1. ", "1) "].iter().find_map(|mark| line.strip_prefix(mark)).map_or(line, bare);
    let Some((label, rest)) = line.split_once([':', '：']) else { return line };
    let words = label.to_lowercase();
    let words = words.split_whitespace().map(|word| word.trim_matches(|c: char| c.is_ascii_punctuation()));
    let (names, others): (Vec<_>, Vec<_>) = words.partition(|word| NAMES.contains(word));
    let is_label = !names.is_empty() && others.iter().all(|word| LABEL_WORDS.contains(word));
    if is_label { bare(rest) } else { line }
}

fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || "\"'“”„«»*#`.".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_one_plain_line() {
        assert_eq!(clean(" \"**Weekend shopping**.\"\nand more").as_deref(), Some("Weekend shopping"));
        assert_eq!(clean("A fine title ").as_deref(), Some("A fine title"));
        assert_eq!(clean("„Einkauf am Samstag.“").as_deref(), Some("Einkauf am Samstag"));
        assert_eq!(clean("\n"), None);
        assert_eq!(clean("```\nShopping list\n```").as_deref(), Some("Shopping list"));
        for labelled in [
            "Title: Shopping list",
            "**Title:** Shopping list",
            "title: \"Shopping list\"",
            "# Title: Shopping list",
            "Suggested title: “Shopping list”",
            "Sure! Here's a short title for the conversation:\n\n\"Shopping list\"",
            "Topic: Shopping list",
            "Titel: Shopping list",
            "标题：Shopping list",
            "1. **Shopping list**",
            "- Title: Shopping list",
            "<title>Shopping list</title>",
            "<conversation_title>\nTitle: Shopping list\n</conversation_title>",
            "[\"Shopping list\", \"Food\"]",
            "{\"conversation_title\": \"Shopping list\", \"language\": \"en\"}",
            "{\"name\": \"Shopping list\"}",
        ] {
            assert_eq!(clean(labelled).as_deref(), Some("Shopping list"), "{labelled}");
        }
        assert_eq!(clean("```json\n{\"title\": \"Shopping list\"}\n```").as_deref(), Some("Shopping list"));
        assert_eq!(clean("{\"title\": \"Shopping list\"}").as_deref(), Some("Shopping list"));
        assert_eq!(clean("Name it.</think>\n\nShopping list").as_deref(), Some("Shopping list"));
        for kept in ["Title page design", "Game title: ideas", "The plan: a short name", "Here: now"] {
            assert_eq!(clean(kept).as_deref(), Some(kept));
        }
        assert_eq!((clean("<b>Shopping"), clean("[1, 2]"), clean("Title:")), (None, None, None));
        assert_eq!(clean("{\"name\": 3}"), None);
        assert_eq!(clean(&"long ".repeat(20)), None);
    }
}
