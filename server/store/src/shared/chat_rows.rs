//! Conversations and messages as rows.

use super::{
    Row,
    rows::{Columns as _, undecodable},
};
use crate::{ConversationRow, ConversationState, MessageRow, TitleSource};
use tandem_protocol::{
    ConversationId, MessageId,
    model::{Conversation, Message},
};

/// Reads what devices see of a conversation.
pub(super) fn conversation(row: &Row) -> sqlx::Result<Conversation> {
    Ok(Conversation {
        id: row.id("id", ConversationId)?,
        title: row.plain("title")?,
        created_at: row.at("created_at")?,
        updated_at: row.at("updated_at")?,
        last_message_at: row.maybe_at("last_message_at")?,
        unread: row.plain("unread")?,
        pinned: row.plain("pinned")?,
        archived: row.plain("archived")?,
        provider: row.plain("provider")?,
    })
}

/// Reads a conversation, deleted or not.
pub(super) fn conversation_state(row: &Row) -> sqlx::Result<ConversationState> {
    if row.maybe_at("deleted_at")?.is_some() {
        return Ok(ConversationState::Deleted);
    }
    let title_source = match row.plain::<i16>("title_source")? {
        0 => TitleSource::None,
        1 => TitleSource::FirstMessage,
        2 => TitleSource::Model,
        3 => TitleSource::User,
        other => return Err(undecodable("title_source", format!("{other} names nobody"))),
    };
    Ok(ConversationState::Live(ConversationRow { conversation: conversation(row)?, title_source }))
}

/// The value of the column; see [`conversation_state`].
pub(crate) fn title_source(source: TitleSource) -> i16 {
    match source {
        TitleSource::None => 0,
        TitleSource::FirstMessage => 1,
        TitleSource::Model => 2,
        TitleSource::User => 3,
    }
}

/// Reads a message with its position.
pub(super) fn message_row(row: &Row) -> sqlx::Result<MessageRow> {
    Ok(MessageRow { message: message(row)?, position: row.plain("position")? })
}

pub(super) fn message(row: &Row) -> sqlx::Result<Message> {
    let mut message = Message {
        id: row.id("id", MessageId)?,
        conversation_id: row.id("conversation_id", ConversationId)?,
        parent_id: row.maybe_id("parent_id", MessageId)?,
        role: row.wire_enum("role")?,
        state: row.wire_enum("state")?,
        parts: row.json("parts")?,
        attempt: row.plain("attempt")?,
        provider: row.maybe_json("provider")?,
        error: row.maybe_json("error")?,
        created_at: row.at("created_at")?,
        completed_at: row.maybe_at("completed_at")?,
        usage: row.maybe_json("usage")?,
        undo_token: None,
        summary: row.maybe_json("summary")?,
    };
    // Not stored: it follows from the rest.
    message.undo_token = message.undo_token_of_parts();
    Ok(message)
}
