//! What REST answers: the snapshot, and pages that were read at another moment than the events.
//!
//! A page may be older or newer than the events applied so far. Events keep known objects current, so a page only adds what
//! is missing, or shows that a reply has ended.

use super::{Replica, events::set_part_after_end};
use crate::{
    model::{Conversation, Message, Part, Task, User},
    rest::Snapshot,
};
use std::sync::Arc;

impl Replica {
    /// Starts over from a snapshot. Presence and faults stay, everything else is dropped. Pages that were requested before
    /// must not be loaded any more.
    pub fn load_snapshot(&mut self, snapshot: Snapshot) {
        let Snapshot { epoch, seq, user, conversations, tasks, active_messages } = snapshot;
        // Built from the default, so that a field which is added later starts empty, too.
        *self = Self {
            epoch: Some(epoch),
            seq: Some(seq),
            floor: seq,
            user: Some(Arc::new(user)),
            presence: Arc::clone(&self.presence),
            faults: std::mem::take(&mut self.faults),
            ..Self::default()
        };
        self.load_conversations(conversations.items);
        self.load_tasks(tasks);
        for message in active_messages {
            self.put_running(Arc::new(message));
        }
    }

    /// Loads the account from a log-in or `GET /me`.
    pub fn load_user(&mut self, user: User) {
        self.user = Some(Arc::new(user));
    }

    /// Loads a page of `GET /conversations`.
    pub fn load_conversations(&mut self, page: Vec<Conversation>) {
        for conversation in page {
            let id = conversation.id;
            if !self.gone_conversations.contains_key(&id) {
                self.conversations.entry(id).or_insert_with(|| Arc::new(conversation));
            }
        }
    }

    /// Loads a page of `GET /tasks`, or one task.
    pub fn load_tasks(&mut self, page: Vec<Task>) {
        for task in page {
            let older = |known: &Arc<Task>| known.rev >= task.rev;
            if !self.gone_tasks.contains_key(&task.id) && !self.tasks.get(&task.id).is_some_and(older) {
                self.tasks.insert(task.id, Arc::new(task));
            }
        }
    }

    /// Loads a page of a conversation's history. It never replaces a newer state. Running replies become known by the
    /// snapshot and by events alone; a page can only add to their text.
    pub fn load_messages(&mut self, page: Vec<Message>) {
        for message in page {
            if !self.gone_conversations.contains_key(&message.conversation_id) {
                self.load_message(message);
            }
        }
    }

    fn load_message(&mut self, mut message: Message) {
        let known = self.messages.get(&message.id);
        if message.state.is_final() {
            if !known.is_some_and(|known| known.state.is_final() || known.attempt > message.attempt) {
                // The page may be older than changes of its parts that came as events.
                for (index, part) in self.missed.remove(&message.id).unwrap_or_default() {
                    set_part_after_end(&mut message, index, part);
                }
                self.put_final(Arc::new(message));
            }
            return;
        }
        // A running reply or an attempt that is not known is ahead of its events, which would be applied to a state that
        // they do not mean. The events arrive soon, so nothing is lost by waiting for them.
        let Some(known) = known.filter(|known| !known.state.is_final() && known.attempt == message.attempt) else {
            return;
        };
        // Tool calls change by events only; text can be newer here.
        let mut merged = Message::clone(known);
        merge_text(&mut merged.parts, &message.parts);
        self.put_running(Arc::new(merged));
    }
}

/// Replaces text by longer text that continues it, part by part, and appends the next text part.
fn merge_text(parts: &mut Vec<Part>, newer: &[Part]) {
    for (index, part) in newer.iter().enumerate() {
        let Some((kind, text)) = part.as_streamed() else { continue };
        let continues = |known: &Part| known.as_streamed().is_some_and(|(of, had)| of == kind && text.starts_with(had));
        if index == parts.len() {
            parts.push(part.clone());
        } else if let Some(known) = parts.get_mut(index).filter(|known| continues(known)) {
            known.clone_from(part);
        }
    }
}
