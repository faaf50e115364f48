//! The settings of the HTTP transport, with the variables that they are read from.

use super::{Network, Origin};
use std::path::PathBuf;

#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// The address of the server in a browser (`TANDEM_PUBLIC_URL`), which decides the form of the cookie.
    pub public_url: Origin,
    /// Other origins whose pages may log in (`TANDEM_ALLOWED_ORIGINS`).
    pub allowed_origins: Vec<Origin>,
    /// Peers whose `X-Forwarded-For` counts (`TANDEM_TRUSTED_PROXIES`).
    pub trusted_proxies: Vec<Network>,
    /// The folder in which large answers wait for their clients (`TANDEM_DATA_DIR`).
    pub spool: PathBuf,
}

impl HttpSettings {
    /// The values of `Host` that requests may have.
    pub fn hosts(&self) -> Vec<String> {
        self.own_origins().map(|origin| origin.authority()).collect()
    }

    /// The origins of this server and the allowed ones, each with its port.
    pub fn origins(&self) -> Vec<String> {
        self.own_origins().chain(self.allowed_origins.clone()).map(|origin| origin.with_port()).collect()
    }

    /// The public origin, with all names of this machine if it has one of them.
    fn own_origins(&self) -> impl Iterator<Item = Origin> {
        let url = &self.public_url;
        let names: &[&str] = if url.is_loopback() { &["localhost", "127.0.0.1", "[::1]"] } else { &[] };
        std::iter::once(url.clone()).chain(names.iter().map(|name| url.with_host(name)))
    }

    /// Whether the refresh cookie is `Secure`. Browsers refuse such a cookie from a loopback address without TLS.
    pub(super) fn secure_cookie(&self) -> bool {
        self.public_url.is_secure() || !self.public_url.is_loopback()
    }
}
