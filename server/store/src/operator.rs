//! What an operator does with a database: inspect it, migrate its schema, copy and restore it. `tandem doctor`,
//! `migrate`, `backup` and `restore` use this.
//!
//! **Invariant:** migrations are applied in order and never changed afterwards; a database that was at a newer version
//! is refused. A restored database has a new epoch: devices have seen more than the copy holds, and must start over.

use super::{Result, StoreError};
use async_trait::async_trait;
use std::{
    io,
    path::{Path, PathBuf},
};
use tandem_protocol::Timestamp;

/// How a database is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Name and version of the database.
    pub version: String,
    /// The time of its clock; `None` when that is this machine's.
    pub now: Option<Timestamp>,
    /// Whether its role bypasses row-level security.
    pub unbound: bool,
    /// How many connections it accepts from all nodes together, if that is limited.
    pub connections: Option<u32>,
}

/// A database that can be inspected.
#[async_trait]
pub trait Inspect: Send + Sync {
    async fn facts(&self) -> Result<Facts>;
}

/// A step of the schema, and whether it was applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MigrationStatus {
    /// From 1, in order.
    pub number: i64,
    pub name: &'static str,
    pub applied: bool,
}

/// A database whose schema can be migrated. Safe when several nodes start at once: one migrates, the others wait.
#[async_trait]
pub trait Migrations: Send + Sync {
    /// Every step that this binary knows, in order.
    async fn migration_status(&self) -> Result<Vec<MigrationStatus>>;

    /// Applies every missing step. Fails when the database was at a newer version.
    async fn migrate_up(&self) -> Result<()>;

    /// Reverts every step after the one numbered `to`; 0 empties the database.
    async fn migrate_down(&self, to: i64) -> Result<()>;
}

/// Why a copy was not made, or not restored. Read at a terminal.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The target exists; nothing is overwritten.
    #[error("{} is there already: name a file that is not", .0.display())]
    Exists(PathBuf),
    /// A server uses the database.
    #[error("a server runs on this database: stop it first")]
    InUse,
    /// The file is not a backup of ours.
    #[error("{} is no backup of Tandem: {reason}", .file.display())]
    NotABackup { file: PathBuf, reason: String },
    /// A file could not be read or written.
    #[error("the file {} cannot be used", .file.display())]
    File { file: PathBuf, source: io::Error },
    /// An external program is missing, or failed.
    #[error("{0}")]
    Tool(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl BackupError {
    /// For `map_err`: a failure with this file.
    pub(super) fn with(file: &Path) -> impl Fn(io::Error) -> Self {
        move |source| match source.kind() {
            io::ErrorKind::AlreadyExists => Self::Exists(file.to_owned()),
            _ => Self::File { file: file.to_owned(), source },
        }
    }
}

/// A database that can be copied and put back.
#[async_trait]
pub trait Backups: Send + Sync {
    /// The extension of a copy's name, without the dot.
    fn extension(&self) -> &'static str;

    /// Writes everything that is committed into a new file, readable by its owner only.
    async fn back_up(&self, to: &Path) -> Result<(), BackupError>;

    /// Replaces the database by a copy, with a new epoch. The replaced data is kept.
    async fn restore(&self, from: &Path, options: &RestoreOptions) -> Result<Restored, BackupError>;
}

/// How a copy is put back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestoreOptions {
    pub now: Timestamp,
    /// `now`, as a part of names of files.
    pub stamp: String,
    /// Whether everything that admitted somebody when the copy was made does so again.
    pub keep_access: bool,
}

/// What came of putting a copy back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Where the replaced data is.
    pub aside: PathBuf,
    /// What of the copy does not admit anybody any more; `None` when that was not asked for.
    pub ended: Option<Ended>,
}

/// What a copy would have admitted, and the database that it replaces did not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// Whether there was a database to compare with. Without one, nothing of the copy admits anybody but a password.
    pub compared: bool,
    pub sessions: usize,
    /// How many personal tokens.
    pub tokens: usize,
    /// How many calendar feeds.
    pub feeds: usize,
    pub invitations: usize,
    /// Addresses of the accounts that the replaced database did not have: deleted since the copy, perhaps.
    pub returned: Vec<String>,
}
