//! What somebody is typing, and when to store it.
//!
//! One rule holds for every field: its text has a key of its own, is stored within [`WRITE_WITHIN_MS`], and stays until
//! the person discards it, or until the command that contains it is stored in the outbox, which keeps it until the server
//! has it. So neither a reload, nor the end of a session, nor a change by another device loses a text. When the thing that
//! a text belongs to is deleted, the text moves: see [`Drafts::abandon`]. Pure.
//!
//! Storing is delayed, so that not every key press writes to storage. An emptied draft is removed at once, because its
//! text was sent.

use litemap::LiteMap;
use std::{fmt, str::FromStr};
use tandem_protocol::{ConversationId, MessageId, TaskId, Timestamp};

/// The longest delay between a key press and storing the draft.
pub(crate) const WRITE_WITHIN_MS: i64 = 300;

/// A field that somebody types into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum DraftKey {
    /// The first message of a new conversation.
    NewConversation,
    /// The next message of a conversation.
    Message(ConversationId),
    /// A message that is being edited.
    Edit(ConversationId, MessageId),
    /// The title of a conversation.
    Title(ConversationId),
    /// The edited fields of a task, as JSON.
    Task(TaskId),
    /// The title of the next subtask of a task.
    Part(TaskId),
    /// The line that becomes a task.
    QuickAdd,
}

impl DraftKey {
    /// The key of the composer; `None` is a new conversation.
    pub(crate) fn composer(open: Option<ConversationId>) -> Self {
        open.map_or(Self::NewConversation, Self::Message)
    }
}

/// The name under which a draft is stored.
impl fmt::Display for DraftKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NewConversation => f.write_str("new"),
            Self::Message(conversation) => write!(f, "{conversation}"),
            Self::Edit(conversation, message) => write!(f, "edit.{conversation}.{message}"),
            Self::Title(conversation) => write!(f, "title.{conversation}"),
            Self::Task(task) => write!(f, "task.{task}"),
            Self::Part(task) => write!(f, "part.{task}"),
            Self::QuickAdd => f.write_str("quick"),
        }
    }
}

