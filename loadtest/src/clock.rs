//! Time and ids. Provider and devices live in one process, so that one monotonic clock stamps a token and reads the stamp.

use rand::{RngExt, SeedableRng, rngs::SmallRng};
use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tandem_protocol::Timestamp;
use uuid::{Builder, Uuid};

/// The clock of a run. Copies of it agree.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
    started_at: Duration,
}

impl Clock {
    /// Starts at zero, now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place where a run learns the time of day")]
    pub fn start() -> Self {
        let started_at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { start: Instant::now(), started_at }
    }

    /// Nanoseconds since the start.
    #[must_use]
    pub fn now(self) -> u64 {
        u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// Time since the start.
    #[must_use]
    pub fn elapsed(self) -> Duration {
        self.start.elapsed()
    }

    /// The time of day.
    #[must_use]
    pub fn time_of_day(self) -> Timestamp {
        Timestamp::from_millis(i64::try_from(self.unix_millis()).unwrap_or(i64::MAX))
    }

    fn unix_millis(self) -> u64 {
        u64::try_from((self.started_at + self.start.elapsed()).as_millis()).unwrap_or(u64::MAX)
    }
}

/// Rng and ids of one virtual user: the same seed throws the same dice.
#[derive(Debug)]
pub struct Rng {
    rng: Mutex<SmallRng>,
    clock: Clock,
}

impl Rng {
    /// Rng of their own for each user of a run.
    #[must_use]
    pub fn new(clock: Clock, seed: u64, user: usize) -> Self {
        let user = u64::try_from(user).unwrap_or(u64::MAX);
        let seed = seed.wrapping_add(user.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        Self { rng: Mutex::new(SmallRng::seed_from_u64(seed)), clock }
    }

    /// A new `UUIDv7`. Its random half is unique within a run; its time makes it unique between runs of one seed.
    pub fn uuid(&self) -> Uuid {
        Builder::from_unix_timestamp_millis(self.clock.unix_millis(), &self.throw(SmallRng::random)).into_uuid()
    }

    /// A number from 0, below `end`; 0 when `end` is 0.
    pub fn below(&self, end: usize) -> usize {
        if end == 0 { 0 } else { self.throw(|rng| rng.random_range(0..end)) }
    }

    /// A time between two.
    pub fn between(&self, least: Duration, most: Duration) -> Duration {
        least + most.saturating_sub(least).mul_f64(self.throw(SmallRng::random))
    }

    /// Where dice that go by these may start.
    pub fn seed(&self) -> u64 {
        self.throw(SmallRng::random)
    }

    fn throw<T>(&self, throw: impl FnOnce(&mut SmallRng) -> T) -> T {
        throw(&mut self.rng.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
