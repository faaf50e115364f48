//! Rate limits: of guessing, shared by all nodes through the database, and of a user's requests, per node in memory.

use super::{Result, ServiceError, Services};
use crate::auth::secret;
use dashmap::DashMap;
use std::{
    fmt,
    net::IpAddr,
    sync::Arc,
    time::{Duration, Instant},
};
use tandem_protocol::{Timestamp, UserId};

/// Guessing is counted over this long.
const WINDOW: Duration = Duration::from_mins(10);
/// Registrations of an address in a window.
const REGISTRATIONS: i64 = 100;
/// Failed log-ins of an account in a window.
const FAILURES_OF_ACCOUNT: i64 = 20;
/// Failed log-ins of an address in a window.
const FAILURES_OF_ADDRESS: i64 = 100;
/// Longest wait that is asked of anybody: the right user is never locked out for long.
const MAX_WAIT: Duration = Duration::from_mins(1);
/// A signed-in user's requests, sustained and at once.
const REQUESTS_PER_SECOND: f64 = 100.0;
const REQUEST_BURST: f64 = 200.0;
/// Buckets are looked through for full ones when there are this many.
const SWEEP_AT: usize = 10_000;

/// A token bucket.
#[derive(Clone, Copy, Debug)]
pub struct Bucket {
    tokens: f64,
    at: Instant,
    per_second: f64,
    burst: f64,
}

impl Bucket {
    /// A full bucket that gains `per_second` and holds `burst`.
    #[must_use]
    pub fn full(per_second: f64, burst: f64, now: Instant) -> Self {
        Self { tokens: burst, at: now, per_second, burst }
    }

    /// Takes one, or says how long until there is one.
    pub fn take(&mut self, now: Instant) -> Result<(), Duration> {
        let gained = now.saturating_duration_since(self.at).as_secs_f64() * self.per_second;
        self.tokens = (self.tokens + gained).min(self.burst);
        self.at = now;
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            Ok(())
        } else {
            Err(Duration::from_secs_f64((1.0 - self.tokens) / self.per_second))
        }
    }

    fn is_full(&self, now: Instant) -> bool {
        let gained = now.saturating_duration_since(self.at).as_secs_f64() * self.per_second;
        self.tokens + gained >= self.burst
    }
}

/// One bucket per user who asked lately.
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
        if buckets.len() >= SWEEP_AT {
            buckets.retain(|_, bucket| !bucket.is_full(now));
        }
        let fresh = || Bucket::full(REQUESTS_PER_SECOND, REQUEST_BURST, now);
        buckets.entry(user.clone()).or_insert_with(fresh).take(now)
    }
}

impl Services {
    /// Counts a request of a signed-in user.
    pub fn admit(&self, user: &UserId) -> Result<()> {
        self.requests.take(user, Instant::now()).map_err(ServiceError::RateLimited)
    }

    /// Counts a registration from an address.
    pub(super) async fn admit_registration(&self, address: Option<IpAddr>, now: Timestamp) -> Result<()> {
        let (true, Some(address)) = (self.rate_limited(), address) else { return Ok(()) };
        let count = self.store().hit(&format!("register:{}", address_block(address)), WINDOW, now).await?;
        if count > REGISTRATIONS { Err(too_many(now)) } else { Ok(()) }
    }

    /// Refuses a log-in when too many have failed.
    pub(super) async fn admit_login(&self, email: &str, address: Option<IpAddr>, now: Timestamp) -> Result<()> {
        for (key, most) in self.guess_keys(email, address) {
            if self.store().hits(&key, WINDOW, now).await? >= most {
                return Err(too_many(now));
            }
        }
        Ok(())
    }

    /// Counts a failed log-in.
    pub(super) async fn note_failed_login(&self, email: &str, address: Option<IpAddr>, now: Timestamp) -> Result<()> {
        for (key, _) in self.guess_keys(email, address) {
            self.store().hit(&key, WINDOW, now).await?;
        }
        Ok(())
    }

    fn guess_keys(&self, email: &str, address: Option<IpAddr>) -> Vec<(String, i64)> {
        if !self.rate_limited() {
            return Vec::new();
        }
        let mut keys = vec![(account_key(email), FAILURES_OF_ACCOUNT)];
        keys.extend(address.map(|address| (format!("login-address:{}", address_block(address)), FAILURES_OF_ADDRESS)));
        keys
    }
}

/// An account in the counters, by a hash: no address stays behind there when its account is deleted.
fn account_key(email: &str) -> String {
    let hash = secret::hash(email);
    let shown = hash[..16].iter().map(|byte| format!("{byte:02x}"));
    format!("login-account:{}", shown.collect::<String>())
}

/// Who is counted as one: an IPv4 address, or the /64 that one IPv6 subscriber gets.
#[must_use]
pub fn address_block(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// Until the window ends, at most a minute.
fn too_many(now: Timestamp) -> ServiceError {
    let window = i64::try_from(WINDOW.as_millis()).unwrap_or(i64::MAX);
    let left = u64::try_from(window - now.as_millis().rem_euclid(window)).unwrap_or_default();
    ServiceError::RateLimited(Duration::from_millis(left).clamp(Duration::from_secs(1), MAX_WAIT))
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
