//! Ids of items that have a number in the system that Tandem replaces.
//!
//! Imported items get their ids from here, and so do conversations that a script begins over the original's API. A number
//! therefore leads to its item without being stored.

use sha2::{Digest as _, Sha256};
use uuid::{Builder, Uuid};

/// The id of an item of a user. Numbers are unique for a user and a kind, ids of users everywhere.
pub fn id(user: &str, kind: &str, number: i64) -> Uuid {
    let hash = Sha256::new().chain_update(format!("{kind}\0{number}\0{user}")).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    Builder::from_custom_bytes(bytes).into_uuid()
}

/// The kind of conversations.
pub const CONVERSATION: &str = "conversation";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_follows_from_user_kind_and_number() {
        assert_eq!(id("ann", CONVERSATION, 1), id("ann", CONVERSATION, 1));
        let others = [id("ben", CONVERSATION, 1), id("ann", "message", 1), id("ann", CONVERSATION, 2)];
        assert!(!others.contains(&id("ann", CONVERSATION, 1)));
    }
}
