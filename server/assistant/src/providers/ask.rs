//! Asks a provider for one word, as an operator does to see whether replies will work.
//!
//! The request has the tools of a reply: a server that does not know tools, or whose context is too small for them, refuses
//! it like a reply. It is sent once, and costs what one short message costs.

use super::{OpenAiCompatible, ProviderSettings, SetupError};
use crate::{
    Timeouts,
    provider::{ChatTurn, Finish, Provider as _, ProviderError, Refusal, RefusalKind, Request},
    tools,
};
use futures_util::StreamExt as _;
use std::time::{Duration, Instant};
use tokio::time::timeout;

const SYSTEM: &str = "This is a test of the connection. Answer with one word and use no tool.";
const QUESTION: &str = "Are you ready? Answer with the word: ready";
/// Characters of the answer that are shown.
const SHOWN: usize = 40;

/// What came of the question.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The model that answered, or the one that was requested.
    pub model: String,
    /// From the request to the first token; `None` without any.
    pub first_token: Option<Duration>,
    /// The beginning of the answer without control characters. It may be empty: a call of a tool is an answer, too.
    pub outcome: Result<String, ProviderError>,
}

/// Asks a provider for one word. `None` for the one that is part of the binary.
///
/// # Errors
/// When the HTTP client cannot be built or the key cannot be sent.
pub async fn ask(settings: &ProviderSettings, timeouts: &Timeouts) -> Result<Option<Asked>, SetupError> {
    let Some((name, endpoint)) = settings.remote() else { return Ok(None) };
    let provider = OpenAiCompatible::new(name, endpoint, timeouts.connect)?;
    let mut asked = Asked { model: endpoint.model.clone(), first_token: None, outcome: Err(ProviderError::Empty) };
    asked.outcome = match answer(&provider, timeouts, &mut asked).await {
        // The provider leaves the option out from now on, as it does for a reply.
        Err(error) if error.refused() == Some(RefusalKind::StreamOptions) => {
            answer(&provider, timeouts, &mut asked).await
        }
        outcome => outcome,
    };
    Ok(Some(asked))
}

async fn answer(provider: &OpenAiCompatible, timeouts: &Timeouts, asked: &mut Asked) -> Result<String, ProviderError> {
    let turns = [ChatTurn::User(QUESTION.into())];
    let request = Request { system: SYSTEM, turns: &turns, tools: tools::specs(), local: None };
    let begun = Instant::now();
    let opened = timeout(timeouts.first_token, provider.stream(request)).await;
    let mut stream = opened.map_err(|_| ProviderError::FirstToken)??;
    let (mut text, mut answered) = (String::new(), false);
    loop {
        let (limit, late) = match asked.first_token {
            None => (timeouts.first_token.saturating_sub(begun.elapsed()), ProviderError::FirstToken),
            Some(_) if answered => (timeouts.next_token, ProviderError::Stalled),
            Some(_) => (timeouts.next_thought, ProviderError::Stalled),
        };
        let Some(chunk) = timeout(limit, stream.next()).await.map_err(|_| late)? else { break };
        let chunk = chunk?;
        if chunk.has_output() {
            asked.first_token.get_or_insert_with(|| begun.elapsed());
        }
        answered |= !chunk.text.is_empty() || !chunk.calls.is_empty();
        asked.model = chunk.model.unwrap_or_else(|| std::mem::take(&mut asked.model));
        if chunk.text_was_thoughts {
            text.clear();
        }
        text.push_str(&chunk.text);
        match chunk.finish {
            Some(Finish::ContentFilter) => {
                return Err(Refusal { kind: RefusalKind::ContentFilter, status: 200 }.into());
            }
            Some(Finish::Broken) => return Err(ProviderError::Broken),
            _ => {}
        }
        // A model that writes on has answered: dropping the stream closes the connection.
        if text.chars().count() > SHOWN * 4 {
            break;
        }
    }
    if answered { Ok(shown(&text)) } else { Err(ProviderError::Empty) }
}

fn shown(text: &str) -> String {
    let plain: String = text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).take(SHOWN).collect();
    plain.trim_end().to_owned()
}
