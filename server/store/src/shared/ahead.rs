//! Correcting times that a clock that was ahead has written: that of a board without a battery before it gets the time,
//! or of a node that was set wrong.
//!
//! What is kept for a limited time, or counts until a time, would otherwise stay for as long as that clock was ahead.
//! So every sweep sets a time that no correct clock can have written to the latest that one can have. Leases of runs
//! are not here, because they are compared with their latest time where they are read. Nor are due dates, reminders and
//! the ends of personal tokens, which people choose.

use super::{Adapter, At, Db, TenantScope, dialect};
use crate::{Furthest, Result};
use sqlx::AssertSqlSafe;
use std::time::Duration;
use tandem_protocol::Timestamp;

/// The release of this code, November 2026. A clock that shows an earlier time was never set.
const WRITTEN_MILLIS: i64 = 1_793_491_200_000;
/// Clocks of nodes differ by less.
pub(super) const SKEW: Duration = Duration::from_mins(1);
/// Rows that one transaction changes, so that changes of users wait for a short time.
const BATCH: i64 = 50;

/// Past times, with the keys of their tables. Each is the first column of an index.
const HAPPENED: &[(&str, &str, &str)] = &[
    ("events", "user_id, seq", "at"),
    ("commands", "user_id, id", "at"),
    ("undo_entries", "user_id, token", "at"),
    ("tasks", "user_id, id", "deleted_at"),
    ("refresh_tokens", "hash", "replaced_at"),
    ("sessions", "id", "revoked_at"),
    ("ended_sessions", "id", "ended_at"),
    ("users", "id", "disabled_at"),
    ("users", "id", "deleted_at"),
];

/// Sessions that last too long begin now. Those in use are corrected by their next refresh.
const SESSIONS: &str = "update sessions
        set expires_at = $2,
            last_seen_at = $1,
            ends_at = case when created_at > $1 then $1 + (ends_at - created_at) else ends_at end,
            created_at = case when created_at > $1 then $1 else created_at end
      where id in (select id from sessions where expires_at > $3 order by expires_at limit $4)";

/// Corrects times that are ahead, some rows at a time.
pub(super) async fn set_back(adapter: &Adapter, now: Timestamp, furthest: Furthest) -> Result<()> {
    // This clock itself was never set, and all correct times would seem ahead of it.
    if now.as_millis() < WRITTEN_MILLIS {
        return Ok(());
    }
    let limit = now.plus(SKEW);
    for (table, key, column) in HAPPENED {
        set_back_all(adapter, (table, key, column), At(now), At(limit)).await?;
    }
    sessions(adapter, now, furthest.session).await?;
    // A rate limit that would be unused again later than any can be counts as unused now.
    let (whole, limit) = (now.as_millis(), furthest.rate_limit.plus(SKEW).as_millis());
    set_back_all(adapter, ("allowances", "key", "full_at"), whole, limit).await
}

async fn set_back_all<T>(adapter: &Adapter, times: (&str, &str, &str), to: T, limit: T) -> Result<()>
where
    T: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db> + Copy + Send,
{
    let (table, key, column) = times;
    let statement = dialect::set_back_some(table, key, column);
    while is_beyond(adapter, table, column, limit).await? {
        let mut txn = adapter.write_txn(TenantScope::System).await?;
        let statement = sqlx::query(AssertSqlSafe(statement.as_str()));
        statement.bind(to).bind(limit).bind(BATCH).execute(txn.conn()).await?;
        txn.commit().await?;
    }
    Ok(())
}

async fn sessions(adapter: &Adapter, now: Timestamp, furthest: Timestamp) -> Result<()> {
    let limit = furthest.plus(SKEW);
    while is_beyond(adapter, "sessions", "expires_at", At(limit)).await? {
        let mut txn = adapter.write_txn(TenantScope::System).await?;
        let statement = sqlx::query(SESSIONS).bind(At(now)).bind(At(furthest)).bind(At(limit)).bind(BATCH);
        statement.execute(txn.conn()).await?;
        txn.commit().await?;
    }
    Ok(())
}

/// Whether any row is beyond a limit. Read first, because nearly always none is, and a write transaction keeps changes
/// waiting.
async fn is_beyond<T>(adapter: &Adapter, table: &str, column: &str, limit: T) -> Result<bool>
where
    T: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db> + Send,
{
    let statement = format!("select 1 as one from {table} where {column} > $1 order by {column} limit 1");
    let mut snapshot = adapter.snapshot(TenantScope::System).await?;
    let found = sqlx::query(AssertSqlSafe(statement)).bind(limit).fetch_optional(snapshot.conn()).await?;
    Ok(found.is_some())
}
