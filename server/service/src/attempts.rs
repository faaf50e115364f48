//! Rate limits of attempts to guess what lets somebody in: passwords, links, invitations and set-up codes.
//!
//! All nodes share them through the database, because a guess is worth counting exactly: a hundred nodes must not allow
//! a hundred times as many.
//!
//! An attempt of a stranger counts for its address and, with IPv6, for the network around it, too. A network that is
//! handed out as a whole holds 65,536 of what counts as one address, and would allow as many times the guesses.
//!
//! **Invariant:** a limit never locks the right user out for long. It comes back one use at a time, a known device and
//! each session have limits of their own, and neighbours in a network use up nothing of theirs.
//!
//! **Invariant:** what is counted is named by a hash with a key of the server. A copy of the database shows no account,
//! session or address, nor whether a guessed one is in it.

use super::{Result, ServiceError, Services, limits::address_block};
use std::{net::IpAddr, ops::RangeInclusive, time::Duration};
use tandem_auth::token::KeyRing;
use tandem_protocol::{SessionId, Timestamp};
use tandem_store::RateLimit;

/// The time in which a whole limit comes back, one use at a time: the longest wait is that for the next use, half a
/// minute for an account and seconds for an address.
pub(super) const WINDOW: Duration = Duration::from_mins(10);
/// Failed log-ins of an account from devices that it does not know. A device that it knows has a limit of its own of
/// the same size, and so has each session in which the password is required again.
const OF_ACCOUNT: u32 = 20;
/// Registrations, attempts with a link, and failed log-ins of an address, each counted by itself.
const OF_ADDRESS: u32 = 100;
/// The same of the /48 around an IPv6 address. More than of an address, because subscribers of a mobile network share one.
const OF_NETWORK: u32 = 1_000;
/// The shortest and the longest wait that an answer names.
const WAITS: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_mins(1);

impl Services {
    /// Counts a registration from an address.
    #[tracing::instrument(level = "debug", skip_all)]
    pub(super) async fn admit_registration(&self, address: Option<IpAddr>, now: Timestamp) -> Result<()> {
        self.take(&of_stranger(&self.deps.keys, "register", address), now).await
    }

    /// Counts an attempt to set a password by a link.
    #[tracing::instrument(level = "debug", skip_all)]
    pub(super) async fn admit_reset(&self, address: Option<IpAddr>, now: Timestamp) -> Result<()> {
        self.take(&of_stranger(&self.deps.keys, "reset", address), now).await
    }

    /// An attempt at the log-in with an e-mail address (in its compared form), whether or not it has an account.
    /// `device` is a session of this account, alive or not, whose refresh token came with the attempt: strangers who use
    /// up the limit of the account or of the network do not lock that device out.
    pub(super) fn login_attempt(
        &self,
        email: &str,
        device: Option<SessionId>,
        address: Option<IpAddr>,
    ) -> PasswordAttempt {
        let keys = &self.deps.keys;
        let (mut limits, account) = match device {
            Some(SessionId(device)) => {
                (of_known(keys, address), limit(keys, "login-device", device.as_bytes(), OF_ACCOUNT))
            }
            None => (of_stranger(keys, "login", address), limit(keys, "login-account", email.as_bytes(), OF_ACCOUNT)),
        };
        limits.push(account);
        PasswordAttempt(limits)
    }

