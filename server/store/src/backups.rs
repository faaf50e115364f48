//! Copies of a whole database: made while it is in use, restored while it is not.
//!
//! **Invariant:** a restored database has a new epoch. Devices have seen more than the copy holds, and must start over.

use super::StoreError;
use async_trait::async_trait;
use std::{
    io,
    path::{Path, PathBuf},
};

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
    NotABackup {
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A file could not be read or written.
    #[error("{}: {source}", .file.display())]
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

    /// Replaces the database by a copy, with a new epoch. The replaced data is kept; returns where. `stamp` is part of
    /// that name.
    async fn restore(&self, from: &Path, stamp: &str) -> Result<PathBuf, BackupError>;
}
