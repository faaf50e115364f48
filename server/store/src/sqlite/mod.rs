//! The store on SQLite: one file, one process.
//!
//! One connection writes (`writer`), a few read. The log is written ahead (WAL), so readers see their moment while the
//! writer goes on, and `synchronous=full` makes a commit durable before it returns.

mod backups;
mod codec;
mod deadline;
mod dialect;
mod facts;
mod files;
mod fingerprint;
mod migrations;
mod readers;
mod script;
mod search;
#[cfg(test)]
mod tests;
mod writer;

#[path = "../shared/account_lookups.rs"]
mod account_lookups;
#[path = "../shared/accounts.rs"]
mod accounts;
#[path = "../shared/ahead.rs"]
mod ahead;
#[path = "../shared/chat_reads.rs"]
mod chat_reads;
#[path = "../shared/chat_rows.rs"]
mod chat_rows;
#[path = "../shared/chat_writes.rs"]
mod chat_writes;
#[path = "../shared/deletion.rs"]
mod deletion;
#[path = "../shared/documents.rs"]
mod documents;
#[path = "../shared/events.rs"]
mod events;
#[path = "../shared/maintenance.rs"]
mod maintenance;
#[path = "../shared/migrate.rs"]
mod migrate;
#[path = "../shared/pages.rs"]
mod pages;
#[path = "../shared/prune.rs"]
mod prune;
#[path = "../shared/rate_limits.rs"]
mod rate_limits;
#[path = "../shared/rows.rs"]
mod rows;
#[path = "../shared/runs.rs"]
mod runs;
#[path = "../shared/store.rs"]
mod store;
#[path = "../shared/task_reads.rs"]
mod task_reads;
#[path = "../shared/task_rows.rs"]
mod task_rows;
#[path = "../shared/task_writes.rs"]
mod task_writes;
#[path = "../shared/tx.rs"]
mod tx;
#[path = "../shared/usage.rs"]
mod usage;

pub use backups::SqliteBackups;

use self::{
    codec::{At, ClockTime, Day, Json, Packed},
    deadline::Deadline,
    fingerprint::DbFingerprint,
    readers::{LookupReader, Readers, View},
    script::Script,
    writer::{WriteQueue, WriteTxn},
};
use super::{
    Result, STATEMENT_LIMIT, StoreError,
    shared::{TenantScope, user_permit},
};
use sqlx::{
    Sqlite as Db, SqliteConnection as Conn,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteRow as Row, SqliteSynchronous},
};
use std::{fmt, io, ops::DerefMut, path::Path, sync::Arc, time::Duration};
use tandem_protocol::UserId;
use tandem_runtime::permits::{Permit, Permits};

/// Readers of users' data at the same time; more wait. Each is a thread and a page cache.
const READERS: usize = 8;
/// Of these, so many for one user.
const READERS_EACH: usize = 4;
/// Readers for look-ups before the owner is known, of sessions above all: a user whose reads take long keeps nobody from
/// being recognised.
const LOOKUP_READERS: usize = 2;
/// Waiting for a reader, or for another process that writes (a backup, a command of the operator).
const PATIENCE: Duration = Duration::from_secs(5);
/// Page cache of a connection in KiB, negative as the pragma wants it.
const CACHE: &str = "-2000";

#[derive(Clone)]
pub struct SqliteStore {
    queue: Arc<WriteQueue>,
    readers: Arc<Readers>,
    lookup_readers: Arc<Readers>,
    of_user: Arc<Permits<UserId>>,
    /// How long a statement for a user may take.
    limit: Duration,
    fingerprint: Option<Arc<DbFingerprint>>,
}

use SqliteStore as Adapter;

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SqliteStore")
    }
}

impl SqliteStore {
    /// Opens a database file, and makes it, readable by its owner alone, when it is not there. The schema is moved by
    /// [`super::Migrations`].
    pub async fn open(path: &Path) -> Result<Self> {
        Self::open_limited(path, STATEMENT_LIMIT).await
    }

