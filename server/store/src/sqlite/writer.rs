//! The one connection that writes, and its group commit.
//!
//! Writers take turns, in the order in which they came; a turn is a savepoint. A user has one permit to stand in the queue: the next
//! write of the same user gets it when the one before has released its savepoint. Whoever ends a turn while nobody stands
//! in line, for a permit or in the queue, commits for all who had theirs before; whoever does not waits for that, until so many
//! turns or so much time have passed. Should
//! those in line give up, the committer commits in the end. So a single writer waits for one `fsync`, and a hundred
//! writers wait for one, too, also when they are all of one user.
//!
//! Futures may be dropped at every await, also while the connection's thread is at work. What a turn leaves behind is
//! therefore noted first and cleared after; [`Writer::tidy`] settles it before anybody else writes.
//!
//! SQLite rolls the whole transaction back when a statement that writes is ended at its deadline, or the disk is full.
//! Then those who wait for the batch are refused: [`Writer::settle`].

use super::{Conn, Deadline, Row, script::Script};
use crate::{
    Result, StoreError,
    shared::{TenantScope, user_permit},
};
use anyhow::anyhow;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tandem_protocol::UserId;
use tandem_runtime::permits::{Permit, Permits};
use tokio::{
    sync::{Mutex, Notify, OwnedMappedMutexGuard, OwnedMutexGuard, oneshot},
    task::AbortHandle,
};

/// Longest wait for the user's permit to stand in the queue.
const PATIENCE: Duration = Duration::from_secs(30);
/// Turns for which a commit is put off while others stand in line, those that ended without one included.
const LARGEST_BATCH: usize = 64;
/// And so long. Whoever had a turn waits for the commit, and turns may be long: many of one user must not keep the others
/// from theirs.
const LONGEST_BATCH: Duration = Duration::from_millis(20);

/// Where those who want to write stand in line.
pub(super) struct WriteQueue {
    writer: Arc<Mutex<Writer>>,
    /// One for each user.
    of_user: Arc<Permits<UserId>>,
    line: Arc<Line>,
    committer: AbortHandle,
    /// The last attempt to write did not end with a commit. What kept it from that is not known.
    doubtful: Arc<AtomicBool>,
}

/// Those who want a turn.
#[derive(Default)]
struct Line {
    /// How many wait for a permit or a turn.
    length: AtomicUsize,
    /// Wakes the committer: somebody waits for it, or left something behind.
    wake: Notify,
}

impl WriteQueue {
    /// A queue for this connection, where a statement for a user may take so long. Its committer lives as long as the
    /// queue.
    pub(super) async fn new(mut conn: Conn, limit: Duration) -> Result<Arc<Self>> {
        let (deadline, rolled_back) = (Deadline::none(), Arc::new(AtomicBool::new(false)));
        deadline.watch(&mut conn).await?;
        let noted = Arc::clone(&rolled_back);
        conn.lock_handle().await?.set_rollback_hook(move || noted.store(true, Ordering::Release));
        let doubtful = Arc::new(AtomicBool::new(false));
        let writer = Arc::new(Mutex::new(Writer {
            conn,
            deadline,
            limit,
            batch: Batch::Closed,
            leftover: false,
            rolled_back,
            doubtful: Arc::clone(&doubtful),
            waiting: Vec::new(),
            turns: 0,
            opened_at: Instant::now(),
        }));
        let line = Arc::<Line>::default();
        let committer = tokio::spawn(commit_batches(Arc::clone(&writer), Arc::clone(&line))).abort_handle();
        Ok(Arc::new(Self { writer, of_user: Permits::new(1), line, committer, doubtful }))
    }

    /// Waits for the next turn, and gives the rows of its first statements.
    pub(super) async fn turn(
        self: &Arc<Self>,
        acting: TenantScope<'_>,
        first: Script,
    ) -> Result<(WriteTxn, Vec<Vec<Row>>)> {
        let begun = Instant::now();
        let standing = WaitCount::in_line(&self.line);
        let permit = match acting {
            TenantScope::For(user) => Some(user_permit(&self.of_user, user, PATIENCE).await?),
            TenantScope::System => None,
        };
        let mut writer = Arc::clone(&self.writer).lock_owned().await;
        drop(standing);
        metrics::histogram!("tandem_database_turn_wait_seconds").record(begun.elapsed().as_secs_f64());
        writer.tidy().await?;
        let mut turn = WriteTxn { writer: Some(writer), permit, queue: Arc::clone(self) };
        let limited = turn.permit.is_some();
        let rows = turn.writer().begin_turn(first, limited).await?;
        Ok((turn, rows))
    }

    /// Whether the last attempt to write may have failed for want of a disk that takes it.
    pub(super) fn is_doubtful(&self) -> bool {
        self.doubtful.load(Ordering::Acquire)
    }

