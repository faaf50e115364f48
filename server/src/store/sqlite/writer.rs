//! The one connection that writes, and its group commit.
//!
//! Writers take turns, in the order in which they came; a turn is a savepoint. Whoever has released his savepoint waits
//! for the committer, which queues up like everybody else: it commits for all whose turn was before its own. So a single
//! writer waits for one `fsync`, and a hundred writers wait for one, too.
//!
//! Futures may be dropped at every await, also while the connection's thread is at work. What a turn leaves behind is
//! therefore noted first and cleared after; [`Writer::tidy`] settles it before anybody else writes.

use crate::store::{Result, StoreError};
use anyhow::anyhow;
use sqlx::SqliteConnection;
use std::sync::Arc;
use tokio::{
    sync::{Mutex, Notify, OwnedMappedMutexGuard, OwnedMutexGuard, oneshot},
    task::AbortHandle,
};

/// Where those who want to write stand in line.
pub(super) struct Queue {
    writer: Arc<Mutex<Writer>>,
    /// Tells the committer that somebody waits for it, or left something behind.
    wake: Arc<Notify>,
    committer: AbortHandle,
}

impl Queue {
    /// A queue for this connection. Its committer lives as long as the queue.
    pub(super) fn new(conn: SqliteConnection) -> Arc<Self> {
        let writer = Writer { conn, batch: Batch::Closed, leftover: false, waiting: Vec::new() };
        let writer = Arc::new(Mutex::new(writer));
        let wake = Arc::new(Notify::new());
        let committer = tokio::spawn(commit_batches(Arc::clone(&writer), Arc::clone(&wake))).abort_handle();
        Arc::new(Self { writer, wake, committer })
    }

    /// Waits for the next turn.
    pub(super) async fn turn(self: &Arc<Self>) -> Result<Turn> {
        let mut writer = Arc::clone(&self.writer).lock_owned().await;
        writer.tidy().await?;
        writer.open().await?;
        let mut turn = Turn { writer: Some(writer), queue: Arc::clone(self) };
        execute(turn.conn(), "savepoint turn").await?;
        Ok(turn)
    }

    /// The connection outside of any transaction.
    pub(super) async fn exclusive(&self) -> Result<OwnedMappedMutexGuard<Writer, SqliteConnection>> {
        let mut writer = Arc::clone(&self.writer).lock_owned().await;
        writer.finish().await?;
        Ok(OwnedMutexGuard::map(writer, |writer| &mut writer.conn))
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        self.committer.abort();
    }
}

/// A turn to write. Dropped without [`Turn::commit`] it leaves nothing.
pub(super) struct Turn {
    /// `None` once the turn is over.
    writer: Option<OwnedMutexGuard<Writer>>,
    queue: Arc<Queue>,
}

impl Turn {
    /// The connection, inside of the turn's savepoint.
    #[expect(clippy::expect_used, reason = "`writer` is taken only by those who consume the turn")]
    pub(super) fn conn(&mut self) -> &mut SqliteConnection {
        &mut self.writer.as_mut().expect("the turn is not over").conn
    }

    /// Hands the turn's changes to the batch and waits until they are durable.
    pub(super) async fn commit(mut self) -> Result<()> {
        execute(self.conn(), "release turn").await?;
        let (done, committed) = oneshot::channel();
        if let Some(mut writer) = self.writer.take() {
            writer.waiting.push(done);
        }
        self.queue.wake.notify_one();
        committed.await.unwrap_or_else(|_| Err(StoreError::Unavailable(anyhow!("the database is being closed"))))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(mut writer) = self.writer.take() {
            writer.leftover = true;
            drop(writer);
            self.queue.wake.notify_one();
        }
    }
}

/// The connection and what is going on there.
pub(super) struct Writer {
    conn: SqliteConnection,
    batch: Batch,
    /// A turn was dropped: its savepoint may still be open.
    leftover: bool,
    /// Those whose changes are in the batch.
    waiting: Vec<oneshot::Sender<Result<()>>>,
}

/// The transaction around the turns.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Batch {
    /// There is none.
    Closed,
    /// It was begun, and nobody saw whether it did.
    Opening,
    /// There is one.
    Open,
}

impl Writer {
    /// Undoes what a dropped turn has left. Being dropped itself does no harm: the next one starts over.
    async fn tidy(&mut self) -> Result<()> {
        if self.leftover {
            tolerate("no such savepoint", execute(&mut self.conn, "rollback to turn").await)?;
            tolerate("no such savepoint", execute(&mut self.conn, "release turn").await)?;
            self.leftover = false;
        }
        Ok(())
    }

    /// Begins a batch, if none is open.
    async fn open(&mut self) -> Result<()> {
        if self.batch == Batch::Opening {
            tolerate("no transaction is active", execute(&mut self.conn, "rollback").await)?;
            self.batch = Batch::Closed;
        }
        if self.batch == Batch::Closed {
            self.batch = Batch::Opening;
            execute(&mut self.conn, "begin immediate").await?;
            self.batch = Batch::Open;
        }
        Ok(())
    }

    /// Commits the batch, if one is open, and tells everybody who waits for it.
    async fn finish(&mut self) -> Result<()> {
        let result = self.commit().await;
        for waiting in self.waiting.drain(..) {
            let copy = result.as_ref().copied().map_err(|error| anyhow!("the commit failed: {error:#}"));
            // Whoever no longer waits does not want to know.
            let _ = waiting.send(copy.map_err(StoreError::Unavailable));
        }
        result.map_err(StoreError::Unavailable)
    }

    async fn commit(&mut self) -> anyhow::Result<()> {
        self.tidy().await?;
        if self.batch != Batch::Closed {
            // From here on nobody knows, until the answer is seen.
            let opened = std::mem::replace(&mut self.batch, Batch::Opening) == Batch::Open;
            if opened && let Err(error) = execute(&mut self.conn, "commit").await {
                tolerate("no transaction is active", execute(&mut self.conn, "rollback").await)?;
                self.batch = Batch::Closed;
                return Err(error.into());
            }
            if !opened {
                tolerate("no transaction is active", execute(&mut self.conn, "rollback").await)?;
            }
            self.batch = Batch::Closed;
        }
        Ok(())
    }
}

/// Commits whenever somebody waits for it.
async fn commit_batches(writer: Arc<Mutex<Writer>>, wake: Arc<Notify>) {
    loop {
        wake.notified().await;
        // Those who wait hear of a failure.
        let _ = writer.lock().await.finish().await;
    }
}

async fn execute(conn: &mut SqliteConnection, statement: &'static str) -> sqlx::Result<()> {
    sqlx::query(statement).execute(conn).await.map(|_| ())
}

/// A result in which one complaint of the database is as good as success.
fn tolerate(complaint: &str, result: sqlx::Result<()>) -> sqlx::Result<()> {
    match result {
        Err(sqlx::Error::Database(error)) if error.message().contains(complaint) => Ok(()),
        other => other,
    }
}
