//! Rate limits of a user's requests, per node in memory, and what counts as one client.
//!
//! A request is not worth counting exactly: a trip to the database for each would cost more than most requests.
//! Attempts to guess a password are, and `attempts` counts them.

use super::{Result, ServiceError, Services};
use dashmap::DashMap;
use std::{
    fmt,
    net::IpAddr,
    sync::Arc,
    time::{Duration, Instant},
};
use tandem_protocol::UserId;

/// A signed-in user's requests, sustained and at once.
const REQUESTS_PER_SECOND: f64 = 100.0;
const REQUEST_BURST: f64 = 200.0;
/// Full buckets are removed when there are this many.
const SWEEP_AT: usize = 10_000;

#[derive(Clone, Copy, Debug)]
pub struct Bucket {
    tokens: f64,
    at: Instant,
    per_second: f64,
    burst: f64,
}

impl Bucket {
    /// A full bucket that gains `per_second` and holds `burst`.
    pub fn full(per_second: f64, burst: f64, now: Instant) -> Self {
        Self { tokens: burst, at: now, per_second, burst }
    }

    /// Takes one.
    ///
    /// # Errors
    /// The time until there is one.
    pub fn take(&mut self, now: Instant) -> Result<(), Duration> {
        self.check(now)?;
        self.tokens = self.after_gain(now) - 1.0;
        self.at = now;
        Ok(())
    }

    /// Checks that there is one; the error is the time until then.
    fn check(&self, now: Instant) -> Result<(), Duration> {
        let tokens = self.after_gain(now);
        if tokens >= 1.0 { Ok(()) } else { Err(Duration::from_secs_f64((1.0 - tokens) / self.per_second)) }
    }

    fn is_full(&self, now: Instant) -> bool {
        self.after_gain(now) >= self.burst
    }

    fn after_gain(&self, now: Instant) -> f64 {
        let gained = now.saturating_duration_since(self.at).as_secs_f64() * self.per_second;
        (self.tokens + gained).min(self.burst)
    }
}

/// One bucket for each user with requests lately.
#[derive(Clone)]
pub struct RequestLimits {
    buckets: Option<Arc<DashMap<UserId, Bucket>>>,
}

impl fmt::Debug for RequestLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestLimits").field("on", &self.buckets.is_some()).finish()
    }
}

impl RequestLimits {
    pub(super) fn new(on: bool) -> Self {
        Self { buckets: on.then(Arc::default) }
    }

    fn take(&self, user: &UserId, now: Instant) -> Result<(), Duration> {
        let Some(buckets) = &self.buckets else { return Ok(()) };
        // A full bucket is as good as none.
        if buckets.len() >= SWEEP_AT {
            buckets.retain(|_, bucket| !bucket.is_full(now));
        }
        let fresh = || Bucket::full(REQUESTS_PER_SECOND, REQUEST_BURST, now);
        buckets.entry(user.clone()).or_insert_with(fresh).take(now)
    }

    fn check(&self, user: &UserId, now: Instant) -> Result<(), Duration> {
        self.buckets.as_ref().and_then(|buckets| buckets.get(user)).map_or(Ok(()), |bucket| bucket.check(now))
    }
}

impl Services {
    /// Counts a request of a signed-in user.
    ///
    /// # Errors
    /// [`ServiceError::RateLimited`] when the user has sent too many lately.
    pub fn count_request(&self, user: &UserId) -> Result<()> {
        self.requests.take(user, Instant::now()).map_err(ServiceError::RateLimited)
    }

    /// Checks that a request of a user would not exceed the limit. Does not count it: the session is not looked up yet,
    /// and one that is over must not use up the limit of its user.
    pub(super) fn may_request(&self, user: &UserId) -> Result<()> {
        self.requests.check(user, Instant::now()).map_err(ServiceError::RateLimited)
    }
}

/// What counts as one address: an IPv4 address, or the /64 that one IPv6 subscriber gets.
pub fn address_block(address: IpAddr) -> String {
    // An IPv4 address that is written as IPv6 is the same client.
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            // A subscriber can use every address of a /64.
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_its_burst_then_its_rate() {
        let start = Instant::now();
        let mut bucket = Bucket::full(10.0, 3.0, start);
        assert!((0..3).all(|_| bucket.take(start).is_ok()));
        let wait = bucket.take(start).unwrap_err();
        assert!(wait <= Duration::from_millis(100) && wait > Duration::from_millis(99));
        assert!(bucket.take(start + Duration::from_millis(101)).is_ok());
        assert!(bucket.take(start + Duration::from_millis(102)).is_err());
    }

    #[test]
    fn ipv6_subscribers_are_counted_as_one() {
        let block_of = |text: &str| address_block(text.parse().unwrap());
        assert_eq!(block_of("2001:db8:1:2::1"), block_of("2001:db8:1:2:ffff::9"));
        assert_ne!(block_of("2001:db8:1:2::1"), block_of("2001:db8:1:3::1"));
        assert_eq!(block_of("::ffff:10.0.0.1"), block_of("10.0.0.1"));
    }
}
