//! Rate limits, counted where all nodes see them.
//!
//! One number holds the state of a limit (the generic cell rate algorithm): the moment at which nothing of it is used any
//! more. Each use moves that moment by the time in which one comes back; when it would lie further ahead than all uses
//! together take, there is none left.

use super::{Adapter, Conn, Row, TenantScope, ahead::SKEW, rows::Columns as _};
use crate::{RateLimit, RateLimits, Result};
use async_trait::async_trait;
use std::time::Duration;
use tandem_protocol::Timestamp;

#[async_trait]
impl RateLimits for Adapter {
    async fn take(&self, limits: &[RateLimit], now: Timestamp) -> Result<Option<Duration>> {
        let mut turn = self.turn(TenantScope::System).await?;
        let mut refused = None;
        for limit in limits {
            refused = take(turn.conn(), limit, now).await?;
            if refused.is_some() {
                break;
            }
        }
        turn.commit().await?;
        Ok(refused)
    }

    async fn give_back(&self, limits: &[RateLimit]) -> Result<()> {
        let mut turn = self.turn(TenantScope::System).await?;
        for limit in limits {
            give_back(turn.conn(), limit).await?;
        }
        turn.commit().await
    }
}

/// Takes one use, or returns how long until there is one.
///
/// The row is locked by the statement whether or not it changes it, so those who come together are served in turn. Who
/// takes of several names them in the same order as everybody else. A moment further ahead than all uses together take
/// was written by a clock that was ahead: it counts for nothing. One that is so by less than clocks differ was written by
/// another node, or by a request that has overtaken this one, and counts.
async fn take(conn: &mut Conn, limit: &RateLimit, now: Timestamp) -> Result<Option<Duration>> {
    let (now, every) = (now.as_millis(), millis(limit.every));
    // Later than this, and none is left.
    let latest = now.saturating_add(every.saturating_mul(i64::from(limit.burst) - 1));
    let furthest = latest.saturating_add(every).saturating_add(millis(SKEW));
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
