//! Allowances: how often something may be done, counted where all nodes see it.
//!
//! One number holds all of it: the moment at which the whole allowance is there again. Each use moves that moment by the
//! time in which one comes back; when it would lie further ahead than the whole takes, there is none left.

use super::{Conn, Row, ahead::SKEW, rows::Columns as _};
use crate::{RateLimit, Result};
use std::time::Duration;
use tandem_protocol::Timestamp;

/// Takes one, or says how long until there is one.
///
/// The row is locked by the statement whether or not it changes it, so those who come together are served in turn. Who
/// takes of several names them in the same order as everybody else. A moment further ahead than the whole allowance takes
/// was written by a clock that was ahead: it counts for nothing. One that is so by less than clocks differ was written by
/// another node, or by a request that has overtaken this one, and counts.
pub(super) async fn take(conn: &mut Conn, allowance: &RateLimit, now: Timestamp) -> Result<Option<Duration>> {
    let (now, every) = (now.as_millis(), millis(allowance.every));
    // Later than this, and none is left.
    let latest = now.saturating_add(every.saturating_mul(i64::from(allowance.burst) - 1));
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
    .bind(&allowance.key)
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
        .bind(&allowance.key)
        .try_map(|row: Row| row.plain("full_at"))
        .fetch_one(conn)
        .await?;
    Ok(Some(Duration::from_millis(full_at.saturating_sub(latest).unsigned_abs())))
}

pub(super) async fn give_back(conn: &mut Conn, allowance: &RateLimit) -> Result<()> {
    sqlx::query("update allowances set full_at = full_at - $2 where key = $1")
        .bind(&allowance.key)
        .bind(millis(allowance.every))
        .execute(conn)
        .await?;
    Ok(())
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX).max(1)
}
