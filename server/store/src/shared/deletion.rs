//! Deleting an account: at once for its user, in small pieces for everybody else.
//!
//! One small transaction ends the account ([`begin`]). Its rows are removed afterwards, in short transactions: each
//! removes a few rows at a time until its time is used up, and the number of rows that it may remove follows from the
//! time of the one before, the commit included. Rows differ by a factor of a thousand in cost, above all in the search
//! index, so no fixed number would do.
//!
//! **Invariant:** what a crash leaves is found by the mark on the account ([`deleted_accounts`]) and removed by the
//! next sweep.

use super::{Adapter, At, Row, TenantScope, audit, dialect, rows::Columns as _, script::Script};
use crate::{Result, shared::Expects};
use sqlx::AssertSqlSafe;
use std::time::{Duration, Instant};
use tandem_protocol::{Timestamp, UserId};

/// Tables with rows of users, those first that others refer to by cascades: what a row removes with it is already gone.
const TABLES: &[&str] = &[
    "reply_texts",
    "run_steps",
    "runs",
    SEARCHED,
    "undo_entries",
    "commands",
    "events",
    // Before the tasks, whose triggers then have nothing to count.
    "task_names",
    "completions",
    "tasks",
    "messages",
    "conversations",
    "pushes",
    "push_subscriptions",
    "refresh_tokens",
    "sessions",
    "personal_tokens",
    "reset_links",
    "feeds",
];

/// The table whose rows are in the search index, too.
const SEARCHED: &str = "search_documents";

/// How long a transaction may hold the writer.
const SHORT: Duration = Duration::from_millis(20);
/// Rows that a transaction removes at most.
const MOST: i64 = 60;
/// Rows that a statement removes. Long rows may follow short ones, and no deadline ends a statement of a sweep.
const PIECE: i64 = 3;
/// Rows that the first transaction removes: the time of one is not known yet.
const FIRST: i64 = 1;

/// The number of rows that a transaction removes, by the time of the last one.
#[derive(Debug)]
struct BatchSize(i64);

impl BatchSize {
    fn first() -> Self {
        Self(FIRST)
    }

    fn rows(&self) -> i64 {
        self.0
    }

    /// Adapts the number to a transaction that removed `rows` in `time`.
    fn adapt(&mut self, rows: i64, time: Duration) {
        self.0 = if time > SHORT {
            let share = SHORT.as_secs_f64() / time.as_secs_f64();
            #[expect(clippy::cast_possible_truncation, reason = "it is less than the number of rows before")]
            #[expect(clippy::cast_precision_loss, reason = "there are less than a hundred rows")]
            let fewer = (rows as f64 * share) as i64;
            fewer.max(1)
        } else if time < SHORT / 2 {
            // Only after less than half of the time: rows that cost the same then still fit.
            (self.0 * 2).min(MOST)
        } else {
            self.0
        };
    }
}

/// Ends an account: its sessions and personal tokens end, nobody can sign in, its address is free.
pub(super) fn begin(script: &mut Script, owner: &str, now: Timestamp) {
    // Other nodes look up the sessions that have ended lately, and the rows of these may be removed by then.
    script
        .add(
            "insert into ended_sessions (id, ended_at) select id, $2 from sessions where user_id = $1",
            Expects::Anything,
        )
        .bind(owner)
        .bind(At(now));
    // Sessions need no statement: `disabled_at` of the account ends them.
    script.add("delete from personal_tokens where user_id = $1", Expects::Anything).bind(owner);
    // Its address, in those that are for this address alone.
    script
        .add("delete from invitations where email = (select email from users where id = $1)", Expects::Anything)
        .bind(owner);
    script.add("delete from imported where account = $1", Expects::Anything).bind(owner);
    script.add("delete from feeds where user_id = $1", Expects::Anything).bind(owner);
    // With what waits for them: a device must not be sent anything any more.
    script.add("delete from push_subscriptions where user_id = $1", Expects::Anything).bind(owner);
    // No address is equal to this one: every address has an @.
    script
        .add(
            "update users
                set email = 'deleted:' || id,
                    name = '',
                    role = 'member',
                    image = null,
                    password_hash = null,
                    disabled_at = $2,
                    deleted_at = $2
              where id = $1",
            Expects::Anything,
        )
        .bind(owner)
        .bind(At(now));
}

