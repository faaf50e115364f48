//! The one connection that writes, and its group commit.
//!
//! SQLite has one writer, and an `fsync` costs more than most changes. So write transactions share commits: each is a
//! savepoint in a batch, which is the transaction that SQLite knows. They run one after the other, in the order of
//! their arrival. A transaction that ends while another waits is released into the batch and waits for its commit; one
//! that ends while none waits commits the batch for all. A lone writer waits for one `fsync`, and so do a hundred.
//! A transaction that nobody waits for may also wait in the batch for the next one, see [`WriteTxn::commit_soon`].
//!
//! A user has one permit to wait for the writer, so that many changes of one user wait behind each other and not before
//! those of others. The permit is returned when the savepoint is released: the next change of the same user can still
//! share the commit.
//!
//! **Invariant:** a batch is committed once it has [`LARGEST_BATCH`] transactions or is [`LONGEST_BATCH`] old, even if
//! others wait. When all waiting callers give up, or nobody comes to share a commit with, the committer task commits.
//!
//! **Invariant:** futures may be dropped at every await, also while the connection's thread works. What would be left
//! behind is therefore recorded before the await and cleared after it; [`Writer::tidy`] and [`Writer::settle`] put it
//! in order before anything else is written. A batch whose state is not known counts as failed, never as committed.

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

/// Longest wait for the user's permit.
const PATIENCE: Duration = Duration::from_secs(30);
/// Transactions for which a commit is put off while others wait, those that were rolled back included.
const LARGEST_BATCH: usize = 64;
/// Time for which a commit is put off. Transactions may be long, and the whole batch waits: without this, many changes
/// of one user kept the changes of others waiting for 0.75 s.
const LONGEST_BATCH: Duration = Duration::from_millis(20);
/// Time for which a change that nobody waits for is put off, so that it shares the commit of another. With fifty users who
/// chat at once the next change comes after 40 ms on average.
const SHARED_WITHIN: Duration = Duration::from_millis(100);

/// The writer, and the queue of callers that wait for it.
pub(super) struct WriteQueue {
    writer: Arc<Mutex<Writer>>,
    /// One permit for each user.
    of_user: Arc<Permits<UserId>>,
    waiters: Arc<Waiters>,
    committer: AbortHandle,
    /// The last transaction did not end with a commit: it was dropped, or the disk may be full or broken.
    doubtful: Arc<AtomicBool>,
}

/// Callers that wait for a write transaction.
#[derive(Default)]
struct Waiters {
    /// How many wait for a permit or for the writer.
    count: AtomicUsize,
    /// Wakes the committer: a commit may be due that no transaction makes.
    wake: Notify,
}

impl WriteQueue {
    /// Takes over a connection. A statement for a user may take as long as `limit`. The committer task lives as long as
    /// the queue.
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
            due: None,
            txns: 0,
            opened_at: Instant::now(),
            committed_at: None,
        }));
        let waiters = Arc::<Waiters>::default();
        let committer = tokio::spawn(commit_batches(Arc::clone(&writer), Arc::clone(&waiters))).abort_handle();
        Ok(Arc::new(Self { writer, of_user: Permits::new(1), waiters, committer, doubtful }))
    }

    /// Waits for the writer and begins a transaction. Returns it with the rows of its first statements.
    pub(super) async fn begin(
        self: &Arc<Self>,
        scope: TenantScope<'_>,
        first: Script,
    ) -> Result<(WriteTxn, Vec<Vec<Row>>)> {
        let begun = Instant::now();
        let waiting = WaitCount::new(&self.waiters);
        let permit = match scope {
            TenantScope::For(user) => Some(user_permit(&self.of_user, user, PATIENCE).await?),
            TenantScope::System => None,
        };
        let mut writer = Arc::clone(&self.writer).lock_owned().await;
        // From here on this caller does not wait: the end of its transaction decides on the commit.
        drop(waiting);
        metrics::histogram!("tandem_database_turn_wait_seconds").record(begun.elapsed().as_secs_f64());
        writer.tidy().await?;
        // Made before its first statement: if this future is dropped at the await, `WriteTxn::drop` records the
        // leftover.
        let mut txn = WriteTxn { writer: Some(writer), permit, queue: Arc::clone(self) };
        let limited = txn.permit.is_some();
        let rows = txn.writer().begin_txn(first, limited).await?;
        Ok((txn, rows))
    }

    /// Whether the last transaction may have failed because the disk is full or broken.
    pub(super) fn is_doubtful(&self) -> bool {
        self.doubtful.load(Ordering::Acquire)
    }

    /// When the open batch is committed at the latest, if that is put off.
    #[cfg(test)]
    pub(super) async fn commit_put_off(&self) -> Option<Instant> {
        let writer = self.writer.lock().await;
        writer.due.filter(|due| *due > Instant::now())
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

/// Counts one waiting caller until it is dropped.
struct WaitCount<'a>(&'a Waiters);