    /// An attempt in a session whose user has to give the password again. Each session has its own limit: a thief of one
    /// does not use up the limit of the others.
    pub(super) fn session_attempt(&self, SessionId(session): SessionId, address: Option<IpAddr>) -> PasswordAttempt {
        let keys = &self.deps.keys;
        let mut limits = of_known(keys, address);
        limits.push(limit(keys, "password", session.as_bytes(), OF_ACCOUNT));
        PasswordAttempt(limits)
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
/// refused could continue without end. The order is the same for all attempts (address, network, account), so that two
/// of them never wait for each other's rows.
#[derive(Clone, Debug)]
pub(super) struct PasswordAttempt(Vec<RateLimit>);

/// What an attempt of somebody unknown counts against: its address, then the network around that.
fn of_stranger(keys: &KeyRing, what: &str, address: Option<IpAddr>) -> Vec<RateLimit> {
    let Some(address) = address else { return Vec::new() };
    let network = network_block(address);
    let network = network.map(|block| limit(keys, &format!("{what}-network"), block.as_bytes(), OF_NETWORK));
    std::iter::once(of_address(keys, what, address)).chain(network).collect()
}

/// What an attempt of a device that the account knows counts against, before its own limit.
fn of_known(keys: &KeyRing, address: Option<IpAddr>) -> Vec<RateLimit> {
    address.map(|address| of_address(keys, "login", address)).into_iter().collect()
}

fn of_address(keys: &KeyRing, what: &str, address: IpAddr) -> RateLimit {
    limit(keys, &format!("{what}-address"), address_block(address).as_bytes(), OF_ADDRESS)
}

fn limit(keys: &KeyRing, what: &str, by: &[u8], burst: u32) -> RateLimit {
    let name = keys.pseudonym(&[what.as_bytes(), b"\0", by].concat());
    RateLimit { key: format!("{what}:{name}"), burst, every: WINDOW / burst }
}

/// The /48 around an IPv6 address, the largest that one customer is usually given (RFC 6177).
fn network_block(address: IpAddr) -> Option<String> {
    let IpAddr::V6(address) = address.to_canonical() else { return None };
    let [a, b, c, ..] = address.segments();
    Some(format!("{a:x}:{b:x}:{c:x}::/48"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn keys(name: &str) -> KeyRing {
        KeyRing::parse(&format!("{name}:0123456789abcdef0123456789abcdef{name}"), WINDOW).unwrap()
    }

    fn stranger(address: &str) -> Vec<(String, u32)> {
        let limits = of_stranger(&keys("k1"), "register", Some(address.parse().unwrap()));
        limits.into_iter().map(|limit| (limit.key, limit.burst)).collect()
    }

    #[test]
    fn subscribers_of_a_network_have_limits_of_their_own_and_one_together() {
        let (one, other) = (stranger("2001:db8:1:2::1"), stranger("2001:db8:1:ff03::1"));
        assert_eq!(one.iter().map(|(_, burst)| *burst).collect::<Vec<_>>(), [100, 1_000]);
        assert_ne!(one[0], other[0]);
        assert_eq!(one[1], other[1]);
        let elsewhere = stranger("2001:db8:2:2::1");
        assert!(!one.contains(&elsewhere[0]) && !one.contains(&elsewhere[1]));
        for address in ["10.0.0.1", "::ffff:10.0.0.1"] {
            assert_eq!(stranger(address), stranger("10.0.0.1"));
            assert_eq!(stranger(address).len(), 1, "an address of IPv4 is scarce enough");
        }
        assert!(of_stranger(&keys("k1"), "register", None).is_empty());
    }

    #[test]
    fn what_is_counted_is_named_by_a_key_of_the_server() {
        let by = |name: &str, what: &str, by: &[u8]| limit(&keys(name), what, by, OF_ACCOUNT).key;
        let key = by("k1", "login-account", b"ann@example.test");
        assert_eq!(key, by("k1", "login-account", b"ann@example.test"));
        let (what, name) = key.split_once(':').unwrap();
        assert_eq!((what, name.len()), ("login-account", 22));
        let others = [
            by("k2", "login-account", b"ann@example.test"),
            by("k1", "login-account", b"bea@example.test"),
            by("k1", "password", b"ann@example.test"),
        ];
        assert!(others.iter().all(|other| !other.ends_with(name)), "{others:?}");
        let session = Uuid::from_u128(7);
        assert!(!by("k1", "password", session.as_bytes()).contains(&session.simple().to_string()));
    }
}
