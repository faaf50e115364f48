//! Selects the visible messages of a conversation: one path through the tree of versions. Pure.
//!
//! Messages with the same parent are versions of each other: an edit is a sibling of the message, a retry is a sibling
//! of the reply. The path leads to the newest message, unless the person has chosen another version.

use super::outbox::{Delivery, Entry};
use std::sync::Arc;
use tandem_protocol::{
    ConversationId, MessageId, Timestamp,
    enums::{MessageState, Role},
    live::{Command, command::MessageSend},
    map::{Map, Set},
    model::{Message, Part},
};

/// The chosen versions by parent.
pub(crate) type Choices = Map<Option<MessageId>, MessageId>;

/// A visible message.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ThreadItem {
    /// The message. An unsent one already has its final id.
    pub message: Arc<Message>,
    /// The ids of all versions, oldest first, including this one.
    pub versions: Vec<MessageId>,
    pub status: SendStatus,
}

/// How far a message has been delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SendStatus {
    /// Stored by the server.
    Stored,
    /// In the outbox, without a connection.
    Waiting,
    /// In the outbox, being sent.
    Sending,
    /// Stored by the server, and its reply is queued.
    Queued {
        /// The queued reply.
        reply: MessageId,
        /// Whether it waits for replies in other conversations, because none is running in this one.
        elsewhere: bool,
    },
    /// Refused by the server, with the reason.
    Failed(String),
}

impl ThreadItem {
    /// The position among the versions, from 1.
    pub(crate) fn position(&self) -> usize {
        self.versions.iter().position(|id| *id == self.message.id).map_or(1, |index| index + 1)
    }
}

/// The visible messages of a conversation, oldest first.
pub(crate) fn path<'a>(
    known: &[&Arc<Message>],
    outgoing: impl Iterator<Item = &'a Entry>,
    choices: &Choices,
) -> Vec<ThreadItem> {
    let there: Set<MessageId> = known.iter().map(|message| message.id).collect();
    let mut all: Vec<Arc<Message>> = known.iter().map(|message| Arc::clone(message)).collect();
    let mut on_the_way = Map::new();
    for entry in outgoing {
        let Command::MessageSend(send) = &entry.command else { continue };
        let Some(id) = send.id.filter(|id| !there.contains(id)) else { continue };
        let parent = send.parent_id.unwrap_or_else(|| all.last().map(|last| last.id));
        all.push(Arc::new(optimistic_message(id, send, parent, entry.made_at)));
        on_the_way.insert(id, send_status(&entry.delivery));
    }
    let elsewhere = running(known).is_none();
    let tree = Tree::of(&all);
    let queued: Map<MessageId, MessageId> = all
        .iter()
        .filter(|message| message.state == MessageState::Queued)
        .filter_map(|reply| reply.parent_id.map(|question| (question, reply.id)))
        .collect();
    let shown = tree.walk(choices).into_iter();
    let shown = shown.filter(|(index, _)| all[*index].state != MessageState::Queued);
    shown
        .map(|(index, versions)| {
            let message = Arc::clone(&all[index]);
            let status = match (on_the_way.remove(&message.id), queued.get(&message.id)) {
                (Some(status), _) => status,
                (None, Some(reply)) => SendStatus::Queued { reply: *reply, elsewhere },
                (None, None) => SendStatus::Stored,
            };
            ThreadItem { versions: versions.iter().map(|index| all[*index].id).collect(), message, status }
        })
        .collect()
}

/// The running reply, if there is one.
pub(crate) fn running(known: &[&Arc<Message>]) -> Option<MessageId> {
    known.iter().rev().find(|message| message.state == MessageState::Streaming).map(|message| message.id)
}

/// The next queued reply, if none is running: the replies of other conversations use up the limit.
pub(crate) fn waiting(known: &[&Arc<Message>]) -> Option<MessageId> {
    let next = known.iter().find(|message| message.state == MessageState::Queued).map(|message| message.id);
    next.filter(|_| running(known).is_none())
}

