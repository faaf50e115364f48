//! Rate limits: of attempts to guess a password, shared by all nodes through the database, and of a user's requests,
//! per node in memory.
//!
//! A guess is worth counting exactly: a hundred nodes must not allow a hundred times as many. A request is not: a trip
//! to the database for each would cost more than most requests.
//!
//! **Invariant:** a limit never locks the right user out for long. It comes back one use at a time, and a known device
//! and each session have limits of their own.

use super::{Result, ServiceError, Services};
use dashmap::DashMap;
use std::{
    fmt,
    net::IpAddr,
    ops::RangeInclusive,
    sync::Arc,
    time::{Duration, Instant},
};
use tandem_auth::secret;
use tandem_protocol::{SessionId, Timestamp, UserId};
use tandem_store::RateLimit;

/// The time in which a whole limit comes back, one use at a time: the longest wait is that for the next use, half a
/// minute for an account and seconds for an address.
pub(super) const WINDOW: Duration = Duration::from_mins(10);
/// Registrations of an address.
const REGISTRATIONS: u32 = 100;
/// Failed log-ins of an account from devices that it does not know. A device that it knows has a limit of its own of
/// the same size, and so has each session in which the password is required again.
const FAILURES_OF_ACCOUNT: u32 = 20;
/// Failed log-ins and refused attempts of an address.
const FAILURES_OF_ADDRESS: u32 = 100;
/// The shortest and the longest wait that an answer names.
const WAITS: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_mins(1);
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

    /// Counts a registration from an address.
    #[tracing::instrument(level = "debug", skip_all)]
    pub(super) async fn admit_registration(&self, address: Option<IpAddr>, now: Timestamp) -> Result<()> {
        let limit = address.map(|address| limit("register", &address_block(address), REGISTRATIONS));
        self.take(limit.as_slice(), now).await
    }

    /// Counts an attempt to set a password by a link.
    #[tracing::instrument(level = "debug", skip_all)]
    pub(super) async fn admit_reset(&self, address: Option<IpAddr>, now: Timestamp) -> Result<()> {
        let limit = address.map(|address| limit("reset", &address_block(address), FAILURES_OF_ADDRESS));
        self.take(limit.as_slice(), now).await
    }

    /// Counts an attempt before it is made, so that attempts at the same time are not more than those one after the
    /// other. An attempt that was right is returned, see [`Services::give_back_attempt`].
    #[tracing::instrument(level = "debug", skip_all)]
    pub(super) async fn admit_attempt(&self, attempt: &PasswordAttempt, now: Timestamp) -> Result<()> {
        self.take(&attempt.0, now).await
    }

    /// Returns an attempt: the password was right, or was not compared.
    #[tracing::instrument(level = "debug", skip_all)]
    pub(super) async fn give_back_attempt(&self, attempt: &PasswordAttempt) -> Result<()> {
        if self.rate_limited() { Ok(self.store().give_back(&attempt.0).await?) } else { Ok(()) }
    }

    async fn take(&self, limits: &[RateLimit], now: Timestamp) -> Result<()> {
        if !self.rate_limited() || limits.is_empty() {
            return Ok(());
        }
        match self.store().take(limits, now).await? {
            None => Ok(()),
            // At least a second, which clients can express, and at most a minute: the limit comes back one use at a
            // time.
            Some(wait) => Err(ServiceError::RateLimited(wait.clamp(*WAITS.start(), *WAITS.end()))),
        }
    }
}

/// An attempt at a password, and the limits that it counts against.
///
/// The address comes first, and stays counted when the account refuses: otherwise an address whose attempts are all
/// refused could continue without end. The order is the same for all attempts, so that two of them never wait for each
/// other's rows.
#[derive(Clone, Debug)]
pub(super) struct PasswordAttempt(Vec<RateLimit>);

impl PasswordAttempt {
    /// At the log-in with an e-mail address (in its compared form), whether or not it has an account. `device` is a
    /// session of this account, alive or not, whose refresh token came with the attempt: strangers who use up the limit
    /// of the account do not lock that device out.
    pub(super) fn at_login(email: &str, device: Option<SessionId>, address: Option<IpAddr>) -> Self {
        let account = match device {
            Some(SessionId(device)) => limit("login-device", &device.simple().to_string(), FAILURES_OF_ACCOUNT),
            None => limit("login-account", &hashed(email), FAILURES_OF_ACCOUNT),
        };
        Self::from(address, account)
    }

    /// In a session whose user has to give the password again. Each session has its own limit: a thief of one does not
    /// use up the limit of the others.
    pub(super) fn in_session(SessionId(session): SessionId, address: Option<IpAddr>) -> Self {
        Self::from(address, limit("password", &session.simple().to_string(), FAILURES_OF_ACCOUNT))
    }

    fn from(address: Option<IpAddr>, account: RateLimit) -> Self {
        let of_address = address.map(|address| limit("login-address", &address_block(address), FAILURES_OF_ADDRESS));
        Self(of_address.into_iter().chain([account]).collect())
    }
}

fn limit(what: &str, by: &str, burst: u32) -> RateLimit {
    RateLimit { key: format!("{what}:{by}"), burst, every: WINDOW / burst }
}

/// The name of an account in a counter: a hash, so that no address stays behind when the account is deleted.
fn hashed(name: &str) -> String {
    let hash = secret::hash(name);
    let shown = hash[..16].iter().map(|byte| format!("{byte:02x}"));
    shown.collect::<Vec<_>>().concat()
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
