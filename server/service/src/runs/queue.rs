//! Which replies run and which are queued.
//!
//! Of one user so many replies run at the same time, on all nodes together ([`Limits::user_replies`]), and one of each
//! conversation. A unit holds the user's log, so what it counts stays true until its commit.
//!
//! **Invariant:** a reply that could run does not stay queued. Whoever gives a place back starts the next one in the same
//! transaction; when that was not possible, a sweep finds it ([`Services::expired_runs`]).
//!
//! [`Limits::user_replies`]: crate::budget::Limits::user_replies
//! [`Services::expired_runs`]: crate::Services::expired_runs

use super::{LEASE, Result, ServiceError, UnitOfWork};
use std::time::Duration;
use tandem_bus::Control;
use tandem_protocol::{
    ConversationId, MessageId,
    enums::{MessageState, Role},
    model::Message,
};
use tandem_store::{Run, RunLoad, RunState};

/// When somebody whose queue is full may come again: replies take some seconds.
const QUEUE_WAIT: Duration = Duration::from_secs(5);

/// Whether a reply to a conversation would start now. Otherwise it is queued.
///
/// # Errors
/// [`ServiceError::QueueFull`] when it would be queued and a queue is full.
pub(crate) async fn starts_now(unit: &mut UnitOfWork, id: ConversationId) -> Result<bool> {
    let load = unit.reads().run_load(id).await?;
    let limits = *unit.limits();
    if load.here == 0 && has_place(unit, &load) {
        return Ok(true);
    }
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
    };
    unit.insert_message(&message).await?;
    let run = new_run(unit, &message, now);
    unit.runs().insert_run(&run).await?;
    if now {
        unit.then(Control::RunQueued(message.id));
    }
    let state = tracing::field::display(message.state);
    tracing::info!(message_id = %message.id, question = %parent, conversation = %id, state, "a reply is recorded");
    Ok(message)
}

/// A run that starts now is leased to this node at once: no other may think that nobody cares for it. A node that drains
/// leaves it to others.
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

/// A run whose place is given back.
#[derive(Clone, Copy, Debug)]
pub(super) enum Leaving {
    /// None: somebody only looks whether one can start.
    Nobody,
    Ends(MessageId),
    /// It waits for the user, and holds up its conversation.
    Waits(MessageId),
}

/// The queued reply that can start once a run of a conversation has left its place. Only reads, so that whoever calls it
/// before its first write sends all writes together.
pub(super) async fn next(
    unit: &mut UnitOfWork,
    id: ConversationId,
    leaving: Leaving,
) -> Result<Option<(Run, Message)>> {
    let ending = match leaving {
        Leaving::Ends(left) => Some(left),
        Leaving::Nobody | Leaving::Waits(_) => None,
    };
    // Nearly always nothing is queued, and then nothing has to be counted.
    let Some(run) = unit.reads().startable_run(id, ending).await? else { return Ok(None) };
    let mut load = unit.reads().run_load(id).await?;
    if let Leaving::Ends(left) | Leaving::Waits(left) = leaving
        && unit.reads().run(left).await?.is_some_and(|run| run.state == RunState::Running)
    {
        load.running -= 1;
    }
    if !has_place(unit, &load) {
        return Ok(None);
    }
    let message = unit.message(run.message_id).await?.message;
    Ok(Some((run, message)))
}

/// Starts a reply that was queued. One that waited for the user before that was shown as streaming all the time.
pub(super) async fn start(unit: &mut UnitOfWork, (run, mut message): (Run, Message)) -> Result<()> {
    unit.runs().update_run(&Run { state: RunState::Running, ..run }).await?;
    unit.then(Control::RunQueued(message.id));
    if message.state == MessageState::Streaming {
        return Ok(());
    }
    message.state = MessageState::Streaming;
    unit.update_message(&message).await
}

/// Lets a run that waited for the user go on, or queues it when as many run as may. That it can stands in its row: a node
/// that dies now, or does not learn of it, leaves it to the next one that looks for runs.
pub(crate) async fn resume(unit: &mut UnitOfWork, id: MessageId) -> Result<()> {
    let Some(run) = unit.reads().run(id).await? else { return Ok(()) };
    if run.state != RunState::Waiting {
        // It has not left yet, and sees the answer when it does.
        unit.then(Control::RunQueued(id));
        return Ok(());
    }
    let load = unit.reads().run_load(run.conversation_id).await?;
    let state = if has_place(unit, &load) { RunState::Running } else { RunState::Queued };
    unit.runs().update_run(&Run { state, ..run }).await?;
    if state == RunState::Running {
        unit.then(Control::RunQueued(id));
    }
    Ok(())
}

/// Starts the next reply after a conversation was deleted with its runs.
pub(crate) async fn conversation_gone(unit: &mut UnitOfWork, id: ConversationId) -> Result<()> {
    if let Some(next) = next(unit, id, Leaving::Nobody).await? {
        start(unit, next).await?;
    }
    Ok(())
}

fn has_place(unit: &UnitOfWork, load: &RunLoad) -> bool {
    load.running < count(unit.limits().user_replies)
}

pub(super) fn count(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