    /// The connection outside of any transaction, without a limit of time.
    pub(super) async fn exclusive(&self) -> Result<OwnedMappedMutexGuard<Writer, Conn>> {
        let mut writer = Arc::clone(&self.writer).lock_owned().await;
        writer.finish().await?;
        Ok(OwnedMutexGuard::map(writer, |writer| &mut writer.conn))
    }
}

impl Drop for WriteQueue {
    fn drop(&mut self) {
        self.committer.abort();
    }
}

/// Somebody in line for a turn.
struct WaitCount<'a>(&'a Line);

impl<'a> WaitCount<'a> {
    fn in_line(line: &'a Line) -> Self {
        line.length.fetch_add(1, Ordering::AcqRel);
        Self(line)
    }
}

impl Drop for WaitCount<'_> {
    fn drop(&mut self) {
        self.0.length.fetch_sub(1, Ordering::AcqRel);
        // Whoever gives up will not commit for those who had their turn.
        self.0.wake.notify_one();
    }
}

/// A turn to write. Dropped without [`WriteTxn::commit`] it leaves nothing.
pub(super) struct WriteTxn {
    /// `None` once the turn is over.
    writer: Option<OwnedMutexGuard<Writer>>,
    /// The user's permit to stand in the queue; `None` for work that is of no user, which has no limit of time either.
    permit: Option<Permit<UserId>>,
    queue: Arc<WriteQueue>,
}

impl WriteTxn {
    /// The connection, inside of the turn's savepoint, for one statement.
    pub(super) fn conn(&mut self) -> &mut Conn {
        let limited = self.permit.is_some();
        let writer = self.writer();
        writer.begin_statement(limited);
        &mut writer.conn
    }

    /// Runs statements, and gives the rows of each.
    pub(super) async fn run(&mut self, script: Script) -> Result<Vec<Vec<Row>>> {
        let limited = self.permit.is_some();
        self.writer().run(&[], script, limited).await
    }

    #[expect(clippy::expect_used, reason = "`writer` is taken only by those who consume the turn")]
    fn writer(&mut self) -> &mut Writer {
        self.writer.as_mut().expect("the turn is not over")
    }

    /// Ends the turn and waits until its changes are durable.
    pub(super) async fn commit(mut self) -> Result<()> {
        if self.queue.line.length.load(Ordering::Acquire) == 0 || self.writer().is_due() {
            return self.commit_at_once().await;
        }
        self.writer().check()?;
        self.writer().execute("release turn").await?;
        let (done, committed) = oneshot::channel();
        if let Some(mut writer) = self.writer.take() {
            writer.waiting.push(done);
        }
        // The next write of this user can share the commit.
        self.permit = None;
        self.queue.line.wake.notify_one();
        committed.await.unwrap_or_else(|_| Err(StoreError::Unavailable(anyhow!("the database is being closed"))))
    }

    /// The same, without those who stand in line: what the commit costs is the cost of this turn and those before.
    pub(super) async fn commit_at_once(mut self) -> Result<()> {
        self.writer().check()?;
        self.writer().commit_turn().await?;
        self.writer = None;
        Ok(())
    }
}

impl Drop for WriteTxn {
    fn drop(&mut self) {
        if let Some(mut writer) = self.writer.take() {
            writer.leftover = true;
            writer.doubtful.store(true, Ordering::Release);
            drop(writer);
            self.queue.line.wake.notify_one();
        }
    }
}

/// The connection and what is going on there.
pub(super) struct Writer {
    conn: Conn,
    deadline: Arc<Deadline>,
    /// How long a statement for a user may take.
    limit: Duration,
    batch: Batch,
    /// A turn was dropped: its savepoint may still be open.
    leftover: bool,
    /// The database rolled the whole batch back.
    rolled_back: Arc<AtomicBool>,
    doubtful: Arc<AtomicBool>,
    /// Those whose changes are in the batch.
    waiting: Vec<oneshot::Sender<Result<()>>>,
    /// Turns since the last commit.
    turns: usize,
    /// When the first of them began.
    opened_at: Instant,
}

/// The transaction around the turns.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Batch {
    Closed,
    Open,
    /// It was to be opened or closed, and nobody saw whether it was.
    Doubtful,
}

impl Writer {
    /// Refuses to go on with a turn that the database has rolled back.
    fn check(&self) -> Result<()> {
        if self.rolled_back.load(Ordering::Acquire) {
            return Err(StoreError::Unavailable(anyhow!("the database rolled the transaction back")));
        }
        Ok(())
    }

    /// Whether the batch has to be committed, whoever stands in line.
    fn is_due(&self) -> bool {
        self.turns >= LARGEST_BATCH || self.opened_at.elapsed() >= LONGEST_BATCH
    }

