//! Rate limits: of guessing, shared by all nodes through the database, and of a user's requests, per node in memory.

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

/// What may be done so often comes back over this long, one by one: nobody waits longer than for the next one, which is
/// half a minute for an account and seconds for an address. The right user is never locked out for long.
pub(super) const WINDOW: Duration = Duration::from_mins(10);
/// Registrations of an address.
const REGISTRATIONS: u32 = 100;
/// Failed log-ins of an account from devices that it does not know. A device that it knows has as many of its own, and so
/// has each session whose user is asked for the password again.
const FAILURES_OF_ACCOUNT: u32 = 20;
/// Failed log-ins and refused attempts of an address.
const FAILURES_OF_ADDRESS: u32 = 100;
/// The answer's limits for a wait.
const WAITS: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_mins(1);
/// A signed-in user's requests, sustained and at once.
const REQUESTS_PER_SECOND: f64 = 100.0;
const REQUEST_BURST: f64 = 200.0;
/// Buckets are looked through for full ones when there are this many.
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
    #[must_use]
    pub fn full(per_second: f64, burst: f64, now: Instant) -> Self {
        Self { tokens: burst, at: now, per_second, burst }
    }

    /// Takes one, or says how long until there is one.
    pub fn take(&mut self, now: Instant) -> Result<(), Duration> {
        self.check(now)?;
        self.tokens = self.after_gain(now) - 1.0;
        self.at = now;
        Ok(())
    }

    /// Whether there is one, or how long until there is.
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

    fn check(&self, user: &UserId, now: Instant) -> Result<(), Duration> {
        self.buckets.as_ref().and_then(|buckets| buckets.get(user)).map_or(Ok(()), |bucket| bucket.check(now))
    }
}

impl Services {
    /// Counts a request of a signed-in user.
    pub fn count_request(&self, user: &UserId) -> Result<()> {
        self.requests.take(user, Instant::now()).map_err(ServiceError::RateLimited)
    }

    /// Whether a request of a user would not be one too many. It does not count: nobody has looked yet whether the session
    /// is alive, and one that is over takes nothing from its user.
    pub(super) fn may_request(&self, user: &UserId) -> Result<()> {
        self.requests.check(user, Instant::now()).map_err(ServiceError::RateLimited)
    }

    /// Counts a registration from an address.
    pub(super) async fn admit_registration(&self, address: Option<IpAddr>, now: Timestamp) -> Result<()> {
        let limit = address.map(|address| limit("register", &address_block(address), REGISTRATIONS));
        self.take(limit.as_slice(), now).await
    }

    /// Counts a guess at a password before it is made, so that guesses at the same time are not more than those one after
    /// the other. What is right is given back, see [`Services::forgive`].
    pub(super) async fn admit_guess(&self, guess: &Guess, now: Timestamp) -> Result<()> {
        self.take(&guess.0, now).await
    }

    /// Takes back that a guess was counted: it was right, or it was never made.
    pub(super) async fn forgive(&self, guess: &Guess) -> Result<()> {
        if self.rate_limited() { Ok(self.store().give_back(&guess.0).await?) } else { Ok(()) }
    }

    async fn take(&self, limits: &[RateLimit], now: Timestamp) -> Result<()> {
        if !self.rate_limited() || limits.is_empty() {
            return Ok(());
        }
        match self.store().take(limits, now).await? {
            None => Ok(()),
            Some(wait) => Err(ServiceError::RateLimited(wait.clamp(*WAITS.start(), *WAITS.end()))),
        }
    }
}

/// An attempt to get past a password, and against what it counts.
///
/// The address is charged first, and stays charged when the account refuses: otherwise an address whose attempts are all
/// refused could go on for ever. The order is the same for all attempts, so that two of them never wait for each other.
#[derive(Clone, Debug)]
pub(super) struct Guess(Vec<RateLimit>);

impl Guess {
    /// At the log-in with an e-mail address (in its compared form), whether or not somebody has it. `device` is a session
    /// of this account, alive or not, whose refresh token came with the attempt: strangers who use up the attempts of the
    /// account do not lock that device out.
    pub(super) fn at_login(email: &str, device: Option<SessionId>, address: Option<IpAddr>) -> Self {
        let account = match device {
            Some(SessionId(device)) => limit("login-device", &device.simple().to_string(), FAILURES_OF_ACCOUNT),
            None => limit("login-account", &hashed(email), FAILURES_OF_ACCOUNT),
        };
        Self::from(address, account)
    }

    /// In a session, where its user is asked for the password again. Each session counts for itself: whoever has stolen
    /// one does not use up the attempts of the others.
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

/// An account in the counters, by a hash: no address stays behind there when its account is deleted.
fn hashed(name: &str) -> String {
    let hash = secret::hash(name);
    let shown = hash[..16].iter().map(|byte| format!("{byte:02x}"));
    shown.collect::<Vec<_>>().concat()
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