impl FromStr for DraftKey {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        fn id<T: FromStr>(text: &str) -> Result<T, ()> {
            text.parse().map_err(drop)
        }
        let mut parts = name.split('.');
        match (parts.next().unwrap_or_default(), parts.next(), parts.next()) {
            ("new", None, _) => Ok(Self::NewConversation),
            ("quick", None, _) => Ok(Self::QuickAdd),
            ("edit", Some(conversation), Some(message)) => Ok(Self::Edit(id(conversation)?, id(message)?)),
            ("title", Some(conversation), None) => Ok(Self::Title(id(conversation)?)),
            ("task", Some(task), None) => Ok(Self::Task(id(task)?)),
            ("part", Some(task), None) => Ok(Self::Part(id(task)?)),
            (conversation, None, _) => Ok(Self::Message(id(conversation)?)),
            _ => Err(()),
        }
    }
}

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

    /// Takes over what another tab has stored, unless this one has a newer text that it has not stored yet. Returns whether
    /// the text has changed.
    pub(crate) fn adopt(&mut self, key: DraftKey, text: String) -> bool {
        let draft = self.drafts.entry(key).or_default();
        if draft.unwritten_since.is_some() || draft.text == text {
            return false;
        }
        draft.text = text;
        true
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
        self.append(DraftKey::NewConversation, DraftKey::Message(conversation), now);
    }

    /// Moves the texts of a deleted conversation to the draft of a new one. Returns whether there were any.
    pub(crate) fn abandon(&mut self, conversation: ConversationId, now: Timestamp) -> bool {
        let belongs = |key: &DraftKey| match key {
            DraftKey::Message(id) | DraftKey::Edit(id, _) => *id == conversation,
            _ => false,
        };
        let keys: Vec<DraftKey> = self.drafts.keys().copied().filter(belongs).collect();
        let moved = keys.into_iter().map(|key| self.append(key, DraftKey::NewConversation, now));
        moved.filter(|moved| *moved).count() > 0
    }

    /// Adds a text to a draft, after what is there. It may be the only copy of that text.
    pub(crate) fn add(&mut self, key: DraftKey, text: &str, now: Timestamp) {
        let before = self.of(key).trim_end();
        let both = if before.is_empty() { text.to_owned() } else { format!("{before}\n\n{text}") };
        self.write(key, both, now);
    }

    /// Moves the text of one draft to the end of another one. Returns whether there was a text.
    fn append(&mut self, from: DraftKey, to: DraftKey, now: Timestamp) -> bool {
        let text = self.of(from).to_owned();
        if text.is_empty() {
            return false;
        }
        self.add(to, &text, now);
        self.write(from, String::new(), now);
        true
    }

    /// The keys of all texts.
    pub(crate) fn keys(&self) -> impl Iterator<Item = DraftKey> {
        self.drafts.iter().filter(|(_, draft)| !draft.text.is_empty()).map(|(key, _)| *key)
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

    const NEW: DraftKey = DraftKey::NewConversation;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn conversation() -> ConversationId {
        ConversationId(Uuid::from_u128(1))
    }

    fn thread() -> DraftKey {
        DraftKey::Message(conversation())
    }

    #[test]
    fn a_draft_is_kept_within_300_ms_of_the_first_key_and_not_at_each() {
        let mut drafts = Drafts::default();
        drafts.write(NEW, "h".into(), at(0));
        drafts.write(NEW, "he".into(), at(200));
        assert_eq!(drafts.take_due(at(250)), []);
        assert_eq!(drafts.next_due(), Some(at(300)));
        assert_eq!(drafts.take_due(at(300)), [DraftWrite { key: NEW, text: "he".into() }]);
        assert_eq!(drafts.next_due(), None);
    }

    #[test]
    fn a_sent_draft_is_forgotten_at_once() {
        let mut drafts = Drafts::default();
        drafts.write(thread(), "hello".into(), at(0));
        drafts.take_due(at(300));
        drafts.write(thread(), String::new(), at(400));
        assert_eq!(drafts.take_due(at(400)), [DraftWrite { key: thread(), text: String::new() }]);
    }

    #[test]
    fn threads_have_drafts_of_their_own() {
        let mut drafts = Drafts::default();
        drafts.write(NEW, "new".into(), at(0));
        drafts.write(thread(), "old".into(), at(0));
        assert_eq!((drafts.of(NEW), drafts.of(thread())), ("new", "old"));
    }

    #[test]
    fn what_is_kept_does_not_replace_what_was_written_since() {
        let mut drafts = Drafts::default();
        drafts.write(NEW, "newer".into(), at(0));
        drafts.restore(NEW, "older".into());
        assert_eq!(drafts.of(NEW), "newer");
    }

    #[test]
    fn another_tab_changes_a_draft_unless_this_one_is_being_written() {
        let mut drafts = Drafts::default();
        drafts.restore(NEW, "half".into());
        assert!(drafts.adopt(NEW, String::new()), "it was sent there");
        assert_eq!(drafts.of(NEW), "");
        drafts.write(NEW, "mine".into(), at(0));
        assert!(!drafts.adopt(NEW, "theirs".into()));
        assert_eq!(drafts.of(NEW), "mine");
    }

    #[test]
    fn a_new_conversation_keeps_its_draft() {
        let mut drafts = Drafts::default();
        drafts.write(NEW, "half".into(), at(0));
        drafts.begin(conversation(), at(10));
        assert_eq!((drafts.of(NEW), drafts.of(thread())), ("", "half"));
        let mut kept = drafts.take_all();
        kept.sort_by_key(|keep| keep.key);
        assert_eq!(
            kept,
            [DraftWrite { key: NEW, text: String::new() }, DraftWrite { key: thread(), text: "half".into() }]
        );
    }

    #[test]
    fn each_field_has_a_name_of_its_own() {
        let (conversation, message, task) = (conversation(), MessageId(Uuid::from_u128(2)), TaskId(Uuid::from_u128(3)));
        let keys = [
            NEW,
            thread(),
            DraftKey::Edit(conversation, message),
            DraftKey::Title(conversation),
            DraftKey::Task(task),
            DraftKey::Part(task),
            DraftKey::QuickAdd,
        ];
        for key in keys {
            assert_eq!(key.to_string().parse(), Ok(key));
        }
        for name in ["", "edit", "task.x", "title.1.2", "other.1"] {
            assert_eq!(name.parse::<DraftKey>(), Err(()), "{name}");
        }
    }

    #[test]
    fn what_was_written_in_a_deleted_conversation_moves_to_a_new_one() {
        let mut drafts = Drafts::default();
        let edit = DraftKey::Edit(conversation(), MessageId(Uuid::from_u128(2)));
        drafts.write(NEW, "first".into(), at(0));
        drafts.write(thread(), "second".into(), at(0));
        drafts.write(edit, "third".into(), at(0));
        assert!(drafts.abandon(conversation(), at(10)));
        assert_eq!(drafts.of(NEW), "first\n\nsecond\n\nthird");
        assert_eq!(drafts.keys().collect::<Vec<_>>(), [NEW]);
        assert!(!drafts.abandon(conversation(), at(20)));
    }
}
