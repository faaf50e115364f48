//! The store on SQLite: one file, one process.
//!
//! One connection writes (`writer`), a few read (`readers`). The log is written ahead (WAL), so readers see their
//! moment while the writer works.
//!
//! **Invariant:** `synchronous=full` makes a commit durable before it returns.
//!
//! **Invariant:** a statement for a user has a deadline; SQLite itself knows none (`deadline`).

mod backups;
mod codec;
mod deadline;
mod dialect;
mod facts;
mod files;
mod fingerprint;
mod readers;
mod script;
mod search;
#[cfg(test)]
mod tests;
mod updates;
mod writer;

#[path = "../shared/sql.rs"]
mod sql;

pub use backups::SqliteBackups;

use self::{
    codec::{At, ClockTime, Day, Json, Packed},
    deadline::Deadline,
    fingerprint::DbFingerprint,
    readers::{LookupReader, ReaderTxn, Readers},
    script::Script,
    sql::{access, documents, migrate, rows},
    writer::{WriteQueue, WriteTxn},
};
use super::{
    Result, STATEMENT_LIMIT, StoreError,
    shared::{Step, TenantScope, steps, user_permit},
};
use sqlx::{
    Sqlite as Db, SqliteConnection as Conn,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteRow as Row, SqliteSynchronous},
};
use std::{fmt, io, ops::DerefMut, path::Path, sync::Arc, time::Duration};
use tandem_protocol::UserId;
use tandem_runtime::permits::{Permit, Permits};

/// Readers of users' data at the same time; more wait. Each is a thread, a page cache, a copy of the schema and its own prepared
/// statements: about a mebibyte, until it is idle.
const READERS: usize = 8;
/// Readers that one user may have of them.
const READERS_EACH: usize = 4;
/// Readers for look-ups before the owner is known, of sessions above all: a user whose reads take long must not keep
/// others from signing in.
const LOOKUP_READERS: usize = 2;
/// The longest wait for a reader, or for another process that writes (a backup, a command of the operator).
const PATIENCE: Duration = Duration::from_secs(5);
/// Page cache of the writer in KiB, negative as the pragma wants it.
const CACHE: &str = "-1000";
/// The same of a reader: a cache is empty again whenever something was written, so it serves one request.
const READER_CACHE: &str = "-200";
/// Bytes of a page of a new file, the least that SQLite has. A commit writes each page that it changes twice, first into the log,
/// and a reply changes some bytes in a hundred pages. With pages of 1 KiB it writes a third more; to read a page of messages or
/// of events takes as long with either. A file that was made with larger ones keeps them.
const PAGE_BYTES: u32 = 512;
/// Pages in the log at which they are written into the file. What changes often is written once for all changes since then.
const LOG_PAGES: &str = "65536";

/// Free bytes that a server needs to be ready: those of a large change.
const ROOM: usize = 256 * 1024;

const STEPS: &[Step] = steps!("sqlite");

#[derive(Clone)]
pub struct SqliteStore {
    queue: Arc<WriteQueue>,
    readers: Arc<Readers>,
    lookup_readers: Arc<Readers>,
    of_user: Arc<Permits<UserId>>,
    /// How long a statement for a user may take.
    limit: Duration,
    fingerprint: Option<Arc<DbFingerprint>>,
    /// The file; `None` for one that is only inspected.
    path: Option<Arc<Path>>,
}

use SqliteStore as Adapter;

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SqliteStore")
    }
}

impl SqliteStore {
    /// Opens a database file, and creates it, readable by its owner only, when it does not exist. The schema is
    /// migrated by [`super::Migrations`].
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the file cannot be made or opened.
    pub async fn open(path: &Path) -> Result<Self> {
        Self::open_limited(path, STATEMENT_LIMIT).await
    }

    /// The same; a statement for a user may take as long as `limit`.
    ///
    /// # Errors
    /// Those of [`SqliteStore::open`].
    pub async fn open_limited(path: &Path, limit: Duration) -> Result<Self> {
        create(path).map_err(|error| StoreError::Unavailable(error.into()))?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .foreign_keys(true)
            .busy_timeout(PATIENCE)
            .pragma("cache_size", CACHE)
            // The journal of savepoints holds users' rows, and would be a file in a folder that others can read.
            .pragma("temp_store", "memory")
            .pragma("wal_autocheckpoint", LOG_PAGES)
            .page_size(PAGE_BYTES)
            // Overwrites deleted texts in the file, as far as that costs no write of its own.
            .pragma("secure_delete", "fast");
        let writer = options.clone().journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
        let queue = WriteQueue::new(sqlx::ConnectOptions::connect(&writer).await?, limit).await?;
        let options = options.read_only(true).pragma("cache_size", READER_CACHE);
        let readers = Readers::new(READERS, &options, PATIENCE, true);
        let lookup_readers = Readers::new(LOOKUP_READERS, &options, PATIENCE, false);
        Ok(Self {
            queue,
            readers,
            lookup_readers,
            of_user: Permits::new(READERS_EACH),
            limit,
            fingerprint: None,
            path: Some(path.into()),
        })
    }

