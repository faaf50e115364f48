//! Conversations and messages.
//!
//! **Invariant:** the id of a deleted conversation is never used again, so that a device that was away cannot bring it
//! back by sending a message.

use super::Result;
use async_trait::async_trait;
use tandem_domain::page::{PageRequest, PageRows};
use tandem_protocol::{
    ConversationId, MessageId, Timestamp,
    model::{Conversation, Message, Summary},
};

/// How a conversation got its title. A title is never overwritten by one of a lesser source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TitleSource {
    None,
    /// The start of the first message.
    FirstMessage,
    Model,
    User,
}

/// A conversation, with what devices are not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConversationRow {
    pub conversation: Conversation,
    pub title_source: TitleSource,
}

/// Whether the id of a conversation is free, in use, or used up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConversationState {
    /// Never used by this owner.
    Absent,
    Live(ConversationRow),
    /// It was deleted; its id is never used again.
    Deleted,
}

/// A message with its position.
#[derive(Clone, Debug, PartialEq)]
pub struct MessageRow {
    pub message: Message,
    /// The position in its conversation, from 1.
    pub position: i64,
}

/// Reading conversations and messages.
#[async_trait]
pub trait ChatReads {
    async fn conversation(&mut self, id: ConversationId) -> Result<ConversationState>;
    /// A page, newest activity first; the key is (milliseconds of the last activity, id). The last activity is the last
    /// message, or the creation where there is none.
    async fn conversations(&mut self, page: &PageRequest<(i64, ConversationId)>) -> Result<Vec<Conversation>>;
    /// The pinned conversations, newest activity first.
    async fn pinned_conversations(&mut self, limit: u32) -> Result<Vec<Conversation>>;
    /// A message of a conversation that is not deleted.
    async fn message(&mut self, id: MessageId) -> Result<Option<MessageRow>>;
    async fn last_message(&mut self, conversation: ConversationId) -> Result<Option<MessageId>>;
    /// A page of messages, newest first; the key is the position. It ends early when it has a mebibyte of content.
    async fn messages(
        &mut self,
        conversation: ConversationId,
        page: &PageRequest<(i64,)>,
    ) -> Result<PageRows<MessageRow>>;
    /// Every message that is queued or streaming, oldest first.
    async fn active_messages(&mut self) -> Result<Vec<Message>>;
    /// A page of the messages of all conversations, for the export: by conversation, then oldest first. The key is
    /// (conversation, position).
    async fn all_messages(&mut self, page: &PageRequest<(ConversationId, i64)>) -> Result<PageRows<MessageRow>>;
    /// Replies that have ended and stand after a position, among the newest 1,000 messages.
    async fn replies_after(&mut self, conversation: ConversationId, position: i64) -> Result<i64>;
}

/// To change what is not there is a fault ([`super::StoreError::Broken`]); to remove it is none.
#[async_trait]
pub trait ChatWrites {
    /// Adds a conversation; `Exists` when the owner has used the id.
    async fn insert_conversation(&mut self, row: &ConversationRow) -> Result<()>;
    /// Writes everything but id and creation. `renamed` is whether the title may be another.
    async fn update_conversation(&mut self, row: &ConversationRow, renamed: bool) -> Result<()>;
    /// Removes messages, runs and steps; the id stays used.
    async fn delete_conversation(&mut self, id: ConversationId, now: Timestamp) -> Result<()>;
    /// Adds a message at the end of its conversation; `Exists` when the owner has used the id.
    async fn insert_message(&mut self, message: &Message) -> Result<()>;
    /// Writes everything of a message that may change, except its summary.
    async fn update_message(&mut self, message: &Message) -> Result<()>;
    /// Keeps a summary of the conversation up to a message.
    async fn save_summary(&mut self, id: MessageId, summary: &Summary) -> Result<()>;
}
