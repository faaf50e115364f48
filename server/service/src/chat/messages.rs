//! Messages: send, retry, cancel, approve.
//!
//! A message of the user and the empty reply to it are one change, so that no device ever shows a question that nothing
//! answers. The reply is written by a run ([`crate::runs`]).

use super::{Result, ServiceError, UnitOfWork, conversations};
use crate::runs;
use tandem_bus::Control;
use tandem_domain::text;
use tandem_protocol::{
    ConversationId, MessageId, Timestamp,
    enums::{Decision, MessageState, Role, ToolState},
    live::command::{MessageApprove, MessageSend},
    model::{CallDecided, Message, Part, ToolCall},
    rest::{MessageRetried, MessageSent, MessageWritten},
};
use tandem_store::{ConversationRow, ConversationState, RunState, TitleSource, UndoOrigin};

/// The first title of a conversation: this many characters of its first message.
const TITLE_CHARS: usize = 50;

/// Writes the message of the user and begins the reply. Creates the conversation when its id is new.
///
/// # Errors
/// [`ServiceError::Invalid`] when the text is empty or too long, [`ServiceError::NotFound`] when the conversation was
/// deleted or has no such parent, [`ServiceError::QueueFull`] when as many replies are queued as may, [`ServiceError::DailyLimit`] when the user has spent
/// what a day allows.
pub async fn send(unit: &mut UnitOfWork, args: MessageSend) -> Result<MessageSent> {
    let text = text::message(args.text)?;
    let (mut row, is_new) = match unit.reads().conversation(args.conversation_id).await? {
        ConversationState::Live(row) => (row, false),
        ConversationState::Deleted => return Err(ServiceError::NotFound("conversation")),
        ConversationState::Absent => {
            let conversation = conversations::empty(args.conversation_id, None, unit.now);
            (ConversationRow { conversation, title_source: TitleSource::None }, true)
        }
    };
    let named = row.title_source == TitleSource::None;
    if named {
        row.conversation.title = Some(first_title(&text));
        row.title_source = TitleSource::FirstMessage;
    }
    row.conversation.last_message_at = Some(unit.now);
    row.conversation.archived = false;
    let parent_id = parent(unit, args.conversation_id, args.parent_id).await?;
    // Everything is read before the first write, so that all writes go to the database together.
    let now = runs::starts_now(unit, args.conversation_id).await?;
    let id = args.id.unwrap_or_else(|| MessageId(unit.id()));
    if is_new {
        unit.insert_conversation(&row).await?;
    }
    let user_message = user_message(id, args.conversation_id, parent_id, text, unit.now);
    unit.insert_message(&user_message).await?;
    let assistant_message = runs::begin_reply(unit, args.conversation_id, id, now).await?;
    if !is_new {
        unit.update_conversation(row, named).await?;
    }
    Ok(MessageSent { user_message, assistant_message, seq: unit.seq() })
}

/// Begins another reply to the same message, beside one that has ended.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is no such reply, [`ServiceError::Conflict`] when it has not ended,
/// [`ServiceError::QueueFull`] when as many replies are queued as may, [`ServiceError::DailyLimit`] when the user has spent
/// what a day allows.
pub async fn retry(unit: &mut UnitOfWork, id: MessageId) -> Result<MessageRetried> {
    let old = find_reply(unit, id).await?;
    if !old.state.is_final() {
        return Err(ServiceError::conflict("The reply is still being written. Stop it first."));
    }
    let parent = old.parent_id.ok_or(ServiceError::NotFound("message"))?;
    let mut row = unit.conversation(old.conversation_id).await?;
    let now = runs::starts_now(unit, old.conversation_id).await?;
    let assistant_message = runs::begin_reply(unit, old.conversation_id, parent, now).await?;
    row.conversation.last_message_at = Some(unit.now);
    unit.update_conversation(row, false).await?;
    Ok(MessageRetried { assistant_message, seq: unit.seq() })
}

/// Cancels a reply. A queued one ends here, a running one by its run, which keeps the text so far; one that has ended
/// comes back unchanged.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is no such reply.
pub async fn cancel(unit: &mut UnitOfWork, id: MessageId) -> Result<MessageWritten> {
    let message = find_reply(unit, id).await?;
    let message = match unit.reads().run(id).await? {
        None => message,
        Some(run) if run.state == RunState::Running => {
            unit.runs().update_run(&tandem_store::Run { cancel_requested: true, ..run }).await?;
            unit.after_commit(Control::CancelRun(id));
            message
        }
        Some(_) => runs::finish(unit, Message { state: MessageState::Cancelled, ..message }).await?,
    };
    Ok(MessageWritten { message, seq: unit.seq() })
}

