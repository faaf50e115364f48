//! How many sockets an address has: one that opens thousands must not take them from everybody else.

use crate::service::{ServiceError, limits::address_block};
use dashmap::{DashMap, Entry};
use std::{net::IpAddr, sync::Arc, time::Duration};

/// Sockets of one address at the same time. A school or an office behind one address has hundreds of devices.
const SOCKETS_PER_ADDRESS: usize = 2_000;
/// When an address that has too many may try again.
const COME_BACK: Duration = Duration::from_secs(5);

/// The sockets of each address block.
#[derive(Debug)]
pub struct Crowd {
    /// `None` when limits are off.
    seats: Option<DashMap<String, usize>>,
    most: usize,
}

/// A socket that is counted until this is dropped.
#[derive(Debug)]
pub struct Seat {
    crowd: Arc<Crowd>,
    block: String,
}

impl Crowd {
    /// Nobody yet. `limited` is false when limits are off.
    #[must_use]
    pub fn new(limited: bool) -> Self {
        Self { seats: limited.then(DashMap::new), most: SOCKETS_PER_ADDRESS }
    }

    /// Counts a socket of an address; `None` when it is not counted.
    ///
    /// # Errors
    /// [`ServiceError::RateLimited`] when the address has too many.
    pub fn enter(this: &Arc<Self>, address: Option<IpAddr>) -> Result<Option<Seat>, ServiceError> {
        let (Some(seats), Some(address)) = (&this.seats, address) else { return Ok(None) };
        let block = address_block(address);
        let mut taken = seats.entry(block.clone()).or_insert(0);
        if *taken >= this.most {
            return Err(ServiceError::RateLimited(COME_BACK));
        }
        *taken += 1;
        drop(taken);
        Ok(Some(Seat { crowd: Arc::clone(this), block }))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Some(seats) = &self.crowd.seats else { return };
        if let Entry::Occupied(mut taken) = seats.entry(std::mem::take(&mut self.block)) {
            *taken.get_mut() -= 1;
            if *taken.get() == 0 {
                taken.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_many_seats_and_gets_them_back() {
        let crowd = Arc::new(Crowd { most: 2, ..Crowd::new(true) });
        let enter = |address: &str| Crowd::enter(&crowd, Some(address.parse().unwrap()));
        let (first, second) = (enter("192.0.2.1").unwrap(), enter("192.0.2.1").unwrap());
        assert!(matches!(enter("192.0.2.1"), Err(ServiceError::RateLimited(_))));
        assert!(enter("192.0.2.2").is_ok(), "others are not affected");
        drop(first);
        assert!(enter("192.0.2.1").is_ok());
        drop(second);
        assert!(crowd.seats.as_ref().unwrap().is_empty(), "nothing stays behind");
    }

    #[test]
    fn without_limits_nobody_is_counted() {
        let crowd = Arc::new(Crowd { most: 0, ..Crowd::new(false) });
        assert!(Crowd::enter(&crowd, Some("192.0.2.1".parse().unwrap())).unwrap().is_none());
    }
}
