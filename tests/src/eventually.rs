//! Waiting for a condition: the only place of the tests that sleeps.

use std::{
    fmt::Display,
    time::{Duration, Instant},
};

/// Time limit of a wait. It is long because machines may be busy; a met condition ends the wait immediately.
pub const PATIENCE: Duration = Duration::from_mins(1);

const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// Calls `look` until it returns something, and returns that. `what` completes the sentence "gave up waiting for …".
pub async fn eventually<T>(what: impl Display, look: impl AsyncFnMut() -> Option<T>) -> T {
    within(PATIENCE, what, look).await
}

/// As [`eventually`], with another time limit.
pub async fn within<T>(patience: Duration, what: impl Display, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let wait = Wait::begin(patience);
    loop {
        if let Some(seen) = look().await {
            return seen;
        }
        wait.pause(&what).await;
    }
}

/// A wait, for conditions that no closure can contain.
pub(crate) struct Wait {
    start: Instant,
    patience: Duration,
}

impl Wait {
    pub(crate) fn begin(patience: Duration) -> Self {
        Self { start: Instant::now(), patience }
    }

    /// Sleeps until the next check. Panics after the time limit.
    pub(crate) async fn pause(&self, what: &impl Display) {
        let patience = self.patience;
        assert!(self.start.elapsed() < patience, "gave up after {} s waiting for {what}", patience.as_secs());
        tokio::time::sleep(POLL_INTERVAL).await;
    }
}