/// Ends all replies that run or are queued here and now, for an account that may not write any more: their runs could
/// not do it.
///
/// # Errors
/// [`ServiceError::NotFound`] when a message has no conversation, which is a fault of ours.
pub async fn end_all(unit: &mut UnitOfWork) -> Result<()> {
    for message in unit.reads().active_messages().await? {
        let id = message.id;
        runs::finish(unit, Message { state: MessageState::Cancelled, ..message }).await?;
        unit.after_commit(Control::CancelRun(id));
    }
    Ok(())
}

/// Records the decision of the user on a tool call that waits. The first decision wins; the run continues when no call
/// waits any more.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is no such reply or call, [`ServiceError::Conflict`] when the call does not
/// wait for an answer.
pub async fn approve(unit: &mut UnitOfWork, args: MessageApprove) -> Result<MessageWritten> {
    let message = decide(unit, args.message_id, &[(args.call_id, args.decision)]).await?;
    Ok(MessageWritten { message, seq: unit.seq() })
}

/// Records decisions on several calls of one reply, all or none.
pub(crate) async fn decide(unit: &mut UnitOfWork, id: MessageId, decisions: &[(String, Decision)]) -> Result<Message> {
    let mut message = find_reply(unit, id).await?;
    let mut changed = Vec::new();
    for (call_id, decision) in decisions {
        let named = |part: &Part| part.as_tool_call().is_some_and(|call| call.call_id == *call_id);
        let index = message.parts.iter().position(named).ok_or(ServiceError::NotFound("tool call"))?;
        let Some(Part::ToolCall(call)) = message.parts.get_mut(index) else { continue };
        if call.state != ToolState::AwaitingApproval {
            return Err(ServiceError::conflict("This was answered already."));
        }
        call.state = match decision {
            Decision::Approve => ToolState::Running,
            Decision::Deny => ToolState::Denied,
        };
        call.decided = Some(CallDecided { at: unit.now, device_id: unit.caller().actor.device_id.clone() });
        changed.push(index);
    }
    unit.update_parts(&message, &changed).await?;
    // The run takes all decisions together, so it continues with the last one.
    if runs::awaiting(&message).next().is_none() {
        runs::resume(unit, message.id).await?;
    }
    Ok(message)
}

/// Marks tool calls whose effects were undone.
///
/// # Errors
/// [`ServiceError::Unavailable`] or [`ServiceError::Overloaded`] when the database does not do it in time.
pub async fn mark_undone(unit: &mut UnitOfWork, origins: &[UndoOrigin]) -> Result<()> {
    // Those of one reply stand together, and the reply is written once.
    for calls in origins.chunk_by(|a, b| a.message_id == b.message_id) {
        let Some(row) = unit.reads().message(calls[0].message_id).await? else { continue };
        let (mut message, mut changed) = (row.message, Vec::new());
        for UndoOrigin { part, .. } in calls {
            if let Some(Part::ToolCall(ToolCall { state, .. })) = message.parts.get_mut(*part) {
                *state = ToolState::Undone;
                changed.push(*part);
            }
        }
        unit.update_parts(&message, &changed).await?;
    }
    Ok(())
}

async fn find_reply(unit: &mut UnitOfWork, id: MessageId) -> Result<Message> {
    let message = unit.message(id).await?.message;
    if message.role == Role::Assistant { Ok(message) } else { Err(ServiceError::NotFound("reply")) }
}

/// The message that a new one follows: the named one, which must be of this conversation, or the newest when none is
/// named. `Some(None)` begins another branch, beside the first message.
#[expect(clippy::option_option, reason = "three cases, as JSON has them: absent, null, a value")]
async fn parent(
    unit: &mut UnitOfWork,
    id: ConversationId,
    named: Option<Option<MessageId>>,
) -> Result<Option<MessageId>> {
    let Some(named) = named else { return Ok(unit.reads().last_message(id).await?) };
    let Some(named) = named else { return Ok(None) };
    let row = unit.message(named).await?;
    if row.message.conversation_id == id { Ok(Some(named)) } else { Err(ServiceError::NotFound("message")) }
}

fn user_message(
    id: MessageId,
    conversation_id: ConversationId,
    parent_id: Option<MessageId>,
    text: String,
    now: Timestamp,
) -> Message {
    Message {
        id,
        conversation_id,
        parent_id,
        role: Role::User,
        state: MessageState::Complete,
        parts: vec![Part::text(text)],
        attempt: 1,
        provider: None,
        error: None,
        created_at: now,
        completed_at: Some(now),
        usage: None,
        undo_token: None,
        summary: None,
    }
}

/// The start of the first message on one line, with an ellipsis when it was cut.
fn first_title(message: &str) -> String {
    let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    let line: String = line.chars().filter(|c| !c.is_control()).collect();
    match line.char_indices().nth(TITLE_CHARS) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_title_is_the_start_of_the_first_message() {
        assert_eq!(first_title("Add a task\nto read 1984"), "Add a task to read 1984");
        assert_eq!(first_title(&"ä".repeat(60)), format!("{}…", "ä".repeat(50)));
    }
}
