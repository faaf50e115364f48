//! Runs: the work of writing a reply, leased to one node at a time and fenced by its attempt.
//!
//! The assistant calls these from its loop. Whatever it writes is refused once another node has taken the run up, so a
//! node that was thought dead cannot write into a reply that has moved on.

mod queue;

pub(super) use queue::{begin_reply, conversation_gone, resume, starts_now};

use super::{CommandKey, Result, ServiceError, Services, UnitOfWork};
use queue::{Leaving, next, start};
use serde::Serialize;
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use tandem_auth::{Authority, Caller, Owner};
use tandem_bus::BusMessage;
use tandem_domain::page::PageRequest;
use tandem_protocol::{
    MessageId, Timestamp, UserId,
    enums::{ActorKind, MessageState, ReplyErrorCode, Scope, ToolState},
    live::{Actor, Delta},
    model::{Message, Part, ReplyError},
};
use tandem_store::{Account, ConversationState, ReadTx, Run, RunState};

/// A lease lasts this long and is renewed every third of it.
pub const LEASE: Duration = Duration::from_secs(10);
/// A lease further ahead than this was written by a clock that was ahead itself; nobody waits for its end. Clocks of nodes
/// differ by less.
const FURTHEST_LEASE: Duration = Duration::from_mins(1);
/// Runs looked for at once. After the start of a node all that were running when it died have to be claimed in time, not
/// only the first few.
const SWEPT_RUNS: u32 = 10_000;
/// A reply that was claimed so often from nodes that were gone is not tried again: it may be what ends them.
const MAX_TAKEOVERS: i64 = 3;
/// What is said then.
const ABANDONED: &str = "This reply was interrupted three times by a server that stopped, so it was not tried again. \
                         Continue to go on.";
/// Messages before a reply that a run reads, newest first; what does not fit the model is dropped later.
const HISTORY_MESSAGES: usize = 200;
/// Pages of so many messages in which they are looked for: messages of other branches may lie in between.
const HISTORY_PAGES: usize = 5;
const HISTORY_PAGE: u32 = 200;

/// A run that this node holds.
#[derive(Clone, Debug)]
pub struct LeasedRun {
    pub caller: Caller,
    /// The run, with the attempt that fences it.
    pub run: Run,
    /// The reply as persisted.
    pub message: Message,
    /// What was persisted of earlier steps.
    pub steps: Vec<Value>,
    /// The conversation before the reply, oldest first, along its branch.
    pub history: Vec<Message>,
    /// The account, for zone and name.
    pub account: Account,
    /// Whether another node (or this one before a restart) worked on it before.
    pub taken_over: bool,
}

/// What a checkpoint found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseStatus {
    /// The run is still this node's.
    Ours,
    /// It is, and the user wants it stopped.
    CancelRequested,
    /// Another node has taken the run up, or it has ended.
    Lost,
}

/// Ends a reply in its final state with its event, counts it as unread, and lets the next one start.
pub async fn finish(unit: &mut UnitOfWork, mut message: Message) -> Result<Message> {
    debug_assert!(message.state.is_final());
    // Everything is read before the first write, so that all writes go to the database together.
    let stored = unit.message(message.id).await?.message;
    let mut conversation = unit.conversation(message.conversation_id).await?;
    let next = next(unit, message.conversation_id, Leaving::Ends(message.id)).await?;
    message.completed_at = Some(unit.now);
    merge_settled(&stored.parts, &mut message.parts);
    close_calls(&mut message.parts);
    unit.complete_message(&message).await?;
    conversation.conversation.unread += 1;
    unit.update_conversation(conversation, false).await?;
    if let Some(next) = next {
        start(unit, next).await?;
    }
    Ok(message)
}

/// Of the calls of a reply that ends, nothing more comes.
fn close_calls(parts: &mut [Part]) {
    for part in parts {
        let Part::ToolCall(call) = part else { continue };
        call.state = match call.state {
            ToolState::Running => ToolState::Failed,
            ToolState::AwaitingApproval => ToolState::Denied,
            settled => settled,
        };
    }
}

