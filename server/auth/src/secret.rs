//! Secrets: 256 bits, random or computed with a key of the server, of which only the hash is stored.
//!
//! **Invariant:** a secret is handed out by the request that creates it alone; its `Debug` shows nothing.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// The beginning of every personal token, by which scanners for leaked secrets recognise it.
pub const PERSONAL_TOKEN_PREFIX: &str = "tnd_";

/// A secret to hand out once.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A new secret with 256 bits from the operating system.
    ///
    /// # Panics
    /// When the operating system has no random numbers: then no secret may be made.
    #[expect(clippy::expect_used, reason = "without random numbers nothing may go on")]
    pub fn random(prefix: &str) -> Self {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).expect("the operating system gives random numbers");
        Self::of_bytes(prefix, &bytes)
    }

    /// The secret of 256 bits that nobody can guess.
    pub(crate) fn of_bytes(prefix: &str, bytes: &[u8; 32]) -> Self {
        Self(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    pub fn reveal(&self) -> &str {
        &self.0
    }

    pub fn hash(&self) -> [u8; 32] {
        hash(&self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The hash under which a secret is stored. SHA-256 is enough for 256 random bits: there is nothing to guess.
pub fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_differ_and_do_not_print() {
        let (a, b) = (Secret::random(PERSONAL_TOKEN_PREFIX), Secret::random(PERSONAL_TOKEN_PREFIX));
        assert_ne!(a, b);
        assert!(a.reveal().starts_with("tnd_") && a.reveal().len() == 4 + 43);
        assert_eq!(format!("{a:?}"), "Secret(…)");
    }
}
