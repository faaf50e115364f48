//! What one user has sent and when, for all of its devices to measure by.

use super::Expected;
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};
use tandem_protocol::{CommandId, MessageId, enums::MessageState};
use tokio::sync::oneshot;

/// A message that was sent.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    /// In nanoseconds of the run's clock.
    pub sent_at: u64,
    /// What the reply must be, when our own provider writes it.
    pub expected: Option<Expected>,
    /// The device on which the end of the reply is waited for.
    pub device: usize,
}

/// How a reply ended, as the waiting device saw it.
#[derive(Clone, Copy, Debug)]
pub struct Ended {
    /// From sending to the end, less the provider's own streaming time, in nanoseconds.
    pub added: u64,
    /// Whether it ended as it should.
    pub complete: bool,
    /// As what it ended.
    pub state: MessageState,
}

/// What one user has sent.
#[derive(Debug, Default)]
pub struct Ledger(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    /// By the user's message, which a reply names as its parent.
    turns: HashMap<MessageId, Turn>,
    waiting: HashMap<MessageId, oneshot::Sender<Ended>>,
    commands: HashMap<CommandId, u64>,
}

impl Ledger {
    fn with<T>(&self, act: impl FnOnce(&mut Entries) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A message is about to be sent; `ended` is told when its reply has ended.
    pub fn sent(&self, id: MessageId, turn: Turn, ended: oneshot::Sender<Ended>) {
        self.with(|entries| {
            entries.turns.insert(id, turn);
            entries.waiting.insert(id, ended);
        });
    }

    /// A change of a task is about to be sent.
    pub fn commanded(&self, id: CommandId, at: u64) {
        self.with(|entries| entries.commands.insert(id, at));
    }

    /// The turn that a reply answers.
    pub fn turn(&self, parent: MessageId) -> Option<Turn> {
        self.with(|entries| entries.turns.get(&parent).copied())
    }

    /// When the change of a task was sent.
    pub fn command(&self, id: CommandId) -> Option<u64> {
        self.with(|entries| entries.commands.get(&id).copied())
    }

    /// The reply to a message has ended on the device that waits for it.
    pub fn ended(&self, parent: MessageId, how: Ended) {
        if let Some(waiting) = self.with(|entries| entries.waiting.remove(&parent)) {
            // Whoever waited may have given up.
            let _ = waiting.send(how);
        }
    }
}
