//! One run: from the user's message to the end of the reply.
//!
//! Answers of a provider and rounds of tool calls alternate. Each answer is persisted as a step before its calls are
//! run, and each call in the transaction of its effect, so that another node can continue from the last of them.
//!
//! **Invariant:** a change of the reply is committed only while this node has the run: each goes through
//! `begin_for_run` or a checkpoint, which check node and attempt.

mod approval;
mod call_arguments;
mod call_budget;
mod calls;
mod end;
mod generate;
mod history;
mod limits;
mod outcome;
mod reply;
mod settle;
mod sizes;
mod step;
mod stream;
mod summary;
mod thought_event;
mod title;

pub(super) use end::fail_after_panic;

use super::{
    Timeouts,
    checkpoints::{Checkpoints, ReplyCheckpoints},
    providers::ProviderHandle,
};
use crate::provider::ProviderError;
use jiff::Zoned;
use limits::{MAX_STEPS, RESTART_CHARS};
use outcome::{RunEnd, RunResult};
use reply::ReplyBuffer;
use std::{convert::Infallible, sync::Arc, time::Duration};
use step::Step;
use tandem_domain::zone;
use tandem_protocol::{
    UserId,
    enums::ReplyErrorCode,
    model::{Message, Part, Task},
};
use tandem_runtime::permits::Permits;
use tandem_service::{CommandKey, Services, TaskCounts, UnitOfWork, runs::LeasedRun};
use thought_event::ThoughtEvent;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// What all runs of a node use.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    /// In the order of fallback.
    pub(super) providers: Arc<[ProviderHandle]>,
    /// How many requests to providers may be open at once for a user. Titles count, too: they are requested after their
    /// reply.
    pub(super) upstreams: Arc<Permits<UserId>>,
    pub(super) timeouts: Timeouts,
    pub(super) checkpoints: Arc<Checkpoints>,
}

/// The two signals that stop a run.
#[derive(Clone, Debug, Default)]
pub(super) struct Stop {
    /// The user stops the reply, which ends.
    pub(super) cancel: CancellationToken,
    /// The node shuts down: another node continues the run.
    pub(super) release: CancellationToken,
}

impl Stop {
    /// Waits for one of the signals, and returns how the run ends.
    async fn requested(&self) -> RunEnd {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => RunEnd::Cancelled,
            () = self.release.cancelled() => RunEnd::Released,
        }
    }
}

/// Works on one leased run.
pub(super) struct RunWorker {
    services: Services,
    providers: Arc<[ProviderHandle]>,
    upstreams: Arc<Permits<UserId>>,
    timeouts: Timeouts,
    /// Without history, steps and parts: these are in the fields below.
    claimed: LeasedRun,
    history: Vec<Message>,
    steps: Vec<Step>,
    reply: ReplyBuffer,
    checkpoints: ReplyCheckpoints,
    /// The event about a thought that is being stored.
    thought_event: Option<ThoughtEvent>,
    counts: TaskCounts,
    /// Tasks that the message may be about; loaded when a provider needs them for the first time.
    tasks: Option<Vec<Task>>,
    stop: Stop,
    /// Whether a provider has refused the conversation as too long, so that less of it is sent.
    short_history: bool,
    /// Whether a provider has refused a request with its own thoughts, so that they are left out.
    without_echo: bool,
    /// Whether no summary is requested any more: one was made or has failed in this run.
    without_summary: bool,
    /// The providers in the order of this run: the one that the user chose, then the others. Indices of `providers`.
    order: Vec<usize>,
    /// Index in `order` of the provider that is tried first: those before it have failed in this run.
    first_provider: usize,
    /// Why the provider that was tried or left out last did not answer.
    unanswered: Option<ProviderError>,
    started: Instant,
    /// Time that was worked on other nodes, or before a wait for the user.
    worked_before: Duration,
    first_token_ms: Option<u64>,
}

