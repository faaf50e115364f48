//! The server that is measured, and the ways to it: its nodes, source addresses for many sockets, what a proxy would say
//! of a user's address, and how many devices may connect at once.

use crate::measure::Meter;
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicUsize, Ordering},
    },
};
use tokio::sync::Semaphore;

/// Sockets from one address of this machine: a system has some 28,000 ports for them, and those of closed sockets rest.
const SOCKETS_PER_ADDRESS: u32 = 20_000;
/// Devices that connect at once while a crowd gathers: fewer than a listener's queue takes.
const ARRIVING: usize = 256;

/// The network of the users' addresses: private, and large enough for a million of them.
const CLIENTS: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);

/// A node of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Such as `http://127.0.0.1:8080`, without a slash at the end.
    pub url: String,
    /// The same for sockets.
    pub address: SocketAddr,
}

/// Where the server is and how it is watched. Copies share what they hand out.
#[derive(Clone, Debug)]
pub struct Target {
    /// Such as `http://127.0.0.1:8080`, without a slash at the end.
    pub url: String,
    /// The same for sockets.
    pub address: SocketAddr,
    pub meter: Arc<Meter>,
    /// What `X-Forwarded-For` says, so that each user has an address of its own where the server trusts this machine.
    pub client: Option<IpAddr>,
    nodes: Arc<[Node]>,
    turns: Arc<AtomicUsize>,
    clients: Arc<AtomicU32>,
    seats: Arc<AtomicU32>,
    arriving: Arc<Semaphore>,
}

impl Target {
    /// A server at an address.
    #[must_use]
    pub fn new(url: String, address: SocketAddr, meter: Arc<Meter>) -> Self {
        Self::of_nodes(Node { url, address }, Vec::new(), meter)
    }

    /// A server of several nodes, which devices use in turn.
    #[must_use]
    pub fn of_nodes(first: Node, others: Vec<Node>, meter: Arc<Meter>) -> Self {
        let Node { url, address } = first.clone();
        let nodes = [first].into_iter().chain(others).collect();
        Self {
            url,
            address,
            meter,
            client: None,
            nodes,
            turns: Arc::default(),
            clients: Arc::default(),
            seats: Arc::default(),
            arriving: Arc::new(Semaphore::new(ARRIVING)),
        }
    }

    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The same server by its next node.
    #[must_use]
    pub fn next_node(&self) -> Self {
        let turn = self.turns.fetch_add(1, Ordering::Relaxed);
        let Node { url, address } = self.nodes[turn % self.nodes.len()].clone();
        Self { url, address, ..self.clone() }
    }

    /// The same server for a user with an address of its own.
    #[must_use]
    pub fn for_user(&self) -> Self {
        let number = self.clients.fetch_add(1, Ordering::Relaxed);
        Self { client: Some(Ipv4Addr::from(CLIENTS.to_bits() + number).into()), ..self.clone() }
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
    fn nodes_are_used_in_turn_and_users_have_addresses_of_their_own() {
        let node = |port: u16| Node { url: format!("http://127.0.0.1:{port}"), address: ([127, 0, 0, 1], port).into() };
        let meter = Arc::new(Meter::new(crate::clock::Clock::start()));
        let target = Target::of_nodes(node(1), vec![node(2)], meter);
        let ports = [(); 3].map(|()| target.next_node().address.port());
        assert_eq!((ports, target.address.port()), ([1, 2, 1], 1));
        let users = [target.for_user(), target.for_user()];
        assert_ne!(users[0].client, users[1].client);
        assert_eq!(users[0].next_node().client, users[0].client);
    }

    #[test]
    fn more_sockets_than_one_address_has_ports_come_from_several() {
        let on = |seat| seat_on("127.0.0.1".parse().unwrap(), seat);
        assert_eq!((on(0), on(SOCKETS_PER_ADDRESS - 1)), (None, None));
        assert_eq!(on(SOCKETS_PER_ADDRESS), Some("127.0.0.2".parse().unwrap()));
        assert_eq!(on(SOCKETS_PER_ADDRESS * 3), Some("127.0.0.4".parse().unwrap()));
        assert_eq!(seat_on("192.0.2.1".parse().unwrap(), SOCKETS_PER_ADDRESS), None);
    }
}
