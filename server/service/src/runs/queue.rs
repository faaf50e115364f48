//! Which replies run and which are queued.
//!
//! A user may have [`Limits::user_replies`] runs at the same time, on all nodes together, and one in each conversation;
//! the replies to answers to a request for approval come on top ([`super::approval`]).
//! A unit holds the user's log, so what it counts stays true until its commit; no other lock is needed.
//!
//! **Invariant:** a reply that could run does not stay queued. A change that frees a slot starts the next reply in the
//! same transaction; when that was not possible, a sweep finds it ([`Services::expired_runs`]).
//!
//! [`Limits::user_replies`]: crate::budget::Limits::user_replies
//! [`Services::expired_runs`]: crate::Services::expired_runs

use super::{LEASE, Result, ServiceError, UnitOfWork, approval::waiting_reply};
use std::time::Duration;
use tandem_bus::Control;
use tandem_protocol::{
    ConversationId, MessageId,
    enums::{MessageState, Role},
    model::Message,
};
use tandem_store::{Run, RunLoad, RunState};

/// When a user whose queue is full may try again: replies take some seconds.
const QUEUE_WAIT: Duration = Duration::from_secs(5);

/// Whether a reply to a conversation would start now. Otherwise it is queued.
///
/// # Errors
/// [`ServiceError::QueueFull`] when it would be queued and a queue is full, [`ServiceError::DailyLimit`] when the user has
/// spent what a day allows.
pub(crate) async fn starts_now(unit: &mut UnitOfWork, id: ConversationId) -> Result<bool> {
    unit.require_daily_allowance()?;
    let load = unit.reads().run_load(id).await?;
    let limits = *unit.limits();
    if load.here == 0 && has_slot(unit, &load) {
        return Ok(true);
    }
    // The message answers a reply that waits for approval. Its own reply is short, and does not wait for a slot.
    let bounded = load.here <= count(limits.conversation_queue);
    if load.here > 0 && bounded && waiting_reply(unit.reads(), id).await?.is_some() {
        return Ok(true);
    }
    // The rows of all nodes are counted, in the transaction that would add one: the limits are exact.
    if load.queued >= count(limits.user_queue) || load.queued_here >= count(limits.conversation_queue) {
        metrics::counter!("tandem_work_refused_total", "work" => "reply").increment(1);
        return Err(ServiceError::QueueFull(QUEUE_WAIT));
    }
    Ok(false)
}

/// Adds an empty reply to a user's message: it runs now ([`starts_now`]) or is queued.
pub(crate) async fn begin_reply(
    unit: &mut UnitOfWork,
    id: ConversationId,
    parent: MessageId,
    now: bool,
) -> Result<Message> {
    let message = Message {
        id: MessageId(unit.id()),
        conversation_id: id,
        parent_id: Some(parent),
        role: Role::Assistant,
        state: if now { MessageState::Streaming } else { MessageState::Queued },
        parts: Vec::new(),
        attempt: 1,
        provider: None,
        error: None,
        created_at: unit.now,
        completed_at: None,
        usage: None,
        undo_token: None,
        summary: None,
    };
    unit.insert_message(&message).await?;
    unit.count_reply().await?;
    let run = new_run(unit, &message, now);
    unit.runs().insert_run(&run).await?;
    if now {
        unit.after_commit(Control::RunQueued(message.id));
    }
    let state = tracing::field::display(message.state);
    tracing::info!(message_id = %message.id, question = %parent, conversation = %id, state, "a reply is recorded");
    Ok(message)
}

/// A run that starts now is leased to this node at once, so that no sweep of another node claims it before this one
/// begins. A node that drains leaves it to others.
fn new_run(unit: &UnitOfWork, message: &Message, now: bool) -> Run {
    let taken = now && !unit.is_draining();
    Run {
        message_id: message.id,
        conversation_id: message.conversation_id,
        state: if now { RunState::Running } else { RunState::Queued },
        attempt: 1,
        node: taken.then(|| unit.node_id().to_owned()),
        lease_until: taken.then(|| unit.now.plus(LEASE)),
        cancel_requested: false,
        takeovers: 0,
        created_at: unit.now,
    }
}

/// Which run frees a slot.
#[derive(Clone, Copy, Debug)]
pub(super) enum Freed {
    /// No run does: the slot may have been free before.
    Nothing,
    ByEnd(MessageId),
    /// It waits for the user. Its conversation stays blocked.
    ByWait(MessageId),
}

/// The queued reply that can start when a slot is freed. Only reads: called before the first write of a change, all
/// writes of the change travel together.
pub(super) async fn next(unit: &mut UnitOfWork, id: ConversationId, freed: Freed) -> Result<Option<(Run, Message)>> {
    let ending = match freed {
        Freed::ByEnd(left) => Some(left),
        Freed::Nothing | Freed::ByWait(_) => None,
    };
    // Nearly always nothing is queued: then the runs need not be counted.
    let Some(run) = unit.reads().startable_run(id, ending).await? else { return Ok(None) };
    let mut load = unit.reads().run_load(id).await?;
    if let Freed::ByEnd(left) | Freed::ByWait(left) = freed
        && unit.reads().run(left).await?.is_some_and(|run| run.state == RunState::Running)
    {
        // The run that frees its slot is still counted: its row is changed by a later write.
        load.running -= 1;
    }
    if !has_slot(unit, &load) {
        return Ok(None);
    }
    let message = unit.message(run.message_id).await?.message;
    Ok(Some((run, message)))
}

/// Starts a queued reply. One that waited for the user before that is streaming for devices already.
pub(super) async fn start(unit: &mut UnitOfWork, (run, mut message): (Run, Message)) -> Result<()> {
    unit.runs().update_run(&Run { state: RunState::Running, ..run }).await?;
    unit.after_commit(Control::RunQueued(message.id));
    if message.state == MessageState::Streaming {
        return Ok(());
    }
    message.state = MessageState::Streaming;
    unit.update_message(&message).await
}

/// Lets a run that waited for the user continue, or queues it when no slot is free. The row records that it may run: if
/// this node dies now, a sweep finds it.
pub(crate) async fn resume(unit: &mut UnitOfWork, id: MessageId) -> Result<()> {
    let Some(run) = unit.reads().run(id).await? else { return Ok(()) };
    if run.state != RunState::Waiting {
        // Its node has not parked it yet, and reads the answer when it does.
        unit.after_commit(Control::RunQueued(id));
        return Ok(());
    }
    let load = unit.reads().run_load(run.conversation_id).await?;
    let state = if has_slot(unit, &load) { RunState::Running } else { RunState::Queued };
    unit.runs().update_run(&Run { state, ..run }).await?;
    if state == RunState::Running {
        unit.after_commit(Control::RunQueued(id));
    }
    Ok(())
}

/// Starts the next reply after a conversation was deleted with its runs.
pub(crate) async fn conversation_gone(unit: &mut UnitOfWork, id: ConversationId) -> Result<()> {
    if let Some(next) = next(unit, id, Freed::Nothing).await? {
        start(unit, next).await?;
    }
    Ok(())
}

fn has_slot(unit: &UnitOfWork, load: &RunLoad) -> bool {
    load.running < count(unit.limits().user_replies)
}

pub(super) fn count(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