impl<'a> WaitCount<'a> {
    fn new(waiters: &'a Waiters) -> Self {
        waiters.count.fetch_add(1, Ordering::AcqRel);
        Self(waiters)
    }
}

impl Drop for WaitCount<'_> {
    fn drop(&mut self) {
        self.0.count.fetch_sub(1, Ordering::AcqRel);
        // A caller that gives up will not commit for the batch, which may have been waiting for its end.
        self.0.wake.notify_one();
    }
}

/// A write transaction. Dropped without [`WriteTxn::commit`] it leaves nothing. What it has read may not be durable before
/// [`WriteTxn::leave`].
pub(super) struct WriteTxn {
    /// `None` once the transaction is over.
    writer: Option<OwnedMutexGuard<Writer>>,
    /// The user's permit; `None` for work that is of no user, whose statements have no time limit either.
    permit: Option<Permit<UserId>>,
    queue: Arc<WriteQueue>,
}

impl WriteTxn {
    /// The connection, inside of the transaction's savepoint, for one statement.
    pub(super) fn conn(&mut self) -> &mut Conn {
        let limited = self.permit.is_some();
        let writer = self.writer();
        writer.begin_statement(limited);
        &mut writer.conn
    }

    /// Runs statements, and returns the rows of each.
    pub(super) async fn run(&mut self, script: Script) -> Result<Vec<Vec<Row>>> {
        let limited = self.permit.is_some();
        self.writer().run(&[], script, limited).await
    }

    #[expect(clippy::expect_used, reason = "`writer` is taken only by those who consume the transaction")]
    fn writer(&mut self) -> &mut Writer {
        self.writer.as_mut().expect("the transaction is not over")
    }

    /// Ends the transaction and waits until its changes are durable.
    pub(super) async fn commit(mut self) -> Result<()> {
        // A caller that waits will end a transaction of its own, and can commit for this one, too.
        if self.queue.waiters.count.load(Ordering::Acquire) == 0 || self.writer().is_due() {
            return self.commit_at_once().await;
        }
        self.writer().check()?;
        self.writer().execute("release txn").await?;
        self.wait_for_batch(Instant::now()).await
    }

    /// The same for a change that nobody waits for. While others write, it waits for a moment for one of them to share the
    /// commit with: each commit writes some ten pages again, and waits for the disk.
    pub(super) async fn commit_soon(mut self) -> Result<()> {
        let writer = self.writer();
        if writer.committed_at.is_none_or(|last| last.elapsed() >= SHARED_WITHIN) {
            return self.commit().await;
        }
        writer.check()?;
        writer.execute("release txn").await?;
        self.wait_for_batch(Instant::now() + SHARED_WITHIN).await
    }

    /// Ends the transaction without its changes, and waits until those are durable that it may have read in its batch.
    pub(super) async fn leave(mut self) -> Result<()> {
        let writer = self.writer();
        writer.leftover = true;
        writer.tidy().await?;
        if writer.waiting.is_empty() {
            self.writer = None;
            self.queue.waiters.wake.notify_one();
            return Ok(());
        }
        self.wait_for_batch(Instant::now()).await
    }

