//! Names a conversation, with the model that wrote its first reply.
//!
//! The service names a new conversation after its first words. A model does it better, but costs a request: so it is
//! done once, after the reply, and without anything that waits for it. When it fails, the first words stay.

use super::RunWorker;
use crate::{
    prompt,
    provider::{ChatTurn, Provider, Request},
};
use futures_util::StreamExt as _;
use std::{sync::Arc, time::Duration};
use tandem_protocol::model::Part;
use tandem_runtime::tasks;
use tandem_service::{Result, Services, chat, runs::LeasedRun};

/// Time for a title, including the wait for one of the user's permits.
const TIMEOUT: Duration = Duration::from_secs(15);
/// Characters of each message that are sent.
const EXCERPT_CHARS: usize = 1_000;
/// Characters of the longest title that is accepted.
const MAX_CHARS: usize = 80;

impl RunWorker {
    /// Requests a title in the background, if this was the first reply and a model wrote it.
    pub(super) fn improve_title(&self) {
        let (Some(handle), [question]) = (self.providers.get(self.first_provider), &self.history[..]) else { return };
        // The built-in assistant cannot summarise: the first words are the better title.
        if handle.provider.is_deterministic() {
            return;
        }
        let answer: String = self.reply.parts.iter().filter_map(Part::as_text).collect();
        let text = format!("User: {}\n\nAssistant: {}", excerpt(&question.text()), excerpt(&answer));
        let (services, provider, claimed) = (self.services.clone(), Arc::clone(&handle.provider), self.claimed.clone());
        let upstreams = Arc::clone(&self.upstreams);
        tasks::spawn(self.services.tracker(), async move {
            let request = async {
                let _permit = upstreams.acquire(claimed.caller.owner.user().clone()).await;
                request_title(provider.as_ref(), text).await
            };
            let Ok(Some(title)) = tokio::time::timeout(TIMEOUT, request).await else { return };
            if let Err(error) = store(&services, &claimed, &title).await {
                tracing::debug!(error = %error, "a title was not stored");
            }
        });
    }
}

async fn request_title(provider: &dyn Provider, text: String) -> Option<String> {
    let turns = [ChatTurn::User(text)];
    let request = Request { system: prompt::TITLE, turns: &turns, tools: &[], local: None };
    let mut stream = provider.stream(request).await.ok()?;
    let mut title = String::new();
    while let Some(chunk) = stream.next().await {
        title.push_str(&chunk.ok()?.text);
        // A model that writes more than a title answers the conversation: the rest is not worth reading.
        if title.chars().count() > MAX_CHARS * 2 {
            return None;
        }
    }
    clean(&title)
}

async fn store(services: &Services, claimed: &LeasedRun, title: &str) -> Result<()> {
    let mut unit = services.begin(&claimed.caller, None).await?;
    chat::retitle(&mut unit, claimed.run.conversation_id, title).await?;
    unit.commit().await?;
    Ok(())
}

fn excerpt(text: &str) -> String {
    text.chars().take(EXCERPT_CHARS).collect()
}

/// The first line without quotation marks, markup and full stop; `None` when it is empty or too long.
fn clean(title: &str) -> Option<String> {
    let line = title.trim().lines().next()?;
    let line = line.trim_matches(|c: char| c.is_whitespace() || "\"'“”„«»*#`.".contains(c));
    (!line.is_empty() && line.chars().count() <= MAX_CHARS).then(|| line.to_owned())
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
        assert_eq!(clean(&"long ".repeat(20)), None);
    }
}
