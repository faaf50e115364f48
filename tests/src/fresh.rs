//! Names that nothing else in this run has, so that tests share one server without meeting.

use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;
use uuid::Uuid;

/// An id as a client makes one.
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

/// An address of no account.
#[must_use]
pub fn email() -> String {
    format!("{}@example.test", word("someone-"))
}

/// A network address of one's own, told by `X-Forwarded-For`: limits count by it.
#[must_use]
pub fn network_address() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let [_, a, b, c] = NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    format!("10.{a}.{b}.{c}")
}

/// A folder for a process to work in. It goes with the value.
#[must_use]
pub(crate) fn folder() -> TempDir {
    tempfile::Builder::new().prefix("tandem-test-").tempdir().expect("there is room for a test folder")
}
