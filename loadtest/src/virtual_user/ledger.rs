//! The messages and commands that a user has sent, with their times.
//!
//! All devices of a user measure by it: a message is sent by one device, and its reply arrives on all of them.

use super::Expected;
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};
use tandem_protocol::{CommandId, MessageId, enums::MessageState};
use tokio::sync::oneshot;

/// A message that was sent.
#[derive(Clone, Copy, Debug)]
pub struct SentMessage {
    /// Time of sending, in nanoseconds of the run's clock.
    pub sent_at: u64,
    /// Properties of the reply, if the provider is in this process.
    pub expected: Option<Expected>,
    /// Number of the device on which the end of the reply is awaited.
    pub device: usize,
}

/// The end of a reply as the waiting device saw it.
#[derive(Clone, Copy, Debug)]
pub struct ReplyEnd {
    /// From sending to the end, minus the time between the first and last token, in nanoseconds.
    pub added: u64,
    /// Whether the state is `complete`.
    pub complete: bool,
    pub state: MessageState,
}

/// The messages and commands of one user.
#[derive(Debug, Default)]
pub struct Ledger(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    /// By the id of the user's message, which is the parent of the reply.
    messages: HashMap<MessageId, SentMessage>,
    waiting: HashMap<MessageId, oneshot::Sender<ReplyEnd>>,
    commands: HashMap<CommandId, u64>,
}

impl Ledger {
    fn with<T>(&self, act: impl FnOnce(&mut Entries) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Records a message before it is sent. `ended` receives the end of its reply.
    pub fn sent(&self, id: MessageId, message: SentMessage, ended: oneshot::Sender<ReplyEnd>) {
        self.with(|entries| {
            entries.messages.insert(id, message);
            entries.waiting.insert(id, ended);
        });
    }

    /// The time at which a command was sent.
    pub fn commanded(&self, id: CommandId, at: u64) {
        self.with(|entries| entries.commands.insert(id, at));
    }

    /// The message to which a reply belongs.
    pub fn message(&self, parent: MessageId) -> Option<SentMessage> {
        self.with(|entries| entries.messages.get(&parent).copied())
    }

    /// When the change of a task was sent.
    pub fn command(&self, id: CommandId) -> Option<u64> {
        self.with(|entries| entries.commands.get(&id).copied())
    }

    /// Passes the end of a reply to the task that waits for it.
    pub fn ended(&self, parent: MessageId, how: ReplyEnd) {
        if let Some(waiting) = self.with(|entries| entries.waiting.remove(&parent)) {
            // The receiver is gone when the wait has timed out.
            let _ = waiting.send(how);
        }
    }
}
