//! What an owner has stored, and the removal of what is bounded.

use super::Result;
use async_trait::async_trait;
use tandem_protocol::{SessionId, Timestamp};

/// What an owner has stored, as the database counts it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    pub rows: i64,
    /// Bytes of everything: 100 for each row, and its content.
    pub bytes: i64,
    /// Of the bytes, those of the log: events, undo entries, answers of commands.
    pub log_bytes: i64,
    /// Of the bytes of the log, those of the answers of commands.
    pub command_bytes: i64,
}

/// How much of the beginning of a log is to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogCut {
    /// Events go until so many bytes are gone, the oldest first. Undo entries follow their events.
    pub bytes: i64,
    /// At most so many rows of each kind go.
    pub rows: i64,
    pub upto: i64,
    /// Answers of commands go when they are from before this.
    pub commands_before: Timestamp,
}

#[async_trait]
pub trait UsageReads {
    /// The counters as they are now, with what this transaction has written.
    async fn usage(&mut self) -> Result<Usage>;
}

/// Removing what is bounded, the oldest first.
#[async_trait]
pub trait UsageWrites: Send {
    /// Removes the spent refresh tokens of a session but the newest `keep`.
    async fn forget_spent_tokens(&mut self, session: SessionId, keep: u32) -> Result<()>;
    /// Removes the oldest sessions that ended before a time, but the newest `keep` of them.
    async fn forget_ended_sessions(&mut self, ended_before: Timestamp, keep: u32) -> Result<()>;
    /// Removes what lies longest in the trash, so many tasks and so many traces of deleted conversations at most: gives
    /// how many rows went.
    async fn forget_trash(&mut self, limit: u32) -> Result<u64>;
    /// Removes the beginning of the log.
    async fn cut_log(&mut self, cut: &LogCut) -> Result<()>;
}
