//! What one user may store, and what is removed when that is used up.
//!
//! The database counts rows and bytes of each user in triggers: a counter in code is wrong from the first statement
//! that forgets it. A [`UnitOfWork`] reads the counters with the account. There are two limits. The log (events, undo
//! entries, answers of commands) is shortened at its beginning by the change that finds it too long. Everything
//! together is refused: what adds something calls [`UnitOfWork::ensure_room`] first.
//!
//! **Invariant:** what only finishes, deletes or reads is never refused, so that a user without storage can free some;
//! nor is the text of a reply that has begun.

use super::{Result, ServiceError, UnitOfWork};
use crate::budget::Limits;
use tandem_protocol::{Timestamp, live::Command, rest::Storage};
use tandem_store::{LogCut, Usage};

/// How long the answer of a command is kept for a repetition, unless there are too many.
const COMMANDS_KEPT_MILLIS: i64 = 24 * 60 * 60 * 1000;
/// The divisor of the log's limit that gives the limit of the answers of commands in it.
const SHARE_OF_COMMANDS: i64 = 4;
/// The divisor of all storage that gives the most that the log may take, whatever its own limit.
const SHARE_OF_LOG: u64 = 4;
/// The divisor of the log's limit that gives what stays for devices that reconnect, however many rows a user has.
const LEFT_FOR_DEVICES: i64 = 4;
/// Bytes of the log that a change removes while the user has too many rows.
const BYTES_FOR_ROWS: i64 = 64 * 1024;
/// Rows of each kind that a change removes at most, while the log is only a little too long.
const CUT_ROWS: i64 = 256;
/// Bytes that the log is too long for each row more that is removed: many small rows would otherwise grow faster than
/// they are removed.
const BYTES_A_ROW: i64 = 1024;
/// The most rows that one change removes, for a log that grew before there was a limit.
const CUT_ROWS_MAX: i64 = 8192;
/// Tasks, and as many conversations, that one statement removes from the trash.
const TRASH_AT_ONCE: u32 = 50;
/// How often a change does that. When it is not enough, the user has to delete something.
const TRASH_ROUNDS: u32 = 8;

/// The refusal when the storage is used up.
const FULL: &str = "Your storage is full. Delete long conversations or tasks with long notes, then try again.";

/// Whether a command adds to what is stored, and is refused when the storage is used up. Others only add to the log,
/// which has a limit of its own.
pub(crate) fn adds(command: &Command) -> bool {
    match command {
        Command::MessageSend(_)
        | Command::MessageRetry(_)
        | Command::ConversationCreate(_)
        | Command::ConversationUpdate(_)
        | Command::TaskCreate(_) => true,
        Command::MessageCancel(_)
        | Command::MessageApprove(_)
        | Command::ConversationDelete(_)
        | Command::ConversationRead(_)
        // Only when the task gets longer, which `tasks::update` sees.
        | Command::TaskUpdate(_)
        | Command::TaskComplete(_)
        | Command::TaskSkip(_)
        | Command::TaskReopen(_)
        | Command::TaskDelete(_)
        | Command::ReminderAck(_)
        | Command::ReminderSnooze(_)
        | Command::Undo(_) => false,
    }
}

/// The stored amounts beside their limits.
pub(crate) fn shown(usage: Usage, limits: &Limits) -> Storage {
    let count = |stored: i64| u64::try_from(stored).unwrap_or(0);
    Storage {
        bytes: count(usage.bytes),
        max_bytes: limits.user_bytes,
        rows: count(usage.rows),
        max_rows: limits.user_rows,
    }
}

/// Whether nothing may be added.
fn full(usage: Usage, limits: &Limits) -> bool {
    usage.bytes > signed(limits.user_bytes) || usage.rows > signed(limits.user_rows)
}

