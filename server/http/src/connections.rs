//! Limits on connections: of the whole listener, and of each client address.
//!
//! A connection costs memory and a file descriptor before anybody has signed in, so it is counted when it is accepted.
//! A connection over a limit is sent a fixed answer and closed at once: waiting for its request, or for its client to
//! read, would cost what the limit is to save.
//!
//! A connection counts until it is closed. A socket keeps its permit of the listener after the upgrade, but not that of
//! its address: realtime has a limit of sockets of its own.

use super::address::Network;
use std::{
    io::{Read as _, Write as _},
    net::IpAddr,
    sync::Arc,
    time::Duration,
};
use tandem_runtime::permits::{Permit, Permits};
use tandem_service::{budget::Limits, limits::address_block};
use tokio::{
    net::TcpStream,
    sync::{OwnedSemaphorePermit, Semaphore},
};

/// How much is read of a rejected request. Closing a socket with unread bytes resets it, and the client would not see
/// the answer.
const REJECT_READ_BYTES: usize = 8 * 1024;
/// The answer to a connection over the limits.
const TOO_MANY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/problem+json\r\n\
    cache-control: no-store\r\nretry-after: 5\r\nconnection: close\r\ncontent-length: 195\r\n\r\n\
    {\"type\":\"about:blank\",\"title\":\"The server is busy\",\"status\":503,\"code\":\"overloaded\",\
    \"detail\":\"There are too many connections right now. Please try again in a moment.\",\
    \"request_id\":\"\",\"errors\":[]}";

#[derive(Clone, Debug)]
pub struct Connections {
    total: Arc<Semaphore>,
    /// `None` when addresses are not limited.
    of_address: Option<Arc<Permits<String>>>,
    /// Peers that are not limited by address, since they carry the requests of many people.
    proxies: Arc<[Network]>,
    write_timeout: Duration,
}

/// Counts as one connection of the listener until it is dropped. A socket keeps it after the upgrade.
#[derive(Debug)]
pub struct ConnectionPermit {
    _permit: OwnedSemaphorePermit,
}

#[derive(Debug)]
pub(super) struct Accepted {
    pub(super) permit: ConnectionPermit,
    /// Dropped at an upgrade: sockets of an address are counted where they are opened.
    pub(super) of_address: Option<Permit<String>>,
}

impl Connections {
    /// Creates the counters of a listener. The peers in `proxies` are not limited by address, and no peer is when
    /// `rate_limited` is false.
    pub fn new(limits: &Limits, rate_limited: bool, proxies: &[Network]) -> Self {
        Self {
            total: Arc::new(Semaphore::new(limits.connections.min(Semaphore::MAX_PERMITS))),
            of_address: rate_limited.then(|| Permits::new(limits.connections_per_address)),
            proxies: proxies.into(),
            write_timeout: limits.write,
        }
    }

    /// The longest time in which a client may read nothing of an answer.
    pub(super) fn write_timeout(&self) -> Duration {
        self.write_timeout
    }

    /// Counts a connection; `None` when it exceeds a limit.
    pub(super) fn admit(&self, peer: IpAddr) -> Option<Accepted> {
        // Returned by its drop when the address has too many.
        let permit = Arc::clone(&self.total).try_acquire_owned().ok().or_else(|| refused("node"))?;
        let of_address = match &self.of_address {
            Some(permits) if !self.proxies.iter().any(|proxy| proxy.contains(peer)) => {
                Some(permits.try_acquire(address_block(peer)).or_else(|| refused("address"))?)
            }
            Some(_) | None => None,
        };
        Some(Accepted { permit: ConnectionPermit { _permit: permit }, of_address })
    }
}

fn refused<T>(limit: &'static str) -> Option<T> {
    metrics::counter!("tandem_connections_refused_total", "limit" => limit).increment(1);
    None
}

/// Answers and closes a connection over a limit, without waiting.
pub(super) fn reject(stream: TcpStream) {
    // The stream of the standard library is still non-blocking: neither call waits.
    let Ok(mut stream) = stream.into_std() else { return };
    // Either fails when the client is gone, the read also when nothing has arrived yet.
    let _ = stream.read(&mut [0; REJECT_READ_BYTES]);
    let _ = stream.write(TOO_MANY);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connections(limits: &Limits, proxies: &[&str]) -> Connections {
        let proxies: Vec<Network> = proxies.iter().map(|text| text.parse().unwrap()).collect();
        Connections::new(limits, true, &proxies)
    }

    fn from(connections: &Connections, peer: &str) -> Option<Accepted> {
        connections.admit(peer.parse().unwrap())
    }

    #[test]
    fn an_address_has_its_part_of_all_connections() {
        let limits = Limits { connections: 4, connections_per_address: 2, ..Limits::default() };
        let connections = connections(&limits, &["10.0.0.1"]);
        let held = [from(&connections, "192.0.2.1"), from(&connections, "192.0.2.1")];
        assert!(held.iter().all(Option::is_some));
        assert!(from(&connections, "192.0.2.1").is_none(), "two is all it may have");
        let proxied = [from(&connections, "10.0.0.1"), from(&connections, "10.0.0.1")];
        assert!(proxied.iter().all(Option::is_some));
        assert!(from(&connections, "192.0.2.2").is_none(), "there are four");
        drop(held);
        assert!(from(&connections, "192.0.2.2").is_some());
    }

    #[test]
    fn a_socket_stays_in_the_total_only() {
        let limits = Limits { connections: 2, connections_per_address: 1, ..Limits::default() };
        let connections = connections(&limits, &[]);
        let Accepted { permit, of_address } = from(&connections, "192.0.2.1").unwrap();
        assert!(from(&connections, "192.0.2.1").is_none());
        drop(of_address);
        let next = from(&connections, "192.0.2.1");
        assert!(next.is_some());
        assert!(from(&connections, "192.0.2.2").is_none(), "the socket still counts");
        drop(permit);
        assert!(from(&connections, "192.0.2.2").is_some());
    }

    #[test]
    fn the_short_answer_is_whole() {
        let text = std::str::from_utf8(TOO_MANY).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("content-length: {}\r\n", body.len()).trim_end().to_owned()), "{}", body.len());
        let problem: tandem_protocol::error::Problem = serde_json::from_str(body).unwrap();
        assert_eq!(problem.code, tandem_protocol::ErrorCode::Overloaded);
        assert_eq!(problem.title, problem.code.title());
    }
}
