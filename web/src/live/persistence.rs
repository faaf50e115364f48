//! What survives a reload: unsent commands and drafts, in the storage of the browser, and what the server sent
//! ([`kept`]).
//!
//! The keys contain the user, because several people may use one browser, and the id of the command or the field, so
//! that tabs do not overwrite the entries of each other.

use crate::{
    platform::{kept, storage},
    state::drafts::{DraftKey, DraftWrite, Drafts},
};
use gloo_events::EventListener;
use tandem_protocol::{
    CommandId, ConversationId, UserId, json,
    model::{Message, User},
    rest::{Page, Snapshot},
};

/// The key prefixes of one user.
pub(super) struct LocalPersistence {
    user: UserId,
    outbox: String,
    drafts: String,
    choices: String,
    /// The key that records that the person has used this browser since they signed in.
    visited: String,
}

impl LocalPersistence {
    pub(super) fn of(user: &UserId) -> Self {
        // The dot at the end keeps the keys of one user apart from those of a user whose id starts with the same
        // characters.
        Self {
            user: user.clone(),
            outbox: format!("tandem.outbox.{user}."),
            drafts: format!("tandem.draft.{user}."),
            choices: format!("tandem.versions.{user}."),
            visited: format!("tandem.visited.{user}"),
        }
    }

    /// Whether the person has used this browser since they signed in.
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

    /// Keeps a snapshot of the server, which ends at this event.
    pub(super) fn keep_snapshot(&self, seq: i64, text: &str) {
        kept::keep_snapshot(&self.user, seq, text);
    }

    /// Keeps a frame whose last event has this number.
    pub(super) fn keep_event(&self, seq: i64, frame: &str) {
        kept::keep_event(&self.user, seq, frame);
    }

    /// The kept snapshot with the frames after it, if it is of this user.
    pub(super) async fn kept_state(&self) -> Option<(Snapshot, Vec<String>)> {
        let snapshot: Snapshot = json::read(&kept::snapshot().await?).ok()?;
        let is_own = snapshot.user.id == self.user;
        if is_own { Some((snapshot, kept::events(&self.user).await)) } else { None }
    }

    pub(super) fn keep_page(&self, id: ConversationId, text: &str) {
        kept::keep_thread(&self.user, id, text);
    }

    pub(super) fn forget_page(&self, id: ConversationId) {
        kept::forget_thread(&self.user, id);
    }

    /// The kept newest page of a conversation.
    pub(super) async fn kept_page(&self, id: ConversationId) -> Option<Page<Message>> {
        json::read(&kept::thread(&self.user, id).await?).ok()
    }

    /// The conversations whose newest page is kept.
    pub(super) async fn kept_pages(&self) -> Vec<ConversationId> {
        kept::threads(&self.user).await
    }

    /// Removes everything of the user, when they sign out.
    pub(super) fn clear(&self) {
        kept::clear();
        storage::remove_prefix(&self.outbox);
        storage::remove_prefix(&self.drafts);
        storage::remove_prefix(&self.choices);
        storage::remove(&self.visited);
    }
}

/// The user of the kept snapshot, who was signed in when the server was last reached.
pub(crate) async fn kept_user() -> Option<User> {
    let snapshot: Snapshot = json::read(&kept::snapshot().await?).ok()?;
    Some(snapshot.user)
}
