//! What survives a reload: unsent commands and drafts, in the storage of the browser.
//!
//! The keys contain the user, because several people may use one browser, and the id of the command or the field, so
//! that tabs do not overwrite the entries of each other.

use crate::{
    platform::storage,
    state::drafts::{DraftKey, DraftWrite, Drafts},
};
use gloo_events::EventListener;
use tandem_protocol::{CommandId, ConversationId, UserId};

/// The key prefixes of one user.
pub(super) struct LocalPersistence {
    outbox: String,
    drafts: String,
    choices: String,
    /// The key that records that the person has used this browser. It stays when they sign out.
    visited: String,
}

impl LocalPersistence {
    pub(super) fn of(user: &UserId) -> Self {
        // The dot at the end keeps the keys of one user apart from those of a user whose id starts with the same
        // characters.
        Self {
            outbox: format!("tandem.outbox.{user}."),
            drafts: format!("tandem.draft.{user}."),
            choices: format!("tandem.versions.{user}."),
            visited: format!("tandem.visited.{user}"),
        }
    }

    /// Whether the person has used this browser before.
    pub(super) fn has_visited(&self) -> bool {
        storage::get(&self.visited).is_some()
    }

    pub(super) fn store_visit(&self) {
        storage::set(&self.visited, "1");
    }

    pub(super) fn store_command(&self, id: CommandId, text: &str) {
        storage::set(&format!("{}{id}", self.outbox), text);
    }

    pub(super) fn remove_command(&self, id: CommandId) {
        storage::remove(&format!("{}{id}", self.outbox));
    }

    pub(super) fn commands(&self) -> Vec<String> {
        storage::with_prefix(&self.outbox).into_iter().map(|(_, text)| text).collect()
    }

    /// Stores a draft; an empty one is removed.
    pub(super) fn write_draft(&self, keep: &DraftWrite) {
        let key = format!("{}{}", self.drafts, keep.key);
        if keep.text.is_empty() {
            storage::remove(&key);
        } else {
            storage::set(&key, &keep.text);
        }
    }

    /// Stores the versions that the person has chosen in a conversation.
    pub(super) fn store_choices(&self, conversation: ConversationId, text: &str) {
        storage::set(&format!("{}{conversation}", self.choices), text);
    }

    pub(super) fn choices(&self, conversation: ConversationId) -> Option<String> {
        storage::get(&format!("{}{conversation}", self.choices))
    }

    /// Calls `changed` with the draft that another tab stores; empty when it removes it. Until the listener is dropped.
    pub(super) fn on_draft(&self, mut changed: impl FnMut(DraftKey, String) + 'static) -> EventListener {
        let prefix = self.drafts.clone();
        storage::on_any_change(move |key, text| {
            if let Some(key) = key.strip_prefix(&prefix).and_then(|name| name.parse().ok()) {
                changed(key, text);
            }
        })
    }

    pub(super) fn drafts(&self) -> Drafts {
        let mut drafts = Drafts::default();
        for (key, text) in storage::with_prefix(&self.drafts) {
            if let Some(key) = key.strip_prefix(&self.drafts).and_then(|name| name.parse().ok()) {
                drafts.restore(key, text);
            }
        }
        drafts
    }

    /// Removes everything of the user, when they sign out.
    pub(super) fn clear(&self) {
        storage::remove_prefix(&self.outbox);
        storage::remove_prefix(&self.drafts);
        storage::remove_prefix(&self.choices);
    }
}
