//! Runs: the work of writing a reply, leased to one node at a time and fenced by its attempt.
//!
//! Nodes die, stall and come back. A lease ends by itself when its node does not renew it, and a node that claims the
//! run then raises its attempt. The assistant calls these functions from its loop.
//!
//! **Invariant:** after a claim, every write of the node that held the run before is refused: it names an older
//! attempt. So a node that was thought dead cannot write into a reply that has moved on.

mod approval;
mod queue;

pub use approval::{Beside, awaiting, beside, decide, queue_behind};
pub(super) use queue::{begin_reply, conversation_gone, resume, starts_now};

use super::{CommandKey, Result, ServiceError, Services, UnitOfWork};
use queue::{Freed, next, start};
use serde::Serialize;
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use tandem_auth::{Authority, Caller, Owner};
use tandem_bus::BusMessage;
use tandem_domain::page::PageRequest;
use tandem_protocol::{
    MessageId, Timestamp, UserId,
    enums::{ActorKind, MessageState, PushKind, ReplyErrorCode, Scope, ToolState},
    live::{Actor, Delta},
    model::{Message, Part, ReplyError, Summary},
};
use tandem_store::{Account, ConversationState, ReadTx, Run, RunState};

/// A lease lasts this long and is renewed every third of it.
pub const LEASE: Duration = Duration::from_secs(10);
/// A lease that ends later than this from now was written by a clock that was ahead, and counts as over. Clocks of
/// nodes differ by less.
const FURTHEST_LEASE: Duration = Duration::from_mins(1);
/// Runs that one sweep finds. After a node has died, all of its runs have to be claimed in time, not only the first
/// few.
const SWEPT_RUNS: u32 = 10_000;
/// How often a reply is claimed from a node that is gone before it is not tried again: the reply may be what ends the
/// nodes.
const MAX_TAKEOVERS: i64 = 3;
/// The error that such a reply ends with.
const ABANDONED: &str = "This reply was interrupted three times by a server that stopped, so it was not tried again. \
                         Continue to go on.";
/// Messages before a reply that a run reads, newest first. What does not fit the model is dropped later.
const HISTORY_MESSAGES: usize = 200;
/// Pages in which they are looked up, and messages of a page: messages of other branches may lie between.
const HISTORY_PAGES: usize = 5;
const HISTORY_PAGE: u32 = 200;

/// A run that this node holds.
#[derive(Clone, Debug)]
pub struct LeasedRun {
    pub caller: Caller,
    /// With the attempt that fences it.
    pub run: Run,
    /// The reply as it is stored.
    pub message: Message,
    /// The stored steps, in order.
    pub steps: Vec<Value>,
    /// The conversation before the reply, oldest first, along its branch.
    pub history: Vec<Message>,
    pub account: Account,
    /// The provider that the user chose for the conversation.
    pub provider: Option<String>,
    /// Whether another node (or this one before a restart) worked on it before.
    pub taken_over: bool,
    /// Whether another reply of the conversation had begun and not ended: see [`beside`].
    pub beside: bool,
}

/// Ends a reply: writes its final state and the event, counts it as unread, ends its run and starts the next queued
/// one.
///
/// # Errors
/// [`ServiceError::NotFound`] when the message or its conversation is gone.
pub async fn finish(unit: &mut UnitOfWork, mut message: Message) -> Result<Message> {
    debug_assert!(message.state.is_final());
    // Everything is read before the first write, so that all writes go to the database together.
    let stored = unit.message(message.id).await?.message;
    let mut conversation = unit.conversation(message.conversation_id).await?;
    let next = next(unit, message.conversation_id, Freed::ByEnd(message.id)).await?;
    // Who has stopped a reply knows that it has ended.
    let pushed = message.state != MessageState::Cancelled;
    let targets = if pushed { unit.push_targets(PushKind::Reply).await? } else { Vec::new() };
    message.completed_at = Some(unit.now);
    merge_settled(&stored.parts, &mut message.parts);
    close_calls(&mut message.parts);
    message.undo_token = message.undo_token_of_parts();
    unit.complete_message(&message, &targets).await?;
    unit.count_tokens(&message).await?;
    conversation.conversation.unread += 1;
    unit.update_conversation(conversation, false).await?;
    if let Some(next) = next {
        start(unit, next).await?;
    }
    Ok(message)
}