/// What has to be removed of a log that ends at `head`; `None` when nothing has. The log never takes so much of the
/// storage that a user who deletes everything would still have none.
fn cut(usage: Usage, limits: &Limits, head: i64, now: Timestamp) -> Option<LogCut> {
    let limit = signed(limits.user_log_bytes.min(limits.user_bytes / SHARE_OF_LOG));
    // Removing from the log also frees rows, but a part of it always stays for devices that reconnect.
    let many_rows = usage.rows > signed(limits.user_rows) && usage.log_bytes > limit / LEFT_FOR_DEVICES;
    let over = if many_rows { BYTES_FOR_ROWS } else { usage.log_bytes - limit };
    let commands_over = usage.command_bytes > limit / SHARE_OF_COMMANDS;
    (over > 0 || commands_over).then(|| LogCut {
        bytes: over.max(0),
        rows: (CUT_ROWS + over.max(0) / BYTES_A_ROW).min(CUT_ROWS_MAX),
        upto: head,
        // When there are too many answers, their age does not protect them.
        commands_before: if commands_over { now } else { now.plus_millis(-COMMANDS_KEPT_MILLIS) },
    })
}

fn signed(limit: u64) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

impl UnitOfWork {
    /// Makes sure that something may be added: when the storage is used up, removes the oldest of the trash in this
    /// change.
    ///
    /// # Errors
    /// [`ServiceError::Limit`] when that does not help.
    pub async fn ensure_room(&mut self) -> Result<()> {
        let limits = *self.limits();
        let mut rounds = 0;
        while full(self.account.usage, &limits) {
            rounds += 1;
            if rounds > TRASH_ROUNDS || self.retention().forget_trash(TRASH_AT_ONCE).await? == 0 {
                metrics::counter!("tandem_quota_refusals_total").increment(1);
                return Err(ServiceError::Limit(FULL.into()));
            }
            self.account.usage = self.reads().usage().await?;
        }
        Ok(())
    }

    /// Shortens the log as it was found, so that it does not get longer and longer.
    pub(super) async fn shorten_log(&mut self) -> Result<()> {
        if let Some(cut) = cut(self.account.usage, self.limits(), self.account.seq, self.now) {
            self.retention().cut_log(&cut).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: fn() -> Limits =
        || Limits { user_bytes: 2_000_000, user_rows: 100, user_log_bytes: 400_000, ..Limits::default() };

    fn now() -> Timestamp {
        Timestamp::from_millis(COMMANDS_KEPT_MILLIS)
    }

    #[test]
    fn either_bytes_or_rows_use_up_the_room() {
        let usage = Usage { rows: 100, bytes: 2_000_000, ..Usage::default() };
        assert!(!full(usage, &LIMITS()));
        assert!(full(Usage { rows: 101, ..usage }, &LIMITS()));
        assert!(full(Usage { bytes: 2_000_001, ..usage }, &LIMITS()));
    }

    #[test]
    fn a_log_is_cut_by_what_it_is_too_long() {
        let usage = Usage { log_bytes: 400_000, ..Usage::default() };
        assert_eq!(cut(usage, &LIMITS(), 9, now()), None);
        let long = cut(Usage { log_bytes: 410_240, ..usage }, &LIMITS(), 9, now()).unwrap();
        assert_eq!((long.bytes, long.rows, long.upto), (10_240, CUT_ROWS + 10, 9));
        assert_eq!(long.commands_before, Timestamp::from_millis(0), "answers are kept for a day");
        let huge = cut(Usage { log_bytes: i64::MAX / 2, ..usage }, &LIMITS(), 9, now()).unwrap();
        assert_eq!(huge.rows, CUT_ROWS_MAX);
    }

    #[test]
    fn a_log_never_keeps_the_room_used_up() {
        let small = Limits { user_bytes: 400_000, ..LIMITS() };
        let usage = Usage { log_bytes: 100_001, ..Usage::default() };
        assert_eq!(cut(usage, &small, 9, now()).unwrap().bytes, 1, "a quarter of all is the most");
        let many = Usage { rows: 101, log_bytes: 200_000, ..usage };
        assert_eq!(cut(many, &LIMITS(), 9, now()).unwrap().bytes, BYTES_FOR_ROWS, "its rows count, too");
        assert_eq!(cut(Usage { log_bytes: 50_000, ..many }, &LIMITS(), 9, now()), None, "but not all of it goes");
    }

    #[test]
    fn answers_of_commands_have_a_part_of_the_log() {
        let usage = Usage { log_bytes: 200_000, command_bytes: 100_001, ..Usage::default() };
        let many = cut(usage, &LIMITS(), 9, now()).unwrap();
        assert_eq!((many.bytes, many.commands_before), (0, now()));
    }
}
