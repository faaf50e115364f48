//! The server that is measured, and the ways to it: source addresses for many sockets, and how many may knock at once.

use crate::measure::Meter;
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};
use tokio::sync::Semaphore;

/// Sockets from one address of this machine: a system has some 28,000 ports for them, and those of closed sockets rest.
const SOCKETS_PER_ADDRESS: u32 = 20_000;
/// Devices that connect at once while a crowd gathers: fewer than a listener's queue takes.
const ARRIVING: usize = 256;

/// Where the server is and how it is watched. Copies share what they hand out.
#[derive(Clone, Debug)]
pub struct Target {
    /// Such as `http://127.0.0.1:8080`, without a slash at the end.
    pub url: String,
    /// The same for sockets.
    pub address: SocketAddr,
    /// Takes the figures.
    pub meter: Arc<Meter>,
    seats: Arc<AtomicU32>,
    arriving: Arc<Semaphore>,
}

impl Target {
    /// A server at an address.
    #[must_use]
    pub fn new(url: String, address: SocketAddr, meter: Arc<Meter>) -> Self {
        Self { url, address, meter, seats: Arc::default(), arriving: Arc::new(Semaphore::new(ARRIVING)) }
    }

    /// The address of this machine from which the next device is to connect; `None` leaves it to the system. Only the
    /// loopback network has addresses to spare.
    pub(super) fn take_seat(&self) -> Option<IpAddr> {
        let seat = self.seats.fetch_add(1, Ordering::Relaxed);
        seat_on(self.address.ip(), seat)
    }

    /// Lets devices of a crowd connect a few at a time.
    pub(super) fn arriving(&self) -> &Semaphore {
        &self.arriving
    }
}

fn seat_on(server: IpAddr, seat: u32) -> Option<IpAddr> {
    let number = seat / SOCKETS_PER_ADDRESS;
    match server {
        IpAddr::V4(server) if server.is_loopback() && number > 0 => {
            Some(Ipv4Addr::from(Ipv4Addr::LOCALHOST.to_bits() + number).into())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_sockets_than_one_address_has_ports_come_from_several() {
        let on = |seat| seat_on("127.0.0.1".parse().unwrap(), seat);
        assert_eq!((on(0), on(SOCKETS_PER_ADDRESS - 1)), (None, None));
        assert_eq!(on(SOCKETS_PER_ADDRESS), Some("127.0.0.2".parse().unwrap()));
        assert_eq!(on(SOCKETS_PER_ADDRESS * 3), Some("127.0.0.4".parse().unwrap()));
        assert_eq!(seat_on("192.0.2.1".parse().unwrap(), SOCKETS_PER_ADDRESS), None);
    }
}