    /// The same; a statement for a user may take so long.
    pub async fn open_limited(path: &Path, limit: Duration) -> Result<Self> {
        create(path).map_err(|error| StoreError::Unavailable(error.into()))?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .foreign_keys(true)
            .busy_timeout(PATIENCE)
            .pragma("cache_size", CACHE)
            // The journal of savepoints: it holds users' rows, and a file in a shared folder is no place for them.
            .pragma("temp_store", "memory")
            .pragma("secure_delete", "fast");
        let writer = options.clone().journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
        let queue = WriteQueue::new(sqlx::ConnectOptions::connect(&writer).await?, limit).await?;
        let options = options.read_only(true);
        let readers = Readers::new(READERS, &options, PATIENCE, true);
        let lookup_readers = Readers::new(LOOKUP_READERS, &options, PATIENCE, false);
        Ok(Self { queue, readers, lookup_readers, of_user: Permits::new(READERS_EACH), limit, fingerprint: None })
    }

    /// Opens a database file to look at it, and changes neither it nor what lies beside it, also while a server runs on it.
    /// Nothing can be written.
    pub async fn inspect(path: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new().filename(looked_at(path)).read_only(true).busy_timeout(PATIENCE);
        let queue = WriteQueue::new(sqlx::ConnectOptions::connect(&options).await?, STATEMENT_LIMIT).await?;
        let readers = Readers::new(1, &options, PATIENCE, false);
        let lookup_readers = Readers::new(1, &options, PATIENCE, false);
        Ok(Self { queue, readers, lookup_readers, of_user: Permits::new(1), limit: STATEMENT_LIMIT, fingerprint: None })
    }

    /// Waits for those who write, folds the log into the file and closes it. Nothing can be done with the store
    /// afterwards.
    pub async fn close(&self) -> Result<()> {
        self.touch_fingerprint().await?;
        self.readers.close().await;
        self.lookup_readers.close().await;
        let mut conn = self.queue.exclusive().await?;
        sqlx::query("pragma wal_checkpoint(truncate)").execute(&mut *conn).await?;
        Ok(())
    }

    /// Whether the file can be read, and written: a disk that was full or broken is tried again.
    async fn ready(&self) -> Result<()> {
        sqlx::query("select 1").execute(&mut *self.lookup().await?).await?;
        if !self.queue.is_doubtful() {
            return Ok(());
        }
        let mut turn = self.turn(TenantScope::System).await?;
        sqlx::query("update epoch set one = one").execute(turn.conn()).await?;
        turn.commit().await
    }

    /// A connection for a look-up.
    async fn lookup(&self) -> Result<LookupReader> {
        self.lookup_readers.take(Some(self.limit)).await?.lookup().await
    }

    /// A view of one moment, from the first statement on.
    async fn snapshot(&self, acting: TenantScope<'_>) -> Result<Snapshot> {
        let (permit, limit) = match acting {
            TenantScope::For(user) => (Some(user_permit(&self.of_user, user, PATIENCE).await?), Some(self.limit)),
            TenantScope::System => (None, None),
        };
        Ok(Snapshot { view: self.readers.take(limit).await?.snapshot().await?, _permit: permit })
    }

    /// The next turn to write.
    async fn turn(&self, acting: TenantScope<'_>) -> Result<WriteTxn> {
        Ok(self.turn_with(acting, Script::default()).await?.0)
    }

    /// The same, with the rows that the first statements give.
    async fn turn_with(&self, acting: TenantScope<'_>, first: Script) -> Result<(WriteTxn, Vec<Vec<Row>>)> {
        self.queue.turn(acting, first).await
    }

    /// The connection that writes, outside of any transaction.
    async fn exclusive(&self) -> Result<impl DerefMut<Target = Conn>> {
        self.queue.exclusive().await
    }
}

/// A view of one moment.
struct Snapshot {
    view: View,
    /// Of the user's permits to read.
    _permit: Option<Permit<UserId>>,
}

impl Snapshot {
    fn conn(&mut self) -> &mut Conn {
        self.view.conn()
    }
}

/// A file as SQLite is given it to leave everything alone. To read a file with a log, SQLite keeps an index beside it
/// and makes one when there is none. So an index that is there is read but not written, and without one the file is read
/// as it is: then no log is in use.
fn looked_at(path: &Path) -> String {
    let name = path.to_string_lossy();
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-".contains(byte);
    let encode = |byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    let encoded = name.bytes().map(encode);
    let with_index = files::beside(path, "-shm").exists() && files::beside(path, "-wal").exists();
    let how = if with_index { "readonly_shm=1" } else { "immutable=1" };
    format!("file:{}?{how}", encoded.collect::<String>())
}

/// Makes the file before SQLite does, which would let everybody read it. The files beside it get the same mode.
fn create(path: &Path) -> io::Result<()> {
    files::private().append(true).create(true).open(path).map(|_| ())
}
