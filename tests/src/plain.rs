//! The HTTP client of the tests: no proxies, no cookies, no TLS.

/// A client as scripts have it.
#[must_use]
pub fn client() -> reqwest::Client {
    // Something else in the build gives the client TLS without a provider, and then it wants one even for plain HTTP.
    // Whoever comes second finds one there, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().expect("a client needs nothing")
}
