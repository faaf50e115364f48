//! Moving in: accounts, tasks and conversations from the PostgreSQL database of the system that Tandem replaces.
//!
//! Rows are written as they were, with their ids and times, which no command can do: so this works on the store, beside the
//! services. The other database is read in one transaction that cannot write. What does not fit is left out and reported
//! with the reason, and nothing of it is repaired by a guess.
//!
//! **Invariant:** an item gets its id from the id that it had, so that a second run adds what is missing and nothing twice.
//!
//! **Invariant:** an account is one transaction, and a conversation with its messages is one: a run that breaks off leaves
//! no half of them.
//!
//! **Invariant:** whatever a run adds is noted in the same transaction, so that [`undo()`] finds it.

mod accounts;
mod chats;
mod report;
mod row;
mod source;
mod target;
mod tasks;
mod undo;

pub use report::{LeftOut, Report, Table};
pub use undo::{Undone, undo};

use accounts::Accounts;
use jiff::tz::TimeZone;
use source::Source;
use tandem_protocol::Timestamp;
use tandem_store::{Store, StoreError};
use target::Target;
use uuid::Uuid;

/// Why an import ended before its end.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("the other database cannot be read: {}", plain(.0))]
    Source(sqlx::Error),
    /// The other database is not one of the system that this imports from.
    #[error("the other database has no table {0}")]
    Missing(&'static str),
    /// Another process does the same now.
    #[error("another import of this database is running: wait for its end, then import again to add what is missing")]
    Running,
    #[error("the database of this server failed")]
    Store(#[from] StoreError),
    #[error("a row of the other database is no object")]
    Row(#[from] serde_json::Error),
    /// There is no run with this id, or it was taken back.
    #[error("there is no import with this id, or it was taken back already")]
    UnknownRun,
    /// Taking the run back would leave the server without an owner.
    #[error("without {0}, no owner who can sign in would be left: make somebody else an owner first")]
    LastOwner(String),
}

// By hand: a `source` would be shown once more, after a text that has it already.
impl From<sqlx::Error> for ImportError {
    fn from(error: sqlx::Error) -> Self {
        Self::Source(error)
    }
}

/// What went wrong with the other database, in one sentence.
fn plain(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(refused) if refused.code().as_deref() == Some(NOT_PERMITTED) => {
            format!("{}; its role needs the right to select from all tables", refused.message())
        }
        sqlx::Error::Database(refused) => refused.message().to_owned(),
        sqlx::Error::Io(error) => error.to_string(),
        error => error.to_string(),
    }
}

/// The state of PostgreSQL for a missing right.
const NOT_PERMITTED: &str = "42501";

/// What to import, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// The address of the other database, `postgres://…`.
    pub from: String,
    /// Reads and reports, and writes nothing.
    pub dry_run: bool,
    /// In which zone times are meant that name none.
    pub time_zone: TimeZone,
    /// The id of this run.
    pub run: Uuid,
    pub now: Timestamp,
}

/// Imports everything. `progress` is called with the name of a table, the rows done and all of them.
///
/// # Errors
/// [`ImportError`]; what was imported before stays, and another run adds the rest.
pub async fn run(
    store: &dyn Store,
    options: &Options,
    progress: &mut (dyn FnMut(&str, u64, u64) + Send),
) -> Result<Report, ImportError> {
    let mut source = Source::open(&options.from).await?;
    let mut report = Report::begin(options, source.name());
    let target = Target { store, run: options.run, dry_run: options.dry_run, now: options.now };
    if !options.dry_run {
        source.reserve(&store.epoch().await?).await?;
        store.begin_import(options.run, options.now, source.name()).await?;
    }
    let accounts = Accounts::import(&mut source, &target, options, &mut report, progress).await?;
    tasks::import(&mut source, &target, &accounts, options, &mut report, progress).await?;
    chats::import(&mut source, &target, &accounts, options, &mut report, progress).await?;
    Ok(report)
}
