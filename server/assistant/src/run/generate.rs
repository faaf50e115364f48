//! From one provider to the next until one answers: retries, restarts, and who rests.

use super::{
    RunWorker,
    assembly::AnswerAssembly,
    limits::{MAX_RETRIES, MAX_WORK, RESTART_CHARS},
    outcome::{RunEnd, RunResult},
    stream::{AnswerError, within},
};
use crate::provider::{ProviderError, RetryPolicy};
use rand::RngExt as _;
use std::time::{Duration, Instant as Moment};
use tandem_protocol::enums::ReplyErrorCode;
use tokio::time::Instant;

/// Upper end of the pause before the first retry; it doubles with each.
const BACKOFF: Duration = Duration::from_millis(400);

impl RunWorker {
    /// An answer, from the first provider that gives one.
    pub(super) async fn generate(&mut self) -> RunResult<AnswerAssembly> {
        self.reply.close_text();
        self.reply.usage = (0, 0);
        let mut code = ReplyErrorCode::ProviderUnavailable;
        for index in self.first_provider..self.providers.len() {
            if !self.providers[index].breaker.admits(Moment::now()) {
                continue;
            }
            match self.try_provider(index).await? {
                Ok(answer) => {
                    self.first_provider = index;
                    return Ok(answer);
                }
                Err(error) => {
                    let provider = self.providers[index].provider.name();
                    tracing::warn!(provider, error = %error, "a provider did not answer");
                    let late = matches!(error, ProviderError::FirstToken | ProviderError::Stalled);
                    code = if late { ReplyErrorCode::ProviderTimeout } else { ReplyErrorCode::ProviderUnavailable };
                }
            }
        }
        Err(RunEnd::Failed(code))
    }

    /// Asks one provider, again where that may help.
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
            let shown = self.reply.text_chars(kept);
            if shown > 0 {
                self.providers[provider_index].breaker.close();
                if shown >= RESTART_CHARS {
                    return Err(RunEnd::Interrupted(ReplyErrorCode::Interrupted));
                }
                self.restart(kept).await?;
                if restarted {
                    return Ok(Err(error));
                }
                restarted = true;
                continue;
            }
            match error.retry_policy() {
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
        let left = MAX_WORK.saturating_sub(self.worked());
        if left <= wait {
            return Err(RunEnd::Interrupted(ReplyErrorCode::Limit));
        }
        within(&self.stop, Instant::now() + left, tokio::time::sleep(wait)).await.map(|_| ())
    }
}

/// Counts what became of a request to a provider.
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

/// Between half of the pause and all of it, so that those who failed together do not come back together.
fn jitter(retries: u32) -> Duration {
    BACKOFF.mul_f64(f64::from(1 << retries) * rand::rng().random_range(0.5..1.0))
}