    /// Opens a database file for inspection. Changes neither it nor the files beside it, also while a server runs on
    /// it; nothing can be written.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the file cannot be opened.
    pub async fn inspect(path: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new().filename(looked_at(path)).read_only(true).busy_timeout(PATIENCE);
        let queue = WriteQueue::new(sqlx::ConnectOptions::connect(&options).await?, STATEMENT_LIMIT).await?;
        let readers = Readers::new(1, &options, PATIENCE, false);
        let lookup_readers = Readers::new(1, &options, PATIENCE, false);
        Ok(Self {
            queue,
            readers,
            lookup_readers,
            of_user: Permits::new(1),
            limit: STATEMENT_LIMIT,
            fingerprint: None,
            path: None,
        })
    }

    /// Waits for the writer, checkpoints the log into the file and closes it. The store cannot be used afterwards.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database, or the small file beside it, cannot be written.
    pub async fn close(&self) -> Result<()> {
        self.touch_fingerprint().await?;
        // A reader with an open view would keep the checkpoint from truncating the log.
        self.readers.close().await;
        self.lookup_readers.close().await;
        let mut conn = self.queue.exclusive().await?;
        sqlx::query("pragma wal_checkpoint(truncate)").execute(&mut *conn).await?;
        Ok(())
    }

    /// Checks that the file can be read, that the disk has room for a change, and that changes are durable if the last one
    /// failed: a disk may have been full or broken.
    async fn ready(&self) -> Result<()> {
        sqlx::query("select 1").execute(&mut *self.lookup().await?).await?;
        // A small change may fit into what the log has already when no other does.
        if let Some(path) = self.path.clone() {
            let grown = tokio::task::spawn_blocking(move || files::can_grow(&path, ROOM)).await;
            grown
                .map_err(|panic| StoreError::Broken(panic.into()))?
                .map_err(|error| StoreError::Unavailable(error.into()))?;
        }
        if !self.queue.is_doubtful() {
            return Ok(());
        }
        let mut txn = self.write_txn(TenantScope::System).await?;
        // Changes nothing, but goes all the way to the disk.
        sqlx::query("update epoch set one = one").execute(txn.conn()).await?;
        txn.commit().await
    }

    /// A connection for a look-up before the owner is known.
    #[tracing::instrument(level = "debug", skip_all)]
    async fn lookup(&self) -> Result<LookupReader> {
        self.lookup_readers.take(Some(self.limit)).await?.lookup().await
    }

    /// Reads one moment, from the first statement on.
    #[tracing::instrument(level = "debug", skip_all)]
    async fn snapshot(&self, scope: TenantScope<'_>) -> Result<Snapshot> {
        let (permit, limit) = match scope {
            TenantScope::For(user) => (Some(user_permit(&self.of_user, user, PATIENCE).await?), Some(self.limit)),
            // Sweeps are bounded by the size of their batches.
            TenantScope::System => (None, None),
        };
        Ok(Snapshot { view: self.readers.take(limit).await?.snapshot().await?, _permit: permit })
    }

    /// Waits for the writer and begins a transaction.
    #[tracing::instrument(level = "debug", skip_all)]
    async fn write_txn(&self, scope: TenantScope<'_>) -> Result<WriteTxn> {
        Ok(self.write_txn_with(scope, Script::default()).await?.0)
    }

    /// The same; returns also the rows of the first statements.
    #[tracing::instrument(level = "debug", skip_all)]
    async fn write_txn_with(&self, scope: TenantScope<'_>, first: Script) -> Result<(WriteTxn, Vec<Vec<Row>>)> {
        self.queue.begin(scope, first).await
    }

    /// The writing connection, outside of any transaction.
    async fn exclusive(&self) -> Result<impl DerefMut<Target = Conn>> {
        self.queue.exclusive().await
    }
}

/// A transaction that reads one moment.
struct Snapshot {
    view: ReaderTxn,
    /// One of the user's permits to read; `None` for the server itself.
    _permit: Option<Permit<UserId>>,
}

impl Snapshot {
    fn conn(&mut self) -> &mut Conn {
        self.view.conn()
    }
}

/// The URI with which SQLite changes nothing. To read a file with a WAL, SQLite keeps an index beside it and creates
/// one when there is none. An index that exists is opened read-only; without one no WAL is in use, and the file is read
/// as immutable.
fn looked_at(path: &Path) -> String {
    let name = path.to_string_lossy();
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-".contains(byte);
    let encode = |byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    let encoded = name.bytes().map(encode);
    let with_index = files::beside(path, "-shm").exists() && files::beside(path, "-wal").exists();
    let how = if with_index { "readonly_shm=1" } else { "immutable=1" };
    format!("file:{}?{how}", encoded.collect::<String>())
}

/// Creates the file before SQLite does, which would let everybody read it. SQLite gives the files beside it the same
/// mode.
fn create(path: &Path) -> io::Result<()> {
    files::private().append(true).create(true).open(path).map(|_| ())
}
