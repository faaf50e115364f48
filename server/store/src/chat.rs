//! Conversations, messages and the runs that write replies.

use super::Result;
use async_trait::async_trait;
use serde_json::Value;
use tandem_domain::page::{PageRequest, PageRows};
use tandem_protocol::{
    ConversationId, MessageId, Timestamp,
    model::{Conversation, Message, Part},
};

/// Who named a conversation; a title is never overwritten by a lesser source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TitleSource {
    /// Nobody named the conversation yet.
    None,
    /// The start of the first message.
    FirstMessage,
    /// A model named the conversation.
    Model,
    /// The user named the conversation.
    User,
}

/// A conversation with what is not shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConversationRow {
    pub conversation: Conversation,
    pub title_source: TitleSource,
}

/// Whether an id is free, in use, or spent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConversationState {
    /// Never used by this owner.
    Absent,
    Live(ConversationRow),
    /// Deleted: its id is never used again.
    Deleted,
}

/// A message with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct MessageRow {
    pub message: Message,
    /// Place in its conversation, from 1.
    pub position: i64,
}

/// Where a run stands. Runs that have ended have no row: their message is the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// Behind another run of the conversation.
    Queued,
    /// Some node works on it, or should.
    Running,
    /// A tool call waits for the user's answer; no node works on it.
    Waiting,
}

/// The work of writing one reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    pub message_id: MessageId,
    pub conversation_id: ConversationId,
    pub state: RunState,
    /// Fences: whoever holds an older one may write no more.
    pub attempt: i64,
    /// The node that holds the lease.
    pub node: Option<String>,
    /// Until when; another node may take it up afterwards.
    pub lease_until: Option<Timestamp>,
    /// The user wants it stopped.
    pub cancel_requested: bool,
    /// How often it was claimed from a node that was gone.
    pub takeovers: i64,
    /// Made at; the order in the queue.
    pub created_at: Timestamp,
}

/// How many runs an owner has, in all and in one conversation. Those that wait for the user are counted there alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunLoad {
    pub running: i64,
    pub queued: i64,
    /// Of the conversation, whatever their state.
    pub here: i64,
    /// Queued in the conversation.
    pub queued_here: i64,
}

/// Reading conversations, messages and runs.
#[async_trait]
pub trait ChatReads {
    /// What an id stands for.
    async fn conversation(&mut self, id: ConversationId) -> Result<ConversationState>;
    /// A page, newest activity first; the key is (milliseconds of the last activity, id). The last activity is the last
    /// message, or the creation where there is none.
    async fn conversations(&mut self, page: &PageRequest<(i64, ConversationId)>) -> Result<Vec<Conversation>>;
    /// A message of a conversation that is not deleted.
    async fn message(&mut self, id: MessageId) -> Result<Option<MessageRow>>;
    /// The newest message of a conversation.
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
    /// The run of a reply that has not ended.
    async fn run(&mut self, message: MessageId) -> Result<Option<Run>>;
    /// Runs of a conversation that have not ended, oldest first.
    async fn runs(&mut self, conversation: ConversationId) -> Result<Vec<Run>>;
    /// How many runs there are.
    async fn run_load(&mut self, conversation: ConversationId) -> Result<RunLoad>;
    /// The queued run that is to start next once `ending` is gone: the first of `preferred`, or else the oldest of any
    /// conversation. Only the oldest run of a conversation can start, and only when none there runs or waits for the user.
    async fn startable_run(&mut self, preferred: ConversationId, ending: Option<MessageId>) -> Result<Option<Run>>;
    /// The persisted steps of a run, in order; the assistant alone knows their shape.
    async fn run_steps(&mut self, message: MessageId) -> Result<Vec<Value>>;
}

/// Changing conversations, messages and runs. To change what is not there is a fault ([`super::StoreError::Broken`]);
/// to remove it is none.
#[async_trait]
pub trait ChatWrites {
    /// Adds a conversation; `Exists` when the owner has used the id.
    async fn insert_conversation(&mut self, row: &ConversationRow) -> Result<()>;
    /// Writes everything but id and creation. `renamed` says whether the title may be another.
    async fn update_conversation(&mut self, row: &ConversationRow, renamed: bool) -> Result<()>;
    /// Removes messages, runs and steps; keeps the id as spent.
    async fn delete_conversation(&mut self, id: ConversationId, now: Timestamp) -> Result<()>;
    /// Adds a message at the end of its conversation; `Exists` when the owner has used the id.
    async fn insert_message(&mut self, message: &Message) -> Result<()>;
    /// Writes everything of a message that may change.
    async fn update_message(&mut self, message: &Message) -> Result<()>;
    /// Writes the text so far, if the run still is this node's in this attempt: says whether the user wants it stopped.
    /// `None` when the run is another's, or has ended.
    async fn checkpoint(
        &mut self,
        message: MessageId,
        attempt: i64,
        node: &str,
        parts: &[Part],
    ) -> Result<Option<bool>>;
    async fn insert_run(&mut self, run: &Run) -> Result<()>;
    /// Writes state, attempt, node, lease, the wish to stop and how often it was taken over.
    async fn update_run(&mut self, run: &Run) -> Result<()>;
    /// Ends a run; its steps go with it.
    async fn delete_run(&mut self, message: MessageId) -> Result<()>;
    /// Keeps a step of a run, replacing one of the same index.
    async fn save_run_step(&mut self, message: MessageId, index: i64, step: &Value) -> Result<()>;
}
