//! What an operator says about the way requests come in.

use super::{Network, Origin};

/// Settings of this door. The names of the variables are in the contract, section 4.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// Where browsers reach the server (`TANDEM_PUBLIC_URL`). Decides the form of the cookie and which pages are ours.
    pub public_url: Origin,
    /// Other origins whose pages may log in (`TANDEM_ALLOWED_ORIGINS`).
    pub allowed_origins: Vec<Origin>,
    /// Whose `X-Forwarded-For` is believed (`TANDEM_TRUSTED_PROXIES`).
    pub trusted_proxies: Vec<Network>,
}

impl HttpSettings {
    /// Whether the refresh cookie can be a `Secure` one. Browsers take none from a plain-http server.
    pub(super) fn secure_cookie(&self) -> bool {
        self.public_url.is_secure() || !self.public_url.is_loopback()
    }
}
