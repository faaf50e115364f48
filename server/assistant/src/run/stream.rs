//! One answer of one provider, while it is streamed.
//!
//! Text and thoughts are published at once; tool calls are assembled and returned at the end. The deadlines are our own:
//! a server that keeps the connection open and sends keep-alive frames, or one token a minute, must not hold a run for
//! ever.
//!
//! **Invariant:** one timer is armed for an answer, however many pieces it comes in.

use super::{
    RunWorker, Stop, end,
    history::{self, CurrentReply},
    outcome::RunEnd,
};
use crate::{
    Timeouts, prompt,
    provider::{Chunk, ChunkStream, Finish, LocalContext, ProviderError, Request},
    tools,
};
use futures_util::StreamExt as _;
use std::{pin::pin, sync::Arc, time::Duration};
use tandem_completions::AnswerAssembly;
use tandem_protocol::{enums::ReplyErrorCode, model::ProviderRef};
use tokio::time::Instant;

/// Why there is no complete answer.
#[derive(Debug)]
pub(super) enum AnswerError {
    /// The provider failed: another attempt or another provider may help.
    Provider(ProviderError),
    RunEnd(RunEnd),
}

impl From<RunEnd> for AnswerError {
    fn from(end: RunEnd) -> Self {
        Self::RunEnd(end)
    }
}

struct Deadlines {
    timeouts: Timeouts,
    requested_at: Instant,
    /// By then the next output is due, at first the first token.
    next: Instant,
    run: Instant,
    /// Whether any output was received, thoughts included.
    started: bool,
    /// Whether text or calls were received.
    answered: bool,
}

impl Deadlines {
    fn earliest(&self) -> Instant {
        self.next.min(self.run)
    }

    /// Counts a frame as progress.
    fn on_progress(&mut self, chunk: &Chunk) {
        self.answered |= !chunk.text.is_empty() || !chunk.calls.is_empty();
        let has_output = chunk.has_output();
        // Before the first token, frames without output do not count. After it, any frame shows that the server is
        // still working.
        if has_output || self.started {
            self.next = Instant::now() + self.pause();
        }
        self.started |= has_output;
    }

    /// How long a model may pause: longer while it thinks.
    fn pause(&self) -> Duration {
        if self.answered { self.timeouts.next_token } else { self.timeouts.next_thought }
    }

    /// The error for a deadline that has passed.
    fn missed(&self) -> AnswerError {
        if Instant::now() >= self.run {
            AnswerError::RunEnd(RunEnd::Interrupted(ReplyErrorCode::Limit))
        } else if self.started {
            AnswerError::Provider(ProviderError::Stalled)
        } else {
            AnswerError::Provider(ProviderError::FirstToken)
        }
    }
}

impl RunWorker {
    /// Requests an answer and publishes its text while it is received.
    pub(super) async fn stream_answer(&mut self, provider_index: usize) -> Result<AnswerAssembly, AnswerError> {
        // A permit is nearly always free: there are as many as replies of a user that run at once, and a title may have
        // one.
        let work_ends = Instant::now() + self.timeouts.reply.saturating_sub(self.worked());
        let permit = self.upstreams.acquire(self.claimed.caller.owner.user().clone());
        let Some(_permit) = within(&self.stop, work_ends, permit).await? else {
            return Err(AnswerError::RunEnd(RunEnd::Interrupted(ReplyErrorCode::Limit)));
        };
        // The wait for the permit counts as work of the run, but not against the deadlines of the provider.
        let now = Instant::now();
        let run = now + self.timeouts.reply.saturating_sub(self.worked());
        let (timeouts, next) = (self.timeouts, now + self.timeouts.first_token);
        let mut deadlines = Deadlines { timeouts, requested_at: now, next, run, started: false, answered: false };
        let mut stream = self.open_stream(provider_index, &deadlines).await?;
        let mut assembly = AnswerAssembly::new(|name| tools::spec(name).is_some());
        let stop = self.stop.clone();
        let mut stopped = pin!(stop.requested());
        let mut timer = pin!(tokio::time::sleep_until(deadlines.earliest()));
        loop {
            let item = tokio::select! {
                biased;
                end = &mut stopped => return Err(end.into()),
                item = stream.next() => item,
                () = &mut timer => {
                    // Each piece moves the deadline away and leaves the timer alone, which may be early then.
                    if deadlines.earliest() <= Instant::now() {
                        return Err(deadlines.missed());
                    }
                    timer.as_mut().reset(deadlines.earliest());
                    continue;
                }
            };
            match item {
                None => break,
                // Some servers close the connection after tool calls without any end mark, or without the end of the
                // body. Calls that are whole are usable.
                Some(Err(ProviderError::Truncated | ProviderError::Broken)) if assembly.has_whole_calls() => break,
                Some(Err(error)) => return Err(AnswerError::Provider(error)),
                Some(Ok(chunk)) => {
                    if chunk.text_was_thoughts && !assembly.has_calls() {
                        self.retype_text().await?;
                    }
                    self.on_chunk(provider_index, chunk, &mut assembly, &mut deadlines)?;
                }
            }
            // A model that has begun to answer may pause for less time than before.
            if deadlines.earliest() < timer.deadline() {
                timer.as_mut().reset(deadlines.earliest());
            }
        }
        self.reply.end_thoughts();
        ended(assembly, deadlines.answered).map_err(AnswerError::Provider)
    }

