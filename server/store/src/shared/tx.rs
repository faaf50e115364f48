//! The transactions of one owner: a snapshot to read, a turn to write.

use super::{Conn, Snapshot, WriteTxn, script::Script};
use crate::{
    Account, ReadTx, Result, WriteTx,
    shared::{Expects, unexpected},
};
use async_trait::async_trait;
use std::time::Instant;
use tandem_protocol::UserId;

/// A transaction of one owner, on what `H` holds.
pub(super) struct Tx<H> {
    pub(super) owner: UserId,
    pub(super) hold: H,
}

/// A connection inside of a transaction.
pub(super) trait TxState: Send {
    /// The connection, for a statement that sees everything written so far.
    fn conn(&mut self) -> impl Future<Output = Result<&mut Conn>> + Send;

    /// The account, when the transaction knows it better than its row.
    fn account(&self) -> Option<&Account> {
        None
    }
}

impl<H: TxState> Tx<H> {
    /// The connection, and the owner that every statement names.
    pub(super) async fn parts(&mut self) -> Result<(&mut Conn, &str)> {
        Ok((self.hold.conn().await?, self.owner.as_str()))
    }
}

impl Tx<WriteState> {
    /// Where writes are gathered, and the owner that every statement names.
    pub(super) fn script(&mut self) -> (&mut Script, &str) {
        (&mut self.hold.script, self.owner.as_str())
    }
}

/// The owner's log, held until the transaction ends.
///
/// Writes are gathered and go to the database together, before the next statement that has an answer. The counters live
/// here, and their row is written once, at the commit.
pub(super) struct WriteState {
    turn: WriteTxn,
    script: Script,
    pub(super) account: Account,
    counted: bool,
    /// Part of what was gathered may be missing: nothing more is possible.
    failed: bool,
}

impl WriteState {
    pub(super) fn new(turn: WriteTxn, account: Account) -> Self {
        Self { turn, script: Script::default(), account, counted: false, failed: false }
    }

    /// The next seq of the log.
    pub(super) fn next_seq(&mut self) -> i64 {
        self.counted = true;
        self.account.seq += 1;
        self.account.seq
    }

    /// Sets the next task's number past one that is taken.
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
            self.failed = true;
            self.turn.run(script).await?;
            self.failed = false;
        }
        Ok(self.turn.conn())
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

#[async_trait]
impl WriteTx for Tx<WriteState> {
    async fn commit(mut self: Box<Self>) -> Result<()> {
        if self.hold.counted {
            let (seq, number) = (self.hold.account.seq, self.hold.account.next_task_number);
            let (script, owner) = self.script();
            script
                .add(
                    "update users
                        set seq = $2,
                            next_task_number = $3
                      where id = $1",
                    Expects::Anything,
                )
                .bind(owner)
                .bind(seq)
                .bind(number);
        }
        self.hold.conn().await?;
        let begun = Instant::now();
        self.hold.turn.commit().await?;
        metrics::histogram!("tandem_database_commit_seconds").record(begun.elapsed().as_secs_f64());
        Ok(())
    }
}
