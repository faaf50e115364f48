//! Copies of a database file.
//!
//! SQLite writes them while others read and write (`vacuum into`); a copy is a database file like any other.
//!
//! **Invariant:** a copy appears under its name only when it is complete and checked, and a restore replaces the
//! database by one rename: whenever the machine stops, one whole database is in place.

use super::{
    Conn, Row,
    access::Access,
    files,
    fingerprint::{self, DbFingerprint},
    migrate,
};
use crate::{BackupError, Backups, Ended, RestoreOptions, Restored, StoreError};
use anyhow::anyhow;
use async_trait::async_trait;
use sqlx::{
    Connection as _, Row as _,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use tandem_protocol::Timestamp;

/// The mark of a copy. No server's file has it, so a copy that is put in place by hand is recognised.
const COPY: &str = "copy";

/// A database file, to be copied or replaced.
#[derive(Clone, Debug)]
pub struct SqliteBackups {
    file: PathBuf,
}

impl SqliteBackups {
    /// The file of a server.
    pub fn of(file: &Path) -> Self {
        Self { file: file.to_owned() }
    }

    /// Writes a copy into an existing empty file.
    async fn copy(&self, to: &Path) -> Result<(), BackupError> {
        let mut database = connect(&self.file, true).await?;
        sqlx::query("vacuum into $1").bind(text(to)?).execute(&mut database).await.map_err(StoreError::from)?;
        let mut copy = connect(to, false).await?;
        verify(&mut copy, to).await?;
        sqlx::query("update epoch set mark = $1").bind(COPY).execute(&mut copy).await.map_err(StoreError::from)?;
        copy.close().await.map_err(StoreError::from)?;
        fs::File::open(to).and_then(|file| file.sync_all()).map_err(BackupError::with(to))
    }

    /// What admits somebody to the database; `None` when there is none that can be read.
    async fn access(&self) -> Option<Access> {
        if !self.file.exists() {
            return None;
        }
        let mut conn = connect(&self.file, true).await.ok()?;
        let access = Access::read(&mut conn).await.ok();
        conn.close().await.ok()?;
        access
    }

    /// Ends what a copy has and the database has not.
    async fn restrict(&self, copy: &mut Conn, now: Timestamp) -> Result<Ended, BackupError> {
        // The copy may be of an older version, without some of the tables.
        migrate::up(copy).await?;
        let present = self.access().await;
        let mut txn = copy.begin().await.map_err(StoreError::from)?;
        let compared = present.is_some();
        let ended = present.unwrap_or_default().restrict(&mut txn, now, compared).await?;
        txn.commit().await.map_err(StoreError::from)?;
        Ok(ended)
    }

    /// Makes a copy ready to replace the database: with a new epoch and a new mark.
    async fn prepare(&self, from: &Path, options: &RestoreOptions) -> Result<Prepared, BackupError> {
        let file = files::beside(&self.file, ".restored");
        // A restore that was interrupted leaves it.
        remove(&file)?;
        files::private().write(true).create_new(true).open(&file).map_err(BackupError::with(&file))?;
        let mut copy = connect(from, true).await?;
        verify(&mut copy, from).await?;
        // Includes what is in a WAL beside the copy, and leaves the copy unchanged.
        sqlx::query("vacuum into $1").bind(text(&file)?).execute(&mut copy).await.map_err(StoreError::from)?;
        let mut restored = connect(&file, false).await?;
        // Refuses a schema that this program does not know.
        migrate::applied(&mut restored).await.map_err(|error| not_a_backup(from, error))?;
        let ended = if options.keep_access { None } else { Some(self.restrict(&mut restored, options.now).await?) };
        let mark = sqlx::query(
            "update epoch
                set value = lower(hex(randomblob(16))),
                    mark = lower(hex(randomblob(16)))
          returning mark",
        )
        .try_map(|row: Row| row.try_get(0))
        .fetch_one(&mut restored)
        .await
        .map_err(StoreError::from)?;
        restored.close().await.map_err(StoreError::from)?;
        fs::File::open(&file).and_then(|file| file.sync_all()).map_err(BackupError::with(&file))?;
        Ok(Prepared { file, mark, ended })
    }

    /// Keeps the database under a second name. Its WAL is folded into it before.
    async fn keep_aside(&self, aside: &Path) -> Result<(), BackupError> {
        if !self.file.exists() {
            return Ok(());
        }
        // Leaving WAL mode folds the log into the file. A broken file, which may be why it is restored, keeps its log
        // as it is.
        if let Ok(conn) = connect(&self.file, false).await {
            conn.close().await.map_err(StoreError::from)?;
        }
        // A link, so that there is no moment without a database; a copy where the file system has no links.
        fs::hard_link(&self.file, aside)
            .or_else(|_| fs::copy(&self.file, aside).map(|_| ()))
            .map_err(BackupError::with(aside))?;
        for ending in ["-wal", "-shm"] {
            let log = files::beside(&self.file, ending);
            if log.exists() {
                fs::rename(&log, files::beside(aside, ending)).map_err(BackupError::with(&log))?;
            }
        }
        Ok(())
    }
}

/// A file that is ready to replace the database.
struct Prepared {
    file: PathBuf,
    mark: String,
    ended: Option<Ended>,
}

#[async_trait]
impl Backups for SqliteBackups {
    fn extension(&self) -> &'static str {
        "db"
    }

    async fn back_up(&self, to: &Path) -> Result<(), BackupError> {
        if !self.file.exists() {
            return Err(BackupError::File { file: self.file.clone(), source: io::ErrorKind::NotFound.into() });
        }
        // Creates the name now, so that no other backup takes it; the bytes follow when they are complete.
        files::private().write(true).create_new(true).open(to).map_err(BackupError::with(to))?;
        let part = files::beside(to, ".part");
        let written = async {
            files::private().write(true).create_new(true).open(&part).map_err(BackupError::with(&part))?;
            self.copy(&part).await?;
            files::rename(&part, to).map_err(BackupError::with(to))
        };
        let outcome = written.await;
        if outcome.is_err() {
            // The first failure is the one to report.
            let _ = (remove(&part), remove(to));
        }
        outcome
    }

    async fn restore(&self, from: &Path, options: &RestoreOptions) -> Result<Restored, BackupError> {
        if !from.is_file() {
            return Err(BackupError::File { file: from.to_owned(), source: io::ErrorKind::NotFound.into() });
        }
        let _lock =
            DbFingerprint::acquire(&self.file).map_err(BackupError::with(&self.file))?.ok_or(BackupError::InUse)?;
        let prepared = self.prepare(from, options).await?;
        let aside = files::beside(&self.file, &format!(".before-{}", options.stamp));
        self.keep_aside(&aside).await?;
        files::rename(&prepared.file, &self.file).map_err(BackupError::with(&self.file))?;
        let marks = fingerprint::marks(&self.file);
        // A crash before this leaves a file whose mark is not known: it gets one more epoch, which does no harm.
        files::write(&marks, &prepared.mark).map_err(BackupError::with(&marks))?;
        Ok(Restored { aside, ended: prepared.ended })
    }
}