/// Accounts that have ended and still have rows, oldest first.
pub(super) async fn deleted_accounts(adapter: &Adapter) -> Result<Vec<UserId>> {
    let mut snapshot = adapter.snapshot(TenantScope::System).await?;
    let ended = sqlx::query("select id from users where deleted_at is not null order by deleted_at limit 100")
        .try_map(|row: Row| row.user("id"))
        .fetch_all(snapshot.conn())
        .await?;
    Ok(ended)
}

/// Removes every row of an account that has ended. Two may run at the same time.
pub(super) async fn remove_deleted(adapter: &Adapter, user: &UserId) -> Result<()> {
    let mut snapshot = adapter.snapshot(TenantScope::System).await?;
    let ended = sqlx::query("select id from users where id = $1 and deleted_at is not null")
        .bind(user.as_str())
        .fetch_optional(snapshot.conn())
        .await?;
    // The view must not stay open while rows are removed.
    drop(snapshot);
    // Without the mark the account lives, or another node has removed the rest.
    if ended.is_none() {
        return Ok(());
    }
    audit::forget(adapter, user).await?;
    for table in TABLES {
        let mut size = BatchSize::first();
        while remove_some(adapter, table, user, &mut size).await? {}
    }
    let mut txn = adapter.write_txn(TenantScope::System).await?;
    // Last: until then the mark on the account leads to what is left after a crash.
    sqlx::query("delete from users where id = $1 and deleted_at is not null")
        .bind(user.as_str())
        .execute(txn.conn())
        .await?;
    txn.commit().await
}

/// Removes some rows of a user in one transaction; returns whether there may be more.
async fn remove_some(adapter: &Adapter, table: &str, user: &UserId, size: &mut BatchSize) -> Result<bool> {
    let statement: String = dialect::remove_some_of(table);
    let mut txn = adapter.write_txn(TenantScope::System).await?;
    let begun = Instant::now();
    if let Some([on, _]) = dialect::OVERWRITE {
        sqlx::query(on).execute(txn.conn()).await?;
    }
    let removal = dialect::REMOVAL.filter(|_| table == SEARCHED);
    let mut merging = 0_i64;
    if let Some(removal) = &removal {
        // Turned off for this transaction: FTS5 would merge hundreds of pages at once, in the middle of a statement.
        merging = sqlx::query_scalar(removal.merging).fetch_one(txn.conn()).await?;
        sqlx::query(removal.set_merging).bind(0_i64).execute(txn.conn()).await?;
    }
    let (mut rows, mut more) = (0, true);
    // The first piece is removed in any case, so that a deletion advances however slow the disk is.
    while more && rows < size.rows() && (rows == 0 || begun.elapsed() < SHORT) {
        let piece = PIECE.min(size.rows() - rows);
        let removed =
            sqlx::query(AssertSqlSafe(statement.as_str())).bind(user.as_str()).bind(piece).execute(txn.conn()).await?;
        if let Some(removal) = &removal {
            sqlx::query(removal.merge).execute(txn.conn()).await?;
        }
        more = removed.rows_affected() >= piece.unsigned_abs();
        rows += piece;
    }
    if let Some(removal) = &removal {
        sqlx::query(removal.set_merging).bind(merging).execute(txn.conn()).await?;
    }
    if let Some([_, off]) = dialect::OVERWRITE {
        sqlx::query(off).execute(txn.conn()).await?;
    }
    // Much of the work may be done by the commit. A commit shared with others would make its time unknown.
    txn.commit_at_once().await?;
    size.adapt(rows, begun.elapsed());
    Ok(more)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_stay_short() {
        let mut size = BatchSize::first();
        // Whatever the cost of a row, transactions become short.
        for micros in [10, 300, 5_000, 48_000] {
            let row = Duration::from_micros(micros);
            for _ in 0..20 {
                let rows = u32::try_from(size.rows()).unwrap();
                size.adapt(size.rows(), row * rows);
            }
            let txn = row * u32::try_from(size.rows()).unwrap();
            assert!(txn <= SHORT.max(row), "{txn:?} for rows of {row:?}");
        }
        for _ in 0..20 {
            size.adapt(size.rows(), Duration::from_micros(1));
        }
        assert_eq!(size.rows(), MOST);
    }
}
