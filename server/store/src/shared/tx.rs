//! The transactions of one owner: a snapshot to read, a turn to write.

use super::{Adapter, At, Conn, Snapshot, TenantScope, WriteTxn, accounts, dialect, events, script::Script};
use crate::{
    Account, BeginOptions, Begun, ReadTx, Result, Store, StoreError, WriteTx,
    shared::{Expects, unexpected},
};
use async_trait::async_trait;
use std::time::Instant;
use tandem_auth::{Authority, Owner};
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

#[async_trait]
impl Store for Adapter {
    async fn read(&self, owner: &Owner) -> Result<Box<dyn ReadTx>> {
        let hold = self.snapshot(TenantScope::For(owner.user())).await?;
        Ok(Box::new(Tx { owner: owner.user().clone(), hold }))
    }

    async fn begin(&self, owner: &Owner, options: BeginOptions) -> Result<Begun> {
        let user = owner.user();
        let mut script = Script::default();
        script.add(dialect::HOLD_ACCOUNT, Expects::Anything).bind(user.as_str());
        let looked_up = match options.right {
            Some((Authority::Session(id), now)) => Some((SESSION_HOLDS, id.0, now)),
            Some((Authority::Token(id), now)) => Some((TOKEN_HOLDS, id.0, now)),
            Some((Authority::Password | Authority::Run, _)) | None => None,
        };
        if let Some((statement, id, now)) = looked_up {
            script.add(statement, Expects::Anything).bind(user.as_str()).bind(id).bind(At(now));
        }
        if let Some(id) = options.command {
            script.add(events::COMMAND, Expects::Anything).bind(user.as_str()).bind(id.0);
        }
        let (turn, answers) = self.turn_with(TenantScope::For(user), script).await?;
        let mut answers = answers.into_iter().map(|rows| rows.into_iter().next());
        let account = answers.next().flatten().ok_or(StoreError::NoAccount)?;
        let account = accounts::account(&account)?;
        let allowed = looked_up.is_none() || answers.next().flatten().is_some();
        let done = answers.next().flatten().map(|row| events::command(&row)).transpose()?;
        let hold = WriteState { turn, script: Script::default(), account, counted: false, failed: false };
        Ok(Begun { tx: Box::new(Tx { owner: user.clone(), hold }), allowed, done })
    }
}

/// A row when a session is the owner's, not revoked and not over.
const SESSION_HOLDS: &str = "select id
       from sessions
      where user_id = $1
        and id = $2
        and revoked_at is null
        and expires_at > $3
        and ends_at > $3";

/// A row when a personal token is the owner's and not over.
const TOKEN_HOLDS: &str = "select id
       from personal_tokens
      where user_id = $1
        and id = $2
        and (expires_at is null or expires_at > $3)";
