//! Limits on sockets: of each address, and of each user before `hello`. One client must not take the memory of all
//! others with thousands of sockets.
//!
//! After `hello` a socket is registered in the hub, which closes the oldest one of a user who has too many. Before it
//! the hub does not know the socket, although it takes memory and may hold an incomplete frame.
//!
//! A socket counts for its address until it has ended.

use std::{net::IpAddr, sync::Arc, time::Duration};
use tandem_protocol::UserId;
use tandem_runtime::permits::{Permit, Permits};
use tandem_service::{ServiceError, limits::address_block};

/// Sockets of one address at the same time. A school or an office behind one address has hundreds of devices.
const SOCKETS_PER_ADDRESS: usize = 2_000;
/// When a client over a limit may try again.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// Counts the sockets of each address block, and of each user those before their `hello`.
#[derive(Debug)]
pub struct ConnectionLimiter {
    /// `None` when limits are off.
    of_address: Option<Arc<Permits<String>>>,
    before_hello: Arc<Permits<UserId>>,
}

/// A socket that is counted for its address until this is dropped.
pub type AddressPermit = Permit<String>;
/// A socket that is counted for its user until this is dropped.
pub type UserPermit = Permit<UserId>;

impl ConnectionLimiter {
    /// Creates a limiter without sockets. A user may have `per_user` of them before their `hello`; `limited` is false
    /// when limits are off.
    pub fn new(limited: bool, per_user: usize) -> Self {
        Self { of_address: limited.then(|| Permits::new(SOCKETS_PER_ADDRESS)), before_hello: Permits::new(per_user) }
    }

    /// Counts a socket of an address; `None` when it is not counted.
    ///
    /// # Errors
    /// [`ServiceError::RateLimited`] when the address has too many.
    pub fn of_address(&self, address: Option<IpAddr>) -> Result<Option<AddressPermit>, ServiceError> {
        let (Some(permits), Some(address)) = (&self.of_address, address) else { return Ok(None) };
        permits.try_acquire(address_block(address)).ok_or(ServiceError::RateLimited(RETRY_AFTER)).map(Some)
    }

    /// Counts a socket of a user, until it has its `hello`.
    ///
    /// # Errors
    /// [`ServiceError::RateLimited`] when the user has too many.
    pub fn before_hello(&self, user: &UserId) -> Result<UserPermit, ServiceError> {
        self.before_hello.try_acquire(user.clone()).ok_or(ServiceError::RateLimited(RETRY_AFTER))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_and_a_user_have_so_many_and_get_them_back() {
        let limiter = ConnectionLimiter { of_address: Some(Permits::new(2)), before_hello: Permits::new(1) };
        let acquire = |address: &str| limiter.of_address(Some(address.parse().unwrap()));
        let (first, _second) = (acquire("192.0.2.1").unwrap(), acquire("192.0.2.1").unwrap());
        assert!(matches!(acquire("192.0.2.1"), Err(ServiceError::RateLimited(_))));
        assert!(acquire("192.0.2.2").is_ok(), "others are not affected");
        drop(first);
        assert!(acquire("192.0.2.1").is_ok());
        let ann = limiter.before_hello(&"ann".into()).unwrap();
        assert!(limiter.before_hello(&"ann".into()).is_err());
        assert!(limiter.before_hello(&"ben".into()).is_ok());
        drop(ann);
        assert!(limiter.before_hello(&"ann".into()).is_ok());
    }

    #[test]
    fn without_limits_no_address_is_counted() {
        let limiter = ConnectionLimiter::new(false, 1);
        assert!(limiter.of_address(Some("192.0.2.1".parse().unwrap())).unwrap().is_none());
    }
}