/// An unsent message as it is shown.
fn optimistic_message(id: MessageId, send: &MessageSend, parent_id: Option<MessageId>, made_at: Timestamp) -> Message {
    Message {
        id,
        conversation_id: send.conversation_id,
        parent_id,
        role: Role::User,
        state: MessageState::Complete,
        parts: vec![Part::text(send.text.clone())],
        attempt: 1,
        provider: None,
        error: None,
        created_at: made_at,
        completed_at: None,
        usage: None,
    }
}

fn send_status(delivery: &Delivery) -> SendStatus {
    match delivery {
        Delivery::Waiting { .. } => SendStatus::Waiting,
        Delivery::Sent => SendStatus::Sending,
        Delivery::Done { .. } => SendStatus::Stored,
        Delivery::Failed { message, .. } => SendStatus::Failed(message.clone()),
    }
}

/// Messages by parent, as indices. A message whose parent is not loaded is a root.
struct Tree {
    children: Map<Option<MessageId>, Vec<usize>>,
    ids: Vec<MessageId>,
    parents: Vec<Option<MessageId>>,
    roots: Vec<Option<MessageId>>,
}

impl Tree {
    fn of(all: &[Arc<Message>]) -> Self {
        let known: Set<MessageId> = all.iter().map(|message| message.id).collect();
        let mut tree = Self {
            children: Map::new(),
            ids: all.iter().map(|message| message.id).collect(),
            parents: all.iter().map(|message| message.parent_id).collect(),
            roots: Vec::new(),
        };
        for (index, message) in all.iter().enumerate() {
            let siblings = tree.children.entry(message.parent_id).or_default();
            if siblings.is_empty() && message.parent_id.is_none_or(|parent| !known.contains(&parent)) {
                tree.roots.push(message.parent_id);
            }
            siblings.push(index);
        }
        tree
    }

    /// The path, with the versions of each message.
    fn walk(&self, choices: &Choices) -> Vec<(usize, &[usize])> {
        let newest = self.ancestors_of_newest();
        let mut path = Vec::new();
        // Start in the tree of the newest message. Other roots belong to versions whose beginning is not loaded.
        let Some(mut parent) = newest.last().map(|index| self.parents[*index]) else { return path };
        let toward: Set<usize> = newest.into_iter().collect();
        while let Some(siblings) = self.children.get(&parent) {
            let chosen = choices.get(&parent);
            let index = siblings
                .iter()
                .find(|index| Some(&self.ids[**index]) == chosen)
                .or_else(|| siblings.iter().find(|index| toward.contains(index)))
                .or(siblings.last());
            // The length limit ends the walk if malformed data contains a cycle.
            let Some(index) = index.filter(|_| path.len() < self.ids.len()) else { break };
            path.push((*index, siblings.as_slice()));
            parent = Some(self.ids[*index]);
        }
        path
    }

    /// The newest message and its loaded ancestors.
    fn ancestors_of_newest(&self) -> Vec<usize> {
        let places: Map<MessageId, usize> = self.ids.iter().enumerate().map(|(index, id)| (*id, index)).collect();
        let mut line = Vec::new();
        let mut next = self.ids.len().checked_sub(1);
        while let Some(index) = next.filter(|_| line.len() < self.ids.len()) {
            line.push(index);
            next = self.parents[index].and_then(|parent| places.get(&parent).copied());
        }
        line
    }
}

/// The parent of a message that is sent now: `None` lets the server append it, unless the person looks at an older
/// version.
pub(crate) fn parent_for_new(shown: &[ThreadItem], known: &[&Arc<Message>]) -> Option<MessageId> {
    let newest = known.last()?.id;
    let end = shown.iter().rev().find(|item| !matches!(item.status, SendStatus::Failed(_)))?;
    // An unsent or queued message is the newest one by the time this arrives.
    (end.status == SendStatus::Stored && end.message.id != newest).then_some(end.message.id)
}

/// Whether an entry is a message of this conversation.
pub(crate) fn belongs_to(entry: &Entry, conversation: ConversationId) -> bool {
    matches!(&entry.command, Command::MessageSend(send) if send.conversation_id == conversation)
}

#[cfg(test)]
mod tests;
