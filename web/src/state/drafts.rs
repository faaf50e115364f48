//! The drafts of messages, one per conversation, and when to store them.
//!
//! Storing is delayed by up to [`WRITE_WITHIN_MS`], so that not every key press writes to storage. An emptied draft is
//! removed at once, because its text was sent. Pure.

use litemap::LiteMap;
use tandem_protocol::{ConversationId, Timestamp};

/// The longest delay between a key press and storing the draft.
pub(crate) const WRITE_WITHIN_MS: i64 = 300;

/// The conversation of a draft; `None` for a new one.
pub(crate) type DraftKey = Option<ConversationId>;

/// All drafts, and which of them must be stored.
#[derive(Clone, Debug, Default)]
pub(crate) struct Drafts {
    drafts: LiteMap<DraftKey, Draft>,
}

#[derive(Clone, Debug, Default)]
struct Draft {
    text: String,
    /// Since when the text has been newer than what is stored; `None` if it is stored.
    unwritten_since: Option<Timestamp>,
}

/// A draft to store; an empty text removes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DraftWrite {
    pub key: DraftKey,
    pub text: String,
}

impl Drafts {
    /// Adds a draft that was stored before a reload.
    pub(crate) fn restore(&mut self, key: DraftKey, text: String) {
        self.drafts.entry(key).or_insert(Draft { text, unwritten_since: None });
    }

    /// The draft of a conversation; may be empty.
    pub(crate) fn of(&self, key: DraftKey) -> &str {
        self.drafts.get(&key).map_or("", |draft| &draft.text)
    }

    pub(crate) fn write(&mut self, key: DraftKey, text: String, now: Timestamp) {
        if self.of(key) == text {
            return;
        }
        let draft = self.drafts.entry(key).or_default();
        draft.text = text;
        // The time of the first unsaved key press stays, which limits the delay.
        draft.unwritten_since.get_or_insert(now);
    }

    /// Assigns the draft of the new conversation to the id that the conversation has now.
    pub(crate) fn begin(&mut self, conversation: ConversationId, now: Timestamp) {
        let Some(draft) = self.drafts.get_mut(&None) else { return };
        let text = std::mem::take(&mut draft.text);
        // The stored draft of the new conversation must be removed.
        draft.unwritten_since = Some(now);
        if !text.is_empty() {
            self.write(Some(conversation), text, now);
        }
    }

    /// The drafts that must be stored by now.
    pub(crate) fn take_due(&mut self, now: Timestamp) -> Vec<DraftWrite> {
        self.take(|draft, since| draft.text.is_empty() || now.millis_since(since) >= WRITE_WITHIN_MS)
    }

    /// All drafts that are not stored, for a page that is being left.
    pub(crate) fn take_all(&mut self) -> Vec<DraftWrite> {
        self.take(|_, _| true)
    }

    fn take(&mut self, is_due: impl Fn(&Draft, Timestamp) -> bool) -> Vec<DraftWrite> {
        let unwritten = self.drafts.iter_mut().filter_map(|(key, draft)| {
            draft.unwritten_since.filter(|since| is_due(draft, *since))?;
            draft.unwritten_since = None;
            Some(DraftWrite { key: *key, text: draft.text.clone() })
        });
        unwritten.collect()
    }

    /// When [`Drafts::take_due`] returns something next.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        let since = self.drafts.values().filter_map(|draft| draft.unwritten_since).min()?;
        Some(since.plus_millis(WRITE_WITHIN_MS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn thread() -> ConversationId {
        ConversationId(Uuid::from_u128(1))
    }

    #[test]
    fn a_draft_is_kept_within_300_ms_of_the_first_key_and_not_at_each() {
        let mut drafts = Drafts::default();
        drafts.write(None, "h".into(), at(0));
        drafts.write(None, "he".into(), at(200));
        assert_eq!(drafts.take_due(at(250)), []);
        assert_eq!(drafts.next_due(), Some(at(300)));
        assert_eq!(drafts.take_due(at(300)), [DraftWrite { key: None, text: "he".into() }]);
        assert_eq!(drafts.next_due(), None);
    }

    #[test]
    fn a_sent_draft_is_forgotten_at_once() {
        let mut drafts = Drafts::default();
        drafts.write(Some(thread()), "hello".into(), at(0));
        drafts.take_due(at(300));
        drafts.write(Some(thread()), String::new(), at(400));
        assert_eq!(drafts.take_due(at(400)), [DraftWrite { key: Some(thread()), text: String::new() }]);
    }

    #[test]
    fn threads_have_drafts_of_their_own() {
        let mut drafts = Drafts::default();
        drafts.write(None, "new".into(), at(0));
        drafts.write(Some(thread()), "old".into(), at(0));
        assert_eq!((drafts.of(None), drafts.of(Some(thread()))), ("new", "old"));
    }

    #[test]
    fn what_is_kept_does_not_replace_what_was_written_since() {
        let mut drafts = Drafts::default();
        drafts.write(None, "newer".into(), at(0));
        drafts.restore(None, "older".into());
        assert_eq!(drafts.of(None), "newer");
    }

    #[test]
    fn a_new_conversation_keeps_its_draft() {
        let mut drafts = Drafts::default();
        drafts.write(None, "half".into(), at(0));
        drafts.begin(thread(), at(10));
        assert_eq!((drafts.of(None), drafts.of(Some(thread()))), ("", "half"));
        let mut kept = drafts.take_all();
        kept.sort_by_key(|keep| keep.key);
        assert_eq!(
            kept,
            [DraftWrite { key: None, text: String::new() }, DraftWrite { key: Some(thread()), text: "half".into() }]
        );
    }
}
