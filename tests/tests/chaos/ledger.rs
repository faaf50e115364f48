//! The commands that were sent and their answers, for comparison with the log.

use serde_json::Value;
use std::collections::HashMap;
use tandem_protocol::{
    CommandId, ErrorCode,
    live::{Command, server::Ack},
    rest::Undone,
};

/// A command that was sent.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) id: CommandId,
    pub(crate) command: Command,
    pub(crate) outcome: Outcome,
}

/// The answer to a command.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The command took effect exactly once.
    Acknowledged(Ack),
    /// The command had no effect.
    Refused(ErrorCode),
    /// The device gave up before an answer: the command had an effect at most once.
    Unknown,
}

/// The events of each command in the log: seq and name, in order.
pub(crate) type ByCommand = HashMap<CommandId, Vec<(i64, String)>>;

impl Entry {
    /// Describes what is wrong with the events of this command, if anything is.
    pub(crate) fn fault(&self, log: &ByCommand) -> Option<String> {
        let events = log.get(&self.id).map(Vec::as_slice).unwrap_or_default();
        let wrong = |what: &str| Some(format!("{what}: {self:?} made {events:?}"));
        if !events.iter().zip(events.iter().skip(1)).all(|((one, _), (next, _))| one + 1 == *next) {
            return wrong("one command is one transaction, and its events follow each other");
        }
        let main = main_events(&self.command);
        let times = events.iter().filter(|(_, event)| main.contains(&event.as_str())).count();
        match &self.outcome {
            Outcome::Refused(_) if events.is_empty() => None,
            Outcome::Refused(code) => wrong(&format!("refused as {code}, a command changes nothing")),
            Outcome::Unknown if times <= max_main_events(&self.command, events) => None,
            Outcome::Unknown => wrong("it took effect more than once"),
            Outcome::Acknowledged(ack) => match expected(&self.command, ack) {
                Some(expected) if times != expected => wrong(&format!("{expected} {main:?} were acknowledged")),
                _ if events.last().is_some_and(|(last, _)| *last > ack.seq) => wrong("it has events after its ack"),
                _ => None,
            },
        }
    }
}

/// The events that show that a command took effect.
fn main_events(command: &Command) -> &'static [&'static str] {
    match command {
        Command::MessageSend(_) | Command::MessageRetry(_) => &["message.created"],
        Command::MessageCancel(_) => &["message.completed"],
        Command::MessageApprove(_) => &["message.part"],
        Command::ConversationCreate(_) => &["conversation.created"],
        Command::ConversationUpdate(_) | Command::ConversationRead(_) => &["conversation.updated"],
        Command::ConversationDelete(_) => &["conversation.deleted"],
        Command::TaskCreate(_) => &["task.created"],
        Command::TaskUpdate(_)
        | Command::TaskComplete(_)
        | Command::TaskSkip(_)
        | Command::TaskReopen(_)
        | Command::ReminderAck(_)
        | Command::ReminderSnooze(_) => &["task.updated"],
        Command::TaskDelete(_) => &["task.deleted"],
        Command::Undo(_) => &["task.created", "task.updated", "task.deleted"],
    }
}

/// The maximum number of main events of a command that made these events.
fn max_main_events(command: &Command, events: &[(i64, String)]) -> usize {
    match command {
        // The message of the user and the empty reply.
        Command::MessageSend(_) => 2,
        // What a reply did is undone as a whole, and each of its calls is marked.
        Command::Undo(_) => events.iter().filter(|(_, event)| event == "message.part").count().max(1),
        _ => 1,
    }
}

/// The number of main events of an acknowledged command; `None` where the answer does not determine it.
fn expected(command: &Command, ack: &Ack) -> Option<usize> {
    let result: Value = serde_json::from_str(ack.result.get()).unwrap();
    match command {
        Command::MessageSend(_) => Some(2),
        // No event when the reply had ended or the message had been read already.
        Command::MessageCancel(_) | Command::ConversationRead(_) | Command::MessageApprove(_) => None,
        Command::TaskUpdate(_)
        | Command::TaskComplete(_)
        | Command::TaskSkip(_)
        | Command::TaskReopen(_)
        | Command::ReminderAck(_)
        | Command::ReminderSnooze(_) => Some(usize::from(result["undo_token"].is_string())),
        Command::Undo(_) => {
            let undone: Undone = serde_json::from_value(result).unwrap();
            Some(undone.undone.len())
        }
        _ => Some(1),
    }
}
