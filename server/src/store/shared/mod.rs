//! What both databases have in common.
//!
//! The files beside this one are compiled twice, once in `sqlite` and once in `postgres`, which name them with
//! `#[path]`: the same SQL text, bound to the types of another driver. What they need from their database they take
//! from `super`: `Db`, `Conn`, `Row`, `Adapter`, `Turn`, `Snapshot`, the column types `At`, `Day`, `ClockTime` and `Json`,
//! the modules `script` and `search` and the few fragments of SQL in `dialect`. This file itself is compiled once.

use super::StoreError;
use anyhow::anyhow;
use sqlx::{error::DatabaseError, postgres::PgDatabaseError, sqlite::SqliteError};
use tandem_protocol::UserId;

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let passing = match &error {
            sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Io(_)
            | sqlx::Error::Tls(_) => true,
            sqlx::Error::Database(error) => passes(error.as_ref()),
            _ => false,
        };
        if passing { Self::Unavailable(error.into()) } else { Self::Broken(error.into()) }
    }
}

/// Whether an error of the database is about its state, not about the statement.
fn passes(error: &dyn DatabaseError) -> bool {
    let code = error.code().unwrap_or_default();
    if error.as_error().is::<PgDatabaseError>() {
        // Classes: connection, a transaction that stood still, transaction rollback (deadlock), resources, lock or statement
        // timed out, shutdown.
        return ["08", "25P03", "40", "53", "55P", "57"].iter().any(|class| code.starts_with(class));
    }
    // The primary code is the low byte: busy, locked, disk full or out of order, cannot be opened.
    let primary = code.parse::<u32>().map_or(0, |code| code & 0xff);
    error.as_error().is::<SqliteError>() && matches!(primary, 5 | 6 | 10 | 13 | 14)
}

/// A row that does not hold what it must.
pub(super) fn unexpected(what: &str) -> StoreError {
    StoreError::Broken(anyhow!("{what}"))
}

/// The words of a text as the search knows them: runs of letters and digits, lower case.
pub(super) fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

/// What a statement of a script is to do to rows.
#[derive(Clone, Copy, Default)]
pub(super) enum Expects {
    /// Whatever it does.
    #[default]
    Anything,
    /// It adds one of these; if not, there is one already.
    New(&'static str),
    /// It changes something that is there; if not, this is wrong.
    Present(&'static str),
}

impl Expects {
    /// Compares it with the number of rows that were added, changed or removed.
    pub(super) fn check(self, rows: u64) -> Result<(), StoreError> {
        match self {
            Self::New(thing) if rows == 0 => Err(StoreError::Exists(thing)),
            Self::Present(wrong) if rows == 0 => Err(unexpected(wrong)),
            _ => Ok(()),
        }
    }
}

/// For whom a transaction works. PostgreSQL shows it no other rows.
#[derive(Clone, Copy)]
pub(super) enum Acting<'a> {
    /// A user.
    For(&'a UserId),
    /// The server itself, in sweeps over all owners.
    System,
}
