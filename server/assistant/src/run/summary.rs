//! Summarises what no longer fits the context of a model, by the model itself.
//!
//! Without it, a long conversation would lose its start without a word. The summary is kept with the last message that it is
//! about, so it belongs to every branch through that message and to no other, devices show it there, and later requests
//! begin alike until the next one is needed. It is requested before the answer: the first request that does not contain
//! the messages contains the summary. When that fails, they are left out, and the next message tries again.
//!
//! **Invariant:** a summary is about whole exchanges, and never about the message that is answered.

use super::{
    RunWorker,
    end::export_tokens,
    history::{self, CurrentReply, Reader},
    outcome::RunResult,
    sizes,
    stream::within,
};
use crate::{
    prompt,
    provider::{ChatTurn, Finish, Provider, Request},
};
use futures_util::StreamExt as _;
use std::{fmt::Write as _, sync::Arc, time::Duration};
use tandem_protocol::{
    enums::Role,
    model::{Message, Part},
};
use tandem_service::runs;
use tokio::time::Instant;

/// Time for a summary, including the wait for one of the user's permits.
const TIMEOUT: Duration = Duration::from_mins(1);
/// Bytes of the longest summary that is kept.
const MAX_BYTES: usize = 8 * 1024;
/// Bytes of a tool call with its result in the request.
const CALL_BYTES: usize = 400;

impl RunWorker {
    /// Has a provider summarise what its requests would leave out, if there is anything.
    pub(super) async fn summarise_outgrown(&mut self, provider_index: usize) -> RunResult<()> {
        let provider = Arc::clone(&self.providers[provider_index].provider);
        // The built-in assistant reads the messages themselves.
        if self.without_summary || provider.is_deterministic() {
            return Ok(());
        }
        let reader = self.reader(provider.as_ref());
        let reply = CurrentReply { parts: &self.reply.parts, steps: &self.steps };
        let Some(cut) = history::chat_history(&self.history, reply, reader).outgrown else { return Ok(()) };
        let text = transcript(&self.history[..=cut], reader.budget());
        let first_token = self.timeouts.first_token;
        let permit = self.upstreams.acquire(self.claimed.caller.owner.user().clone());
        let mut usage = (0, 0);
        let request = async {
            let _permit = permit.await;
            request_summary(provider.as_ref(), text, first_token, &mut usage).await
        };
        // A failure is not repeated in this run: the user waits for the reply.
        self.without_summary = true;
        let text = within(&self.stop, Instant::now() + TIMEOUT, request).await?.flatten();
        export_tokens(provider.name(), usage);
        if text.is_none() {
            tracing::warn!(provider = provider.name(), "earlier messages were not summarised and are left out");
        }
        self.keep_summary(cut, text, usage).await
    }

    /// What a request to this provider may contain.
    pub(super) fn reader<'p>(&self, provider: &'p dyn Provider) -> Reader<'p> {
        let (budget, short, echo) = (provider.history_bytes(), self.short_history, !self.without_echo);
        Reader { name: provider.name(), budget, short, echo }
    }

    /// Stores the summary, if there is one, and counts what it has cost.
    async fn keep_summary(&mut self, cut: usize, text: Option<String>, usage: (u64, u64)) -> RunResult<()> {
        if text.is_none() && usage == (0, 0) {
            return Ok(());
        }
        let mut unit = self.begin(None).await?;
        runs::count_tokens(&mut unit, usage).await?;
        let summary = match text {
            Some(text) => Some(runs::summarise(&mut unit, self.history[cut].id, text).await?),
            None => None,
        };
        unit.commit().await?;
        if let Some(summary) = summary {
            tracing::info!(bytes = summary.text.len(), messages = cut + 1, "earlier messages were summarised");
            self.history[cut].summary = Some(summary);
        }
        Ok(())
    }
}

/// Requests a summary; `None` when there is no whole one. `usage` gets the tokens also then.
async fn request_summary(
    provider: &dyn Provider,
    text: String,
    first_token: Duration,
    usage: &mut (u64, u64),
) -> Option<String> {
    let turns = [ChatTurn::User(text)];
    let request = Request { system: prompt::SUMMARY, turns: &turns, tools: &[], local: None };
    let first_by = Instant::now() + first_token;
    let mut stream = tokio::time::timeout_at(first_by, provider.stream(request)).await.ok()?.ok()?;
    let (mut summary, mut finish, mut begun) = (String::new(), None, false);
    loop {
        let next = stream.next();
        let item = if begun { next.await } else { tokio::time::timeout_at(first_by, next).await.ok()? };
        let Some(chunk) = item else { break };
        let chunk = chunk.ok()?;
        *usage = chunk.usage.unwrap_or(*usage);
        begun |= chunk.has_output();
        finish = finish.max(chunk.finish);
        // What exceeds the limit is not kept, but the reason of the end is still to come.
        if summary.len() <= MAX_BYTES {
            summary.push_str(&chunk.text);
        }
    }
    if finish == Some(Finish::Stop) { clean(&summary) } else { None }
}

