//! Unique names, so that tests can share a server.

use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;
use uuid::Uuid;

/// An id as a client generates it.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the tests are a client: this is where their ids come from")]
pub fn id() -> Uuid {
    Uuid::now_v7()
}

/// A word that occurs nowhere else.
#[must_use]
pub fn word(stem: &str) -> String {
    format!("{stem}{}", id().simple())
}

/// The email address of a new account.
#[must_use]
pub fn email() -> String {
    format!("{}@example.test", word("someone-"))
}

/// An unused network address for `X-Forwarded-For`, by which rate limits count.
#[must_use]
pub fn network_address() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let [_, a, b, c] = NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    format!("10.{a}.{b}.{c}")
}

/// The first 48 bits of unused IPv6 addresses.
#[must_use]
pub fn ipv6_network() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("2001:db8:{:x}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A working folder for a process, removed with the value.
#[must_use]
pub(crate) fn folder() -> TempDir {
    tempfile::Builder::new().prefix("tandem-test-").tempdir().expect("a temporary folder can be created")
}
