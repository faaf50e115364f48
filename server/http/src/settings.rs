//! What an operator says about the way requests come in.

use super::{Network, Origin};
use std::path::PathBuf;

/// Settings of this transport. The names of the variables are in the contract, section 4.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// Where browsers reach the server (`TANDEM_PUBLIC_URL`). Decides the form of the cookie and which pages are ours.
    pub public_url: Origin,
    /// Other origins whose pages may log in (`TANDEM_ALLOWED_ORIGINS`).
    pub allowed_origins: Vec<Origin>,
    /// Whose `X-Forwarded-For` is believed (`TANDEM_TRUSTED_PROXIES`).
    pub trusted_proxies: Vec<Network>,
    /// Where large answers wait until their clients have taken them (`TANDEM_DATA_DIR`).
    pub spool: PathBuf,
}

impl HttpSettings {
    /// Names that requests may give in `Host`.
    #[must_use]
    pub fn hosts(&self) -> Vec<String> {
        self.own_names().map(|origin| origin.authority()).collect()
    }

    /// Every origin whose pages are ours or allowed.
    #[must_use]
    pub fn origins(&self) -> Vec<String> {
        self.own_names().chain(self.allowed_origins.clone()).map(|origin| origin.with_port()).collect()
    }

    /// The public origin; on this machine under every name of it.
    fn own_names(&self) -> impl Iterator<Item = Origin> {
        let url = &self.public_url;
        let names: &[&str] = if url.is_loopback() { &["localhost", "127.0.0.1", "[::1]"] } else { &[] };
        std::iter::once(url.clone()).chain(names.iter().map(|name| url.named(name)))
    }

    /// Whether the refresh cookie can be a `Secure` one. Browsers take none from a plain-http server.
    pub(super) fn secure_cookie(&self) -> bool {
        self.public_url.is_secure() || !self.public_url.is_loopback()
    }
}
