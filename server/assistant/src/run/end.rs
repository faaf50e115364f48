//! How a run ends: the state of the reply is stored, or the run is released to another node.
//!
//! A device shows a reply as streaming until the event of its end, so the end is stored at any cost, short of a
//! shutdown. A parked or lost run stores nothing: its reply goes on elsewhere.
//!
//! **Invariant:** the end of a reply, its event and the end of its run are one transaction.

use super::{RunWorker, Stop, outcome::RunEnd};
use crate::provider::{ProviderError, RefusalKind};
use std::time::Duration;
use tandem_protocol::{
    enums::{MessageState, ReplyErrorCode, WireEnum as _},
    model::{Message, ReplyError, Usage},
};
use tandem_service::{
    Result, ServiceError, Services,
    runs::{self, LeasedRun},
};

const STORE_RETRY_PAUSE: Duration = Duration::from_secs(1);

impl RunWorker {
    pub(super) async fn conclude(mut self, end: RunEnd) {
        self.await_thought_event().await;
        let (state, error) = match end {
            // A parked run has stored everything; a lost one may not store anything.
            RunEnd::Parked | RunEnd::Lost => return,
            RunEnd::Released => return self.release().await,
            RunEnd::Complete => (MessageState::Complete, None),
            RunEnd::Cancelled => (MessageState::Cancelled, None),
            RunEnd::Interrupted(code) => (MessageState::Interrupted, Some(explain(code))),
            RunEnd::Failed(code) => (MessageState::Failed, Some(explain(code))),
            RunEnd::Unanswered(error) => (MessageState::Failed, Some(explain_provider(&error))),
        };
        let stored = store_with_retry(&self.stop, || self.finish(state, error.clone())).await;
        // A reply that was stopped or interrupted may not be what the conversation is about.
        if stored && end == RunEnd::Complete {
            self.improve_title();
        }
    }

    async fn finish(&self, state: MessageState, error: Option<ReplyError>) -> Result<()> {
        let Some(mut unit) = self.services.begin_for_run(&self.claimed, None).await? else { return Ok(()) };
        let mut message = self.message();
        // A call whose commit succeeded without an answer is still `Running` here. The end would show it as failed, and
        // the user would not know what was done.
        self.recover_results(&mut unit, &mut message.parts).await?;
        message.state = state;
        message.error = error;
        message.usage = self.usage();
        let message = runs::finish(&mut unit, message).await?;
        if state == MessageState::Complete {
            // All of its text is on the devices.
            unit.share_commit();
        }
        unit.commit().await?;
        let provider = message.provider.as_ref().map(|provider| provider.name.as_str());
        let worked_ms = self.worked_ms();
        tracing::info!(state = state.as_str(), provider, worked_ms, "a reply has ended");
        count_tokens(&message);
        Ok(())
    }

    /// Releases the run, so that the next node need not wait for the lease to expire.
    async fn release(&mut self) {
        if let Err(error) = self.try_release().await {
            tracing::warn!(%error, "a run was not released");
        }
    }

    async fn try_release(&mut self) -> Result<()> {
        let Some(mut unit) = self.services.begin_for_run(&self.claimed, None).await? else { return Ok(()) };
        runs::save_progress(&mut unit, &mut self.message(), &[]).await?;
        self.services.release_run(&mut unit, &self.claimed.run).await?;
        unit.commit().await?;
        Ok(())
    }

    fn usage(&self) -> Option<Usage> {
        self.claimed.message.provider.as_ref()?;
        let (mut prompt_tokens, mut completion_tokens) = self.reply.usage;
        for step in &self.steps {
            prompt_tokens += step.prompt_tokens;
            completion_tokens += step.completion_tokens;
        }
        Some(Usage { prompt_tokens, completion_tokens, first_token_ms: self.first_token_ms })
    }
}

/// Stores the end of a reply and returns whether it is stored. It is not when there is nothing left to store, or when the
/// node shuts down first.
async fn store_with_retry<F>(stop: &Stop, store: impl Fn() -> F) -> bool
where
    F: Future<Output = Result<()>>,
{
    // Without an end the reply would stream for ever on every device, so nothing but a shutdown ends the attempts. After a
    // shutdown the lease expires, and another node finds the run.
    loop {
        match store().await {
            Ok(()) => return true,
            Err(ServiceError::SessionRevoked | ServiceError::NotFound(_)) => return false,
            Err(error) => {
                tracing::warn!(%error, "the end of a reply was not stored");
            }
        }
        tokio::select! {
            () = tokio::time::sleep(STORE_RETRY_PAUSE) => {}
            () = stop.release.cancelled() => return false,
        }
    }
}

