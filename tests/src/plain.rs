//! The HTTP client of the tests: no proxies, no cookies, no TLS.

/// A client like that of a script.
#[must_use]
pub fn client() -> reqwest::Client {
    // Another package of the build enables TLS in reqwest without a provider. It then needs a default one, even for plain
    // HTTP. This fails when one is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // Tests share users, and each test has a runtime of its own: a connection that is kept ends with the runtime that opened
    // it, under the request of the next test.
    reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().expect("a client needs nothing")
}