/// Gives every call of a reply that ends a final state: no more of it will be run or answered.
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

/// Writes a reply that has not ended, and events of those of its parts that are new or different.
///
/// # Errors
/// [`ServiceError::NotFound`] when the message is gone.
pub async fn save_progress(unit: &mut UnitOfWork, message: &mut Message, changed: &[usize]) -> Result<()> {
    let row = unit.message(message.id).await?;
    merge_settled(&row.message.parts, &mut message.parts);
    write_parts(unit, message, changed).await
}

/// Writes parts that have changed. When a call among them waits for the user, that is pushed.
async fn write_parts(unit: &mut UnitOfWork, message: &Message, changed: &[usize]) -> Result<()> {
    let asks = |at: &usize| {
        let call = message.parts.get(*at).and_then(Part::as_tool_call);
        call.is_some_and(|call| call.state == ToolState::AwaitingApproval)
    };
    if !changed.iter().any(asks) {
        return unit.update_parts(message, changed).await;
    }
    let targets = unit.push_targets(PushKind::Approval).await?;
    unit.ask_about_parts(message, changed, &targets).await
}

/// Has the user decide on a call that was about to run.
///
/// # Errors
/// [`ServiceError::NotFound`] when the message is gone.
pub async fn request_approval(unit: &mut UnitOfWork, message: &mut Message, part: usize) -> Result<()> {
    let row = unit.message(message.id).await?;
    merge_settled(&row.message.parts, &mut message.parts);
    let Some(Part::ToolCall(call)) = message.parts.get_mut(part) else { return Ok(()) };
    call.state = ToolState::AwaitingApproval;
    write_parts(unit, message, &[part]).await
}

/// Lets a reply start over from the parts that it still has. `message` and `run` carry the new attempt.
///
/// # Errors
/// [`ServiceError::NotFound`] when the message is gone.
pub async fn restart(unit: &mut UnitOfWork, run: &Run, message: &mut Message) -> Result<()> {
    let row = unit.message(message.id).await?;
    merge_settled(&row.message.parts, &mut message.parts);
    unit.restart_message(run, message).await
}

/// Copies what the user did to tool calls while the reply was being written: answers to those that waited, and undone
/// calls. The run works on its own copy of the parts, which does not have it.
fn merge_settled(stored: &[Part], parts: &mut [Part]) {
    for (stored, part) in stored.iter().zip(parts) {
        let (Part::ToolCall(stored), Part::ToolCall(call)) = (stored, part) else { continue };
        // Calls that the run itself has settled are newer in its copy. Newer in the row are only decisions and undos.
        let answered = call.state == ToolState::AwaitingApproval;
        if stored.call_id == call.call_id && (answered || stored.state == ToolState::Undone) {
            call.state = stored.state;
            call.decided.clone_from(&stored.decided);
        }
    }
}

fn chosen_provider(conversation: ConversationState) -> Option<String> {
    match conversation {
        ConversationState::Live(row) => row.conversation.provider,
        ConversationState::Absent | ConversationState::Deleted => None,
    }
}

/// Keeps a summary of the conversation up to a message.
///
/// # Errors
/// [`ServiceError::NotFound`] when the message is gone.
pub async fn summarise(unit: &mut UnitOfWork, id: MessageId, text: String) -> Result<Summary> {
    let message = unit.message(id).await?.message;
    let summary = Summary { text, created_at: unit.now };
    unit.update_summary(message, summary.clone()).await?;
    Ok(summary)
}

