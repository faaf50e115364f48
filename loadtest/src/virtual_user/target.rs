//! The server under load: its nodes, and addresses for many users and sockets.
//!
//! A machine has about 28,000 ports for each source address, and rate limits count by address. So sockets are spread over
//! loopback addresses, and each user has an address for `X-Forwarded-For`.

use crate::measure::Meter;
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicUsize, Ordering},
    },
};
use tokio::sync::Semaphore;

/// Sockets from one source address: Linux has 28,000 ports for them, of which those of closed sockets stay in `TIME_WAIT`.
const SOCKETS_PER_ADDRESS: u32 = 20_000;
/// Devices that connect at the same time: fewer than the accept queue of a listener holds.
const CONNECTING: usize = 256;

/// Start of the range of the users' addresses: private, and large enough for 16 million.
const CLIENTS: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);

/// A node of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Such as `http://127.0.0.1:8080`, without a slash at the end.
    pub url: String,
    /// The socket address of `url`.
    pub address: SocketAddr,
}

/// The server under load. Copies share the counters.
#[derive(Clone, Debug)]
pub struct Target {
    /// Such as `http://127.0.0.1:8080`, without a slash at the end.
    pub url: String,
    /// The same for sockets.
    pub address: SocketAddr,
    pub meter: Arc<Meter>,
    /// The address in `X-Forwarded-For`, so that each user has its own where the server trusts this machine as a proxy.
    pub client: Option<IpAddr>,
    nodes: Arc<[Node]>,
    next_node: Arc<AtomicUsize>,
    clients: Arc<AtomicU32>,
    sources: Arc<AtomicU32>,
    connecting: Arc<Semaphore>,
}

impl Target {
    /// A server with one node.
    pub fn new(url: String, address: SocketAddr, meter: Arc<Meter>) -> Self {
        Self::of_nodes(Node { url, address }, Vec::new(), meter)
    }

    /// A server with several nodes, which devices use in turn.
    pub fn of_nodes(first: Node, others: Vec<Node>, meter: Arc<Meter>) -> Self {
        let Node { url, address } = first.clone();
        let nodes = [first].into_iter().chain(others).collect();
        Self {
            url,
            address,
            meter,
            client: None,
            nodes,
            next_node: Arc::default(),
            clients: Arc::default(),
            sources: Arc::default(),
            connecting: Arc::new(Semaphore::new(CONNECTING)),
        }
    }

    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The target with the next node as its address.
    #[must_use]
    pub fn next_node(&self) -> Self {
        let index = self.next_node.fetch_add(1, Ordering::Relaxed);
        let Node { url, address } = self.nodes[index % self.nodes.len()].clone();
        Self { url, address, ..self.clone() }
    }

    /// The target with an address for one more user.
    #[must_use]
    pub fn for_user(&self) -> Self {
        let number = self.clients.fetch_add(1, Ordering::Relaxed);
        Self { client: Some(Ipv4Addr::from(CLIENTS.to_bits() + number).into()), ..self.clone() }
    }

    /// The source address of the next device; `None` leaves it to the system. Only the loopback network has spare addresses.
    pub(super) fn next_source(&self) -> Option<IpAddr> {
        let device = self.sources.fetch_add(1, Ordering::Relaxed);
        source_of(self.address.ip(), device)
    }

    /// Limits the devices that connect at the same time.
    pub(super) fn connecting(&self) -> &Semaphore {
        &self.connecting
    }
}

fn source_of(server: IpAddr, device: u32) -> Option<IpAddr> {
    let number = device / SOCKETS_PER_ADDRESS;
    match server {
        // Without an address for the first group, the system uses 127.0.0.1 itself.
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
        let on = |device| source_of("127.0.0.1".parse().unwrap(), device);
        assert_eq!((on(0), on(SOCKETS_PER_ADDRESS - 1)), (None, None));
        assert_eq!(on(SOCKETS_PER_ADDRESS), Some("127.0.0.2".parse().unwrap()));
        assert_eq!(on(SOCKETS_PER_ADDRESS * 3), Some("127.0.0.4".parse().unwrap()));
        assert_eq!(source_of("192.0.2.1".parse().unwrap(), SOCKETS_PER_ADDRESS), None);
    }
}
