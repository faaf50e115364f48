//! Ids of tool calls that every server accepts.
//!
//! Servers differ in what an id may be: Mistral wants nine letters or digits, OpenAI at most forty characters, and some
//! models number their calls from zero in each answer. So an id of ours has nine letters or digits, and is derived from
//! what it names: the same request is built alike each time, which keeps the prefixes that providers cache.

use sha2::{Digest as _, Sha256};

const LENGTH: usize = 9;
const MAX_LENGTH: usize = 40;
const ALPHABET: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// An id that is derived from a text.
pub(crate) fn derived(from: &str) -> String {
    let hash: [u8; 32] = Sha256::digest(from).into();
    hash[..LENGTH].iter().map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()])).collect()
}

/// Whether every server but the strictest accepts an id.
pub(crate) fn is_usable(id: &str) -> bool {
    (1..=MAX_LENGTH).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.:".contains(&byte))
}

/// The id as the strictest server accepts it.
pub(crate) fn strict(id: &str) -> String {
    if id.len() == LENGTH && id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return id.to_owned();
    }
    derived(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_ours_fits_the_strictest_server_and_is_always_the_same() {
        for from in ["", "call_1", "functions.add_task:0"] {
            let id = derived(from);
            assert_eq!((strict(&id), strict(from)), (id.clone(), id.clone()), "{from}");
            assert!(is_usable(&id) && id.len() == LENGTH);
        }
        assert_ne!(derived("a"), derived("b"));
        assert_eq!(strict("D681PevKs"), "D681PevKs");
    }

    #[test]
    fn ids_that_a_server_may_refuse_are_not_used() {
        assert!(is_usable("call_a-1") && is_usable("functions.add_task:0"));
        for id in ["", "a b", "käse", &"x".repeat(41)] {
            assert!(!is_usable(id), "{id}");
        }
    }
}