/// Counts the tokens (of the prompt and of the answer) of a request that is not for the reply itself, such as one for a
/// title.
///
/// # Errors
/// [`ServiceError::Unavailable`] when the database does not do it in time.
pub async fn count_tokens(unit: &mut UnitOfWork, (prompt, completion): (u64, u64)) -> Result<()> {
    unit.spend_tokens(prompt, completion).await
}

/// Writes a step of a run, in place of one of the same index. Only the assistant knows its form.
///
/// # Errors
/// [`ServiceError::Internal`] when the step has no JSON form.
pub async fn save_step(unit: &mut UnitOfWork, id: MessageId, index: usize, step: &impl Serialize) -> Result<()> {
    let (index, step) = (i64::try_from(index).unwrap_or(i64::MAX), serde_json::to_value(step)?);
    Ok(unit.runs().save_run_step(id, index, &step).await?)
}

impl Services {
    /// Claims a run: leases it to this node. `None` when it has ended, is queued, or another node holds it at
    /// `lease_now`, which is now, or the far future for the only node of a database.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when the message or its conversation is gone, [`ServiceError::SessionRevoked`] when
    /// the account has ended.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn claim_run(&self, user: &UserId, id: MessageId, lease_now: Timestamp) -> Result<Option<LeasedRun>> {
        let caller = run_caller(user);
        // The usual case first, which only reads.
        if let Some(begun) = self.claim_own(&caller, id, lease_now).await? {
            return Ok(Some(begun));
        }
        let mut unit = self.begin(&caller, None).await?;
        let Some(run) = unit.reads().run(id).await? else { return Ok(None) };
        let foreign = run.node.as_deref().is_some_and(|node| node != self.node_id());
        let leased = self.leased(&run, lease_now);
        if run.state == RunState::Queued {
            // The node that should have started it is gone, or is about to. The start is published, and this is called
            // again for a run that this node begins.
            if let Some(next) = next(&mut unit, run.conversation_id, Freed::Nothing).await? {
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
        // Raised only when another attempt may still be writing. A run that was parked or queued has no writer to fence
        // off.
        let attempt = if taken_over { run.attempt + 1 } else { run.attempt };
        // Only a claim from another node counts. A released run has no node, and one that this node lost for a time did
        // not end it.
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
        let beside = approval::is_beside(unit.reads(), &run).await?;
        let provider = chosen_provider(unit.reads().conversation(run.conversation_id).await?);
        unit.commit().await?;
        // Read after the commit: messages before the reply do not change, and a long branch would keep other changes of
        // the user waiting.
        let history = history(self.store().read(&caller.owner).await?.as_mut(), &message).await?;
        Ok(Some(LeasedRun { caller, run, message, steps, history, account, provider, taken_over, beside }))
    }

    /// Claims a run that this node has begun, and so leased to itself already. Writes nothing: a commit would delay the
    /// first token by an `fsync`.
    async fn claim_own(&self, caller: &Caller, id: MessageId, lease_now: Timestamp) -> Result<Option<LeasedRun>> {
        let mut tx = self.store().read(&caller.owner).await?;
        let Some(run) = tx.run(id).await? else { return Ok(None) };
        let here = run.node.as_deref() == Some(self.node_id());
        let leased = self.leased(&run, lease_now);
        if !(here && leased && run.state == RunState::Running) {
            return Ok(None);
        }
        let Some(row) = tx.message(id).await? else { return Ok(None) };
        let (steps, account) = (tx.run_steps(id).await?, tx.account().await?);
        let provider = chosen_provider(tx.conversation(run.conversation_id).await?);
        let history = history(tx.as_mut(), &row.message).await?;
        let beside = approval::is_beside(tx.as_mut(), &run).await?;
        let caller = caller.clone();
        let message = row.message;
        Ok(Some(LeasedRun { caller, run, message, steps, history, account, provider, taken_over: false, beside }))
    }

    /// Begins a change by a run; `None` when the run is not this node's any more. A tool call passes its `command`, so
    /// that it acts once.
    ///
    /// # Errors
    /// [`ServiceError::SessionRevoked`] when the account has ended.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn begin_for_run(&self, claimed: &LeasedRun, command: Option<CommandKey>) -> Result<Option<UnitOfWork>> {
        let mut unit = self.begin(&claimed.caller, command).await?;
        let run = unit.reads().run(claimed.run.message_id).await?;
        Ok(run.is_some_and(|run| self.holds(claimed, &run)).then_some(unit))
    }

