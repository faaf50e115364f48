//! One answer of one provider, as it streams in: text goes out at once, calls are put together, and our own timeouts
//! hold whatever the connection does.

use super::{
    Run, Stop,
    assembly::Assembly,
    history,
    limits::{BETWEEN_TOKENS, FIRST_TOKEN, RUN, STEP},
    outcome::RunEnd,
};
use crate::{
    prompt,
    provider::{Chunk, ChunkStream, Finish, LocalContext, ProviderError, Request},
    tools,
};
use futures_util::StreamExt as _;
use std::sync::Arc;
use tandem_protocol::{enums::ReplyErrorCode, model::ProviderRef};
use tokio::time::Instant;

/// Why there is no whole answer.
#[derive(Debug)]
pub(super) enum AnswerError {
    /// The provider's fault: another attempt or another provider may help.
    Provider(ProviderError),
    RunEnd(RunEnd),
}

impl From<RunEnd> for AnswerError {
    fn from(end: RunEnd) -> Self {
        Self::RunEnd(end)
    }
}

/// Deadlines of an answer.
struct Clock {
    asked: Instant,
    /// By then something must have come.
    next: Instant,
    step: Instant,
    run: Instant,
    begun: bool,
}

impl Clock {
    fn by(&self) -> Instant {
        self.next.min(self.step).min(self.run)
    }

    fn tick(&mut self) {
        self.begun = true;
        self.next = Instant::now() + BETWEEN_TOKENS;
    }

    /// Nothing came in time.
    fn late(&self) -> AnswerError {
        if Instant::now() >= self.run {
            AnswerError::RunEnd(RunEnd::Interrupted(ReplyErrorCode::Limit))
        } else if self.begun {
            AnswerError::Provider(ProviderError::Stalled)
        } else {
            AnswerError::Provider(ProviderError::FirstToken)
        }
    }
}

impl Run {
    /// Asks a provider and shows what it says.
    pub(super) async fn answer(&mut self, slot: usize) -> Result<Assembly, AnswerError> {
        // Free nearly always: as many replies of the user run as there are permits, and a title may have one.
        let patience = Instant::now() + RUN.saturating_sub(self.worked());
        let asking = self.upstreams.acquire(self.claimed.caller.owner.user().clone());
        let Some(_asking) = within(&self.stop, patience, asking).await? else {
            return Err(AnswerError::RunEnd(RunEnd::Interrupted(ReplyErrorCode::Limit)));
        };
        let now = Instant::now();
        let run = now + RUN.saturating_sub(self.worked());
        let mut clock = Clock { asked: now, next: now + FIRST_TOKEN, step: now + STEP, run, begun: false };
        let mut stream = self.open(slot, &clock).await?;
        let mut assembly = Assembly::default();
        loop {
            let by = clock.by();
            let save = self.reply.save_by().unwrap_or(by);
            let Some(item) = within(&self.stop, by.min(save), stream.next()).await? else {
                if save >= by {
                    return Err(clock.late());
                }
                self.save_if_due().await?;
                continue;
            };
            match item {
                None => break,
                Some(Err(ProviderError::Truncated)) if assembly.has_calls() && assembly.is_whole() => break,
                Some(Err(error)) => return Err(AnswerError::Provider(error)),
                Some(Ok(chunk)) => self.take(slot, chunk, &mut assembly, &mut clock).await?,
            }
        }
        let silent = !clock.begun && !matches!(assembly.finish, Some(Finish::Length | Finish::ContentFilter));
        if silent { Err(AnswerError::Provider(ProviderError::Empty)) } else { Ok(assembly) }
    }

    async fn open(&mut self, slot: usize, clock: &Clock) -> Result<ChunkStream, AnswerError> {
        let provider = Arc::clone(&self.providers[slot].provider);
        if self.tasks.is_none()
            && let Some(wanted) = provider.wants(&self.history)
        {
            self.tasks = Some(self.services.tasks_for_run(&self.claimed, &wanted).await.map_err(RunEnd::from)?);
        }
        let turns = history::turns(&self.history, &self.reply.parts, &self.steps, provider.name());
        let now = self.now();
        let system = prompt::system(&now, self.counts, turns.left_out);
        let scene = LocalContext {
            now: &now,
            history: &self.history,
            reply: &self.reply.parts,
            rounds: self.steps.len(),
            counts: self.counts,
            tasks: self.tasks.as_deref().unwrap_or_default(),
            is_fallback: slot > 0,
        };
        let request = Request { system: &system, turns: &turns.turns, tools: tools::specs(), scene: Some(scene) };
        match within(&self.stop, clock.by(), provider.stream(request)).await? {
            Some(stream) => stream.map_err(AnswerError::Provider),
            None => Err(clock.late()),
        }
    }

    async fn take(
        &mut self,
        slot: usize,
        mut chunk: Chunk,
        assembly: &mut Assembly,
        clock: &mut Clock,
    ) -> Result<(), AnswerError> {
        let says = !chunk.text.is_empty() || !chunk.calls.is_empty();
        if says && !clock.begun {
            let provider = &self.providers[slot].provider;
            metrics::histogram!("tandem_provider_first_token_seconds", "provider" => provider.name().to_owned())
                .record(clock.asked.elapsed().as_secs_f64());
            let model = chunk.model.clone().unwrap_or_else(|| provider.model().to_owned());
            self.claimed.message.provider = Some(ProviderRef { name: provider.name().to_owned(), model });
        }
        if says || clock.begun {
            clock.tick();
        }
        let text = std::mem::take(&mut chunk.text);
        assembly.take(chunk);
        self.reply.usage = assembly.usage;
        if !text.is_empty() {
            self.say(&text)?;
            self.save_if_due().await?;
        }
        Ok(())
    }
}

/// Waits for something, but neither beyond a deadline (`None`) nor once the run is to stop.
pub(super) async fn within<T>(stop: &Stop, by: Instant, work: impl Future<Output = T>) -> Result<Option<T>, RunEnd> {
    tokio::select! {
        biased;
        () = stop.cancel.cancelled() => Err(RunEnd::Cancelled),
        () = stop.release.cancelled() => Err(RunEnd::Released),
        done = tokio::time::timeout_at(by, work) => Ok(done.ok()),
    }
}
