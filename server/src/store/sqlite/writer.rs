//! The one connection that writes, and its group commit.
//!
//! Writers take turns, in the order in which they came; a turn is a savepoint. Whoever ends a turn while nobody stands in
//! line commits for all who had theirs before; whoever does not waits for that. Should the next in line give up, the
//! committer, which queues up like everybody else, commits in the end. So a single writer waits for one `fsync`, and a
//! hundred writers wait for one, too.
//!
//! Futures may be dropped at every await, also while the connection's thread is at work. What a turn leaves behind is
//! therefore noted first and cleared after; [`Writer::tidy`] settles it before anybody else writes.

use super::{Row, script::Script};
use crate::store::{Result, StoreError};
use anyhow::anyhow;
use sqlx::SqliteConnection;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tokio::{
    sync::{Mutex, Notify, OwnedMappedMutexGuard, OwnedMutexGuard, oneshot},
    task::AbortHandle,
};

/// Where those who want to write stand in line.
pub(super) struct Queue {
    writer: Arc<Mutex<Writer>>,
    /// How many stand in line for a turn.
    line: AtomicUsize,
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
        Arc::new(Self { writer, line: AtomicUsize::new(0), wake, committer })
    }

    /// Waits for the next turn, and gives the rows of its first statements.
    pub(super) async fn turn(self: &Arc<Self>, first: Script) -> Result<(Turn, Vec<Vec<Row>>)> {
        let standing = Standing::in_line(&self.line);
        let mut writer = Arc::clone(&self.writer).lock_owned().await;
        drop(standing);
        writer.tidy().await?;
        let mut turn = Turn { writer: Some(writer), queue: Arc::clone(self) };
        let rows = turn.writer().begin_turn(first).await?;
        Ok((turn, rows))
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

/// Somebody in line for a turn.
struct Standing<'a>(&'a AtomicUsize);

impl<'a> Standing<'a> {
    fn in_line(line: &'a AtomicUsize) -> Self {
        line.fetch_add(1, Ordering::AcqRel);
        Self(line)
    }
}

impl Drop for Standing<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
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
    pub(super) fn conn(&mut self) -> &mut SqliteConnection {
        &mut self.writer().conn
    }

    #[expect(clippy::expect_used, reason = "`writer` is taken only by those who consume the turn")]
    fn writer(&mut self) -> &mut Writer {
        self.writer.as_mut().expect("the turn is not over")
    }

    /// Ends the turn and waits until its changes are durable.
    pub(super) async fn commit(mut self) -> Result<()> {
        if self.queue.line.load(Ordering::Acquire) == 0 {
            self.writer().commit_turn().await?;
            self.writer = None;
            return Ok(());
        }
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
    /// There is one.
    Open,
    /// It was to be opened or closed, and nobody saw whether it was.
    Doubtful,
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

    /// Ends a batch of which nobody knows whether it is open. Those who wait for it must take it for failed.
    async fn settle(&mut self) -> Result<()> {
        if self.batch == Batch::Doubtful {
            self.tell(&Err(StoreError::Unavailable(anyhow!("it was interrupted"))));
            tolerate("no transaction is active", execute(&mut self.conn, "rollback").await)?;
            self.batch = Batch::Closed;
        }
        Ok(())
    }

    /// Begins a turn, and a batch if none is open, with the first statements of the turn.
    async fn begin_turn(&mut self, first: Script) -> Result<Vec<Vec<Row>>> {
        self.settle().await?;
        if self.batch == Batch::Open {
            return first.run_behind(&["savepoint turn"], &mut self.conn).await;
        }
        self.batch = Batch::Doubtful;
        let rows = first.run_behind(&["begin immediate", "savepoint turn"], &mut self.conn).await?;
        self.batch = Batch::Open;
        Ok(rows)
    }

    /// Ends a turn and its batch, and tells everybody who waits for it.
    async fn commit_turn(&mut self) -> Result<()> {
        self.batch = Batch::Doubtful;
        execute(&mut self.conn, "release turn; commit").await?;
        self.batch = Batch::Closed;
        self.tell(&Ok(()));
        Ok(())
    }

    /// Commits the batch, if one is open, and tells everybody who waits for it.
    async fn finish(&mut self) -> Result<()> {
        let outcome = self.commit().await;
        self.tell(&outcome);
        outcome
    }

    async fn commit(&mut self) -> Result<()> {
        self.tidy().await?;
        self.settle().await?;
        if self.batch == Batch::Open {
            self.batch = Batch::Doubtful;
            execute(&mut self.conn, "commit").await?;
            self.batch = Batch::Closed;
        }
        Ok(())
    }

    /// Tells everybody who waits how it went. Whoever no longer waits does not want to know.
    fn tell(&mut self, outcome: &Result<()>) {
        for waiting in self.waiting.drain(..) {
            let copy = match outcome {
                Ok(()) => Ok(()),
                Err(error) => Err(StoreError::Unavailable(anyhow!("the commit failed: {error:?}"))),
            };
            let _ = waiting.send(copy);
        }
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
