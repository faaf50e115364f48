//! What is kept for a limited time, and how long.
//!
//! Of the log, clients are promised at least 7 days or 10,000 events per user; both are kept, whichever is more. An
//! event is removed when it is older than 7 days and more than `keep_events` newer ones have followed it. After 30 days
//! it is removed in any case, as the trash is: what a user has deleted must not stay in the log of a quiet account.
//!
//! **Invariant:** everything is removed in small transactions, found through an index, so that a change waits for one
//! of them at most.

use super::{Adapter, At, Db, Row, TenantScope, dialect, rows::Columns as _};
use crate::Result;
use sqlx::AssertSqlSafe;
use tandem_protocol::{Timestamp, UserId};

const DAY: i64 = 24 * 60 * 60 * 1000;
/// Days for which an event stays, however many have followed it.
const LOG_DAYS: i64 = 7;

/// Rows that one transaction removes, so that changes wait for a short time.
const BATCH: i64 = 500;

/// Rows of a table that are kept for a limited time.
struct Kept {
    table: &'static str,
    key: &'static str,
    /// The column of the time.
    since: &'static str,
}

const fn kept(table: &'static str, key: &'static str, since: &'static str) -> Kept {
    Kept { table, key, since }
}

/// The age in milliseconds at which rows are removed.
const KEPT_FOR: &[(i64, Kept)] = &[
    (30 * DAY, kept("events", "user_id, seq", "at")),
    (2 * DAY, kept("commands", "user_id, id", "at")),
    (30 * DAY, kept("undo_entries", "user_id, token", "at")),
    (30 * DAY, kept("tasks", "user_id, id", "deleted_at")),
    (30 * DAY, kept("refresh_tokens", "hash", "replaced_at")),
    (30 * DAY, kept("sessions", "id", "revoked_at")),
    // Its idle end is never after its absolute end.
    (30 * DAY, kept("sessions", "id", "expires_at")),
    (30 * DAY, kept("personal_tokens", "id", "expires_at")),
    (DAY, kept("ended_sessions", "id", "ended_at")),
    (DAY, kept("reset_links", "hash", "expires_at")),
    (30 * DAY, kept("invitations", "id", "expires_at")),
    (0, kept("pushes", "user_id, subscription_id, seq", "gives_up_at")),
];

/// A rate limit without a row is unused: such rows need not be kept.
const RATE_LIMITS: Kept = kept("allowances", "key", "full_at");

/// Removes all of it, some rows at a time.
pub(super) async fn prune(adapter: &Adapter, now: Timestamp, keep_events: i64) -> Result<()> {
    for (age, kept) in KEPT_FOR {
        while remove(adapter, kept, At(now.plus_millis(-age))).await? {}
    }
    while remove(adapter, &RATE_LIMITS, now.as_millis()).await? {}
    let limit = now.plus_millis(-LOG_DAYS * DAY);
    for log in surplus(adapter, keep_events, limit).await? {
        shorten(adapter, log, limit).await?;
    }
    Ok(())
}

/// A log that begins with events to be removed.
struct Surplus {
    user: UserId,
    /// The seq of the oldest event.
    first: i64,
    /// The seq of the newest event that enough others have followed.
    last: i64,
}

/// Logs with more than `keep_events` events whose oldest one is older than the limit.
async fn surplus(adapter: &Adapter, keep_events: i64, limit: Timestamp) -> Result<Vec<Surplus>> {
    let mut snapshot = adapter.snapshot(TenantScope::System).await?;
    let logs = sqlx::query(
        // The two inner queries read the first entry of an index; a join would read whole logs.
        "select id, first, last
           from (select u.id,
                        u.seq - $1 as last,
                        (select e.seq from events as e where e.user_id = u.id order by e.seq limit 1) as first,
                        (select e.at from events as e where e.user_id = u.id order by e.seq limit 1) as at
                   from users as u
                  where u.seq > $1) as logs
          where first <= last
            and at < $2",
    )
    .bind(keep_events)
    .bind(At(limit))
    .try_map(|row: Row| Ok(Surplus { user: row.user("id")?, first: row.plain("first")?, last: row.plain("last")? }))
    .fetch_all(snapshot.conn())
    .await?;
    Ok(logs)
}

/// Removes the oldest events of a log, as far as they are older than the limit.
async fn shorten(adapter: &Adapter, log: Surplus, limit: Timestamp) -> Result<()> {
    let mut first = log.first;
    while first <= log.last {
        let mut txn = adapter.write_txn(TenantScope::System).await?;
        let removed = sqlx::query(
            "delete from events
              where user_id = $1
                and seq between $2 and $3
                and at < $4",
        )
        .bind(log.user.as_str())
        .bind(first)
        .bind(log.last.min(first + BATCH - 1))
        .bind(At(limit))
        .execute(txn.conn())
        .await?;
        txn.commit().await?;
        // Events are in the order of time: the rest is younger.
        if removed.rows_affected() < BATCH.unsigned_abs() {
            break;
        }
        first += BATCH;
    }
    Ok(())
}

/// Removes one batch of rows from before a limit; returns whether there may be more.
async fn remove<T>(adapter: &Adapter, kept: &Kept, limit: T) -> Result<bool>
where
    T: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db> + Send,
{
    let statement = AssertSqlSafe(dialect::remove_some(kept.table, kept.key, kept.since));
    let mut txn = adapter.write_txn(TenantScope::System).await?;
    let removed = sqlx::query(statement).bind(limit).bind(BATCH).execute(txn.conn()).await?;
    txn.commit().await?;
    Ok(removed.rows_affected() == BATCH.unsigned_abs())
}