    /// Begins the time of a statement.
    fn begin_statement(&self, limited: bool) {
        self.deadline.set(limited.then_some(self.limit));
    }

    /// Runs a statement that is not of a turn.
    async fn execute(&mut self, statement: &'static str) -> sqlx::Result<()> {
        self.begin_statement(false);
        sqlx::query(statement).execute(&mut self.conn).await.map(|_| ())
    }

    /// Undoes what a dropped turn has left. Being dropped itself does no harm: the next one starts over.
    async fn tidy(&mut self) -> Result<()> {
        if self.leftover {
            tolerate("no such savepoint", self.execute("rollback to turn").await)?;
            tolerate("no such savepoint", self.execute("release turn").await)?;
            self.leftover = false;
        }
        Ok(())
    }

    /// Ends a batch of which nobody knows whether it is open. Those who wait for it must take it for failed.
    async fn settle(&mut self) -> Result<()> {
        if self.rolled_back.load(Ordering::Acquire) {
            self.batch = Batch::Doubtful;
        }
        if self.batch == Batch::Doubtful {
            self.report(&Err(StoreError::Unavailable(anyhow!("it was interrupted"))));
            tolerate("no transaction is active", self.execute("rollback").await)?;
            self.batch = Batch::Closed;
            self.rolled_back.store(false, Ordering::Release);
        }
        Ok(())
    }

    /// Begins a turn, and a batch if none is open, with the first statements of the turn.
    async fn begin_turn(&mut self, first: Script, limited: bool) -> Result<Vec<Vec<Row>>> {
        self.settle().await?;
        if self.turns == 0 {
            self.opened_at = Instant::now();
        }
        self.turns += 1;
        if self.batch == Batch::Open {
            return self.run(&["savepoint turn"], first, limited).await;
        }
        self.batch = Batch::Doubtful;
        let rows = self.run(&["begin immediate", "savepoint turn"], first, limited).await?;
        self.batch = Batch::Open;
        Ok(rows)
    }

    /// Runs statements; the time of each begins when the one before has ended.
    async fn run(&mut self, first: &[&'static str], script: Script, limited: bool) -> Result<Vec<Vec<Row>>> {
        self.begin_statement(limited);
        let (deadline, limit) = (&self.deadline, limited.then_some(self.limit));
        script.run(first, &mut self.conn, || deadline.set(limit)).await
    }

    /// Ends a turn and its batch, and reports to everybody who waits for it.
    async fn commit_turn(&mut self) -> Result<()> {
        self.batch = Batch::Doubtful;
        self.execute("release turn; commit").await?;
        self.committed();
        self.report(&Ok(()));
        Ok(())
    }

    /// Commits the batch, if one is open, and reports to everybody who waits for it.
    async fn finish(&mut self) -> Result<()> {
        let outcome = self.commit().await;
        if outcome.is_err() {
            self.doubtful.store(true, Ordering::Release);
        }
        self.report(&outcome);
        outcome
    }

    async fn commit(&mut self) -> Result<()> {
        self.tidy().await?;
        self.settle().await?;
        if self.batch == Batch::Open {
            self.batch = Batch::Doubtful;
            self.execute("commit").await?;
            // A batch whose turns were all dropped had nothing to write.
            if self.waiting.is_empty() {
                self.batch = Batch::Closed;
            } else {
                self.committed();
            }
        }
        Ok(())
    }

    /// Notes that the batch is durable.
    fn committed(&mut self) {
        self.batch = Batch::Closed;
        self.doubtful.store(false, Ordering::Release);
    }

    /// Sends the outcome to everybody who waits. Whoever no longer waits does not need it.
    fn report(&mut self, outcome: &Result<()>) {
        self.turns = 0;
        for waiting in self.waiting.drain(..) {
            let copy = match outcome {
                Ok(()) => Ok(()),
                Err(error) => Err(StoreError::Unavailable(anyhow!("the commit failed: {error:?}"))),
            };
            let _ = waiting.send(copy);
        }
    }
}

/// Commits whenever somebody waits for it and nobody in line is about to.
async fn commit_batches(writer: Arc<Mutex<Writer>>, line: Arc<Line>) {
    loop {
        line.wake.notified().await;
        let mut writer = writer.lock().await;
        // Whoever stands in line ends with a commit or wakes this again, and so does whoever gives up. But if none of them
        // has anything to commit, and there is always a next one, nobody else would.
        if line.length.load(Ordering::Acquire) > 0 && !writer.is_due() {
            continue;
        }
        // A failure is reported to those who wait.
        let _ = writer.finish().await;
    }
}

/// A result in which one complaint of the database is as good as success.
fn tolerate(complaint: &str, result: sqlx::Result<()>) -> sqlx::Result<()> {
    match result {
        Err(sqlx::Error::Database(error)) if error.message().contains(complaint) => Ok(()),
        other => other,
    }
}
