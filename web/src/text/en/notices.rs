//! What toasts and errors say.

use std::fmt::Display;

pub(crate) const THE_CONVERSATION: &str = "the conversation";
pub(crate) const DELETED: &str = "Deleted";
pub(crate) const IT_WAS_TOO_LATE_TO: &str = "It was too late to take this back.";
pub(crate) const COPIED: &str = "Copied";
pub(crate) const COULD_NOT_COPY_THE_BROWSER: &str = "Could not copy. The browser did not allow it.";
pub(crate) const CONVERSATION: &str = "Conversation";
pub(crate) const THE_CONVERSATION_WAS_DELETED_YOUR: &str =
    "The conversation was deleted. Your message was kept as a draft of a new one.";
pub(crate) const NOT_DELETED_SOMETHING_NEW: &str = "The conversation was not deleted: there is a new message in it.";
pub(crate) const UNDONE: &str = "Undone";
pub(crate) const SEND_THE_MESSAGE: &str = "send the message";
pub(crate) const STOP_THE_REPLY: &str = "stop the reply";
pub(crate) const START_THE_CONVERSATION: &str = "start the conversation";
pub(crate) const RENAME_THE_CONVERSATION: &str = "rename the conversation";
pub(crate) const CHANGE_THE_CONVERSATION: &str = "change the conversation";
pub(crate) const DELETE_THE_CONVERSATION: &str = "delete the conversation";
pub(crate) const MARK_AS_READ: &str = "mark as read";
pub(crate) const ADD_THE_TASK: &str = "add the task";
pub(crate) const CHANGE_THE_TASK: &str = "change the task";
pub(crate) const COMPLETE_THE_TASK: &str = "complete the task";
pub(crate) const SKIP_THE_OCCURRENCE: &str = "skip the occurrence";
pub(crate) const REOPEN_THE_TASK: &str = "reopen the task";
pub(crate) const DELETE_THE_TASK: &str = "delete the task";
pub(crate) const ANSWER_THE_REMINDER: &str = "answer the reminder";
pub(crate) const SNOOZE_THE_REMINDER: &str = "snooze the reminder";
pub(crate) const RETRY: &str = "retry";
pub(crate) const ANSWER: &str = "answer";
pub(crate) const UNDO: &str = "undo";
pub(crate) const NO_SERVER: &str = "The server cannot be reached. Try again in a moment.";
pub(crate) const SESSION_HAS_ENDED: &str = "Your session has ended.";
pub(crate) const UNREADABLE: &str = "The server gave an answer that this page does not understand.";
pub(crate) const NO_CONNECTION: &str = "Could not reach the server. Check your connection.";
pub(crate) const BROWSER: &str = "Browser";

pub(crate) fn document_title(title: impl Display) -> String {
    format!("{title} · Tandem")
}

pub(crate) fn could_not(attempt: impl Display, object: impl Display, reason: impl Display) -> String {
    format!("Could not {attempt}{object}: {reason}")
}

pub(crate) fn could_not_yet(attempt: impl Display, object: impl Display, reason: impl Display) -> String {
    format!("Could not {attempt}{object} yet: {reason} It is kept and tried again.")
}

/// The name that a device has until somebody gives it another.
pub(crate) fn device(browser: impl Display, system: impl Display) -> String {
    format!("{browser} on {system}")
}
