//! What an owner has stored, and removing what is bounded.

use super::Result;
use async_trait::async_trait;
use tandem_protocol::{SessionId, Timestamp};

/// What an owner has stored, as the database counts it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    pub rows: i64,
    /// Bytes of everything: 100 for each row, and its content.
    pub bytes: i64,
    /// Those of the bytes that the log takes: events, undo entries, answers of commands.
    pub log_bytes: i64,
    /// Those of the log's bytes that answers of commands take.
    pub command_bytes: i64,
}

/// What an owner has spent: replies, and tokens of providers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spending {
    /// The day of `day_replies` and `day_tokens`, in days of UTC since 1970.
    pub day: i64,
    pub day_replies: i64,
    pub day_tokens: i64,
    /// Replies since the account was registered.
    pub replies: i64,
    /// Tokens since the account was registered.
    pub tokens: i64,
    /// The owner's own limits, before those of the server.
    pub limits: DailyLimits,
}

/// What may be spent in a day; `None` for any amount.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DailyLimits {
    pub replies: Option<i64>,
    pub tokens: Option<i64>,
}

impl Spending {
    /// The number of a day of UTC since 1970.
    #[must_use]
    pub fn day_of(at: Timestamp) -> i64 {
        at.as_millis().div_euclid(24 * 60 * 60 * 1000)
    }

    /// The same as seen on a day: nothing is spent of one that has just begun.
    #[must_use]
    pub fn on(self, day: i64) -> Self {
        if self.day == day { self } else { Self { day, day_replies: 0, day_tokens: 0, ..self } }
    }

    /// The same with more replies and tokens of a day.
    #[must_use]
    pub fn plus(self, day: i64, replies: i64, tokens: i64) -> Self {
        let before = self.on(day);
        Self {
            day_replies: before.day_replies.saturating_add(replies),
            day_tokens: before.day_tokens.saturating_add(tokens),
            replies: before.replies.saturating_add(replies),
            tokens: before.tokens.saturating_add(tokens),
            ..before
        }
    }
}

/// How much to remove from the beginning of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogCut {
    /// Events are removed until this many bytes are gone, the oldest first. Undo entries follow their events.
    pub bytes: i64,
    /// Rows of each kind that are removed at most.
    pub rows: i64,
    pub upto: i64,
    /// Answers of commands from before this are removed.
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
    /// Removes the oldest of the trash: at most `limit` tasks and as many deleted conversations. Returns how many rows
    /// were removed.
    async fn forget_trash(&mut self, limit: u32) -> Result<u64>;
    async fn cut_log(&mut self, cut: &LogCut) -> Result<()>;
    /// Adds to what the owner has spent on a day.
    async fn spend(&mut self, day: i64, replies: i64, tokens: i64) -> Result<()>;
}