    /// Gives up the lease of a run that waits for the user's answer; a queued one may start in its place. False when the user
    /// has stopped it since it was claimed: then there is nothing to wait for.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when the run, or the message of the next one, is gone.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn park_run(&self, unit: &mut UnitOfWork, id: MessageId) -> Result<bool> {
        let run = unit.reads().run(id).await?.ok_or(ServiceError::NotFound("message"))?;
        if run.cancel_requested {
            return Ok(false);
        }
        // Looked up before the run is parked, so that all writes go to the database together.
        let next = next(unit, run.conversation_id, Freed::ByWait(id)).await?;
        unit.runs().update_run(&Run { state: RunState::Waiting, node: None, lease_until: None, ..run }).await?;
        if let Some(next) = next {
            start(unit, next).await?;
        }
        Ok(true)
    }

    /// Gives up the lease of a run, so that any node can claim it at once.
    ///
    /// # Errors
    /// [`ServiceError::Unavailable`] or [`ServiceError::Overloaded`] when the database does not do it in time.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn release_run(&self, unit: &mut UnitOfWork, run: &Run) -> Result<()> {
        let released = Run { node: None, lease_until: None, ..run.clone() };
        Ok(unit.runs().update_run(&released).await?)
    }

    /// Stores text that replies of this node have streamed, in one transaction. Returns those that this node still
    /// writes, in the attempt of their text. Devices have the text as deltas already, so there is no event.
    ///
    /// # Errors
    /// [`ServiceError::Unavailable`] or [`ServiceError::Overloaded`] when the database does not do it in time.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn store_reply_texts(&self, texts: &[(UserId, Delta)]) -> Result<Vec<MessageId>> {
        Ok(self.store().add_reply_texts(self.node_id(), texts).await?)
    }

    /// Writes the parts so far with an event for one of them, which has ended, if the run is still this node's.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when the message is gone, [`ServiceError::SessionRevoked`] when the account has ended.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn store_part(&self, claimed: &LeasedRun, parts: Vec<Part>, ended: usize) -> Result<()> {
        let Some(mut unit) = self.begin_for_run(claimed, None).await? else { return Ok(()) };
        let mut message = Message { parts, ..claimed.message.clone() };
        save_progress(&mut unit, &mut message, &[ended]).await?;
        unit.commit().await?;
        Ok(())
    }

    /// Begins the end of a run that failed on this node, whatever its attempt is now; `None` when it has ended, or
    /// another node holds it.
    ///
    /// # Errors
    /// [`ServiceError::SessionRevoked`] when the account has ended.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn begin_failure(&self, claimed: &LeasedRun) -> Result<Option<UnitOfWork>> {
        let mut unit = self.begin(&claimed.caller, None).await?;
        let run = unit.reads().run(claimed.run.message_id).await?;
        Ok(run.is_some_and(|run| run.node.as_deref() == Some(self.node_id())).then_some(unit))
    }

    /// Whether the lease of a run has not ended at `lease_now`.
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

    /// Renews the leases of the runs that this node works on. Those of runs that it has lost are left to end, so that
    /// some node claims them.
    ///
    /// # Errors
    /// [`ServiceError::Unavailable`] or [`ServiceError::Overloaded`] when the database does not do it in time.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn renew_leases(&self, runs: &[MessageId]) -> Result<()> {
        Ok(self.store().renew_leases(self.node_id(), runs, self.env().now().plus(LEASE)).await?)
    }

    /// Runs of this node that their users have cancelled, in case the bus lost the message.
    ///
    /// # Errors
    /// [`ServiceError::Unavailable`] or [`ServiceError::Overloaded`] when the database does not do it in time.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn unwanted_runs(&self) -> Result<Vec<MessageId>> {
        Ok(self.store().unwanted_runs(self.node_id()).await?)
    }

    /// How many replies are queued, on all nodes.
    ///
    /// # Errors
    /// [`ServiceError::Unavailable`] or [`ServiceError::Overloaded`] when the database does not do it in time.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn queued_runs(&self) -> Result<i64> {
        Ok(self.store().queued_runs().await?)
    }

    /// Runs without a lease at `now`, oldest first. At the start of the only node, every run there is: its caller
    /// passes a `now` in the far future.
    ///
    /// # Errors
    /// [`ServiceError::Unavailable`] or [`ServiceError::Overloaded`] when the database does not do it in time.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn expired_runs(&self, now: Timestamp) -> Result<Vec<(UserId, MessageId)>> {
        let (furthest, replies) = (self.env().now().plus(FURTHEST_LEASE), queue::count(self.limits().user_replies));
        Ok(self.store().expired_runs(now, furthest, replies, SWEPT_RUNS).await?)
    }
}