/// Writes a reply that goes on, and events of those of its parts that are new or different.
pub async fn keep(unit: &mut UnitOfWork, message: &mut Message, changed: &[usize]) -> Result<()> {
    let row = unit.message(message.id).await?;
    merge_settled(&row.message.parts, &mut message.parts);
    unit.update_parts(message, changed).await
}

/// Puts a call that was to be run before the user after all.
pub async fn ask(unit: &mut UnitOfWork, message: &mut Message, part: usize) -> Result<()> {
    let row = unit.message(message.id).await?;
    merge_settled(&row.message.parts, &mut message.parts);
    let Some(Part::ToolCall(call)) = message.parts.get_mut(part) else { return Ok(()) };
    call.state = ToolState::AwaitingApproval;
    unit.update_parts(message, &[part]).await
}

/// Lets a reply start over from the parts that it still has. `message` and `run` carry the new attempt.
pub async fn restart(unit: &mut UnitOfWork, run: &Run, message: &mut Message) -> Result<()> {
    let row = unit.message(message.id).await?;
    merge_settled(&row.message.parts, &mut message.parts);
    unit.restart_message(run, message).await
}

/// Takes over what the user did to tool calls while a reply was being written: answers to those that waited, and calls
/// that were taken back. The run's own copy does not know of it.
fn merge_settled(stored: &[Part], parts: &mut [Part]) {
    for (stored, part) in stored.iter().zip(parts) {
        let (Part::ToolCall(stored), Part::ToolCall(call)) = (stored, part) else { continue };
        let answered = call.state == ToolState::AwaitingApproval;
        if stored.call_id == call.call_id && (answered || stored.state == ToolState::Undone) {
            call.state = stored.state;
        }
    }
}

/// Keeps a step of a run, in place of one of the same index. The services do not know its form.
///
/// # Errors
/// [`ServiceError::Internal`] when the step has no JSON form.
pub async fn save_step(unit: &mut UnitOfWork, id: MessageId, index: usize, step: &impl Serialize) -> Result<()> {
    let (index, step) = (i64::try_from(index).unwrap_or(i64::MAX), serde_json::to_value(step)?);
    Ok(unit.runs().save_run_step(id, index, &step).await?)
}

impl Services {
    /// Takes a run up: leases it to this node. `None` when it has ended, is queued, or another node holds it at
    /// `lease_now`, which is now, or the far future for the only node of a database.
    pub async fn claim_run(&self, user: &UserId, id: MessageId, lease_now: Timestamp) -> Result<Option<LeasedRun>> {
        let caller = run_caller(user);
        if let Some(begun) = self.begun_here(&caller, id, lease_now).await? {
            return Ok(Some(begun));
        }
        let mut unit = self.begin(&caller, None).await?;
        let Some(run) = unit.reads().run(id).await? else { return Ok(None) };
        let foreign = run.node.as_deref().is_some_and(|node| node != self.node_id());
        let leased = self.leased(&run, lease_now);
        if run.state == RunState::Queued {
            // Nothing stands before it, or somebody else is about to start it. The start says so on the bus.
            if let Some(next) = next(&mut unit, run.conversation_id, Leaving::Nobody).await? {
                start(&mut unit, next).await?;
            }
            unit.commit().await?;
            return Ok(None);
        }
        if (foreign && leased) || run.state == RunState::Waiting {
            return Ok(None);
        }
        let mut message = unit.message(id).await?.message;
        let taken_over = foreign || (run.node.is_some() && !leased);
        let attempt = if taken_over { run.attempt + 1 } else { run.attempt };
        // A run that was released has no node. One that this node lost for a time did not end it.
        let takeovers = run.takeovers + i64::from(foreign);
        message.attempt = attempt;
        if takeovers >= MAX_TAKEOVERS && foreign && !run.cancel_requested {
            return abandon(unit, message).await;
        }
        let steps = unit.reads().run_steps(id).await?;
        let (node, lease_until) = (Some(self.node_id().to_owned()), Some(unit.now.plus(LEASE)));
        let run = Run { state: RunState::Running, attempt, node, lease_until, takeovers, ..run };
        unit.runs().update_run(&run).await?;
        if taken_over {
            unit.update_parts(&message, &[]).await?;
        }
        let account = unit.account.clone();
        unit.commit().await?;
        // What came before does not change. It may be long: nobody who wants to write waits for it.
        let history = history(self.store().read(&caller.owner).await?.as_mut(), &message).await?;
        Ok(Some(LeasedRun { caller, run, message, steps, history, account, taken_over }))
    }

