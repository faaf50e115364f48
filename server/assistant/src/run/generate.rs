//! Requests an answer from one provider after the other, until one gives it.
//!
//! What may be repeated depends on what the user has seen. Before the first token a provider is tried again, then the
//! next one. After it, the reply starts over under a new attempt, once with each provider, as long as little text was
//! shown; a longer one is interrupted, and the user decides.
//!
//! **Invariant:** the breaker of a provider is set by each request that ends with an answer or an error. A request that
//! the run stops is not reported: its breaker, if it was probing, admits the next one by time.

use super::{
    RunWorker,
    limits::{MAX_RETRIES, RESTART_CHARS},
    outcome::{RunEnd, RunResult},
    stream::{AnswerError, within},
};
use crate::provider::{ProviderError, RefusalKind, RetryPolicy};
use rand::RngExt as _;
use std::time::{Duration, Instant as Moment};
use tandem_completions::AnswerAssembly;
use tandem_protocol::enums::ReplyErrorCode;
use tokio::time::Instant;

/// Upper end of the pause before the first retry, which doubles with each.
const BACKOFF: Duration = Duration::from_millis(400);

impl RunWorker {
    /// Returns the answer of the first provider that gives one.
    pub(super) async fn generate(&mut self) -> RunResult<AnswerAssembly> {
        self.reply.close_text();
        self.reply.usage = (0, 0);
        let mut failure = None;
        for index in self.first_provider..self.order.len() {
            let handle = self.order[index];
            if !self.providers[handle].breaker.admits(Moment::now()) {
                continue;
            }
            match self.try_provider(handle).await? {
                Ok(answer) => {
                    self.first_provider = index;
                    return Ok(answer);
                }
                Err(error) => {
                    let provider = self.providers[handle].provider.name();
                    tracing::warn!(provider, error = %error, "a provider did not answer");
                    failure = Some(error);
                }
            }
        }
        Err(failure.map_or(RunEnd::Failed(ReplyErrorCode::ProviderUnavailable), RunEnd::Unanswered))
    }

    /// Requests an answer from one provider, repeatedly where that may help.
    async fn try_provider(&mut self, provider_index: usize) -> RunResult<Result<AnswerAssembly, ProviderError>> {
        let kept = self.reply.parts.len();
        let (mut retries, mut restarted) = (0, false);
        loop {
            let outcome = self.stream_answer(provider_index).await;
            count(self.providers[provider_index].provider.name(), &outcome);
            let error = match outcome {
                Ok(answer) => {
                    self.providers[provider_index].breaker.close();
                    return Ok(Ok(answer));
                }
                Err(AnswerError::RunEnd(end)) => return Err(end),
                Err(AnswerError::Provider(error)) => error,
            };
            // Another provider would be sent the same content, and the user would not know that one has refused it.
            if error.refused() == Some(RefusalKind::ContentFilter) {
                return Err(RunEnd::Unanswered(error));
            }
            let shown = self.reply.text_chars(kept);
            // Text has come, so the provider works: a failure from here on is no reason to open its breaker.
            if shown > 0 {
                self.providers[provider_index].breaker.close();
                if shown >= RESTART_CHARS {
                    return Err(RunEnd::Interrupted(ReplyErrorCode::Interrupted));
                }
                // The next provider must not continue the text of this one, so the restart comes first in either case.
                self.restart(kept).await?;
                if restarted {
                    return Ok(Err(error));
                }
                restarted = true;
                continue;
            }
            match error.retry_policy() {
                _ if error.refused() == Some(RefusalKind::TooLong) && !self.short_history => self.short_history = true,
                RetryPolicy::Retry(wait) if retries < MAX_RETRIES => {
                    self.pause(wait.max(jitter(retries))).await?;
                    retries += 1;
                }
                RetryPolicy::OpenBreaker => {
                    self.providers[provider_index].breaker.open(Moment::now());
                    return Ok(Err(error));
                }
                RetryPolicy::Retry(_) | RetryPolicy::Next => {
                    self.providers[provider_index].breaker.reopen(Moment::now());
                    return Ok(Err(error));
                }
            }
        }
    }

    async fn pause(&self, wait: Duration) -> RunResult<()> {
        let left = self.timeouts.reply.saturating_sub(self.worked());
        // A pause that uses up the rest of the time would end in the same error, only later.
        if left <= wait {
            return Err(RunEnd::Interrupted(ReplyErrorCode::Limit));
        }
        within(&self.stop, Instant::now() + left, tokio::time::sleep(wait)).await.map(|_| ())
    }
}

fn count(provider: &str, outcome: &Result<AnswerAssembly, AnswerError>) {
    let outcome = match outcome {
        Ok(_) => "answered",
        Err(AnswerError::RunEnd(_)) => "stopped",
        Err(AnswerError::Provider(ProviderError::FirstToken | ProviderError::Stalled)) => "late",
        Err(AnswerError::Provider(_)) => "failed",
    };
    let labels = [("provider", provider.to_owned()), ("outcome", outcome.to_owned())];
    metrics::counter!("tandem_provider_attempts_total", &labels).increment(1);
}

/// Between half of the backoff and all of it, so that runs that failed together do not retry together.
fn jitter(retries: u32) -> Duration {
    BACKOFF.mul_f64(f64::from(1 << retries) * rand::rng().random_range(0.5..1.0))
}
