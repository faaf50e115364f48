//! Rate limits, counted where all nodes see them.
//!
//! One number holds the state of a limit (the generic cell rate algorithm): the moment at which it is unused again.
//! Each use moves that moment by the time in which one use comes back; when it would be further ahead than all uses
//! together take, none is left. So a use is one statement on one row, whatever the size of the limit.
//!
//! **Invariant:** concurrent uses, from any node, are never more than the limit.

use super::{Adapter, Conn, Row, TenantScope, ahead::SKEW, rows::Columns as _};
use crate::{RateLimit, RateLimits, Result};
use async_trait::async_trait;
use std::time::Duration;
use tandem_protocol::Timestamp;

#[async_trait]
impl RateLimits for Adapter {
    async fn take(&self, limits: &[RateLimit], now: Timestamp) -> Result<Option<Duration>> {
        let mut txn = self.write_txn(TenantScope::System).await?;
        let mut refused = None;
        for limit in limits {
            refused = take(txn.conn(), limit, now).await?;
            // What was taken before stays taken: an address whose attempts are all refused is refused itself in the
            // end.
            if refused.is_some() {
                break;
            }
        }
        txn.commit().await?;
        Ok(refused)
    }

    async fn give_back(&self, limits: &[RateLimit]) -> Result<()> {
        let mut txn = self.write_txn(TenantScope::System).await?;
        for limit in limits {
            give_back(txn.conn(), limit).await?;
        }
        txn.commit().await
    }
}

/// Takes one use, or returns how long until there is one. Callers that take from several limits take them in the same
/// order, or they could deadlock.
async fn take(conn: &mut Conn, limit: &RateLimit, now: Timestamp) -> Result<Option<Duration>> {
    let (now, every) = (now.as_millis(), millis(limit.every));
    // When it is unused later than this, no use is left.
    let latest = now.saturating_add(every.saturating_mul(i64::from(limit.burst) - 1));
    // A moment further ahead than all uses together take was written by a clock that was ahead, and is ignored. One
    // within the difference of clocks is that of another node, or of a request that has overtaken this one, and counts.
    let furthest = latest.saturating_add(every).saturating_add(millis(SKEW));
    // The row is locked whether or not the statement changes it: concurrent uses are served one after the other.
    let taken = sqlx::query(
        "insert into allowances (key, full_at)
         values ($1, $2 + $3)
             on conflict (key) do update
                set full_at = case when allowances.full_at > $2 and allowances.full_at <= $5
                                   then allowances.full_at else $2 end + $3
              where allowances.full_at <= $4
                 or allowances.full_at > $5",
    )
    .bind(&limit.key)
    .bind(now)
    .bind(every)
    .bind(latest)
    .bind(furthest)
    .execute(&mut *conn)
    .await?;
    if taken.rows_affected() > 0 {
        return Ok(None);
    }
    // The statement above holds the lock of the row: this is the value that it has compared.
    let full_at: i64 = sqlx::query("select full_at from allowances where key = $1")
        .bind(&limit.key)
        .try_map(|row: Row| row.plain("full_at"))
        .fetch_one(conn)
        .await?;
    Ok(Some(Duration::from_millis(full_at.saturating_sub(latest).unsigned_abs())))
}

async fn give_back(conn: &mut Conn, limit: &RateLimit) -> Result<()> {
    sqlx::query("update allowances set full_at = full_at - $2 where key = $1")
        .bind(&limit.key)
        .bind(millis(limit.every))
        .execute(conn)
        .await?;
    Ok(())
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX).max(1)
}
