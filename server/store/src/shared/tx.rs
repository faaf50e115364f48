//! The transactions of one owner: a snapshot to read, a write transaction to change.
//!
//! A change is gathered in a [`Script`] and sent together, because each trip to the connection's thread costs more than
//! a small statement. The counters of the account (the seq of the log, the next task's number, what was spent) are kept in
//! memory meanwhile and written once, at the commit: nothing else writes for this user.
//!
//! **Invariant:** a statement with an answer sees everything that was written before it.
//!
//! **Invariant:** after a script that failed, the transaction does nothing more; part of it may have run.

use super::{Conn, Snapshot, WriteTxn, script::Script};
use crate::{
    Account, ReadTx, Result, WriteTx,
    shared::{Expects, unexpected},
};
use async_trait::async_trait;
use std::time::Instant;
use tandem_protocol::UserId;

/// A transaction of one owner in a state: a [`Snapshot`] or a [`WriteState`].
pub(super) struct Tx<H> {
    pub(super) owner: UserId,
    pub(super) state: H,
}

/// What a transaction needs of its state.
pub(super) trait TxState: Send {
    /// The connection, after sending what was gathered.
    fn conn(&mut self) -> impl Future<Output = Result<&mut Conn>> + Send;

    /// The account, when the transaction has it in memory.
    fn account(&self) -> Option<&Account> {
        None
    }
}

impl<H: TxState> Tx<H> {
    /// The connection, and the owner that every statement names.
    pub(super) async fn parts(&mut self) -> Result<(&mut Conn, &str)> {
        Ok((self.state.conn().await?, self.owner.as_str()))
    }
}

impl Tx<WriteState> {
    /// The script in which writes are gathered, and the owner that every statement names.
    pub(super) fn script(&mut self) -> (&mut Script, &str) {
        (&mut self.state.script, self.owner.as_str())
    }
}

/// The state of a change, which holds the owner's log until it ends.
pub(super) struct WriteState {
    txn: WriteTxn,
    script: Script,
    pub(super) account: Account,
    counted: bool,
    /// What is spent is of another day than before.
    day_begins: bool,
    /// A script failed, or its future was dropped: nothing more is possible.
    failed: bool,
}

impl WriteState {
    pub(super) fn new(txn: WriteTxn, account: Account) -> Self {
        Self { txn, script: Script::default(), account, counted: false, day_begins: false, failed: false }
    }

    /// The next seq of the log.
    pub(super) fn next_seq(&mut self) -> i64 {
        self.counted = true;
        self.account.seq += 1;
        self.account.seq
    }

    /// Adds to what the owner has spent on a day.
    pub(super) fn spend(&mut self, day: i64, replies: i64, tokens: i64) {
        self.counted = true;
        self.day_begins |= self.account.spending.day != day;
        self.account.spending = self.account.spending.plus(day, replies, tokens);
    }

    /// Raises the next task's number above one that is used.
    pub(super) fn take_number(&mut self, number: i64) {
        if number >= self.account.next_task_number {
            self.counted = true;
            self.account.next_task_number = number + 1;
        }
    }
}

impl TxState for WriteState {
    async fn conn(&mut self) -> Result<&mut Conn> {
        if self.failed {
            return Err(unexpected("a change went on after a write that failed"));
        }
        let script = std::mem::take(&mut self.script);
        if !script.is_empty() {
            // Set before the await and cleared after it: a future dropped in between leaves a script that ran in part.
            self.failed = true;
            self.txn.run(script).await?;
            self.failed = false;
        }
        Ok(self.txn.conn())
    }

    fn account(&self) -> Option<&Account> {
        Some(&self.account)
    }
}

impl TxState for Snapshot {
    async fn conn(&mut self) -> Result<&mut Conn> {
        Ok(Snapshot::conn(self))
    }
}

impl<H: TxState> ReadTx for Tx<H> {}

impl Tx<WriteState> {
    /// Sends the last writes, those of the account included.
    async fn send(&mut self) -> Result<()> {
        // A change without events or new tasks leaves the row of the account alone.
        if self.state.counted {
            let (seq, number) = (self.state.account.seq, self.state.account.next_task_number);
            let spent = self.state.account.spending;
            let day_begins = self.state.day_begins;
            let (script, owner) = self.script();
            if day_begins {
                // Alone, because the day has an index, which is written whenever a statement sets the day.
                script
                    .add("update users set usage_day = $2 where id = $1", Expects::Anything)
                    .bind(owner)
                    .bind(spent.day);
            }
            script
                .add(
                    "update users
                        set seq = $2,
                            next_task_number = $3,
                            day_replies = $4,
                            day_tokens = $5,
                            replies = $6,
                            tokens = $7
                      where id = $1",
                    Expects::Anything,
                )
                .bind(owner)
                .bind(seq)
                .bind(number)
                .bind(spent.day_replies)
                .bind(spent.day_tokens)
                .bind(spent.replies)
                .bind(spent.tokens);
        }
        self.state.conn().await.map(drop)
    }
}

#[async_trait]
impl WriteTx for Tx<WriteState> {
    #[tracing::instrument(level = "debug", skip_all)]
    async fn commit(mut self: Box<Self>) -> Result<()> {
        // The time of the last writes is not that of the commit, which is measured alone.
        self.send().await?;
        let begun = Instant::now();
        self.state.txn.commit().await?;
        metrics::histogram!("tandem_database_commit_seconds").record(begun.elapsed().as_secs_f64());
        Ok(())
    }

    #[tracing::instrument(level = "debug", skip_all)]
    async fn commit_soon(mut self: Box<Self>) -> Result<()> {
        self.send().await?;
        self.state.txn.commit_soon().await
    }

    #[tracing::instrument(level = "debug", skip_all)]
    async fn leave(self: Box<Self>) -> Result<()> {
        self.state.txn.leave().await
    }
}
