//! The time limit of a statement on SQLite.
//!
//! SQLite runs in the process and has no time limit. It calls a function every few thousand steps and stops when that
//! returns false (`sqlite3_progress_handler`). The function runs on the connection's thread and compares the clock with
//! an atomic deadline, which is set before each statement without a trip to that thread.
//!
//! **Invariant:** the deadline belongs to the connection: it must be set before every statement, also to none.

use super::Conn;
use crate::Result;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// Steps of SQLite's machine between two checks: about a tenth of a millisecond.
const STEPS: i32 = 2_000;

/// The time at which the statement of a connection must be over.
#[derive(Debug)]
pub(super) struct Deadline {
    begun: Instant,
    /// Microseconds since `begun`; `u64::MAX` without a limit.
    at: AtomicU64,
}

impl Deadline {
    /// A deadline that is not set.
    pub(super) fn none() -> Arc<Self> {
        Arc::new(Self { begun: Instant::now(), at: AtomicU64::new(u64::MAX) })
    }

    /// Makes the connection end statements that run past the deadline.
    pub(super) async fn watch(self: &Arc<Self>, conn: &mut Conn) -> Result<(), sqlx::Error> {
        let deadline = Arc::clone(self);
        // Called often, on the connection's thread: it takes no lock.
        conn.lock_handle().await?.set_progress_handler(STEPS, move || !deadline.is_past());
        Ok(())
    }

    /// Sets the time of the next statement, from now on; `None` for no limit.
    pub(super) fn set(&self, limit: Option<Duration>) {
        let at = limit.map_or(u64::MAX, |limit| self.micros().saturating_add(micros(limit)));
        self.at.store(at, Ordering::Release);
    }

    fn is_past(&self) -> bool {
        let at = self.at.load(Ordering::Acquire);
        at != u64::MAX && self.micros() > at
    }

    fn micros(&self) -> u64 {
        micros(self.begun.elapsed())
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StoreError;
    use sqlx::Connection as _;

    const ENDLESS: &str = "with recursive n (i) as (values (1) union all select i + 1 from n) select max(i) from n";

    #[tokio::test]
    async fn a_statement_past_its_deadline_ends_and_the_next_one_runs() {
        let mut conn = Conn::connect("sqlite::memory:").await.unwrap();
        let deadline = Deadline::none();
        deadline.watch(&mut conn).await.unwrap();
        deadline.set(Some(Duration::from_millis(50)));
        let begun = Instant::now();
        let ended = sqlx::query(ENDLESS).execute(&mut conn).await.map_err(StoreError::from);
        assert!(matches!(ended, Err(StoreError::TooLong(_))), "{ended:?}");
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
        deadline.set(None);
        sqlx::query("select 1").execute(&mut conn).await.unwrap();
    }
}
