//! Time, ids and random numbers of a run.
//!
//! The provider and the devices are in one process, so one monotonic clock writes the time stamp of a token and reads it
//! again. Random choices depend on the seed alone, so that a run can be repeated.

use rand::{RngExt, SeedableRng, rngs::SmallRng};
use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tandem_protocol::Timestamp;
use uuid::{Builder, Uuid};

/// The clock of a run. All copies have the same start.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
    started_at: Duration,
}

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "the only place that reads the system clock")]
    pub fn start() -> Self {
        let started_at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { start: Instant::now(), started_at }
    }

    /// Nanoseconds since the start.
    pub fn now(self) -> u64 {
        u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    pub fn elapsed(self) -> Duration {
        self.start.elapsed()
    }

    /// The start by the system clock plus the monotonic time since then.
    pub fn time_of_day(self) -> Timestamp {
        Timestamp::from_millis(i64::try_from(self.unix_millis()).unwrap_or(i64::MAX))
    }

    fn unix_millis(self) -> u64 {
        // Not read from the system again: its clock may be set during a run, and no duration may become negative.
        u64::try_from((self.started_at + self.start.elapsed()).as_millis()).unwrap_or(u64::MAX)
    }
}

/// The random numbers and ids of one virtual user: the same seed makes the same choices.
#[derive(Debug)]
pub struct Rng {
    rng: Mutex<SmallRng>,
    clock: Clock,
}

impl Rng {
    /// The generator of user number `user` in a run with this seed.
    pub fn new(clock: Clock, seed: u64, user: usize) -> Self {
        let user = u64::try_from(user).unwrap_or(u64::MAX);
        // A large odd factor (2^64 divided by the golden ratio): seeds of neighbouring users share no low bits.
        let seed = seed.wrapping_add(user.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        Self { rng: Mutex::new(SmallRng::seed_from_u64(seed)), clock }
    }

    /// A new `UUIDv7`. The random half is unique within a run, the time makes it unique between runs with one seed.
    pub fn uuid(&self) -> Uuid {
        Builder::from_unix_timestamp_millis(self.clock.unix_millis(), &self.draw(SmallRng::random)).into_uuid()
    }

    /// A number from 0, below `end`; 0 when `end` is 0.
    pub fn below(&self, end: usize) -> usize {
        if end == 0 { 0 } else { self.draw(|rng| rng.random_range(0..end)) }
    }

    /// A duration between two durations.
    pub fn between(&self, least: Duration, most: Duration) -> Duration {
        least + most.saturating_sub(least).mul_f64(self.draw(SmallRng::random))
    }

    /// Random words of four letters, as many as fit into `bytes` with a space after each.
    pub fn words(&self, bytes: usize) -> String {
        let letter = || char::from(b"abcdefghijklmnopqrstuvwxyz"[self.below(26)]);
        let word = || String::from_iter([letter(), letter(), letter(), letter()]);
        (0..bytes / 5).map(|_| word()).collect::<Vec<_>>().join(" ")
    }

    pub fn seed(&self) -> u64 {
        self.draw(SmallRng::random)
    }

    fn draw<T>(&self, draw: impl FnOnce(&mut SmallRng) -> T) -> T {
        draw(&mut self.rng.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
