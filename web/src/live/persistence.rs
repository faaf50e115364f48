//! What of a person's work survives a reload: commands on their way, and drafts. Kept per user, because a browser may be
//! used by several.

use crate::{
    platform::storage,
    state::drafts::{DraftKey, DraftWrite, Drafts},
};
use tandem_protocol::{CommandId, UserId};

/// Where one user's work is kept.
pub(super) struct LocalPersistence {
    outbox: String,
    drafts: String,
}

impl LocalPersistence {
    pub(super) fn of(user: &UserId) -> Self {
        Self { outbox: format!("tandem.outbox.{user}."), drafts: format!("tandem.draft.{user}.") }
    }

    pub(super) fn store_command(&self, id: CommandId, text: &str) {
        storage::set(&format!("{}{id}", self.outbox), text);
    }

    pub(super) fn remove_command(&self, id: CommandId) {
        storage::remove(&format!("{}{id}", self.outbox));
    }

    /// The commands that were kept.
    pub(super) fn commands(&self) -> Vec<String> {
        storage::with_prefix(&self.outbox).into_iter().map(|(_, text)| text).collect()
    }

    /// Keeps a draft, or forgets an empty one.
    pub(super) fn write_draft(&self, keep: &DraftWrite) {
        let key = format!("{}{}", self.drafts, draft_name(keep.key));
        if keep.text.is_empty() {
            storage::remove(&key);
        } else {
            storage::set(&key, &keep.text);
        }
    }

    /// The drafts that were kept.
    pub(super) fn drafts(&self) -> Drafts {
        let mut drafts = Drafts::default();
        for (key, text) in storage::with_prefix(&self.drafts) {
            if let Some(key) = key.strip_prefix(&self.drafts).and_then(draft_key_of) {
                drafts.restore(key, text);
            }
        }
        drafts
    }

    /// Forgets everything: the person signed out here.
    pub(super) fn clear(&self) {
        storage::remove_prefix(&self.outbox);
        storage::remove_prefix(&self.drafts);
    }
}

fn draft_name(key: DraftKey) -> String {
    key.map_or_else(|| "new".to_owned(), |conversation| conversation.to_string())
}

fn draft_key_of(name: &str) -> Option<DraftKey> {
    if name == "new" { Some(None) } else { name.parse().ok().map(Some) }
}