    /// Waits for the commit of the batch, in which nothing of this transaction is open any more. The commit is due at
    /// `due` if no other makes it before.
    async fn wait_for_batch(mut self, due: Instant) -> Result<()> {
        let (done, committed) = oneshot::channel();
        if let Some(mut writer) = self.writer.take() {
            writer.waiting.push(done);
            writer.due = Some(writer.due.map_or(due, |earlier| earlier.min(due)));
        }
        // Returned before the commit and not after: the next change of this user can share it.
        self.permit = None;
        self.queue.waiters.wake.notify_one();
        committed.await.unwrap_or_else(|_| Err(StoreError::Unavailable(anyhow!("the database is being closed"))))
    }

    /// The same, and does not wait for others to share the commit: its time is that of this transaction and those
    /// before it.
    pub(super) async fn commit_at_once(mut self) -> Result<()> {
        self.writer().check()?;
        self.writer().commit_txn().await?;
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
            self.queue.waiters.wake.notify_one();
        }
    }
}

/// The connection and the state of its batch.
pub(super) struct Writer {
    conn: Conn,
    deadline: Arc<Deadline>,
    /// How long a statement for a user may take.
    limit: Duration,
    batch: Batch,
    /// A transaction was dropped: its savepoint may still be open.
    leftover: bool,
    /// The database rolled the whole batch back.
    rolled_back: Arc<AtomicBool>,
    doubtful: Arc<AtomicBool>,
    /// The transactions that wait for the commit of the batch.
    waiting: Vec<oneshot::Sender<Result<()>>>,
    /// When the first of these needs the commit.
    due: Option<Instant>,
    /// Transactions since the last commit.
    txns: usize,
    /// When the first of them began.
    opened_at: Instant,
    /// When the last batch was committed.
    committed_at: Option<Instant>,
}

/// The transaction of SQLite, around the savepoints.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Batch {
    Closed,
    Open,
    /// A statement that opens or closes it was sent, and its result was not seen.
    Doubtful,
}

impl Writer {
    /// Refuses to go on with a transaction that the database has rolled back.
    fn check(&self) -> Result<()> {
        if self.rolled_back.load(Ordering::Acquire) {
            return Err(StoreError::Unavailable(anyhow!("the database rolled the transaction back")));
        }
        Ok(())
    }

    /// Whether the batch has to be committed although others wait.
    fn is_due(&self) -> bool {
        self.txns >= LARGEST_BATCH || self.opened_at.elapsed() >= LONGEST_BATCH
    }

    /// Begins the time of a statement.
    fn begin_statement(&self, limited: bool) {
        self.deadline.set(limited.then_some(self.limit));
    }

    /// Runs a statement that is not of a user, and has no time limit.
    async fn execute(&mut self, statement: &'static str) -> sqlx::Result<()> {
        self.begin_statement(false);
        sqlx::query(statement).execute(&mut self.conn).await.map(|_| ())
    }

    /// Undoes what a dropped transaction has left.
    async fn tidy(&mut self) -> Result<()> {
        if self.leftover {
            // Idempotent, because this future may be dropped between the two and begin again. The savepoint is not
            // there when the transaction was dropped before its first statement ran.
            tolerate("no such savepoint", self.execute("rollback to txn").await)?;
            tolerate("no such savepoint", self.execute("release txn").await)?;
            self.leftover = false;
        }
        Ok(())
    }

    /// Rolls back a batch whose state is not known, and reports that to its transactions.
    async fn settle(&mut self) -> Result<()> {
        // SQLite rolls back the whole transaction, not the savepoint, when a statement that writes is interrupted at
        // its deadline or the disk is full. The changes of others in the batch are gone with it.
        if self.rolled_back.load(Ordering::Acquire) {
            self.batch = Batch::Doubtful;
        }
        if self.batch == Batch::Doubtful {
            self.report(&Err(StoreError::Unavailable(anyhow!("it was interrupted"))));
            tolerate("no transaction is active", self.execute("rollback").await)?;
            self.batch = Batch::Closed;
            // The rollback above calls the hook, too: cleared only after it.
            self.rolled_back.store(false, Ordering::Release);
        }
        Ok(())
    }

