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
                // What made it rest is what a person can do something about.
                failure = failure.or(self.providers[handle].breaker.why_open(Moment::now()));
                self.unanswered = failure;
                continue;
            }
            match self.try_provider(handle).await? {
                Ok(answer) => {
                    self.first_provider = index;
                    return Ok(answer);
                }
                Err(error) => {
                    let provider = self.providers[handle].provider.name();
                    tracing::warn!(provider, reason = error.reason(), error = %error, "a provider did not answer");
                    failure = Some(error);
                    self.unanswered = failure;
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
            self.summarise_outgrown(provider_index).await?;
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
            // Text or thoughts have come, so the provider works: a failure from here on is no reason to open its breaker.
            if self.reply.parts.len() > kept {
                self.providers[provider_index].breaker.close();
                // Thoughts are folded on screens, so nobody misses those of the attempt before.
                if self.reply.text_chars(kept) >= RESTART_CHARS {
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
                // Some servers send thoughts in a field that they do not accept.
                _ if error.refused() == Some(RefusalKind::Request) && self.has_echo(provider_index) => {
                    self.without_echo = true;
                }
                RetryPolicy::Retry(wait) if retries < MAX_RETRIES => {
                    self.pause(wait.max(jitter(retries))).await?;
                    retries += 1;
                }
                RetryPolicy::OpenBreaker => {
                    self.providers[provider_index].breaker.open(Moment::now(), error);
                    return Ok(Err(error));
                }
                RetryPolicy::Retry(_) | RetryPolicy::Next => {
                    self.providers[provider_index].breaker.reopen(Moment::now());
                    return Ok(Err(error));
                }
            }
        }
    }

    /// Whether a request to this provider contains its own thoughts.
    fn has_echo(&self, provider_index: usize) -> bool {
        let name = self.providers[provider_index].provider.name();
        !self.without_echo && self.steps.iter().any(|step| step.provider == name && !step.echo.is_empty())
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
    let word = match outcome {
        Ok(_) => "answered",
        Err(AnswerError::RunEnd(_)) => "stopped",
        Err(AnswerError::Provider(error)) if error.is_late() => "late",
        Err(AnswerError::Provider(_)) => "failed",
    };
    let labels = [("provider", provider.to_owned()), ("outcome", word.to_owned())];
    metrics::counter!("tandem_provider_attempts_total", &labels).increment(1);
    if let Err(AnswerError::Provider(error)) = outcome {
        let labels = [("provider", provider.to_owned()), ("reason", error.reason().to_owned())];
        metrics::counter!("tandem_provider_failures_total", &labels).increment(1);
    }
}

/// Between half of the backoff and all of it, so that runs that failed together do not retry together.
fn jitter(retries: u32) -> Duration {
    BACKOFF.mul_f64(f64::from(1 << retries) * rand::rng().random_range(0.5..1.0))
}
