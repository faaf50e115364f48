//! The HTTP client of the tests: no proxies, no cookies, no TLS.

/// A client like that of a script.
#[must_use]
pub fn client() -> reqwest::Client {
    built(usize::MAX)
}

/// A client that opens a connection for each request, for tests that share it.
///
/// A connection belongs to the runtime that opened it, and each test has a runtime of its own: one that another test keeps
/// open ends with that test.
#[must_use]
pub fn unpooled_client() -> reqwest::Client {
    built(0)
}

fn built(idle_connections: usize) -> reqwest::Client {
    // Another package of the build enables TLS in reqwest without a provider. It then needs a default one, even for plain
    // HTTP. This fails when one is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(idle_connections)
        .build()
        .expect("a client needs nothing")
}