/// Ends a reply that is not tried again. Its stored parts stay.
async fn abandon(mut unit: UnitOfWork, mut message: Message) -> Result<Option<LeasedRun>> {
    tracing::warn!(message_id = %message.id, "a reply is not tried again: too many nodes have ended while they wrote it");
    metrics::counter!("tandem_run_abandoned_total").increment(1);
    message.state = MessageState::Interrupted;
    message.error = Some(ReplyError { code: ReplyErrorCode::Interrupted, message: ABANDONED.into() });
    finish(&mut unit, message).await?;
    unit.commit().await?;
    Ok(None)
}

/// The caller of a run: it acts for the user whose message began it.
#[expect(clippy::disallowed_methods, reason = "the user began the run by a command that was verified")]
fn run_caller(user: &UserId) -> Caller {
    Caller {
        owner: Owner::assume_verified(user.clone()),
        authority: Authority::Run,
        scopes: vec![Scope::Read, Scope::Write],
        actor: Actor { kind: ActorKind::Assistant, device_id: None },
        address: None,
    }
}

/// The messages from the start of the conversation, or from the newest one with a summary, to the one that is answered, along its branch. The answered message
/// may not be the newest, so reading begins at its position.
async fn history(tx: &mut dyn ReadTx, reply: &Message) -> Result<Vec<Message>> {
    let id = reply.conversation_id;
    if !matches!(tx.conversation(id).await?, ConversationState::Live(_)) {
        return Err(ServiceError::NotFound("conversation"));
    }
    let mut branch = Vec::new();
    let Some(answered) = reply.parent_id else { return Ok(branch) };
    let Some(answered) = tx.message(answered).await? else { return Ok(branch) };
    // Messages of other branches lie between, so parents are followed, newest first; the pages only supply messages.
    let (mut wanted, mut before) = (answered.message.parent_id, answered.position);
    branch.push(answered.message);
    for _ in 0..HISTORY_PAGES {
        if wanted.is_none() || branch.len() >= HISTORY_MESSAGES {
            break;
        }
        let page = tx.messages(id, &PageRequest { limit: HISTORY_PAGE, after: Some((before,)) }).await?;
        // A page that ends early because of its size is more than any model reads.
        let last = !page.more || page.rows.len() < HISTORY_PAGE as usize;
        for row in page.rows {
            before = row.position;
            if Some(row.message.id) == wanted {
                // A summary stands for all messages before it.
                wanted = row.message.parent_id.filter(|_| row.message.summary.is_none());
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
