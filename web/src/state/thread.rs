//! Selects the visible messages of a conversation: one path through the tree of versions. Pure.
//!
//! Messages with the same parent are versions of each other: an edit is a sibling of the message, a retry is a sibling
//! of the reply. The path leads to the newest message, unless the person has chosen another version.

use super::outbox::{Delivery, Entry};
use litemap::LiteMap;
use std::sync::Arc;
use tandem_protocol::{
    ConversationId, MessageId, Timestamp,
    enums::{MessageState, Role},
    live::{Command, command::MessageSend},
    model::{Message, Part},
};

/// The chosen versions by parent.
pub(crate) type Choices = LiteMap<Option<MessageId>, MessageId>;

/// A message as it is shown.
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
    let mut all: Vec<Arc<Message>> = known.iter().map(|message| Arc::clone(message)).collect();
    let mut statuses = vec![SendStatus::Stored; known.len()];
    for entry in outgoing {
        let Command::MessageSend(send) = &entry.command else { continue };
        // Its event may have arrived before the acknowledgement.
        let Some(id) = send.id.filter(|id| known.iter().all(|message| message.id != *id)) else { continue };
        // The server appends a message without a parent to the newest one.
        let parent = send.parent_id.unwrap_or_else(|| all.last().map(|last| last.id));
        all.push(Arc::new(optimistic_message(id, send, parent, entry.made_at)));
        statuses.push(send_status(&entry.delivery));
    }
    let tree = Tree::of(&all);
    // A reply waits either for one in this conversation, or for those in others.
    let elsewhere = running(known).is_none();
    for (index, reply) in known.iter().enumerate().filter(|(_, message)| message.state == MessageState::Queued) {
        // A message that is still in the outbox shows how far it has been sent instead.
        if let Some(question) = tree.parents[index].filter(|question| *question < known.len()) {
            statuses[question] = SendStatus::Queued { reply: reply.id, elsewhere };
        }
    }
    let shown = tree.walk(choices).into_iter().filter(|(index, _)| all[*index].state != MessageState::Queued);
    shown
        .map(|(index, versions)| {
            let status = std::mem::replace(&mut statuses[index], SendStatus::Stored);
            ThreadItem { message: Arc::clone(&all[index]), versions, status }
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
        undo_token: None,
        summary: None,
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

/// The messages of a conversation by their parents. All references are indices into `messages`.
struct Tree<'a> {
    messages: &'a [Arc<Message>],
    /// The parent of each message, if it is loaded.
    parents: Vec<Option<usize>>,
    /// The children of each message, oldest first.
    children: Vec<Vec<usize>>,
}

impl<'a> Tree<'a> {
    fn of(messages: &'a [Arc<Message>]) -> Self {
        let mut by_id: LiteMap<MessageId, usize> = LiteMap::with_capacity(messages.len());
        for (index, message) in messages.iter().enumerate() {
            by_id.insert(message.id, index);
        }
        let parent = |message: &Arc<Message>| by_id.get(&message.parent_id?).copied();
        let parents: Vec<Option<usize>> = messages.iter().map(parent).collect();
        let mut children = vec![Vec::new(); messages.len()];
        for (index, parent) in parents.iter().enumerate() {
            if let Some(parent) = parent {
                children[*parent].push(index);
            }
        }
        Self { messages, parents, children }
    }

    /// The path, with the ids of all versions of each message.
    fn walk(&self, choices: &Choices) -> Vec<(usize, Vec<MessageId>)> {
        let count = self.messages.len();
        let newest = self.ancestors_of_newest();
        let mut path = Vec::new();
        // Start in the tree of the newest message. Other roots belong to versions whose beginning is not loaded.
        let Some(&root) = newest.last() else { return path };
        let start = self.messages[root].parent_id;
        let roots: Vec<usize> = (0..count).filter(|index| self.messages[*index].parent_id == start).collect();
        let mut leads_to_newest = vec![false; count];
        for index in newest {
            leads_to_newest[index] = true;
        }
        let mut siblings = &roots;
        // The length limit ends the walk if malformed data contains a cycle.
        while let Some(&last) = siblings.last().filter(|_| path.len() < count) {
            let chosen = choices.get(&self.messages[last].parent_id);
            let mut versions = siblings.iter().copied();
            let index = versions
                .clone()
                .find(|index| Some(&self.messages[*index].id) == chosen)
                .or_else(|| versions.find(|index| leads_to_newest[*index]))
                // Neither chosen nor on the way to the newest message: the newest version.
                .unwrap_or(last);
            path.push((index, siblings.iter().map(|index| self.messages[*index].id).collect()));
            siblings = &self.children[index];
        }
        path
    }

    /// The newest message and its loaded ancestors.
    fn ancestors_of_newest(&self) -> Vec<usize> {
        let mut line = Vec::new();
        let mut next = self.messages.len().checked_sub(1);
        while let Some(index) = next.filter(|_| line.len() < self.messages.len()) {
            line.push(index);
            next = self.parents[index];
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