/// The text without thoughts that have no opening tag, within its limit; `None` when nothing is left.
fn clean(answer: &str) -> Option<String> {
    let text = answer.rsplit_once("</think>").map_or(answer, |(_, text)| text).trim();
    let text = sizes::head(text, MAX_BYTES).trim_end();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The messages as text of at most `budget` bytes, with what they were summarised to before. Long texts are cut, then the
/// oldest are left out.
fn transcript(messages: &[Message], budget: usize) -> String {
    let summarised = messages.iter().rposition(|message| message.summary.is_some());
    let before = summarised.and_then(|at| messages[at].summary.as_ref());
    let before = before.map_or_else(String::new, |summary| {
        format!("What was said before, as a summary: {}\n\n", sizes::head(&summary.text, budget / 4))
    });
    let messages = &messages[summarised.map_or(0, |at| at + 1)..];
    let room = budget.saturating_sub(before.len());
    let lines: Vec<String> = messages.iter().map(line).collect();
    // Each text may take what the others leave, so that one long text does not displace all others.
    let fair = (room / lines.len().max(1)).saturating_sub(1).max(CALL_BYTES);
    let whole = lines.iter().map(String::len).sum::<usize>() <= room;
    let (mut left, mut kept) = (room, Vec::new());
    for line in lines.iter().rev() {
        let line = if whole { line.as_str() } else { sizes::head(line, fair) };
        let Some(rest) = left.checked_sub(line.len() + 1) else { break };
        left = rest;
        kept.push(line);
    }
    kept.reverse();
    before + &kept.join("\n")
}

fn line(message: &Message) -> String {
    let mut line = match message.role {
        Role::User => "User:".to_owned(),
        Role::Assistant => "Assistant:".to_owned(),
    };
    for part in &message.parts {
        match part {
            Part::Text { text } => {
                line.push(' ');
                line.push_str(text.trim());
            }
            Part::Reasoning { .. } => {}
            Part::ToolCall(call) => {
                let (name, state) = (&call.name, call.state);
                let used = format!("{name} {} ({state}): {}", call.arguments, call.result);
                // Writing to a text cannot fail.
                let _ = write!(line, " [{}]", sizes::head(&used, CALL_BYTES));
            }
        }
    }
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::history::tests::{call, message, user};
    use tandem_protocol::{Timestamp, enums::ToolState, model::Summary};

    #[test]
    fn a_transcript_has_texts_and_calls_but_no_thoughts() {
        let thought = Part::Reasoning { text: "secret".into(), duration_ms: 1 };
        let reply = message(2, Role::Assistant, vec![thought, call("Milk", 0, ToolState::Done), Part::text("Added.")]);
        let text = transcript(&[user(1, "add milk"), reply], 1_000);
        assert_eq!(
            text,
            "User: add milk\n\nAssistant: [add_task {\"title\":\"Milk\"} (done): {\"code\":\"x\"}] Added.\n"
        );
    }

    #[test]
    fn a_transcript_fits_and_begins_with_the_summary_before() {
        let long = "wörd ".repeat(2_000);
        let mut history: Vec<Message> = (1..40).map(|n| user(n, &format!("{n} {long}"))).collect();
        history[3].summary = Some(Summary { text: "It began.".into(), created_at: Timestamp::from_millis(0) });
        let text = transcript(&history, 20_000);
        assert!(text.len() <= 20_000 && text.len() > 15_000, "{}", text.len());
        assert!(text.starts_with("What was said before, as a summary: It began.\n\n"));
        assert!(!text.contains("User: 4 ") && text.contains("User: 5 ") && text.contains("User: 39 "));
        assert!(transcript(&history, 3_000).len() <= 3_000, "the oldest are left out");
    }

    #[test]
    fn a_summary_has_no_thoughts_and_a_limit() {
        assert_eq!(clean("Hm.</think>\n\nMilk was added.\n").as_deref(), Some("Milk was added."));
        assert_eq!(clean(" \n"), None);
        assert_eq!(clean(&"ä".repeat(MAX_BYTES)).map(|text| text.len()), Some(MAX_BYTES));
    }
}
