//! Notices about what the person did, with an undo, or about why something failed. Pure.

use super::outbox::{self, Entry};
use crate::text::notices as text;
use serde::Deserialize;
use tandem_protocol::{
    CommandId, ErrorCode,
    enums::TaskStatus,
    json,
    live::{Command, server::Ack},
    model::Due,
    rest::TaskWritten,
};

/// The kind of a notice, which decides its icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoticeKind {
    Done,
    /// Something was copied: the shortest of all.
    Copied,
    Deleted,
    Failed,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Notice {
    pub kind: NoticeKind,
    /// What happened: a verb such as `Completed`, or a sentence.
    pub text: String,
    /// The title of the object.
    pub object: Option<String>,
    pub undo_token: Option<String>,
    /// The commands of this device that `Undo` takes back, oldest first.
    pub commands: Vec<CommandId>,
    /// Where the object went: `to Tomorrow`.
    pub to: Option<String>,
    /// When a completed task is due again.
    pub next: Option<Due>,
    /// The command that is not sent yet and can be taken back.
    pub take_back: Option<CommandId>,
    /// The failed command, if the person may try it again.
    pub retry: Option<Box<Command>>,
}

/// A notice with an id that is unique on the page.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PostedNotice {
    pub id: u32,
    pub notice: Notice,
}

impl Notice {
    /// Whether it stays until it is dismissed, because it contains the only copy of what the person wrote.
    pub(crate) fn is_kept(&self) -> bool {
        matches!(
            self.retry.as_deref(),
            Some(Command::TaskCreate(_) | Command::TaskUpdate(_) | Command::ConversationUpdate(_))
        )
    }

    /// A notice that something failed.
    pub(crate) fn failed(text: impl Into<String>) -> Self {
        Self {
            kind: NoticeKind::Failed,
            text: text.into(),
            object: None,
            undo_token: None,
            commands: Vec::new(),
            to: None,
            next: None,
            take_back: None,
            retry: None,
        }
    }

    /// A notice that something succeeded.
    pub(crate) fn done(text: impl Into<String>) -> Self {
        Self { kind: NoticeKind::Done, ..Self::failed(text) }
    }
}

/// The notice of an acknowledged command, if its effect is not visible anyway. That of a changed task is there since the
/// person has changed it.
pub(crate) fn about_done(entry: &Entry, object: Option<String>, ack: &Ack) -> Option<Notice> {
    let (kind, text) = match &entry.command {
        Command::Undo(_) => (NoticeKind::Done, text::UNDONE),
        _ => return None,
    };
    let undo_token = match &entry.command {
        Command::Undo(_) => None,
        _ => undo_token_of(ack),
    };
    Some(Notice { kind, object, undo_token, ..Notice::done(text) })
}

/// The notice of a refused command. The command is included if the server may accept it later: storage is full, or the
/// server failed.
pub(crate) fn about_refusal(entry: &Entry, object: Option<&str>, code: ErrorCode, reason: &str) -> Notice {
    let (attempt, object) = (attempt(&entry.command), quoted(object));
    let again = outbox::is_busy(code) || matches!(code, ErrorCode::Limit | ErrorCode::Internal);
    Notice {
        retry: again.then(|| Box::new(entry.command.clone())),
        ..Notice::failed(text::could_not(attempt, &object, reason))
    }
}

/// The notice of a command that the server has been too busy for. It is sent again by itself.
pub(crate) fn about_delay(entry: &Entry, object: Option<&str>, reason: &str) -> Notice {
    let (attempt, object) = (attempt(&entry.command), quoted(object));
    Notice::failed(text::could_not_yet(attempt, &object, reason))
}

fn quoted(object: Option<&str>) -> String {
    object.map(|title| format!(" \u{201c}{title}\u{201d}")).unwrap_or_default()
}

fn attempt(command: &Command) -> &'static str {
    match command {
        Command::MessageSend(_) => text::SEND_THE_MESSAGE,
        Command::MessageCancel(_) => text::STOP_THE_REPLY,
        Command::MessageRetry(_) => text::RETRY,
        Command::MessageApprove(_) => text::ANSWER,
        Command::ConversationCreate(_) => text::START_THE_CONVERSATION,
        Command::ConversationUpdate(update) if update.title.is_some() => text::RENAME_THE_CONVERSATION,
        Command::ConversationUpdate(_) => text::CHANGE_THE_CONVERSATION,
        Command::ConversationDelete(_) => text::DELETE_THE_CONVERSATION,
        Command::ConversationRead(_) => text::MARK_AS_READ,
        Command::TaskCreate(_) => text::ADD_THE_TASK,
        Command::TaskUpdate(_) => text::CHANGE_THE_TASK,
        Command::TaskComplete(_) => text::COMPLETE_THE_TASK,
        Command::TaskSkip(_) => text::SKIP_THE_OCCURRENCE,
        Command::TaskReopen(_) => text::REOPEN_THE_TASK,
        Command::TaskDelete(_) => text::DELETE_THE_TASK,
        Command::ReminderAck(_) => text::ANSWER_THE_REMINDER,
        Command::ReminderSnooze(_) => text::SNOOZE_THE_REMINDER,
        Command::Undo(_) => text::UNDO,
    }
}

/// The token that takes a command back.
pub(crate) fn undo_token_of(ack: &Ack) -> Option<String> {
    #[derive(Deserialize)]
    struct Taken {
        undo_token: Option<String>,
    }
    json::read::<Taken>(ack.result.get()).ok()?.undo_token
}

/// When the task of an acknowledged completion is due again.
pub(crate) fn next_of(entry: &Entry, ack: &Ack) -> Option<Due> {
    let Command::TaskComplete(_) = entry.command else { return None };
    let written: TaskWritten = json::read(ack.result.get()).ok()?;
    written.task.due.filter(|_| written.task.status == TaskStatus::Open)
}
