//! Numbers of conversations, for scripts of the system that Tandem replaces.
//!
//! Such a script names a conversation by a number. Imported conversations keep theirs, and one that a script begins gets a
//! new one; all others have none, and are not reached by it.

use super::{Admitted, Services};
use tandem_domain::original;
use tandem_protocol::{ConversationId, UserId};
use uuid::Uuid;

/// New numbers begin here: no imported one is as large.
const NEW: u32 = 1 << 30;

/// The conversation of a user with a number, whether or not there is one.
pub fn conversation(user: &UserId, number: i64) -> ConversationId {
    ConversationId(original::id(user.as_str(), original::CONVERSATION, number))
}

impl Services {
    /// The number of a conversation that begins: the same for the same key, so that a repeated request names the same
    /// one. It fits into 31 bits, as all numbers of the original system did.
    pub fn new_number(&self, _: &Admitted, key: Option<Uuid>) -> i64 {
        let [.., a, b, c, d] = key.unwrap_or_else(|| self.env().id()).into_bytes();
        i64::from(NEW | (u32::from_be_bytes([a, b, c, d]) & (NEW - 1)))
    }
}
