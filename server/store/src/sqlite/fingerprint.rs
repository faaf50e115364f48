//! A server's claim on its file: nobody else runs on it, and it is the file that the last server left.
//!
//! Somebody may put an older copy of the file in its place, without `tandem restore`. Devices have then seen more than
//! their log holds, and would take what is new for what they know. So the file and a small one beside it, `tandem.db.mark`,
//! carry the same random mark, renewed at each start, at each stop and some times an hour; a copy carries an older one, and
//! its log gets a new name (epoch). A copy of the whole folder cannot be detected, nor one of the last minutes.
//!
//! A crash must never look like a copy. The mark is renewed in three steps: the small file takes both marks, the database
//! takes the new one, the small file drops the old one. Wherever that ends, the mark of the database is in the small file.

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

/// Held while a server runs on the file.
#[derive(Debug)]
pub(super) struct DbFingerprint {
    /// The system gives the lock back when this is closed, also when the process is killed.
    _lock: File,
    marks: PathBuf,
}

impl DbFingerprint {
    /// Claims the file; `None` when somebody else has.
    pub(super) fn acquire(file: &Path) -> io::Result<Option<Self>> {
        let lock = files::private().write(true).create(true).truncate(false).open(files::beside(file, ".lock"))?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(Self { _lock: lock, marks: marks(file) })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// The marks that the database may carry. None when there is no small file.
    fn known(&self) -> io::Result<Vec<String>> {
        match fs::read_to_string(&self.marks) {
            Ok(text) => Ok(text.lines().map(str::to_owned).collect()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}

/// Where the marks of a file are noted.
pub(super) fn marks(file: &Path) -> PathBuf {
    files::beside(file, ".mark")
}

impl SqliteStore {
    /// Opens a file as [`SqliteStore::open_limited`] does, for a server: until the store is dropped, no other gets it. A
    /// file that is gone or empty, although a server has run on it, is refused: it would be made anew, without anybody's
    /// data, and nobody would know.
    pub async fn open_alone(path: &Path, limit: Duration) -> Result<Self> {
        let fingerprint = DbFingerprint::acquire(path).map_err(unavailable)?;
        let fingerprint =
            fingerprint.ok_or_else(|| StoreError::Unavailable(anyhow!("another server runs on {}", path.display())))?;
        refuse_emptied(path).map_err(StoreError::Unavailable)?;
        Ok(Self { fingerprint: Some(fingerprint.into()), ..Self::open_limited(path, limit).await? })
    }

    /// Gives the log a new epoch if this is not the file that the last server left: says whether it is not.
    pub async fn detect_restore(&self) -> Result<bool> {
        let Some(fingerprint) = &self.fingerprint else { return Ok(false) };
        let known = fingerprint.known().map_err(unavailable)?;
        let mark = self.carried_mark().await?;
        let copy = mark.as_ref().map_or(!known.is_empty(), |mark| !known.contains(mark));
        // What a copy carries must not become known before the copy has its new epoch.
        self.renew_mark(fingerprint, if copy { known } else { Vec::from_iter(mark) }, copy).await?;
        Ok(copy)
    }

    /// Renews the mark, so that copies made until now are distinguished from the file.
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
        note(&fingerprint.marks, &known).await?;
        let mut turn = self.turn(TenantScope::System).await?;
        sqlx::query(
            "update epoch
                set mark = $1,
                    value = case when $2 then lower(hex(randomblob(16))) else value end",
        )
        .bind(&next)
        .bind(new_epoch)
        .execute(turn.conn())
        .await?;
        turn.commit().await?;
        note(&fingerprint.marks, &[next]).await
    }
}

/// Refuses a database that is empty or missing beside the note of its marks.
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

/// Notes which marks the database may carry.
async fn note(file: &Path, marks: &[String]) -> Result<()> {
    let (file, text) = (file.to_owned(), marks.join("\n") + "\n");
    let written = tokio::task::spawn_blocking(move || files::write(&file, &text)).await;
    written.map_err(|panic| StoreError::Broken(panic.into()))?.map_err(unavailable)
}

fn unavailable(error: io::Error) -> StoreError {
    StoreError::Unavailable(error.into())
}
