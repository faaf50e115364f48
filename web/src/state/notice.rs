//! What the person is told in passing: what they did, with a way back, or why it was not done.

use super::outbox::{self, Entry};
use serde_json::Value;
use tandem_protocol::{
    ErrorCode,
    live::{Command, server::Ack},
};

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoticeKind {
    Done,
    Deleted,
    /// Something could not be done.
    Failed,
}

/// Something to be told in passing.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Notice {
    /// What it is about.
    pub kind: NoticeKind,
    /// What happened: `Completed`, or a whole sentence.
    pub text: String,
    /// To what: a title.
    pub object: Option<String>,
    pub undo_token: Option<String>,
    /// What was not done and may be tried again by hand.
    pub retry: Option<Box<Command>>,
}

impl Notice {
    /// Whether it stays until it is put away: it holds the one copy of what the person wrote.
    pub(crate) fn is_kept(&self) -> bool {
        matches!(
            self.retry.as_deref(),
            Some(Command::TaskCreate(_) | Command::TaskUpdate(_) | Command::ConversationUpdate(_))
        )
    }

    /// That something could not be done, in a sentence.
    pub(crate) fn failed(text: impl Into<String>) -> Self {
        Self { kind: NoticeKind::Failed, text: text.into(), object: None, undo_token: None, retry: None }
    }

    /// That something was done, in a sentence.
    pub(crate) fn done(text: impl Into<String>) -> Self {
        Self { kind: NoticeKind::Done, text: text.into(), object: None, undo_token: None, retry: None }
    }
}

/// What to say about a command that was done, if anything: what shows by itself is not said too.
pub(crate) fn about_done(entry: &Entry, object: Option<String>, ack: &Ack) -> Option<Notice> {
    let (kind, text) = match &entry.command {
        Command::TaskComplete(_) => (NoticeKind::Done, "Completed"),
        Command::TaskReopen(_) => (NoticeKind::Done, "Reopened"),
        Command::TaskDelete(_) | Command::ConversationDelete(_) => (NoticeKind::Deleted, "Deleted"),
        Command::Undo(_) => (NoticeKind::Done, "Undone"),
        _ => return None,
    };
    let undo_token = match &entry.command {
        Command::Undo(_) => None,
        _ => undo_token_of(ack),
    };
    Some(Notice { kind, text: text.to_owned(), object, undo_token, retry: None })
}

/// Why a command was not done, with what it was meant for. When the same command may be taken another time (storage is
/// full, something failed on the server), it comes along.
pub(crate) fn about_refusal(entry: &Entry, object: Option<&str>, code: ErrorCode, reason: &str) -> Notice {
    let (attempt, object) = (attempt(&entry.command), quoted(object));
    let again = outbox::is_busy(code) || matches!(code, ErrorCode::Limit | ErrorCode::Internal);
    Notice {
        retry: again.then(|| Box::new(entry.command.clone())),
        ..Notice::failed(format!("Could not {attempt}{object}: {reason}"))
    }
}

/// That the server has been too busy for a command for a while, which goes out again by itself.
pub(crate) fn about_delay(entry: &Entry, object: Option<&str>, reason: &str) -> Notice {
    let (attempt, object) = (attempt(&entry.command), quoted(object));
    Notice::failed(format!("Could not {attempt}{object} yet: {reason} It is kept and tried again."))
}

fn quoted(object: Option<&str>) -> String {
    object.map(|title| format!(" \u{201c}{title}\u{201d}")).unwrap_or_default()
}

fn attempt(command: &Command) -> &'static str {
    match command {
        Command::MessageSend(_) => "send the message",
        Command::MessageCancel(_) => "stop the reply",
        Command::MessageRetry(_) => "retry",
        Command::MessageApprove(_) => "answer",
        Command::ConversationCreate(_) => "start the conversation",
        Command::ConversationUpdate(_) => "rename the conversation",
        Command::ConversationDelete(_) => "delete the conversation",
        Command::ConversationRead(_) => "mark as read",
        Command::TaskCreate(_) => "add the task",
        Command::TaskUpdate(_) => "change the task",
        Command::TaskComplete(_) => "complete the task",
        Command::TaskReopen(_) => "reopen the task",
        Command::TaskDelete(_) => "delete the task",
        Command::Undo(_) => "undo",
    }
}

fn undo_token_of(ack: &Ack) -> Option<String> {
    serde_json::from_str::<Value>(ack.result.get()).ok()?["undo_token"].as_str().map(str::to_owned)
}
