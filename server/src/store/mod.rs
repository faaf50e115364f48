//! What the server remembers, as traits; `sqlite` and `postgres` implement them.
//!
//! Work on a user's data happens in a transaction of that user. A [`ReadTx`] sees one moment. A [`WriteTx`] holds the
//! user's log: it is the only one that writes for this user until it ends, so that the order of events is the order of
//! commits. A change and its events are written by the same transaction; what is dropped without [`WriteTx::commit`] is
//! rolled back.
//!
//! **Invariant:** every statement on a user's rows has the owner in its where-clause.

mod accounts;
mod backups;
mod chat;
mod directory;
mod events;
mod migrations;
pub mod postgres;
mod shared;
pub mod sqlite;
mod tasks;

pub use accounts::{Account, AccountReads, AccountWrites, NewSession};
pub use backups::{BackupError, Backups};
pub use chat::{ChatReads, ChatWrites, ConversationRow, ConversationState, MessageRow, Run, RunState, TitleSource};
pub use directory::{Allowance, Credentials, Directory, NewAccount, RefreshRecord, SessionRecord, TokenRecord};
pub use events::{EventDraft, EventReads, EventWrites, LogStanding, StoredCommand, UndoEntry, UndoOrigin};
pub use migrations::{MigrationStatus, Migrations};
pub use tasks::{SearchKey, SearchRow, TaskFilter, TaskKey, TaskReads, TaskWrites};

use crate::auth::Owner;
use async_trait::async_trait;

/// Why the store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A row of this key is there already.
    #[error("{0} exists already")]
    Exists(&'static str),
    /// The account is gone or disabled.
    #[error("the account is gone")]
    NoAccount,
    /// The database does not answer, or not in time. Trying again may help.
    #[error("the database is not available")]
    Unavailable(#[source] anyhow::Error),
    /// A statement failed, or a row does not hold what it must: a fault of ours.
    #[error("the database refused or held something unexpected")]
    Broken(#[source] anyhow::Error),
}

/// The result of everything here.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// A database with its transactions.
#[async_trait]
pub trait Store: Directory + std::fmt::Debug {
    /// A view of one moment of the owner's data.
    async fn read(&self, owner: &Owner) -> Result<Box<dyn ReadTx>>;

    /// The next change of the owner's data. Waits while another transaction writes for the same user.
    async fn write(&self, owner: &Owner) -> Result<Box<dyn WriteTx>>;
}

/// One moment of one user's data.
pub trait ReadTx: AccountReads + ChatReads + TaskReads + EventReads + Send {}

/// One change of one user's data.
#[async_trait]
pub trait WriteTx: ReadTx + AccountWrites + ChatWrites + TaskWrites + EventWrites {
    /// Makes everything durable. When this returns, the change survives the death of the process.
    async fn commit(self: Box<Self>) -> Result<()>;
}
