//! Client addresses: that of the peer, or one from the `X-Forwarded-For` of a trusted proxy.
//!
//! Rate limits count by address, so that an address must not be made up by the client. Only what a trusted proxy added
//! to the header counts.

use http::HeaderMap;
use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

/// An address, or a CIDR block of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    /// The number of leading bits that are compared.
    bits: u8,
}

/// The text is neither an address nor a CIDR block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an address or a block such as 10.0.0.0/8")]
pub struct InvalidNetwork;

impl Network {
    /// Whether the network contains an address. IPv4 addresses in IPv6 form count as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                // A shift by all bits is `None` on both sides: a network of no bits contains every address.
                let shift = 32 - u32::from(self.bits);
                u32::from(own).checked_shr(shift) == u32::from(other).checked_shr(shift)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let shift = 128 - u32::from(self.bits);
                u128::from(own).checked_shr(shift) == u128::from(other).checked_shr(shift)
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = InvalidNetwork;

    fn from_str(text: &str) -> Result<Self, InvalidNetwork> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address = address.parse::<IpAddr>().map_err(|_| InvalidNetwork)?.to_canonical();
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), |bits| bits.parse().map_err(|_| InvalidNetwork))?;
        if bits > most { Err(InvalidNetwork) } else { Ok(Self { address, bits }) }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

/// The address of a client: the right-most one of `X-Forwarded-For` that is no trusted proxy. Everything to the left of
/// it was written by the client. The header of a peer that is no trusted proxy is ignored.
pub(super) fn forwarded_client(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut client = peer.to_canonical();
    // Each proxy appends the address of its peer, so that the list is read from the right. It may have empty elements,
    // which mean nothing (RFC 9110, section 5.6.1).
    let lines = headers.get_all("x-forwarded-for").iter().rev();
    let hops = lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
    let mut hops = hops.map(<[u8]>::trim_ascii).filter(|hop| !hop.is_empty());
    while is_trusted(client) {
        match hops.next().and_then(hop_address) {
            Some(hop) => client = hop.to_canonical(),
            // An entry that is no address ends the walk: what is left of it cannot be trusted.
            None => break,
        }
    }
    client
}

/// The address of an entry. Some proxies add the port of the peer, write brackets around the address, or quote it all as
/// `Forwarded` does (RFC 7239, section 6).
fn hop_address(hop: &[u8]) -> Option<IpAddr> {
    let hop = std::str::from_utf8(hop).ok()?;
    let hop = hop.strip_prefix('"').and_then(|hop| hop.strip_suffix('"')).unwrap_or(hop);
    let Some((address, port)) = hop.strip_prefix('[').and_then(|hop| hop.split_once(']')) else {
        let address = || hop.parse::<SocketAddr>().ok().map(|address| address.ip());
        return without_zone(hop).parse().ok().or_else(address);
    };
    let is_port = port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
    without_zone(address).parse().ok().filter(|_| is_port)
}

/// A link-local address without its zone (RFC 4007, section 11), which means something to the proxy alone.
fn without_zone(address: &str) -> &str {
    address.split_once('%').map_or(address, |(address, _)| address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn client(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", HeaderValue::from_str(line).unwrap());
        }
        let trusted: Vec<Network> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        forwarded_client(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn blocks_hold_their_addresses() {
        let holds = |block: &str, address: &str| block.parse::<Network>().unwrap().contains(address.parse().unwrap());
        assert!(holds("10.0.0.0/8", "10.255.0.1") && !holds("10.0.0.0/8", "11.0.0.1"));
        assert!(holds("10.1.2.3", "::ffff:10.1.2.3") && !holds("10.1.2.3", "10.1.2.4"));
        assert!(holds("0.0.0.0/0", "203.0.113.9") && !holds("0.0.0.0/0", "::1"));
        assert!(holds("2001:db8::/32", "2001:db8:1::9") && !holds("2001:db8::/32", "2001:db9::1"));
        assert!(holds("::/0", "2001:db8::1"));
        for text in ["", "10.0.0.0/33", "::/129", "10.0.0.0/x", "host", "10.0.0.0/-1"] {
            assert_eq!(text.parse::<Network>(), Err(InvalidNetwork), "{text} was taken");
        }
    }

    #[test]
    fn a_peer_that_is_no_proxy_speaks_for_itself() {
        assert_eq!(client("198.51.100.7", &["203.0.113.1"], &["10.0.0.0/8"]), "198.51.100.7");
    }

    #[test]
    fn the_right_most_address_that_is_no_proxy_is_the_client() {
        let proxies = ["10.0.0.0/8", "127.0.0.1"];
        assert_eq!(client("127.0.0.1", &["1.1.1.1, 203.0.113.1, 10.0.0.9"], &proxies), "203.0.113.1");
        assert_eq!(client("127.0.0.1", &["1.1.1.1", "203.0.113.1", "10.0.0.9"], &proxies), "203.0.113.1");
        assert_eq!(client("::ffff:127.0.0.1", &["2001:db8::1"], &proxies), "2001:db8::1");
    }

    #[test]
    fn ports_and_brackets_are_not_part_of_the_address() {
        let proxies = ["10.0.0.0/8", "127.0.0.1", "2001:db8:1::/48"];
        for (hops, expected) in [
            ("1.1.1.1, 203.0.113.1:51324, 10.0.0.9:443", "203.0.113.1"),
            ("203.0.113.1, [2001:db8::7]:51324, [2001:db8:1::2]:443, 10.0.0.9", "2001:db8::7"),
            ("[2001:db8::7], 10.0.0.9", "2001:db8::7"),
            ("[::ffff:203.0.113.1]:80", "203.0.113.1"),
            ("1.1.1.1, [203.0.113.1]:80", "203.0.113.1"),
            ("[203.0.113.1], 10.0.0.9", "203.0.113.1"),
            ("\"203.0.113.1:80\"", "203.0.113.1"),
            ("\"[2001:db8::7]:80\", \"10.0.0.9\"", "2001:db8::7"),
            ("1.1.1.1, 203.0.113.1, , 10.0.0.9,", "203.0.113.1"),
            ("fe80::7%eth0, 10.0.0.9", "fe80::7"),
            ("[fe80::7%25eth0]:51324", "fe80::7"),
            (",,203.0.113.1\t,\t,", "203.0.113.1"),
        ] {
            assert_eq!(client("127.0.0.1", &[hops], &proxies), expected, "{hops}");
        }
        for hop in [
            "203.0.113.1:",
            "203.0.113.1:99999",
            "[203.0.113.1",
            "[203.0.113.1]80",
            "[2001:db8::7]:99999",
            "\"203.0.113.1",
            "\"\"",
            "[]",
            "x:80",
        ] {
            let hops = format!("{hop}, 10.0.0.9");
            assert_eq!(client("127.0.0.1", &[&hops], &proxies), "10.0.0.9", "{hops}");
        }
    }

    #[test]
    fn garbage_ends_the_walk() {
        assert_eq!(client("127.0.0.1", &["203.0.113.1, unknown, 10.0.0.9"], &["127.0.0.1", "10.0.0.9"]), "10.0.0.9");
        assert_eq!(client("127.0.0.1", &[], &["127.0.0.1"]), "127.0.0.1");
        assert_eq!(client("127.0.0.1", &["203.0.113.1", "\u{e9}", ""], &["127.0.0.1"]), "127.0.0.1", "not skipped");
    }
}
