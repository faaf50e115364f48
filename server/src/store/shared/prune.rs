//! What is kept for a time only, and for how long.
//!
//! Of the log, the contract promises at least 7 days or 10,000 events per user, whichever is reached first: an event
//! goes when it is older than 7 days, and also when more than `keep_events` newer ones have followed it. So neither a
//! busy script nor a deleted conversation stays in the log for longer than it is useful.

use super::{Acting, Adapter, At, Db};
use crate::store::Result;
use tandem_protocol::Timestamp;

const HOUR: i64 = 60 * 60 * 1000;
const DAY: i64 = 24 * HOUR;

/// Rows that one transaction removes, so that those who wait to write do not wait for long.
const BATCH: i64 = 1000;

/// What is removed once a time is so long past, in milliseconds.
const KEPT_FOR: &[(i64, &str)] = &[
    (
        7 * DAY,
        "delete from events
          where (user_id, seq) in (select user_id, seq from events where at < $1 limit $2)",
    ),
    (
        2 * DAY,
        "delete from commands
          where (user_id, id) in (select user_id, id from commands where at < $1 limit $2)",
    ),
    (
        30 * DAY,
        "delete from undo_entries
          where (user_id, token) in (select user_id, token from undo_entries where at < $1 limit $2)",
    ),
    (
        30 * DAY,
        "delete from tasks
          where (user_id, id) in (select user_id, id from tasks where deleted_at < $1 limit $2)",
    ),
    (
        30 * DAY,
        "delete from refresh_tokens
          where hash in (select hash from refresh_tokens where replaced_at < $1 limit $2)",
    ),
    (
        30 * DAY,
        "delete from sessions
          where id in (select id
                         from sessions
                        where revoked_at < $1 or expires_at < $1 or ends_at < $1
                        limit $2)",
    ),
    (
        30 * DAY,
        "delete from personal_tokens
          where id in (select id from personal_tokens where expires_at < $1 limit $2)",
    ),
    (
        DAY,
        "delete from ended_sessions
          where id in (select id from ended_sessions where ended_at < $1 limit $2)",
    ),
    (
        0,
        "delete from rate_windows
          where (key, starts_at, ends_at) in (select key, starts_at, ends_at
                                                from rate_windows
                                               where ends_at < $1
                                               limit $2)",
    ),
];

/// Events that more than so many newer ones have followed.
const SURPLUS_EVENTS: &str = "delete from events
          where (user_id, seq) in (select e.user_id, e.seq
                                     from users as u
                                     join events as e on e.user_id = u.id and e.seq <= u.seq - $1
                                    where u.seq > $1
                                    limit $2)";

/// Removes it all, some rows at a time.
pub(super) async fn prune(adapter: &Adapter, now: Timestamp, keep_events: i64) -> Result<()> {
    for (age, statement) in KEPT_FOR {
        while remove(adapter, statement, At(now.plus_millis(-age))).await? {}
    }
    while remove(adapter, SURPLUS_EVENTS, keep_events).await? {}
    Ok(())
}

/// Removes one batch of what lies beyond a limit: says whether there may be more.
async fn remove<T>(adapter: &Adapter, statement: &'static str, limit: T) -> Result<bool>
where
    T: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db> + Send,
{
    let mut turn = adapter.turn(Acting::System).await?;
    let removed = sqlx::query(statement).bind(limit).bind(BATCH).execute(turn.conn()).await?;
    turn.commit().await?;
    Ok(removed.rows_affected() == BATCH.unsigned_abs())
}
