//! The owner's event log, the results of commands, and what can be undone.

use super::Result;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tandem_domain::change::KeptChange;
use tandem_protocol::{
    CommandId, MessageId, SessionId, Timestamp, UserId,
    live::{Actor, Event, EventBody},
};
use uuid::Uuid;

/// An event before it has its place in the log.
#[derive(Clone, Debug)]
pub struct EventDraft {
    pub at: Timestamp,
    pub body: EventBody,
    pub actor: Actor,
    /// The command that it came from.
    pub command_id: Option<CommandId>,
}

/// A command that was done, and what was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCommand {
    /// Its id, or the idempotency key.
    pub id: CommandId,
    /// SHA-256 of name and arguments.
    pub fingerprint: [u8; 32],
    /// HTTP status of the answer.
    pub status: u16,
    /// Of the last event of the change.
    pub seq: i64,
    /// JSON of the answer, without what is elsewhere.
    pub body: String,
    /// Long members of the answer that events hold, too, by ascending place.
    pub elsewhere: Vec<Elsewhere>,
}

/// A member of an answer that is read from an event when the answer is repeated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Elsewhere {
    /// Where its value belongs in the text of the answer, in bytes of the whole text.
    pub at: usize,
    pub seq: i64,
    /// The member of the event that holds it.
    pub member: String,
    /// Of the thing, for when the event is gone.
    pub id: Uuid,
}

/// A change that can be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoEntry {
    pub token: String,
    pub at: Timestamp,
    /// Whether it was taken back.
    pub used: bool,
    /// Whether it took another one back.
    pub reversal: bool,
    /// Per task, what it did.
    pub changes: Vec<KeptChange>,
    /// The tool call that did it, which is marked when it is taken back.
    pub origin: Option<UndoOrigin>,
}

/// A tool call: a part of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoOrigin {
    pub message_id: MessageId,
    /// Index into its parts.
    pub part: usize,
}

/// Where a user's log stands, for a device that connects by a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogStanding {
    /// Of the newest event; 0 when there never was one.
    pub head: i64,
    /// Of the oldest event that is kept; `None` when none is.
    pub oldest: Option<i64>,
    /// Whether the session is this owner's, not revoked and not over.
    pub session_alive: bool,
}

#[async_trait]
pub trait EventReads {
    /// Where the log stands, and whether a session may go on reading it.
    async fn log_standing(&mut self, session: SessionId, now: Timestamp) -> Result<LogStanding>;
    /// Up to `limit` events after a seq, in order; fewer when they have a mebibyte of content.
    async fn events_after(&mut self, seq: i64, limit: u32) -> Result<Vec<Event>>;
    /// The seq of the oldest event that is kept; `None` when there is none.
    async fn oldest_seq(&mut self) -> Result<Option<i64>>;
    /// What a command answered.
    async fn command(&mut self, id: CommandId) -> Result<Option<StoredCommand>>;
    /// A change by its undo token.
    async fn undo_entry(&mut self, token: &str) -> Result<Option<UndoEntry>>;
    /// The newest change that was not taken back and that took none back itself.
    async fn last_undo_entry(&mut self) -> Result<Option<UndoEntry>>;
}

#[async_trait]
pub trait EventWrites {
    /// Appends an event and gives it the next seq.
    async fn append(&mut self, draft: &EventDraft) -> Result<Event>;
    /// Keeps what a command answered.
    async fn save_command(&mut self, command: &StoredCommand, now: Timestamp) -> Result<()>;
    /// Keeps a change for undo.
    async fn save_undo(&mut self, entry: &UndoEntry) -> Result<()>;
    /// Marks a change as taken back.
    async fn use_undo(&mut self, token: &str) -> Result<()>;
}

/// The logs of all owners.
#[async_trait]
pub trait EventLogs: Send + Sync {
    /// Names this database's event logs: made with the database, new after a restore.
    async fn epoch(&self) -> Result<String>;
    /// The seq of the newest event of each of these users, in any order; 0 for a log without events. Who does not exist is
    /// left out.
    async fn log_heads(&self, users: &[UserId]) -> Result<Vec<(UserId, i64)>>;
}
