//! The transactions of one owner: a snapshot to read, a turn to write.

use super::{Acting, Adapter, Conn, Snapshot, Turn, accounts, dialect};
use crate::{
    auth::Owner,
    store::{Account, ReadTx, Result, Store, StoreError, WriteTx},
};
use async_trait::async_trait;
use tandem_protocol::UserId;

/// A transaction of one owner, on what `H` holds.
pub(super) struct Tx<H> {
    pub(super) owner: UserId,
    pub(super) hold: H,
}

/// A connection inside of a transaction.
pub(super) trait Hold: Send {
    /// The connection.
    fn conn(&mut self) -> &mut Conn;

    /// The account, when the transaction knows it better than its row.
    fn account(&self) -> Option<&Account> {
        None
    }
}

impl<H: Hold> Tx<H> {
    /// The connection, and the owner that every statement names.
    pub(super) fn parts(&mut self) -> (&mut Conn, &str) {
        (self.hold.conn(), self.owner.as_str())
    }
}

/// The owner's log, held until the transaction ends.
///
/// The counters live here meanwhile, and their row is written once, at the commit.
pub(super) struct Change {
    turn: Turn,
    pub(super) account: Account,
    counted: bool,
}

impl Change {
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

impl Hold for Change {
    fn conn(&mut self) -> &mut Conn {
        self.turn.conn()
    }

    fn account(&self) -> Option<&Account> {
        Some(&self.account)
    }
}

impl Hold for Snapshot {
    fn conn(&mut self) -> &mut Conn {
        Snapshot::conn(self)
    }
}

impl<H: Hold> ReadTx for Tx<H> {}

#[async_trait]
impl WriteTx for Tx<Change> {
    async fn commit(mut self: Box<Self>) -> Result<()> {
        if self.hold.counted {
            let (seq, number) = (self.hold.account.seq, self.hold.account.next_task_number);
            let (conn, owner) = self.parts();
            sqlx::query(
                "update users
                    set seq = $2,
                        next_task_number = $3
                  where id = $1",
            )
            .bind(owner)
            .bind(seq)
            .bind(number)
            .execute(conn)
            .await?;
        }
        self.hold.turn.commit().await
    }
}

#[async_trait]
impl Store for Adapter {
    async fn read(&self, owner: &Owner) -> Result<Box<dyn ReadTx>> {
        let hold = self.snapshot(Acting::For(owner.user())).await?;
        Ok(Box::new(Tx { owner: owner.user().clone(), hold }))
    }

    async fn write(&self, owner: &Owner) -> Result<Box<dyn WriteTx>> {
        let mut turn = self.turn(Acting::For(owner.user())).await?;
        let account = sqlx::query(dialect::HOLD_ACCOUNT)
            .bind(owner.user().as_str())
            .try_map(|row| accounts::account(&row))
            .fetch_optional(turn.conn())
            .await?
            .ok_or(StoreError::NoAccount)?;
        Ok(Box::new(Tx { owner: owner.user().clone(), hold: Change { turn, account, counted: false } }))
    }
}