    async fn open_stream(&mut self, provider_index: usize, deadlines: &Deadlines) -> Result<ChunkStream, AnswerError> {
        let provider = Arc::clone(&self.providers[provider_index].provider);
        if self.tasks.is_none()
            && let Some(wanted) = provider.wanted_tasks(&self.history)
        {
            self.tasks = Some(self.services.tasks_for_run(&self.claimed, &wanted).await.map_err(RunEnd::from)?);
        }
        let reply = CurrentReply { parts: &self.reply.parts, steps: &self.steps };
        let turns = history::chat_history(&self.history, reply, self.reader(provider.as_ref()));
        let now = self.now();
        let system = prompt::system(&now, turns.is_truncated);
        let local = LocalContext {
            now: &now,
            all_day: self.claimed.account.user.settings.reminders.time_of_day(),
            style: self.claimed.account.user.settings.date_style(),
            history: &self.history,
            reply: &self.reply.parts,
            rounds: self.steps.len(),
            counts: self.counts,
            tasks: self.tasks.as_deref().unwrap_or_default(),
            instead_of: self.unanswered.as_ref().map(end::sentence),
        };
        let request = Request { system: &system, turns: &turns.turns, tools: tools::specs(), local: Some(local) };
        match within(&self.stop, deadlines.earliest(), provider.stream(request)).await? {
            Some(stream) => stream.map_err(AnswerError::Provider),
            None => Err(deadlines.missed()),
        }
    }

    fn on_chunk(
        &mut self,
        provider_index: usize,
        mut chunk: Chunk,
        assembly: &mut AnswerAssembly,
        deadlines: &mut Deadlines,
    ) -> Result<(), AnswerError> {
        // Only now is it certain who answers: until the first output, another provider may still take over.
        if chunk.has_output() && !deadlines.started {
            let provider = &self.providers[provider_index].provider;
            metrics::histogram!("tandem_provider_first_token_seconds", "provider" => provider.name().to_owned())
                .record(deadlines.requested_at.elapsed().as_secs_f64());
            let model = chunk.model.clone().unwrap_or_else(|| provider.model().to_owned());
            let name = provider.name().to_owned();
            let wanted = self.provider(0).map(|handle| handle.provider.name().to_owned());
            let instead_of = wanted.filter(|wanted| *wanted != name);
            self.claimed.message.provider = Some(ProviderRef { name, model, instead_of });
        }
        deadlines.on_progress(&chunk);
        let (text, thoughts) = (std::mem::take(&mut chunk.text), std::mem::take(&mut chunk.thoughts));
        if !thoughts.is_empty() {
            self.push_thoughts(&thoughts);
        }
        let thinks_no_more = !text.is_empty() || !chunk.calls.is_empty();
        if thinks_no_more {
            self.reply.end_thoughts();
        }
        assembly.add(chunk);
        // Kept with the reply even if the run ends before the answer does: these tokens are paid for.
        self.reply.usage = assembly.usage;
        if !text.is_empty() {
            self.push_text(&text)?;
        }
        if thinks_no_more {
            self.store_thought_event();
        }
        if self.checkpoints.is_lost() { Err(RunEnd::Lost.into()) } else { Ok(()) }
    }
}

/// An answer whose stream has ended, if it is one.
fn ended(assembly: AnswerAssembly, answered: bool) -> Result<AnswerAssembly, ProviderError> {
    match assembly.finish {
        // An answer without text.
        Some(Finish::Length | Finish::ContentFilter) => Ok(assembly),
        // Calls that are whole are run, whatever the reason is.
        Some(Finish::Broken) if !assembly.has_whole_calls() => Err(ProviderError::Broken),
        _ if !answered => Err(ProviderError::Empty),
        _ => Ok(assembly),
    }
}

/// Waits for `work`. Returns `None` at the deadline, and an error when the run is to stop.
pub(super) async fn within<T>(stop: &Stop, by: Instant, work: impl Future<Output = T>) -> Result<Option<T>, RunEnd> {
    tokio::select! {
        biased;
        end = stop.requested() => Err(end),
        done = tokio::time::timeout_at(by, work) => Ok(done.ok()),
    }
}