    /// Begins a transaction, and a batch if none is open, and runs the first statements of the transaction.
    async fn begin_txn(&mut self, first: Script, limited: bool) -> Result<Vec<Vec<Row>>> {
        self.settle().await?;
        if self.txns == 0 {
            self.opened_at = Instant::now();
        }
        self.txns += 1;
        // `begin` travels with the first statements: each trip to the connection's thread costs more than a statement.
        if self.batch == Batch::Open {
            return self.run(&["savepoint txn"], first, limited).await;
        }
        self.batch = Batch::Doubtful;
        let rows = self.run(&["begin immediate", "savepoint txn"], first, limited).await?;
        self.batch = Batch::Open;
        Ok(rows)
    }

    /// Runs statements; the time of each begins when the one before has ended.
    async fn run(&mut self, first: &[&'static str], script: Script, limited: bool) -> Result<Vec<Vec<Row>>> {
        self.begin_statement(limited);
        let (deadline, limit) = (&self.deadline, limited.then_some(self.limit));
        script.run(first, &mut self.conn, || deadline.set(limit)).await
    }

    /// Ends a transaction and its batch, and reports to all that wait for it.
    async fn commit_txn(&mut self) -> Result<()> {
        // Set before the await: dropped there, the commit may have happened or not.
        self.batch = Batch::Doubtful;
        self.execute("release txn; commit").await?;
        self.committed();
        self.report(&Ok(()));
        Ok(())
    }

    /// Commits the batch, if one is open, and reports to all that wait for it.
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
            // A batch whose transactions were all dropped wrote nothing, so it shows nothing about the disk.
            if self.waiting.is_empty() {
                self.batch = Batch::Closed;
            } else {
                self.committed();
            }
        }
        Ok(())
    }

    /// Records that the batch is durable.
    fn committed(&mut self) {
        self.batch = Batch::Closed;
        self.committed_at = Some(Instant::now());
        self.doubtful.store(false, Ordering::Release);
    }

    /// Sends the outcome to all transactions that wait for it.
    fn report(&mut self, outcome: &Result<()>) {
        self.txns = 0;
        self.due = None;
        for waiting in self.waiting.drain(..) {
            let copy = match outcome {
                Ok(()) => Ok(()),
                Err(error) => Err(StoreError::Unavailable(anyhow!("the commit failed: {error:?}"))),
            };
            // Fails when the caller has gone, which needs no report.
            let _ = waiting.send(copy);
        }
    }
}

/// Commits the batch whenever it has changes that no transaction is about to commit.
async fn commit_batches(writer: Arc<Mutex<Writer>>, waiters: Arc<Waiters>) {
    let mut put_off: Option<Instant> = None;
    loop {
        tokio::select! {
            () = waiters.wake.notified() => {}
            () = tokio::time::sleep_until(put_off.unwrap_or_else(Instant::now).into()), if put_off.is_some() => {}
        }
        let mut writer = writer.lock().await;
        put_off = None;
        // One that waits will commit, or wake this again when it ends or gives up. But those that roll back commit
        // nothing, and if there is always a next one the batch would stay open: hence `is_due`.
        if waiters.count.load(Ordering::Acquire) > 0 && !writer.is_due() {
            continue;
        }
        put_off = writer.due.filter(|due| *due > Instant::now());
        if put_off.is_none() {
            // A failure was reported to the transactions of the batch.
            let _ = writer.finish().await;
        }
    }
}

/// Takes one error of the database, known by its message, for success.
fn tolerate(complaint: &str, result: sqlx::Result<()>) -> sqlx::Result<()> {
    match result {
        Err(sqlx::Error::Database(error)) if error.message().contains(complaint) => Ok(()),
        other => other,
    }
}
