//! Copies of a whole database: made while it is in use, put back while it is not.

use super::StoreError;
use async_trait::async_trait;
use std::{
    io,
    path::{Path, PathBuf},
};

/// Why a copy was not made, or not put back. Whoever reads it sits at a terminal.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Nothing is written over.
    #[error("{} is there already: name a file that is not", .0.display())]
    Exists(PathBuf),
    /// A database is not taken away from under a server.
    #[error("a server runs on this database: stop it first")]
    InUse,
    /// The file is not what it is taken for.
    #[error("{} is no backup of Tandem: {reason}", .file.display())]
    NotABackup {
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A file could not be read or written.
    #[error("{}: {source}", .file.display())]
    File { file: PathBuf, source: io::Error },
    /// A program that does the work is not there, or failed.
    #[error("{0}")]
    Tool(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl BackupError {
    /// What `map_err` takes: a failure with this file.
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
    /// The end of the name of a copy, without the dot.
    fn extension(&self) -> &'static str;

    /// Writes everything that is committed by now into a new file, readable by its owner alone.
    async fn back_up(&self, to: &Path) -> Result<(), BackupError>;

    /// Puts a copy in the place of the database, and gives it a new epoch: devices have seen more than the copy holds, and
    /// must start over. What was there is kept; the answer says where. `stamp` is part of that name.
    async fn restore(&self, from: &Path, stamp: &str) -> Result<PathBuf, BackupError>;
}
