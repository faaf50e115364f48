//! What the server stores, as traits; `sqlite` and `postgres` implement them.
//!
//! Work on a user's data happens in a transaction of that user. A [`ReadTx`] sees one moment. A [`WriteTx`] holds the
//! user's log: it is the only one that writes for this user until it ends, so that the order of events is the order of
//! commits. What belongs to no single user (accounts by address, rate limits, leases, sweeps) is in traits of its own.
//! The traits take and return rows; which rows make a change is decided by `tandem_service`, once for both databases.
//!
//! **Invariant:** every statement on a user's rows has the owner in its where-clause.
//!
//! **Invariant:** a change and its events are written by the same transaction; what is dropped without
//! [`WriteTx::commit`] is rolled back.

#![expect(clippy::duplicate_mod, reason = "the SQL of `shared` is written once and compiled for both databases")]

mod accounts;
mod admin;
mod chat;
mod events;
mod feeds;
mod imports;
mod maintenance;
mod operator;
pub mod postgres;
mod push;
mod rate_limits;
mod reminders;
mod runs;
mod shared;
pub mod sqlite;
mod tasks;
mod usage;

pub use accounts::{
    Account, AccountReads, AccountWrites, Accounts, Admission, CredentialWrites, Credentials, EndedSession, Entry,
    NewAccount, NewSession, RefreshRecord, SessionRecord, TokenRecord,
};
pub use admin::{
    AccountAdmin, AdminTx, Administration, AuditKey, InvitationKey, OtherAccounts, Spender, UserKey, UserRef,
};
pub use chat::{ChatReads, ChatWrites, ConversationRow, ConversationState, MessageRow, TitleSource};
pub use events::{
    EventDraft, EventLogs, EventReads, EventRef, EventWrites, LogState, StoredCommand, UndoEntry, UndoOrigin,
};
pub use feeds::{FeedReads, FeedRecord, FeedWrites, Feeds};
pub use imports::{ImportWrites, Imported, ImportedKind, Imports};
pub use maintenance::{Furthest, Maintenance};
pub use operator::{
    BackupError, Backups, Ended, Facts, Inspect, MigrationStatus, Migrations, RestoreOptions, Restored,
};
pub use push::{
    DuePush, NewPush, PushAnswerable, PushEnd, PushId, PushKeyPair, PushReads, PushSubject, PushWrites, Pushes,
    SubscriptionRow,
};
pub use rate_limits::{RateLimit, RateLimits};
pub use reminders::{DueReminder, Reminders};
pub use runs::{Run, RunLeases, RunLoad, RunReads, RunState, RunWrites};
pub use tasks::{
    CompletionKey, NameCounts, SearchKey, SearchRow, TaskCounts, TaskFilter, TaskKey, TaskName, TaskReads, TaskWrites,
    WINDOW,
};
pub use usage::{DailyLimits, LogCut, Spending, Usage, UsageReads, UsageWrites};

use async_trait::async_trait;
use std::time::Duration;
use tandem_auth::{Authority, Owner};
use tandem_protocol::{CommandId, Timestamp};

/// How long a statement for a user may take, unless a limit is given.
pub const STATEMENT_LIMIT: Duration = Duration::from_secs(1);

/// Why the store refused or failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is a row of this key already.
    #[error("{0} exists already")]
    Exists(&'static str),
    /// The account is gone or disabled.
    #[error("the account is gone")]
    NoAccount,
    /// The database does not answer, or not in time. Another attempt may succeed.
    #[error("the database is not available")]
    Unavailable(#[source] anyhow::Error),
    /// A statement was ended because it took longer than statements for a user may.
    #[error("a statement took too long")]
    TooLong(#[source] anyhow::Error),
    /// A statement failed, or a row does not hold what it must: a fault of ours.
    #[error("the database refused or held something unexpected")]
    Broken(#[source] anyhow::Error),
}

/// The result of everything here. Every method of the traits can fail with [`StoreError::Unavailable`],
/// [`StoreError::TooLong`] or [`StoreError::Broken`]; their documents name only other errors.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// A database: what is of all users, and the transactions of one.
#[async_trait]
pub trait Store:
    Accounts
    + Administration
    + RateLimits
    + RunLeases
    + EventLogs
    + Maintenance
    + Reminders
    + Feeds
    + Pushes
    + Imports
    + std::fmt::Debug
    + 'static
{
    /// Begins reading one moment of the owner's data.
    async fn read(&self, owner: &Owner) -> Result<Box<dyn ReadTx>>;

    /// Begins a change of the owner's data, and reads in the same trip what every change needs. Waits while another
    /// transaction writes for the same user. Fails with [`StoreError::NoAccount`] when the account has ended.
    async fn begin(&self, owner: &Owner, options: BeginOptions) -> Result<Begun>;

    /// Begins a change without looking anything up.
    async fn write(&self, owner: &Owner) -> Result<Box<dyn WriteTx>> {
        Ok(self.begin(owner, BeginOptions::default()).await?.tx)
    }
}

/// What a change looks up when it begins.
#[derive(Clone, Copy, Debug, Default)]
pub struct BeginOptions {
    /// The right of the caller, and the time at which it must hold. Sessions and tokens are looked up.
    pub right: Option<(Authority, Timestamp)>,
    /// The command whose earlier answer is looked up.
    pub command: Option<CommandId>,
    /// Whether the account may be one that is disabled, for a change by others than its user.
    pub disabled: bool,
}

/// A change that has begun.
#[expect(missing_debug_implementations, reason = "a transaction has nothing to show")]
pub struct Begun {
    pub tx: Box<dyn WriteTx>,
    /// Whether the right still holds.
    pub allowed: bool,
    /// The stored answer of the command, if it was done before.
    pub done: Option<StoredCommand>,
}

/// One moment of one user's data.
pub trait ReadTx:
    AccountReads + FeedReads + PushReads + ChatReads + RunReads + TaskReads + EventReads + UsageReads + Send
{
}

/// One change of one user's data.
///
/// Writes are gathered, and go to the database together before the next read or at the commit: on SQLite each trip
/// costs several times what a statement does. The error of a write is therefore returned by that read or by the commit,
/// and ends the transaction.
#[async_trait]
pub trait WriteTx:
    ReadTx
    + AccountAdmin
    + AccountWrites
    + CredentialWrites
    + FeedWrites
    + PushWrites
    + ChatWrites
    + RunWrites
    + TaskWrites
    + EventWrites
    + UsageWrites
    + ImportWrites
{
    /// Makes everything durable: when this returns, the change survives the death of the process.
    async fn commit(self: Box<Self>) -> Result<()>;

    /// The same for a change that nobody waits for: while others write, it may take 0.1 s longer, to share their commit.
    async fn commit_soon(self: Box<Self>) -> Result<()>;

    /// Ends it without a change. When this returns, what it has read survives the death of the process, too: a transaction
    /// may see changes that share a commit which is still to come.
    async fn leave(self: Box<Self>) -> Result<()>;
}
