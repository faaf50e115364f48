//! A circuit breaker for a provider.
//!
//! A provider that refuses the key, or whose quota is spent, will refuse the next request as well. Its breaker opens,
//! so that replies go to the next provider without the delay of another refusal. After five minutes one request probes
//! it.
//!
//! **Invariant:** while the breaker is not closed, at most one request is admitted in five minutes.

use crate::provider::ProviderError;
use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How long an open breaker admits no request.
pub(super) const OPEN_FOR: Duration = Duration::from_mins(5);

/// The state is a plain mutex: it is locked for a comparison, a few times per request.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    state: Mutex<State>,
}

#[derive(Clone, Copy, Debug, Default)]
enum State {
    #[default]
    Closed,
    /// No request is admitted before this time, because of this error.
    Open(Instant, ProviderError),
    /// One request is on its way.
    Probing(Instant, ProviderError),
}

impl Breaker {
    /// Whether a request may be sent now. Its result should be reported with one of the other methods.
    pub(super) fn admits(&self, now: Instant) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match *state {
            State::Closed => true,
            State::Open(until, _) | State::Probing(until, _) if now < until => false,
            // A probe whose run was stopped reports nothing, so another one follows after the same time.
            State::Open(_, why) | State::Probing(_, why) => {
                *state = State::Probing(now + OPEN_FOR, why);
                true
            }
        }
    }

    /// Why requests are not admitted now; `None` when they are. Unlike [`Breaker::admits`] this changes nothing.
    pub(super) fn why_open(&self, now: Instant) -> Option<ProviderError> {
        match *self.state.lock().unwrap_or_else(PoisonError::into_inner) {
            State::Open(until, why) | State::Probing(until, why) if now < until => Some(why),
            _ => None,
        }
    }

    /// Reports that the provider answered.
    pub(super) fn close(&self) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = State::Closed;
    }

    /// Reports another failure. It opens the breaker again after a probe only.
    pub(super) fn reopen(&self, now: Instant) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let State::Probing(_, why) = *state {
            *state = State::Open(now + OPEN_FOR, why);
        }
    }

    /// Reports a refusal, which opens the breaker.
    pub(super) fn open(&self, now: Instant, why: ProviderError) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = State::Open(now + OPEN_FOR, why);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_breaker_admits_one_request_after_its_time() {
        let (breaker, start) = (Breaker::default(), Instant::now());
        assert!(breaker.admits(start));
        breaker.open(start, ProviderError::Connect);
        assert!(!breaker.admits(start + OPEN_FOR.saturating_sub(Duration::from_secs(1))));
        assert!(breaker.admits(start + OPEN_FOR));
        assert!(!breaker.admits(start + OPEN_FOR), "a second request went out beside the probe");
        assert_eq!(breaker.why_open(start + OPEN_FOR), Some(ProviderError::Connect));
        breaker.close();
        assert_eq!(breaker.why_open(start + OPEN_FOR), None);
        assert!(breaker.admits(start + OPEN_FOR));
    }

    #[test]
    fn a_failed_probe_opens_it_again() {
        let (breaker, start) = (Breaker::default(), Instant::now());
        breaker.open(start, ProviderError::Connect);
        assert!(breaker.admits(start + OPEN_FOR));
        breaker.open(start + OPEN_FOR, ProviderError::Connect);
        assert!(!breaker.admits(start + OPEN_FOR + Duration::from_secs(1)));
        assert!(breaker.admits(start + OPEN_FOR * 2));
    }

    #[test]
    fn a_probe_that_is_never_reported_does_not_block_for_ever() {
        let (breaker, start) = (Breaker::default(), Instant::now());
        breaker.open(start, ProviderError::Connect);
        assert!(breaker.admits(start + OPEN_FOR));
        assert!(breaker.admits(start + OPEN_FOR * 2));
    }
}