    /// A run that this node has just begun is leased to it already. Nothing is written then: a commit would stand between
    /// the question and the first word of its answer.
    async fn begun_here(&self, caller: &Caller, id: MessageId, lease_now: Timestamp) -> Result<Option<LeasedRun>> {
        let mut tx = self.store().read(&caller.owner).await?;
        let Some(run) = tx.run(id).await? else { return Ok(None) };
        let here = run.node.as_deref() == Some(self.node_id());
        let leased = self.leased(&run, lease_now);
        if !(here && leased && run.state == RunState::Running) {
            return Ok(None);
        }
        let Some(row) = tx.message(id).await? else { return Ok(None) };
        let (steps, account) = (tx.run_steps(id).await?, tx.account().await?);
        let history = history(tx.as_mut(), &row.message).await?;
        let caller = caller.clone();
        Ok(Some(LeasedRun { caller, run, message: row.message, steps, history, account, taken_over: false }))
    }

    /// Begins a change by a run; refused when the run is not this node's any more. `command` makes a tool act once.
    pub async fn begin_for_run(&self, claimed: &LeasedRun, command: Option<CommandKey>) -> Result<Option<UnitOfWork>> {
        let mut unit = self.begin(&claimed.caller, command).await?;
        let run = unit.reads().run(claimed.run.message_id).await?;
        Ok(run.is_some_and(|run| self.holds(claimed, &run)).then_some(unit))
    }

    /// Lets go of a run that waits for the user's answer; another may start in its place.
    pub async fn park_run(&self, unit: &mut UnitOfWork, run: &Run) -> Result<()> {
        let next = next(unit, run.conversation_id, Leaving::Waits(run.message_id)).await?;
        let parked = Run { state: RunState::Waiting, node: None, lease_until: None, ..run.clone() };
        unit.runs().update_run(&parked).await?;
        match next {
            Some(next) => start(unit, next).await,
            None => Ok(()),
        }
    }

    /// Lets go of a run that can go on elsewhere at once.
    pub async fn release_run(&self, unit: &mut UnitOfWork, run: &Run) -> Result<()> {
        let released = Run { node: None, lease_until: None, ..run.clone() };
        Ok(unit.runs().update_run(&released).await?)
    }

    /// Keeps the text so far.
    pub async fn checkpoint(&self, claimed: &LeasedRun, mut parts: Vec<Part>) -> Result<LeaseStatus> {
        let id = claimed.run.message_id;
        let mut tx = self.store().write(&claimed.caller.owner).await?;
        if parts.iter().any(|part| part.as_tool_call().is_some())
            && let Some(row) = tx.message(id).await?
        {
            merge_settled(&row.message.parts, &mut parts);
        }
        let Some(cancelled) = tx.checkpoint(id, claimed.run.attempt, self.node_id(), &parts).await? else {
            return Ok(LeaseStatus::Lost);
        };
        tx.commit().await?;
        Ok(if cancelled { LeaseStatus::CancelRequested } else { LeaseStatus::Ours })
    }

    /// Begins the end of a run that broke on this node, whatever its attempt is by now; `None` when it has ended, or
    /// another node has it.
    pub async fn begin_failure(&self, claimed: &LeasedRun) -> Result<Option<UnitOfWork>> {
        let mut unit = self.begin(&claimed.caller, None).await?;
        let run = unit.reads().run(claimed.run.message_id).await?;
        Ok(run.is_some_and(|run| run.node.as_deref() == Some(self.node_id())).then_some(unit))
    }

    /// Whether the lease of a run lasts at `lease_now`.
    fn leased(&self, run: &Run, lease_now: Timestamp) -> bool {
        let furthest = self.env().now().plus(FURTHEST_LEASE);
        run.lease_until.is_some_and(|until| until > lease_now && until <= furthest)
    }

