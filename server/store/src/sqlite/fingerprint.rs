//! A server's lock on its file, and recognising that the file is not the one that the last server left.
//!
//! An older copy of the file may be put in its place without `tandem restore`. Devices have then seen more than their
//! log holds, and would take new events for known ones. So the file and a small one beside it, `tandem.db.mark`, carry
//! the same random mark, renewed at each start, at each stop and some times an hour; a copy carries an older one, and
//! its log gets a new name (epoch). A copy of the whole folder cannot be detected, nor one of the last minutes.
//!
//! **Invariant:** a crash never looks like a copy. The mark is renewed in three steps: the small file takes both marks,
//! the database takes the new one, the small file drops the old one. Wherever that stops, the mark of the database is
//! in the small file.

use super::{Row, SqliteStore, files};
use crate::{Result, StoreError, shared::TenantScope};
use anyhow::anyhow;
use sqlx::Row as _;
use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

/// The lock of a server on its file, held while this exists.
#[derive(Debug)]
pub(super) struct DbFingerprint {
    /// The system releases the lock when this is closed, also when the process is killed.
    _lock: File,
    marks: PathBuf,
}

impl DbFingerprint {
    /// Locks the file; `None` when another server has it.
    pub(super) fn acquire(file: &Path) -> io::Result<Option<Self>> {
        let lock = files::private().write(true).create(true).truncate(false).open(files::beside(file, ".lock"))?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(Self { _lock: lock, marks: marks(file) })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// The marks that the database may carry; none when there is no small file.
    fn known(&self) -> io::Result<Vec<String>> {
        match fs::read_to_string(&self.marks) {
            Ok(text) => Ok(text.lines().map(str::to_owned).collect()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}

/// The small file with the marks of a database.
pub(super) fn marks(file: &Path) -> PathBuf {
    files::beside(file, ".mark")
}

impl SqliteStore {
    /// Opens a file as [`SqliteStore::open_limited`] does, for a server: until the store is dropped, no other gets it.
    /// A file that is missing or empty, although a server has run on it, is refused: creating it anew would silently
    /// lose everybody's data.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when another server runs on the file, when it is empty or missing although a server
    /// has run on it, or when it cannot be opened.
    pub async fn open_alone(path: &Path, limit: Duration) -> Result<Self> {
        let fingerprint = DbFingerprint::acquire(path).map_err(unavailable)?;
        let fingerprint =
            fingerprint.ok_or_else(|| StoreError::Unavailable(anyhow!("another server runs on {}", path.display())))?;
        // With the lock: otherwise another server could be creating the file just now.
        refuse_emptied(path).map_err(StoreError::Unavailable)?;
        Ok(Self { fingerprint: Some(fingerprint.into()), ..Self::open_limited(path, limit).await? })
    }

    /// Gives the log a new epoch if this is not the file that the last server left; returns whether it was not.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database, or the small file beside it, cannot be read or written.
    pub async fn detect_restore(&self) -> Result<bool> {
        let Some(fingerprint) = &self.fingerprint else { return Ok(false) };
        let known = fingerprint.known().map_err(unavailable)?;
        let mark = self.carried_mark().await?;
        // A database without a mark is new, unless the small file has marks: then it was replaced.
        let copy = mark.as_ref().map_or(!known.is_empty(), |mark| !known.contains(mark));
        // The mark of a copy must not become a known one before the copy has its new epoch: after a crash it would
        // pass.
        self.renew_mark(fingerprint, if copy { known } else { Vec::from_iter(mark) }, copy).await?;
        Ok(copy)
    }

    /// Renews the mark, so that copies made before this are recognised.
    pub(super) async fn touch_fingerprint(&self) -> Result<()> {
        let Some(fingerprint) = &self.fingerprint else { return Ok(()) };
        let mark = self.carried_mark().await?;
        self.renew_mark(fingerprint, Vec::from_iter(mark), false).await
    }

    async fn carried_mark(&self) -> Result<Option<String>> {
        let mut conn = self.lookup().await?;
        Ok(sqlx::query("select mark from epoch").try_map(|row: Row| row.try_get(0)).fetch_one(&mut *conn).await?)
    }

    async fn renew_mark(&self, fingerprint: &DbFingerprint, mut known: Vec<String>, new_epoch: bool) -> Result<()> {
        let random = sqlx::query("select lower(hex(randomblob(16)))").try_map(|row: Row| row.try_get(0));
        let next: String = random.fetch_one(&mut *self.lookup().await?).await?;
        known.push(next.clone());
        // The three steps of the module's document. Their order is what a crash in between relies on.
        note(&fingerprint.marks, &known).await?;
        let mut txn = self.write_txn(TenantScope::System).await?;
        sqlx::query(
            "update epoch
                set mark = $1,
                    value = case when $2 then lower(hex(randomblob(16))) else value end",
        )
        .bind(&next)
        .bind(new_epoch)
        .execute(txn.conn())
        .await?;
        txn.commit().await?;
        note(&fingerprint.marks, &[next]).await
    }
}

/// Refuses a database that is empty or missing while its marks exist.
fn refuse_emptied(file: &Path) -> anyhow::Result<()> {
    let marks = marks(file);
    let is_empty = match fs::metadata(file) {
        Ok(found) => found.len() == 0,
        Err(error) if error.kind() == io::ErrorKind::NotFound => true,
        Err(error) => return Err(error.into()),
    };
    if is_empty && marks.exists() {
        return Err(anyhow!(
            "the database {} is empty or missing, but Tandem has run on it before. Put it back, or restore a backup with \
             tandem restore. To start over without any data, remove {}",
            file.display(),
            marks.display(),
        ));
    }
    Ok(())
}

/// Writes the marks that the database may carry.
async fn note(file: &Path, marks: &[String]) -> Result<()> {
    let (file, text) = (file.to_owned(), marks.join("\n") + "\n");
    let written = tokio::task::spawn_blocking(move || files::write(&file, &text)).await;
    written.map_err(|panic| StoreError::Broken(panic.into()))?.map_err(unavailable)
}

fn unavailable(error: io::Error) -> StoreError {
    StoreError::Unavailable(error.into())
}
