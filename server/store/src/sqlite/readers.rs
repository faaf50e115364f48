//! Connections that read.
//!
//! Each is a pool of one connection, which opens it when it is needed and closes it when it is idle, and has its own
//! [`Deadline`]: the driver's larger pools do not show which of their connections a caller got, so its deadline could
//! not be set.
//!
//! **Invariant:** a reader is used by one caller at a time; its permit is released after it.

use super::{Conn, Deadline};
use crate::{Result, StoreError};
use anyhow::anyhow;
use sqlx::{
    Sqlite as Db, SqlitePool, Transaction,
    pool::PoolConnection,
    sqlite::{SqliteConnectOptions, SqlitePoolOptions},
};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// A reader that is idle for this long is closed, for its memory. To open it again takes two milliseconds.
const IDLE: Duration = Duration::from_secs(10);

/// Some connections, each used by one caller at a time.
pub(super) struct Readers {
    all: Vec<Reader>,
    /// The idle ones. The one that was used last is used next, so that few are open.
    free: Mutex<Vec<usize>>,
    permits: Arc<Semaphore>,
    patience: Duration,
    /// Whether readers in use are counted in the metrics.
    counted: bool,
}

struct Reader {
    pool: SqlitePool,
    deadline: Arc<Deadline>,
}

impl Readers {
    /// Creates readers, opened when they are needed. A caller that waits for one longer than `patience` is refused.
    pub(super) fn new(count: usize, options: &SqliteConnectOptions, patience: Duration, counted: bool) -> Arc<Self> {
        let all = (0..count).map(|_| Reader::new(options, patience)).collect();
        let (free, permits) = (Mutex::new((0..count).collect()), Arc::new(Semaphore::new(count)));
        Arc::new(Self { all, free, permits, patience, counted })
    }

    /// Waits for a reader. Each of its statements may take as long as `limit`.
    pub(super) async fn take(self: &Arc<Self>, limit: Option<Duration>) -> Result<ReaderPermit> {
        let permit = timeout(self.patience, Arc::clone(&self.permits).acquire_owned()).await;
        let permit = permit.map_err(|_| StoreError::Unavailable(anyhow!("no reader was free in time")))?;
        let permit = permit.map_err(|closed| StoreError::Unavailable(closed.into()))?;
        // There is an index for each permit.
        let index = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let index = index.ok_or_else(|| StoreError::Broken(anyhow!("there are more permits than readers")))?;
        self.count(1.0);
        Ok(ReaderPermit { readers: Arc::clone(self), index, limit, _permit: permit })
    }

    /// Closes all readers once they are idle.
    pub(super) async fn close(&self) {
        self.permits.close();
        for reader in &self.all {
            reader.pool.close().await;
        }
    }

    fn count(&self, change: f64) {
        if self.counted {
            metrics::gauge!("tandem_database_readers").increment(change);
        }
    }
}

impl Reader {
    fn new(options: &SqliteConnectOptions, patience: Duration) -> Self {
        let deadline = Deadline::none();
        let watched = Arc::clone(&deadline);
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .min_connections(0)
            .acquire_timeout(patience)
            .idle_timeout(IDLE)
            // A file does not hang up as a server does: the test would only cost a trip to the thread.
            .test_before_acquire(false)
            .after_connect(move |conn, _| {
                let deadline = Arc::clone(&watched);
                Box::pin(async move { deadline.watch(conn).await })
            })
            .connect_lazy_with(options.clone());
        Self { pool, deadline }
    }
}

/// The right to use one reader, until dropped.
pub(super) struct ReaderPermit {
    readers: Arc<Readers>,
    index: usize,
    limit: Option<Duration>,
    _permit: OwnedSemaphorePermit,
}

impl ReaderPermit {
    fn reader(&self) -> &Reader {
        &self.readers.all[self.index]
    }

    /// Begins the time of a statement.
    fn begin_statement(&self) {
        self.reader().deadline.set(self.limit);
    }

    /// The reader's connection, for one statement.
    pub(super) async fn lookup(self) -> Result<LookupReader> {
        self.begin_statement();
        Ok(LookupReader { conn: self.reader().pool.acquire().await?, _permit: self })
    }

    /// The reader in a transaction, which reads one moment from the first statement on.
    pub(super) async fn snapshot(self) -> Result<ReaderTxn> {
        self.begin_statement();
        Ok(ReaderTxn { tx: self.reader().pool.begin().await?, permit: self })
    }
}

impl Drop for ReaderPermit {
    fn drop(&mut self) {
        self.readers.count(-1.0);
        // The permit is released after this, so that the next caller finds an idle reader.
        self.readers.free.lock().unwrap_or_else(PoisonError::into_inner).push(self.index);
    }
}

/// A connection for a look-up.
pub(super) struct LookupReader {
    // Dropped before the permit: fields are dropped in this order.
    conn: PoolConnection<Db>,
    _permit: ReaderPermit,
}

impl std::ops::Deref for LookupReader {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.conn
    }
}

impl std::ops::DerefMut for LookupReader {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.conn
    }
}

/// A connection in a transaction.
pub(super) struct ReaderTxn {
    // Rolled back before the permit is released: fields are dropped in this order.
    tx: Transaction<'static, Db>,
    permit: ReaderPermit,
}

impl ReaderTxn {
    /// The connection, for one statement.
    pub(super) fn conn(&mut self) -> &mut Conn {
        self.permit.begin_statement();
        &mut self.tx
    }
}