    /// Whether a run is the one that this node claimed.
    fn holds(&self, claimed: &LeasedRun, run: &Run) -> bool {
        run.attempt == claimed.run.attempt && run.node.as_deref() == Some(self.node_id())
    }

    /// Publishes a piece of streamed text.
    pub fn stream(&self, claimed: &LeasedRun, delta: Delta) {
        self.bus().publish(claimed.caller.owner.user(), BusMessage::Delta(Arc::new(delta)));
    }

    /// Prolongs the leases of the runs that are in hand on this node. Of others that it once held the lease must end, so
    /// that somebody takes them up.
    pub async fn renew_leases(&self, runs: &[MessageId]) -> Result<()> {
        Ok(self.store().renew_leases(self.node_id(), runs, self.env().now().plus(LEASE)).await?)
    }

    /// Runs of this node that their users want stopped, in case the bus lost the wish.
    pub async fn unwanted_runs(&self) -> Result<Vec<MessageId>> {
        Ok(self.store().unwanted_runs(self.node_id()).await?)
    }

    /// How many replies are queued, on all nodes.
    pub async fn queued_runs(&self) -> Result<i64> {
        Ok(self.store().queued_runs().await?)
    }

    /// Runs that nobody holds at `now`, oldest first. After the start of a single node that is every run there is, which
    /// the caller says by a `now` in the far future.
    pub async fn expired_runs(&self, now: Timestamp) -> Result<Vec<(UserId, MessageId)>> {
        let (furthest, replies) = (self.env().now().plus(FURTHEST_LEASE), queue::count(self.limits().user_replies));
        Ok(self.store().expired_runs(now, furthest, replies, SWEPT_RUNS).await?)
    }
}

/// Ends a reply that is not tried again. What it had stored stays.
async fn abandon(mut unit: UnitOfWork, mut message: Message) -> Result<Option<LeasedRun>> {
    tracing::warn!(message_id = %message.id, "a reply is not tried again: too many nodes have ended while they wrote it");
    metrics::counter!("tandem_run_abandoned_total").increment(1);
    message.state = MessageState::Interrupted;
    message.error = Some(ReplyError { code: ReplyErrorCode::Interrupted, message: ABANDONED.into() });
    finish(&mut unit, message).await?;
    unit.commit().await?;
    Ok(None)
}

/// A run acts for the user who began it.
#[expect(clippy::disallowed_methods, reason = "the user began the run by a command that was verified")]
fn run_caller(user: &UserId) -> Caller {
    Caller {
        owner: Owner::assume_verified(user.clone()),
        authority: Authority::Run,
        scopes: vec![Scope::Read, Scope::Write],
        actor: Actor { kind: ActorKind::Assistant, device_id: None },
    }
}

/// The messages from the start of the conversation to the one that is answered, along its branch. What is answered may lie
/// far back: it is where the reading begins.
async fn history(tx: &mut dyn ReadTx, reply: &Message) -> Result<Vec<Message>> {
    let id = reply.conversation_id;
    if !matches!(tx.conversation(id).await?, ConversationState::Live(_)) {
        return Err(ServiceError::NotFound("conversation"));
    }
    let mut branch = Vec::new();
    let Some(answered) = reply.parent_id else { return Ok(branch) };
    let Some(answered) = tx.message(answered).await? else { return Ok(branch) };
    let (mut wanted, mut before) = (answered.message.parent_id, answered.position);
    branch.push(answered.message);
    for _ in 0..HISTORY_PAGES {
        if wanted.is_none() || branch.len() >= HISTORY_MESSAGES {
            break;
        }
        let page = tx.messages(id, &PageRequest { limit: HISTORY_PAGE, after: Some((before,)) }).await?;
        // A page that ends by its size is more than any model reads.
        let last = !page.more || page.rows.len() < HISTORY_PAGE as usize;
        for row in page.rows {
            before = row.position;
            if Some(row.message.id) == wanted {
                wanted = row.message.parent_id;
                branch.push(row.message);
            }
        }
        if last {
            break;
        }
    }
    branch.truncate(HISTORY_MESSAGES);
    branch.reverse();
    Ok(branch)
}
