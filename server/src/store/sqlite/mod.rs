//! The store on SQLite: one file, one process.
//!
//! One connection writes (`writer`), a few read. The log is written ahead (WAL), so readers see their moment while the
//! writer goes on, and `synchronous=full` makes a commit durable before it returns.

mod backups;
mod claim;
mod codec;
mod dialect;
mod facts;
mod files;
mod migrations;
mod script;
mod search;
mod writer;

#[path = "../shared/accounts.rs"]
mod accounts;
#[path = "../shared/allowances.rs"]
mod allowances;
#[path = "../shared/chat_reads.rs"]
mod chat_reads;
#[path = "../shared/chat_rows.rs"]
mod chat_rows;
#[path = "../shared/chat_writes.rs"]
mod chat_writes;
#[path = "../shared/directory.rs"]
mod directory;
#[path = "../shared/documents.rs"]
mod documents;
#[path = "../shared/events.rs"]
mod events;
#[path = "../shared/migrate.rs"]
mod migrate;
#[path = "../shared/prune.rs"]
mod prune;
#[path = "../shared/rows.rs"]
mod rows;
#[path = "../shared/task_reads.rs"]
mod task_reads;
#[path = "../shared/task_rows.rs"]
mod task_rows;
#[path = "../shared/task_writes.rs"]
mod task_writes;
#[path = "../shared/tx.rs"]
mod tx;

pub use backups::SqliteBackups;

use self::{
    claim::Claim,
    codec::{At, ClockTime, Day, Json},
    script::Script,
    writer::{Queue, Turn},
};
use super::{Result, StoreError, shared::Acting};
use sqlx::{
    Sqlite as Db, SqliteConnection as Conn, SqlitePool, Transaction,
    pool::PoolConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow as Row, SqliteSynchronous},
};
use std::{fmt, io, ops::DerefMut, path::Path, sync::Arc, time::Duration};

/// Readers at the same time; more wait. Each is a thread and a page cache.
const READERS: u32 = 8;
/// Waiting for a reader, or for another process that writes (a backup, a command of the operator).
const PATIENCE: Duration = Duration::from_secs(5);
/// A reader that nobody needed for so long is closed, for its memory.
const IDLE: Duration = Duration::from_mins(1);
/// Page cache of a connection in KiB, negative as the pragma wants it.
const CACHE: &str = "-2000";

/// A database file.
#[derive(Clone)]
pub struct SqliteStore {
    queue: Arc<Queue>,
    readers: SqlitePool,
    /// Of a server.
    claim: Option<Arc<Claim>>,
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
        let queue = Queue::new(sqlx::ConnectOptions::connect(&writer).await?);
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .min_connections(0)
            .acquire_timeout(PATIENCE)
            .idle_timeout(IDLE)
            .test_before_acquire(false)
            .connect_lazy_with(options.read_only(true));
        Ok(Self { queue, readers, claim: None })
    }

    /// Opens a database file to look at it, and changes neither it nor what lies beside it, also while a server runs on it.
    /// Nothing can be written.
    pub async fn inspect(path: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new().filename(looked_at(path)).read_only(true).busy_timeout(PATIENCE);
        let queue = Queue::new(sqlx::ConnectOptions::connect(&options).await?);
        let readers = SqlitePoolOptions::new().max_connections(1).min_connections(0).connect_lazy_with(options);
        Ok(Self { queue, readers, claim: None })
    }

    /// Waits for those who write, folds the log into the file and closes it. Nothing can be done with the store
    /// afterwards.
    pub async fn close(&self) -> Result<()> {
        self.mark().await?;
        self.readers.close().await;
        let mut conn = self.queue.exclusive().await?;
        sqlx::query("pragma wal_checkpoint(truncate)").execute(&mut *conn).await?;
        Ok(())
    }

    /// A connection for a look-up.
    async fn look(&self) -> Result<PoolConnection<Db>> {
        Ok(self.readers.acquire().await?)
    }

    /// A view of one moment, from the first statement on.
    async fn snapshot(&self, _acting: Acting<'_>) -> Result<Snapshot> {
        Ok(Snapshot(self.readers.begin().await?))
    }

    /// The next turn to write. There is one line for all users.
    async fn turn(&self, acting: Acting<'_>) -> Result<Turn> {
        Ok(self.turn_with(acting, Script::default()).await?.0)
    }

    /// The same, with the rows that the first statements give.
    async fn turn_with(&self, _acting: Acting<'_>, first: Script) -> Result<(Turn, Vec<Vec<Row>>)> {
        self.queue.turn(first).await
    }

    /// The connection that writes, outside of any transaction.
    async fn exclusive(&self) -> Result<impl DerefMut<Target = Conn>> {
        self.queue.exclusive().await
    }
}

/// A view of one moment.
struct Snapshot(Transaction<'static, Db>);

impl Snapshot {
    fn conn(&mut self) -> &mut Conn {
        &mut self.0
    }
}

/// A file as SQLite is given it to leave everything alone. To read a file with a log, SQLite keeps an index beside it
/// and makes one when there is none. So an index that is there is read but not written, and without one the file is read
/// as it is: then no log is in use.
fn looked_at(path: &Path) -> String {
    let name = path.to_string_lossy();
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-".contains(byte);
    let encoded = name.bytes().map(|byte| match plain(&byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    });
    let with_index = files::beside(path, "-shm").exists() && files::beside(path, "-wal").exists();
    let how = if with_index { "readonly_shm=1" } else { "immutable=1" };
    format!("file:{}?{how}", encoded.collect::<String>())
}

/// Makes the file before SQLite does, which would let everybody read it. The files beside it get the same mode.
fn create(path: &Path) -> io::Result<()> {
    files::private().append(true).create(true).open(path).map(|_| ())
}
