//! Waiting for a condition: the only place of the tests that pauses.

use std::{
    fmt::Display,
    time::{Duration, Instant},
};

/// How long anything may take before the test gives up. Generous, because machines are busy; a condition that holds is
/// noticed at once.
pub const PATIENCE: Duration = Duration::from_secs(20);

const PAUSE: Duration = Duration::from_millis(20);

/// Looks until there is something to see, and returns it. `what` finishes the sentence "gave up waiting for …".
pub async fn eventually<T>(what: impl Display, look: impl AsyncFnMut() -> Option<T>) -> T {
    within(PATIENCE, what, look).await
}

/// As [`eventually`], with another patience.
pub async fn within<T>(patience: Duration, what: impl Display, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let wait = Wait::begin(patience);
    loop {
        if let Some(seen) = look().await {
            return seen;
        }
        wait.a_moment(&what).await;
    }
}

/// A wait in the making, for looks that no closure can hold.
pub(crate) struct Wait {
    start: Instant,
    patience: Duration,
}

impl Wait {
    pub(crate) fn begin(patience: Duration) -> Self {
        Self { start: Instant::now(), patience }
    }

    /// Until the next look. Panics when patience is at its end.
    pub(crate) async fn a_moment(&self, what: &impl Display) {
        let patience = self.patience;
        assert!(self.start.elapsed() < patience, "gave up after {} s waiting for {what}", patience.as_secs());
        tokio::time::sleep(PAUSE).await;
    }
}
