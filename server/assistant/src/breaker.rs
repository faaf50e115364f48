//! A circuit breaker: a provider that refuses our key, or whose quota is spent, rests; then one request probes it.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How long a provider rests.
pub(super) const OPEN_FOR: Duration = Duration::from_mins(5);

/// Open after a refusal; half open when the rest is over, until the probe says how it is.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    state: Mutex<State>,
}

#[derive(Clone, Copy, Debug, Default)]
enum State {
    #[default]
    Closed,
    /// Nobody asks until then.
    Open(Instant),
    /// Somebody asks; the others wait until then, in case the answer is never reported.
    Probing(Instant),
}

impl Breaker {
    /// Whether the provider may be asked now. Whoever is let through must report how it went.
    pub(super) fn admits(&self, now: Instant) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match *state {
            State::Closed => true,
            State::Open(until) | State::Probing(until) if now < until => false,
            State::Open(_) | State::Probing(_) => {
                *state = State::Probing(now + OPEN_FOR);
                true
            }
        }
    }

    /// The provider answered in time.
    pub(super) fn close(&self) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = State::Closed;
    }

    /// It failed otherwise: only a probe makes it rest again.
    pub(super) fn reopen(&self, now: Instant) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*state, State::Probing(_)) {
            *state = State::Open(now + OPEN_FOR);
        }
    }

    /// It refused us: it rests from now on.
    pub(super) fn open(&self, now: Instant) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = State::Open(now + OPEN_FOR);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_provider_rests_then_one_request_probes_it() {
        let (breaker, start) = (Breaker::default(), Instant::now());
        assert!(breaker.admits(start));
        breaker.open(start);
        assert!(!breaker.admits(start + OPEN_FOR.saturating_sub(Duration::from_secs(1))));
        assert!(breaker.admits(start + OPEN_FOR));
        assert!(!breaker.admits(start + OPEN_FOR), "a second request went out beside the probe");
        breaker.close();
        assert!(breaker.admits(start + OPEN_FOR));
    }

    #[test]
    fn a_failed_probe_lets_it_rest_again() {
        let (breaker, start) = (Breaker::default(), Instant::now());
        breaker.open(start);
        assert!(breaker.admits(start + OPEN_FOR));
        breaker.open(start + OPEN_FOR);
        assert!(!breaker.admits(start + OPEN_FOR + Duration::from_secs(1)));
        assert!(breaker.admits(start + OPEN_FOR * 2));
    }

    #[test]
    fn a_probe_that_is_never_told_does_not_block_for_ever() {
        let (breaker, start) = (Breaker::default(), Instant::now());
        breaker.open(start);
        assert!(breaker.admits(start + OPEN_FOR));
        assert!(breaker.admits(start + OPEN_FOR * 2));
    }
}