/// Ends the reply of a run that panicked as failed. What was stored of it stays.
pub(crate) async fn fail_after_panic(services: &Services, claimed: &LeasedRun, stop: &Stop) {
    store_with_retry(stop, || try_fail(services, claimed)).await;
}

async fn try_fail(services: &Services, claimed: &LeasedRun) -> Result<()> {
    let Some(mut unit) = services.begin_failure(claimed).await? else { return Ok(()) };
    let mut message = unit.message(claimed.run.message_id).await?.message;
    message.state = MessageState::Failed;
    message.error = Some(explain(ReplyErrorCode::Internal));
    runs::finish(&mut unit, message).await?;
    unit.commit().await?;
    Ok(())
}

fn count_tokens(message: &Message) {
    let (Some(provider), Some(usage)) = (&message.provider, &message.usage) else { return };
    export_tokens(&provider.name, (usage.prompt_tokens, usage.completion_tokens));
}

/// Adds tokens of a request, of the prompt and of the answer, to the metrics.
pub(super) fn export_tokens(provider: &str, (prompt, completion): (u64, u64)) {
    for (kind, tokens) in [("prompt", prompt), ("completion", completion)] {
        let labels = [("provider", provider.to_owned()), ("kind", kind.to_owned())];
        metrics::counter!("tandem_tokens_total", &labels).increment(tokens);
    }
}

/// What happened and what to do, as text for people.
fn explain(code: ReplyErrorCode) -> ReplyError {
    let message = match code {
        ReplyErrorCode::ProviderUnavailable => "No AI provider could be reached. Try again in a moment.",
        ReplyErrorCode::ProviderTimeout => "The AI provider did not answer in time. Try again in a moment.",
        ReplyErrorCode::ContentFilter => "The AI provider refused to answer this.",
        ReplyErrorCode::Length => "The reply reached the provider's length limit. Continue to read on.",
        ReplyErrorCode::Limit => "The reply reached the limit of work for one message. Continue to go on.",
        ReplyErrorCode::Interrupted => "The reply was interrupted. Continue to go on.",
        ReplyErrorCode::Internal => "Something went wrong on our side. Try again.",
    };
    ReplyError { code, message: message.into() }
}

/// The same for the error of the last provider that was tried.
fn explain_provider(error: &ProviderError) -> ReplyError {
    let code = match error.refused() {
        Some(RefusalKind::ContentFilter) => ReplyErrorCode::ContentFilter,
        None if error.is_late() => ReplyErrorCode::ProviderTimeout,
        _ => ReplyErrorCode::ProviderUnavailable,
    };
    ReplyError { code, message: sentence(error).into() }
}

/// Why a provider did not answer and what to do about it, as text for people.
pub(super) fn sentence(error: &ProviderError) -> &'static str {
    let Some(kind) = error.refused() else {
        return match error {
            _ if error.is_late() => "The AI provider did not answer in time. Try again in a moment.",
            ProviderError::Connect => "The AI provider cannot be reached. Try again in a moment.",
            ProviderError::UnknownHost => {
                "The AI provider's address does not exist. Whoever runs this server should check it and the network."
            }
            ProviderError::Tls => {
                "No secure connection to the AI provider could be made. Whoever runs this server should check its address \
                 and certificate."
            }
            ProviderError::Unreadable => {
                "The AI provider answered with something else than an answer. Whoever runs this server should check its \
                 address."
            }
            _ => "The answer of the AI provider broke off. Try again in a moment.",
        };
    };
    match kind {
        RefusalKind::ContentFilter => "The AI provider refused to answer this.",
        RefusalKind::TooLong => {
            "This conversation is too long for the AI provider. Begin a new one, or send a shorter message."
        }
        RefusalKind::Quota => "The quota of the AI provider is spent. Whoever runs this server has to renew it.",
        RefusalKind::Key => "The AI provider does not accept the key. Whoever runs this server has to correct it.",
        RefusalKind::Forbidden => {
            "The AI provider does not permit the model to this key. Whoever runs this server has to change one of them."
        }
        RefusalKind::NotFound => {
            "The AI provider does not have this model or address. Whoever runs this server has to correct it."
        }
        RefusalKind::NoTools => {
            "The model of the AI provider cannot use tools. Whoever runs this server has to choose another one."
        }
        RefusalKind::RateLimited => "The AI provider has too many requests. Try again in a minute.",
        RefusalKind::Server => "The AI provider has a problem right now. Try again in a moment.",
        RefusalKind::StreamOptions | RefusalKind::Request => {
            "The AI provider refused the request. Other words may help; whoever runs this server finds the status in its log."
        }
    }
}
