//! The program at the other end of a request.

use super::limits;
use std::net::IpAddr;

/// The program at the other end, as far as it is known.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// Its address, behind trusted proxies.
    pub address: Option<IpAddr>,
    pub user_agent: Option<String>,
}

impl Client {
    /// What it is counted with: its address block. Empty when the address is not known.
    pub(super) fn block(&self) -> String {
        self.address.map(limits::address_block).unwrap_or_default()
    }
}
