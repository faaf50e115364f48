//! Ids of imported items, from the ids that they had.

use sha2::{Digest as _, Sha256};
use uuid::{Builder, Uuid};

/// The id of an item of a user. Numbers of the other system are unique within one database, ids of users everywhere.
pub(crate) fn of(user: &str, kind: &str, number: i64) -> Uuid {
    let hash = Sha256::new().chain_update(format!("{kind}\0{number}\0{user}")).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_follows_from_user_kind_and_number() {
        assert_eq!(of("ann", "task", 1), of("ann", "task", 1));
        let others = [of("ben", "task", 1), of("ann", "message", 1), of("ann", "task", 2)];
        assert!(!others.contains(&of("ann", "task", 1)));
    }
}
