//! Messages that must be visible although a newer version of them exists: the one that is being edited, and the one that a
//! search leads to.

use super::Model;
use tandem_protocol::{ConversationId, MessageId};

/// A message that a search leads to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    pub(super) conversation: ConversationId,
    pub(super) message: MessageId,
    /// Whether it has been scrolled to.
    pub(super) shown: bool,
}

impl Model {
    /// Leads to a message, of which only the id may be known: its conversation is opened next.
    pub(crate) fn seek(&mut self, conversation: ConversationId, message: MessageId) {
        self.target = Some(Target { conversation, message, shown: false });
        self.dirty.thread = true;
    }

    /// Whether older messages must be loaded to find the one that is sought in the open conversation.
    pub(crate) fn seeks_older(&self) -> bool {
        let target = self.target.filter(|target| !target.shown && Some(target.conversation) == self.open);
        target.is_some_and(|target| self.replica.message(target.message).is_none())
    }

    /// The message that was sought is on the page. It stays on the path of shown versions.
    pub(crate) fn found(&mut self) {
        if let Some(target) = &mut self.target {
            target.shown = true;
        }
        self.dirty.thread = true;
    }

    /// Keeps this message visible while it is edited.
    pub(crate) fn edit_message(&mut self, message: Option<MessageId>) {
        self.edited = message;
        self.dirty.thread = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        state::model::{History, User},
        testing::{at, conversation, message, message_id},
    };
    use serde_json::json;
    use tandem_protocol::{enums::MessageState, model::Message, rest::Page};

    fn model() -> Model {
        let user: User = serde_json::from_value(json!({
            "id": "u", "email": "ann@example.org", "name": "Ann", "email_verified": false, "image": null,
            "time_zone": "UTC", "created_at": "2026-11-23T09:00:00.000Z"
        }))
        .unwrap();
        Model::new(user, "this".into(), "Firefox on Linux".into(), at(0))
    }

    fn page(number: u128, next_cursor: Option<&str>) -> Page<Message> {
        let items = vec![Message::clone(&message(number, number - 1, MessageState::Complete))];
        Page { items, next_cursor: next_cursor.map(str::to_owned) }
    }

    #[test]
    fn older_pages_are_loaded_until_the_message_is_there() {
        let mut model = model();
        model.seek(conversation(), message_id(1));
        assert!(!model.seeks_older(), "its conversation is not open yet");
        model.open(Some(conversation()));
        model.load_history(conversation(), page(2, Some("older")));
        assert!(model.seeks_older());
        assert_eq!(model.thread_view().target, None);
        model.load_history(conversation(), page(1, None));
        assert!(!model.seeks_older());
        assert_eq!(model.thread_view().target, Some(message_id(1)));
        assert_eq!(model.thread_view().history, History::Whole);
        model.found();
        assert_eq!(model.thread_view().target, None);
    }

    #[test]
    fn another_conversation_ends_the_search() {
        let mut model = model();
        model.seek(conversation(), message_id(1));
        model.open(None);
        model.open(Some(conversation()));
        model.load_history(conversation(), page(2, Some("older")));
        assert!(!model.seeks_older());
    }
}
