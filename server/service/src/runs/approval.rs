//! Replies that wait for the user's approval, and the messages that answer them.
//!
//! A message that is sent while a reply of its conversation waits would be queued behind it for ever. So its own reply
//! begins at once, beside the one that waits, and the assistant reads the message as the answer. Such a reply requests
//! nothing from a provider and ends in one transaction, so it needs no slot of its user.
//!
//! **Invariant:** beside a reply that waits only replies to answers run.

use super::{LeasedRun, Result, UnitOfWork};
use tandem_protocol::{
    ConversationId, MessageId,
    enums::{Decision, ToolState},
    model::{Message, Part, ToolCall},
};
use tandem_store::{ReadTx, Run, RunState};

/// What else of a conversation is being written when a run begins.
#[derive(Clone, Debug)]
pub enum Beside {
    Nothing,
    /// A reply that waits for the user's approval.
    Waiting(Box<Message>),
    /// A reply that waited when the message was sent, and does not any more.
    Running,
}

/// The calls of a reply that wait for the user.
pub fn awaiting(message: &Message) -> impl Iterator<Item = &ToolCall> {
    message.parts.iter().filter_map(Part::as_tool_call).filter(|call| call.state == ToolState::AwaitingApproval)
}

/// The oldest reply of a conversation that waits for the user's approval. One whose node has not parked it yet counts: the
/// user sees the request already.
pub(super) async fn waiting_reply(reads: &mut dyn ReadTx, id: ConversationId) -> Result<Option<Message>> {
    for run in reads.runs(id).await? {
        if run.state != RunState::Queued
            && let Some(row) = reads.message(run.message_id).await?
            && awaiting(&row.message).next().is_some()
        {
            return Ok(Some(row.message));
        }
    }
    Ok(None)
}

/// Whether another reply of the conversation has begun and not ended.
pub(super) async fn is_beside(reads: &mut dyn ReadTx, run: &Run) -> Result<bool> {
    let others = reads.runs(run.conversation_id).await?;
    Ok(others.iter().any(|other| other.message_id != run.message_id && other.state != RunState::Queued))
}

/// What else of the conversation of a run is being written, as of this change.
///
/// # Errors
/// [`ServiceError::Unavailable`](crate::ServiceError::Unavailable) when the database does not answer in time.
pub async fn beside(unit: &mut UnitOfWork, claimed: &LeasedRun) -> Result<Beside> {
    if let Some(waiting) = waiting_reply(unit.reads(), claimed.run.conversation_id).await? {
        return Ok(Beside::Waiting(Box::new(waiting)));
    }
    Ok(if is_beside(unit.reads(), &claimed.run).await? { Beside::Running } else { Beside::Nothing })
}

/// Queues a run that has begun to answer a reply which does not wait any more. It starts when that reply has ended.
///
/// # Errors
/// [`ServiceError::Unavailable`](crate::ServiceError::Unavailable) when the database does not answer in time.
pub async fn queue_behind(unit: &mut UnitOfWork, claimed: &LeasedRun) -> Result<()> {
    let queued = Run { state: RunState::Queued, node: None, lease_until: None, ..claimed.run.clone() };
    Ok(unit.runs().update_run(&queued).await?)
}

/// Records the user's decisions on calls that wait, each by the id of its call.
///
/// # Errors
/// [`ServiceError::Conflict`](crate::ServiceError::Conflict) when one of the calls does not wait.
pub async fn decide(unit: &mut UnitOfWork, id: MessageId, decisions: &[(String, Decision)]) -> Result<()> {
    crate::chat::decide(unit, id, decisions).await.map(|_| ())
}
