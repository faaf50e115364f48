//! What both databases have in common.
//!
//! The files beside this one are compiled twice, once in `sqlite` and once in `postgres`, which include them through
//! `sql.rs` by `#[path]`: the same SQL text, bound to the types of another driver. Generic functions over sqlx's traits
//! would need a page of bounds each, and two copies would drift. This file itself is compiled once.

use super::{Result, StoreError};
use anyhow::anyhow;
use sqlx::{error::DatabaseError, postgres::PgDatabaseError, sqlite::SqliteError};
use std::{sync::Arc, time::Duration};
use tandem_protocol::UserId;
use tandem_runtime::permits::{Permit, Permits};

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let kind = match &error {
            sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Io(_)
            | sqlx::Error::Tls(_) => Self::Unavailable,
            sqlx::Error::Database(error) => kind(error.as_ref()),
            _ => Self::Broken,
        };
        kind(cause(error))
    }
}

/// What the library wraps: its own message would say the same twice.
fn cause(error: sqlx::Error) -> anyhow::Error {
    match error {
        sqlx::Error::Database(error) => anyhow::Error::from_boxed(error.into_error()),
        sqlx::Error::Tls(error) => anyhow::Error::from_boxed(error),
        sqlx::Error::Io(error) => error.into(),
        error => error.into(),
    }
}

/// Which error of ours an error of the database is, by its code.
fn kind(error: &dyn DatabaseError) -> fn(anyhow::Error) -> StoreError {
    let code = error.code().unwrap_or_default();
    if error.as_error().is::<PgDatabaseError>() {
        // `query_canceled`: by the statement timeout.
        if code == "57014" {
            return StoreError::TooLong;
        }
        // Classes: connection, idle transaction, read-only database, transaction rollback (deadlock), resources, lock
        // not available, shutdown, errors of its machine.
        let passing =
            ["08", "25P03", "25006", "40", "53", "55P", "57", "58"].iter().any(|class| code.starts_with(class));
        return if passing { StoreError::Unavailable } else { StoreError::Broken };
    }
    if !error.as_error().is::<SqliteError>() {
        return StoreError::Broken;
    }
    // The primary code is the low byte: busy, locked, read-only, I/O error, full, cannot open; interrupted.
    match code.parse::<u32>().map_or(0, |code| code & 0xff) {
        5 | 6 | 8 | 10 | 13 | 14 => StoreError::Unavailable,
        9 => StoreError::TooLong,
        _ => StoreError::Broken,
    }
}

/// The error for a row that does not hold what it must.
pub(super) fn unexpected(what: &str) -> StoreError {
    StoreError::Broken(anyhow!("{what}"))
}

/// A step of the schema: number, name, SQL up, SQL down.
pub(super) type Step = (i64, &'static str, &'static str, &'static str);

/// The steps of the schema in order, included in the binary from a folder of `migrations`. Both databases have the same
/// steps; a test finds files that are not listed here.
macro_rules! steps {
    ($folder:literal) => {
        &[
            steps!($folder, 1, "accounts", "0001_accounts"),
            steps!($folder, 2, "chat", "0002_chat"),
            steps!($folder, 3, "tasks", "0003_tasks"),
            steps!($folder, 4, "log", "0004_log"),
            steps!($folder, 5, "search", "0005_search"),
            steps!($folder, 6, "deletion", "0006_deletion"),
            steps!($folder, 7, "bounds", "0007_bounds"),
            steps!($folder, 8, "usage", "0008_usage"),
            steps!($folder, 9, "attempts", "0009_attempts"),
            steps!($folder, 10, "words", "0010_words"),
            steps!($folder, 11, "packed", "0011_packed"),
            steps!($folder, 12, "series", "0012_series"),
            steps!($folder, 13, "terms_and_names", "0013_terms_and_names"),
            steps!($folder, 14, "summaries", "0014_summaries"),
            steps!($folder, 15, "reminders", "0015_reminders"),
            steps!($folder, 16, "threads", "0016_threads"),
            steps!($folder, 17, "reply_texts", "0017_reply_texts"),
            steps!($folder, 18, "access", "0018_access"),
            steps!($folder, 19, "spending", "0019_spending"),
            steps!($folder, 20, "fewer_indexes", "0020_fewer_indexes"),
            steps!($folder, 21, "imports", "0021_imports"),
            steps!($folder, 22, "push", "0022_push"),
            steps!($folder, 23, "by_rowid", "0023_by_rowid"),
            steps!($folder, 24, "fewer_pages", "0024_fewer_pages"),
        ]
    };
    ($folder:literal, $number:literal, $name:literal, $file:literal) => {
        // The paths start at the file that calls the macro: `sqlite/mod.rs` or `postgres/mod.rs`.
        (
            $number,
            $name,
            include_str!(concat!("../../../../migrations/", $folder, "/", $file, ".up.sql")),
            include_str!(concat!("../../../../migrations/", $folder, "/", $file, ".down.sql")),
        )
    };
}
pub(super) use steps;

/// Statements that accompany the removal of indexed documents.
pub(super) struct Removal {
    /// Reads how much the index merges by itself.
    pub(super) merging: &'static str,
    /// Sets it to `$1`.
    pub(super) set_merging: &'static str,
    pub(super) merge: &'static str,
}

/// The effect that a statement of a script must have.
#[derive(Clone, Copy, Default)]
pub(super) enum Expects {
    #[default]
    Anything,
    /// It adds a row of this kind; if not, there is one already.
    New(&'static str),
    /// It changes a row; if not, the row is missing, which is a fault of ours.
    Present(&'static str),
}

impl Expects {
    /// Compares the effect with the number of rows that were added, changed or removed.
    pub(super) fn check(self, rows: u64) -> Result<(), StoreError> {
        match self {
            Self::New(thing) if rows == 0 => Err(StoreError::Exists(thing)),
            Self::Present(wrong) if rows == 0 => Err(unexpected(wrong)),
            _ => Ok(()),
        }
    }
}

/// The user that a transaction works for. PostgreSQL shows it no rows of others.
#[derive(Clone, Copy)]
pub(super) enum TenantScope<'a> {
    For(&'a UserId),
    /// The server itself, in sweeps over all owners.
    System,
}

/// Waits for one of a user's permits, so that many reads or writes of one user wait behind each other and not before
/// those of others.
pub(super) async fn user_permit(
    permits: &Arc<Permits<UserId>>,
    user: &UserId,
    patience: Duration,
) -> Result<Permit<UserId>> {
    let permit = permits.acquire_within(user.clone(), patience).await;
    permit.ok_or_else(|| StoreError::Unavailable(anyhow!("other work of this user took too long")))
}
