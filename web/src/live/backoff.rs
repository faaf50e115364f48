//! The pause before the next attempt to connect. It has full jitter, so that the devices of a server that restarts do
//! not reconnect at the same time.

use std::time::Duration;
use tandem_protocol::limits::reconnect_ceiling;

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Backoff {
    failed: u32,
}

impl Backoff {
    /// The pause before the next attempt. `share` is random: what part of the longest pause it is, of [`u16::MAX`].
    pub(crate) fn next_pause(&mut self, share: u16) -> Duration {
        let ceiling = reconnect_ceiling(self.failed);
        self.failed = self.failed.saturating_add(1);
        ceiling * u32::from(share) / u32::from(u16::MAX)
    }

    /// Resets the pause, after a connection that worked.
    pub(crate) fn succeeded(&mut self) {
        self.failed = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_doubles_up_to_twenty_seconds() {
        let mut backoff = Backoff::default();
        let ceilings: Vec<_> = (0..8).map(|_| backoff.next_pause(u16::MAX).as_millis()).collect();
        assert_eq!(ceilings, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000]);
    }

    #[test]
    fn jitter_is_full() {
        let mut backoff = Backoff::default();
        assert_eq!(backoff.next_pause(0), Duration::ZERO);
        assert_eq!(backoff.next_pause(u16::MAX / 5), Duration::from_millis(200));
    }

    #[test]
    fn a_connection_that_stood_starts_the_count_again() {
        let mut backoff = Backoff::default();
        for _ in 0..40 {
            backoff.next_pause(u16::MAX / 2);
        }
        backoff.succeeded();
        assert_eq!(backoff.next_pause(u16::MAX), Duration::from_millis(500));
    }
}