/// A connection that leaves no WAL behind when it is closed.
async fn connect(file: &Path, read_only: bool) -> Result<Conn, BackupError> {
    let options = SqliteConnectOptions::new().filename(file).busy_timeout(super::PATIENCE).read_only(read_only);
    let options = if read_only {
        options
    } else {
        options.journal_mode(SqliteJournalMode::Delete).synchronous(SqliteSynchronous::Full)
    };
    Ok(Conn::connect_with(&options).await.map_err(StoreError::from)?)
}

/// Refuses a file that is no database of ours, or is damaged.
async fn verify(conn: &mut Conn, file: &Path) -> Result<(), BackupError> {
    let check =
        sqlx::query("pragma quick_check(1)").try_map(|row: Row| row.try_get::<String, _>(0)).fetch_one(&mut *conn);
    let state = check.await.map_err(|error| not_a_backup(file, error))?;
    if state != "ok" {
        return Err(not_a_backup(file, anyhow!(state)));
    }
    let epoch = sqlx::query("select value from epoch").fetch_optional(conn).await;
    match epoch {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err(not_a_backup(file, anyhow!("it has no epoch"))),
        Err(error) => Err(not_a_backup(file, error)),
    }
}

fn not_a_backup(file: &Path, reason: impl Into<anyhow::Error>) -> BackupError {
    BackupError::NotABackup { file: file.to_owned(), reason: format!("{:#}", reason.into()) }
}

/// The name of a file for SQL.
fn text(file: &Path) -> Result<&str, BackupError> {
    file.to_str().ok_or_else(|| BackupError::Tool(format!("{}: the name is not UTF-8", file.display())))
}

/// Removes a file if it is there.
fn remove(file: &Path) -> Result<(), BackupError> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(BackupError::with(file)(error)),
        _ => Ok(()),
    }
}
