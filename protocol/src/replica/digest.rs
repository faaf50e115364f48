//! The whole state of a device as one value, to compare devices.

use super::{PartView, Replica};
use crate::{
    id::{ConversationId, MessageId, TaskId},
    model::{Conversation, Message, Part, Task, User},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::{Debug, Write},
    sync::Arc,
};

/// Everything a device has of an account, in one order, running replies with the text that they show. Two devices that
/// have loaded the same history and applied the same events have equal digests.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Digest {
    pub epoch: Option<String>,
    /// Of the newest event applied.
    pub seq: i64,
    /// The account. It is not in the log as a whole, see [`Replica::load_user`].
    pub user: Option<Arc<User>>,
    // Ordered by id, so that two digests print their differences in the same order.
    pub conversations: BTreeMap<ConversationId, Arc<Conversation>>,
    /// All known messages, with streamed text inserted.
    pub messages: BTreeMap<MessageId, Arc<Message>>,
    pub tasks: BTreeMap<TaskId, Arc<Task>>,
}

impl Digest {
    /// The differences of two devices, one line each, ten at most; `None` when they are equal.
    pub fn difference(&self, other: &Self) -> Option<String> {
        if self == other {
            return None;
        }
        let mut out = String::new();
        differ(&mut out, "epoch", &self.epoch, &other.epoch);
        differ(&mut out, "seq", &self.seq, &other.seq);
        differ(&mut out, "user", &self.user, &other.user);
        differ_each(&mut out, &self.conversations, &other.conversations);
        differ_each(&mut out, &self.messages, &other.messages);
        differ_each(&mut out, &self.tasks, &other.tasks);
        let lines: Vec<_> = out.lines().take(10).collect();
        Some(lines.join("\n"))
    }
}

fn differ<T: PartialEq + Debug>(out: &mut String, what: &str, a: &T, b: &T) {
    if a != b {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{what}: {a:?} / {b:?}");
    }
}

fn differ_each<K: Ord + Copy + Debug, V: PartialEq + Debug>(out: &mut String, a: &BTreeMap<K, V>, b: &BTreeMap<K, V>) {
    let keys: BTreeSet<_> = a.keys().chain(b.keys()).copied().collect();
    for key in keys {
        differ(out, &format!("{key:?}"), &a.get(&key), &b.get(&key));
    }
}

impl Replica {
    /// The state as one comparable value.
    pub fn digest(&self) -> Digest {
        Digest {
            epoch: self.epoch.clone(),
            seq: self.seq(),
            user: self.user.clone(),
            conversations: self.conversations.clone().into_iter().collect(),
            messages: self.messages.values().map(|message| (message.id, self.as_shown(message))).collect(),
            tasks: self.tasks.clone().into_iter().collect(),
        }
    }

    /// The message with streamed text inserted; the message itself when it has ended. The time of thoughts is left out before
    /// that: deltas do not carry it, so devices know it at different moments.
    fn as_shown(&self, message: &Arc<Message>) -> Arc<Message> {
        if message.state.is_final() && !self.streams.contains_key(&message.id) {
            return Arc::clone(message);
        }
        let mut shown = Message::clone(message);
        shown.parts = self.parts(message.id).map(PartView::to_part).collect();
        for part in &mut shown.parts {
            if let Part::Reasoning { duration_ms, .. } = part {
                *duration_ms = 0;
            }
        }
        Arc::new(shown)
    }
}
