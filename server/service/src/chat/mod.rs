//! Conversations and messages. Writing the replies is the assistant's; it works on them through [`super::runs`].

mod conversations;
mod messages;

pub(crate) use conversations::activity_key;
pub(crate) use conversations::reply_ended;
pub use conversations::{create, delete, mark_read, rename, retitle};
pub use messages::{approve, cancel, mark_undone, retry, send};

use super::{Result, ServiceError, UnitOfWork};
use tandem_protocol::{ConversationId, MessageId};
use tandem_store::{ConversationRow, ConversationState, MessageRow};

/// The conversation of this id, if it is there.
pub(super) async fn find(unit: &mut UnitOfWork, id: ConversationId) -> Result<ConversationRow> {
    match unit.reads().conversation(id).await? {
        ConversationState::Live(row) => Ok(row),
        ConversationState::Absent | ConversationState::Deleted => Err(ServiceError::NotFound("conversation")),
    }
}

/// The message of this id, if it is there.
pub async fn find_message(unit: &mut UnitOfWork, id: MessageId) -> Result<MessageRow> {
    unit.reads().message(id).await?.ok_or(ServiceError::NotFound("message"))
}
