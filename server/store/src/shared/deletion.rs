//! The end of an account: at once for its user, in small pieces for everybody else.
//!
//! One small transaction ends it ([`begin`]). Its rows go afterwards, in turns that are short: a turn removes a few rows at
//! a time until its time is over, and how many it removes at most follows from the time that the turn before has taken,
//! the commit included. Whoever wants to write meanwhile waits for one of them. What a crash leaves is found by the mark on
//! the account ([`deleted_accounts`]) and removed by whoever comes by.

use super::{Adapter, At, Row, TenantScope, dialect, rows::Columns as _, script::Script};
use crate::{Result, shared::Expects};
use sqlx::AssertSqlSafe;
use std::time::{Duration, Instant};
use tandem_protocol::{Timestamp, UserId};

/// Tables with rows of users, those first that others lead to: what a row takes along is gone before it.
const TABLES: &[&str] = &[
    "run_steps",
    "runs",
    SEARCHED,
    "undo_entries",
    "commands",
    "events",
    "tasks",
    "messages",
    "conversations",
    "refresh_tokens",
    "sessions",
    "personal_tokens",
];

/// Takes its rows out of the index of the search, too.
const SEARCHED: &str = "search_documents";

/// How long a turn may hold the writer.
const SHORT: Duration = Duration::from_millis(20);
/// Rows that a turn removes at most.
const MOST: i64 = 60;
/// Rows that a statement removes. Long rows may follow short ones, and nothing ends a statement that takes long.
const PIECE: i64 = 3;
/// Rows that the first turn removes: nobody knows yet how long one takes.
const FIRST: i64 = 1;

/// How many rows a turn removes, by the time that the last one took.
#[derive(Debug)]
struct Pace(i64);

impl Pace {
    fn slow() -> Self {
        Self(FIRST)
    }

    fn rows(&self) -> i64 {
        self.0
    }

    /// Takes account of a turn that removed so many rows.
    fn took(&mut self, rows: i64, time: Duration) {
        self.0 = if time > SHORT {
            let share = SHORT.as_secs_f64() / time.as_secs_f64();
            #[expect(clippy::cast_possible_truncation, reason = "it is less than the number of rows before")]
            #[expect(clippy::cast_precision_loss, reason = "there are less than a hundred rows")]
            let fewer = (rows as f64 * share) as i64;
            fewer.max(1)
        } else if time < SHORT / 2 {
            (self.0 * 2).min(MOST)
        } else {
            self.0
        };
    }
}

/// Ends an account: its sessions and personal tokens are over, nobody can sign in, its address is free.
pub(super) fn begin(script: &mut Script, owner: &str, now: Timestamp) {
    script
        .add(
            "insert into ended_sessions (id, ended_at) select id, $2 from sessions where user_id = $1",
            Expects::Anything,
        )
        .bind(owner)
        .bind(At(now));
    script.add("delete from personal_tokens where user_id = $1", Expects::Anything).bind(owner);
    // No address looks like this: every one has an @.
    script
        .add(
            "update users
                set email = 'deleted:' || id,
                    name = '',
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

/// Removes every row of an account that has ended. Two may do it at the same time.
pub(super) async fn remove_deleted(adapter: &Adapter, user: &UserId) -> Result<()> {
    let mut snapshot = adapter.snapshot(TenantScope::System).await?;
    let ended = sqlx::query("select id from users where id = $1 and deleted_at is not null")
        .bind(user.as_str())
        .fetch_optional(snapshot.conn())
        .await?;
    drop(snapshot);
    if ended.is_none() {
        return Ok(());
    }
    for table in TABLES {
        let mut pace = Pace::slow();
        while remove_some(adapter, table, user, &mut pace).await? {}
    }
    let mut turn = adapter.turn(TenantScope::System).await?;
    sqlx::query("delete from users where id = $1 and deleted_at is not null")
        .bind(user.as_str())
        .execute(turn.conn())
        .await?;
    turn.commit().await
}

/// Removes some rows of a user in one turn: says whether there may be more.
async fn remove_some(adapter: &Adapter, table: &str, user: &UserId, pace: &mut Pace) -> Result<bool> {
    let statement: String = dialect::remove_some_of(table);
    let mut turn = adapter.turn(TenantScope::System).await?;
    let begun = Instant::now();
    let removal = dialect::REMOVAL.filter(|_| table == SEARCHED);
    let mut merging = 0_i64;
    if let Some(removal) = &removal {
        merging = sqlx::query_scalar(removal.merging).fetch_one(turn.conn()).await?;
        sqlx::query(removal.set_merging).bind(0_i64).execute(turn.conn()).await?;
    }
    let (mut rows, mut more) = (0, true);
    while more && rows < pace.rows() && (rows == 0 || begun.elapsed() < SHORT) {
        let piece = PIECE.min(pace.rows() - rows);
        let removed =
            sqlx::query(AssertSqlSafe(statement.as_str())).bind(user.as_str()).bind(piece).execute(turn.conn()).await?;
        if let Some(removal) = &removal {
            sqlx::query(removal.merge).execute(turn.conn()).await?;
        }
        more = removed.rows_affected() >= piece.unsigned_abs();
        rows += piece;
    }
    if let Some(removal) = &removal {
        sqlx::query(removal.set_merging).bind(merging).execute(turn.conn()).await?;
    }
    // Much of the work may be done by the commit. Put off to share one with others, its time could not be separated from theirs.
    turn.commit_at_once().await?;
    pace.took(rows, begun.elapsed());
    Ok(more)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_stay_short() {
        let mut pace = Pace::slow();
        // Whatever a row takes, soon no turn takes long.
        for micros in [10, 300, 5_000, 48_000] {
            let row = Duration::from_micros(micros);
            for _ in 0..20 {
                let rows = u32::try_from(pace.rows()).unwrap();
                pace.took(pace.rows(), row * rows);
            }
            let turn = row * u32::try_from(pace.rows()).unwrap();
            assert!(turn <= SHORT.max(row), "{turn:?} for rows of {row:?}");
        }
        for _ in 0..20 {
            pace.took(pace.rows(), Duration::from_micros(1));
        }
        assert_eq!(pace.rows(), MOST);
    }
}
