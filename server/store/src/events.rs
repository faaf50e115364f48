//! The owner's event log, the answers of commands, and what can be undone.
//!
//! **Invariant:** the events of a user are numbered without gaps, in the order of their commits. A device that knows
//! its last number knows what it has missed.

use super::Result;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tandem_domain::change::KeptChange;
use tandem_protocol::{
    CommandId, MessageId, SessionId, TaskId, Timestamp, UserId,
    live::{Actor, Event, EventBody},
};
use uuid::Uuid;

/// An event before it has a seq.
#[derive(Clone, Debug)]
pub struct EventDraft {
    pub at: Timestamp,
    pub body: EventBody,
    pub actor: Actor,
    /// The command that caused it.
    pub command_id: Option<CommandId>,
}

/// A command that was done, and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCommand {
    /// The idempotency key over REST.
    pub id: CommandId,
    /// SHA-256 of name and arguments.
    pub fingerprint: [u8; 32],
    pub status: u16,
    /// The seq of the last event of the change.
    pub seq: i64,
    /// JSON of the answer, without the values that events hold.
    pub body: String,
    /// Long members of the answer that events hold, too, by ascending offset.
    pub event_refs: Vec<EventRef>,
}

/// A member of an answer whose value is read from an event when the answer is repeated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRef {
    /// The offset of its value in the whole text of the answer, in bytes.
    pub at: usize,
    pub seq: i64,
    /// The member of the event that holds it.
    pub member: String,
    /// The id of the task or message, for when the event is gone.
    pub id: Uuid,
}

/// A change that can be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoEntry {
    pub token: String,
    pub at: Timestamp,
    /// Whether it was taken back.
    pub used: bool,
    /// Whether it took another change back.
    pub reversal: bool,
    /// What it did to each task.
    pub changes: Vec<KeptChange>,
    /// The tool call that made it, which is marked when it is undone.
    pub origin: Option<UndoOrigin>,
}

/// A tool call: a part of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoOrigin {
    pub message_id: MessageId,
    /// Index into its parts.
    pub part: usize,
}

/// The state of a user's log, for a device that connects with a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogState {
    /// The seq of the newest event; 0 when there never was one.
    pub head: i64,
    /// The seq of the oldest stored event; `None` when there is none.
    pub oldest: Option<i64>,
    /// Whether the session is this owner's, not revoked and not over.
    pub session_alive: bool,
}

#[async_trait]
pub trait EventReads {
    async fn log_state(&mut self, session: SessionId, now: Timestamp) -> Result<LogState>;
    /// Up to `limit` events after a seq, in order; fewer when they have a mebibyte of content.
    async fn events_after(&mut self, seq: i64, limit: u32) -> Result<Vec<Event>>;
    async fn oldest_seq(&mut self) -> Result<Option<i64>>;
    async fn command(&mut self, id: CommandId) -> Result<Option<StoredCommand>>;
    /// The newest events that name a task, newest first. All events of the owner may be examined.
    async fn task_events(&mut self, task: TaskId, limit: u32) -> Result<Vec<Event>>;
    /// The first change that was recorded when the log had this seq, or a later one.
    async fn undo_entry_from(&mut self, seq: i64) -> Result<Option<UndoEntry>>;
    async fn undo_entry(&mut self, token: &str) -> Result<Option<UndoEntry>>;
    /// The newest change that was not taken back and is no undo itself.
    async fn last_undo_entry(&mut self) -> Result<Option<UndoEntry>>;
}

#[async_trait]
pub trait EventWrites {
    /// Appends an event and gives it the next seq.
    async fn append(&mut self, draft: &EventDraft) -> Result<Event>;
    /// Stores the answer of a command; `Exists` when there is one.
    async fn save_command(&mut self, command: &StoredCommand, now: Timestamp) -> Result<()>;
    async fn save_undo(&mut self, entry: &UndoEntry) -> Result<()>;
    async fn use_undo(&mut self, token: &str) -> Result<()>;
}

/// The logs of all owners.
#[async_trait]
pub trait EventLogs: Send + Sync {
    /// The name of this database's event logs: made with the database, new after a restore.
    async fn epoch(&self) -> Result<String>;
    /// The seq of the newest event of each of these users, in any order; 0 for a log without events. Unknown users are
    /// left out.
    async fn log_heads(&self, users: &[UserId]) -> Result<Vec<(UserId, i64)>>;
}