impl RunWorker {
    pub(super) fn new(services: Services, shared: Shared, mut claimed: LeasedRun, stop: Stop) -> Self {
        let Shared { providers, upstreams, timeouts, checkpoints } = shared;
        let history = std::mem::take(&mut claimed.history);
        let parts = std::mem::take(&mut claimed.message.parts);
        let steps = std::mem::take(&mut claimed.steps);
        // A step that this version cannot read ends what can be used: those after it build on it.
        let steps: Vec<Step> = steps.into_iter().map_while(|step| serde_json::from_value(step).ok()).collect();
        let order = order(&providers, claimed.provider.as_deref());
        let worked_before = steps.last().map_or(0, |step| step.worked_ms);
        Self {
            first_token_ms: steps.iter().find_map(|step| step.first_token_ms),
            worked_before: Duration::from_millis(worked_before),
            started: Instant::now(),
            reply: ReplyBuffer::new(parts),
            checkpoints: checkpoints.begin(claimed.caller.owner.user(), claimed.run.message_id),
            thought_event: None,
            counts: TaskCounts::default(),
            tasks: None,
            first_provider: 0,
            unanswered: None,
            order,
            short_history: false,
            without_echo: false,
            without_summary: false,
            services,
            providers,
            upstreams,
            timeouts,
            claimed,
            history,
            steps,
            stop,
        }
    }

    /// Works until the reply has ended, waits for the user, or belongs to another node. Returns the last attempt.
    pub(super) async fn work(mut self) -> i64 {
        let end = match self.run_steps().await {
            Ok(never) => match never {},
            Err(end) => end,
        };
        let attempt = self.claimed.run.attempt;
        self.conclude(end).await;
        attempt
    }

    async fn run_steps(&mut self) -> RunResult<Infallible> {
        self.resume().await?;
        self.answer_approval().await?;
        self.counts = self.services.task_counts_for_run(&self.claimed).await?;
        loop {
            // After a takeover the last step may have calls that were not run, so the calls come first.
            if let Some(step) = self.steps.last() {
                let last = step.last;
                self.run_calls().await?;
                if last || self.steps.len() >= MAX_STEPS {
                    return Err(RunEnd::Interrupted(ReplyErrorCode::Limit));
                }
            }
            let answer = self.generate().await?;
            self.settle(answer).await?;
        }
    }

    /// Continues from what was persisted. Text of an answer that was cut off is dropped, unless the user has read much
    /// of it.
    async fn resume(&mut self) -> RunResult<()> {
        if self.claimed.run.cancel_requested {
            return Err(RunEnd::Cancelled);
        }
        let kept = self.kept_parts();
        let unfinished = self.reply.parts.len() > kept;
        // After a takeover the new attempt has to be published, even when no text is dropped.
        if !self.claimed.taken_over && !unfinished {
            return Ok(());
        }
        // A deterministic provider repeats the text that the user has read, so a reply of any length may start over.
        let is_deterministic = self.provider(0).is_some_and(|handle| handle.provider.is_deterministic());
        if self.reply.text_chars(kept) >= RESTART_CHARS && !is_deterministic {
            return Err(RunEnd::Interrupted(ReplyErrorCode::Interrupted));
        }
        self.restart(kept).await
    }

    /// The provider at an index of this run's order.
    fn provider(&self, index: usize) -> Option<&ProviderHandle> {
        self.order.get(index).and_then(|index| self.providers.get(*index))
    }

    /// Number of parts that belong to persisted steps.
    fn kept_parts(&self) -> usize {
        self.steps.last().map_or(0, |step| step.parts).min(self.reply.parts.len())
    }

    /// Time that counts against [`Timeouts::reply`].
    fn worked(&self) -> Duration {
        self.worked_before + self.started.elapsed()
    }

    fn worked_ms(&self) -> u64 {
        u64::try_from(self.worked().as_millis()).unwrap_or(u64::MAX)
    }

    fn now(&self) -> Zoned {
        zone::local(self.services.env().now(), &self.claimed.account.user.time_zone)
    }

    /// Begins a change that is refused once another node has the run.
    async fn begin(&self, command: Option<CommandKey>) -> RunResult<UnitOfWork> {
        self.services.begin_for_run(&self.claimed, command).await?.ok_or(RunEnd::Lost)
    }

    /// The message with the parts of the reply so far.
    fn message(&self) -> Message {
        Message { parts: self.reply.parts.clone(), ..self.claimed.message.clone() }
    }

    /// Takes the parts as they were stored: the service merges what the user did to calls in the meantime.
    fn set_parts(&mut self, parts: Vec<Part>) {
        self.reply.parts = parts;
    }
}

/// Indices of the providers: the chosen one first, then the others in their order.
fn order(providers: &[ProviderHandle], chosen: Option<&str>) -> Vec<usize> {
    let is_chosen = |index: &usize| chosen == Some(providers[*index].provider.name());
    let (first, others): (Vec<usize>, Vec<usize>) = (0..providers.len()).partition(is_chosen);
    [first, others].concat()
}
