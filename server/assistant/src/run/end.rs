//! How a run ends: the state of the reply is stored, or the run is released to another node.
//!
//! A device shows a reply as streaming until the event of its end, so the end is stored at any cost, short of a
//! shutdown. A parked or lost run stores nothing: its reply goes on elsewhere.
//!
//! **Invariant:** the end of a reply, its event and the end of its run are one transaction.

use super::{RunWorker, Stop, outcome::RunEnd};
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
        self.reply.discard_checkpoint().await;
        let (state, code) = match end {
            // A parked run has stored everything; a lost one may not store anything.
            RunEnd::Parked | RunEnd::Lost => return,
            RunEnd::Released => return self.release().await,
            RunEnd::Complete => (MessageState::Complete, None),
            RunEnd::Cancelled => (MessageState::Cancelled, None),
            RunEnd::Interrupted(code) => (MessageState::Interrupted, Some(code)),
            RunEnd::Failed(code) => (MessageState::Failed, Some(code)),
        };
        let stored = store_with_retry(&self.stop, || self.finish(state, code)).await;
        // A reply that was stopped or interrupted may not be what the conversation is about.
        if stored && end == RunEnd::Complete {
            self.improve_title();
        }
    }

    async fn finish(&self, state: MessageState, code: Option<ReplyErrorCode>) -> Result<()> {
        let Some(mut unit) = self.services.begin_for_run(&self.claimed, None).await? else { return Ok(()) };
        let mut message = self.message();
        // A call whose commit succeeded without an answer is still `Running` here. The end would show it as failed, and
        // the user would not know what was done.
        self.recover_results(&mut unit, &mut message.parts).await?;
        message.state = state;
        message.error = code.map(|code| ReplyError { code, message: explain(code).into() });
        message.usage = self.usage();
        let message = runs::finish(&mut unit, message).await?;
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
    let code = ReplyErrorCode::Internal;
    message.error = Some(ReplyError { code, message: explain(code).into() });
    runs::finish(&mut unit, message).await?;
    unit.commit().await?;
    Ok(())
}

fn count_tokens(message: &Message) {
    let (Some(provider), Some(usage)) = (&message.provider, &message.usage) else { return };
    for (kind, tokens) in [("prompt", usage.prompt_tokens), ("completion", usage.completion_tokens)] {
        let labels = [("provider", provider.name.clone()), ("kind", kind.to_owned())];
        metrics::counter!("tandem_tokens_total", &labels).increment(tokens);
    }
}

/// What happened and what to do, as text for people.
fn explain(code: ReplyErrorCode) -> &'static str {
    match code {
        ReplyErrorCode::ProviderUnavailable => "No AI provider could be reached. Try again in a moment.",
        ReplyErrorCode::ProviderTimeout => "The AI provider did not answer in time. Try again in a moment.",
        ReplyErrorCode::ContentFilter => "The AI provider refused to answer this.",
        ReplyErrorCode::Length => "The reply reached the provider's length limit. Continue to read on.",
        ReplyErrorCode::Limit => "The reply reached the limit of work for one message. Continue to go on.",
        ReplyErrorCode::Interrupted => "The reply was interrupted. Continue to go on.",
        ReplyErrorCode::Internal => "Something went wrong on our side. Try again.",
    }
}
