//! Commands: everything that changes conversations, messages and tasks.
//!
//! The socket parses a command from its name and arguments; REST builds the same value from path and body. So both
//! transports have one set of rules, and an `Idempotency-Key` is the same as a command id.
//!
//! Arguments refuse unknown fields and fields that are given twice.

use crate::{
    duration::IsoDuration,
    enums::Decision,
    flatten::field_and_rest,
    id::{ConversationId, MessageId, ReminderId, TaskId, TaskRef},
    json::{self, Unreadable},
    model::Conversation,
    reminder::ReminderTimeInput,
    rest::tasks::{NewTask, TaskPatch, UndoBody, present},
};
use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::value::{RawValue, to_raw_value};

/// While a reply of the conversation waits for an approval, the message is read as the answer to it ("yes", "no", "all but
/// milk", "the second"): its own reply is `streaming` at once and ends with a sentence that repeats the decisions, or, for any
/// other text, asks for one. It decides the same calls as `message.approve`, and the first answer wins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageSend {
    /// Created when it does not exist.
    pub conversation_id: ConversationId,
    /// Made by the client, or by the server when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<MessageId>,
    /// 1 to 32,000 characters.
    pub text: String,
    /// What it follows: a message, nothing (null: it is an edit of the first message), the newest one when absent.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<Option<MessageId>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageRefArgs {
    pub message_id: MessageId,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageApprove {
    pub message_id: MessageId,
    /// The tool call that waits.
    pub call_id: String,
    pub decision: Decision,
}

/// Arguments of `conversation.create`, and the body of `POST /conversations`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConversationCreate {
    /// Made by the client, or by the server when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<ConversationId>,
    /// The conversation has no title when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

/// Arguments of `conversation.update`: what changes, at least one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConversationUpdate {
    pub conversation_id: ConversationId,
    /// 1 to 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Whether it stands before the others in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned: Option<bool>,
    /// Whether it is out of the way, in a list of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
    /// A provider of `GET /server` that writes the replies; null for the server's order.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub provider: Option<Option<String>>,
}

impl ConversationUpdate {
    /// An update that changes nothing yet.
    pub fn of(conversation_id: ConversationId) -> Self {
        Self { conversation_id, title: None, pinned: None, archived: None, provider: None }
    }

    /// Makes these changes in a conversation, as a device shows them before the server has answered.
    pub fn apply_to(&self, conversation: &mut Conversation) {
        if self.title.is_some() {
            conversation.title.clone_from(&self.title);
        }
        conversation.pinned = self.pinned.unwrap_or(conversation.pinned);
        conversation.archived = self.archived.unwrap_or(conversation.archived);
        if let Some(provider) = &self.provider {
            conversation.provider.clone_from(provider);
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConversationRefArgs {
    pub conversation_id: ConversationId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConversationRead {
    pub conversation_id: ConversationId,
    /// The newest message that was read.
    pub message_id: MessageId,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TaskUpdate {
    /// The task, by id or number.
    pub task_id: TaskRef,
    #[serde(flatten)]
    pub patch: TaskPatch,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskRefArgs {
    /// The task, by id or number.
    pub task_id: TaskRef,
}

/// Arguments of `task.complete`: a task, and the date for which it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskComplete {
    /// The task, by id or number.
    pub task_id: TaskRef,
    /// The occurrence that the device shows. A recurring task that has gone on since is answered as it is.
    #[serde(default, with = "crate::time::maybe_date", skip_serializing_if = "Option::is_none")]
    pub occurrence: Option<Date>,
}

/// Arguments of `reminder.ack`: the reminder that was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReminderAck {
    /// The task, by id or number.
    pub task_id: TaskRef,
    pub reminder_id: ReminderId,
}

/// Arguments of `reminder.snooze`: one of `for` and `until`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReminderSnooze {
    /// The task, by id or number.
    pub task_id: TaskRef,
    pub reminder_id: ReminderId,
    /// How long from now.
    #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
    pub duration: Option<IsoDuration>,
    /// When it rings again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<ReminderTimeInput>,
}

impl From<TaskId> for TaskComplete {
    fn from(id: TaskId) -> Self {
        Self { task_id: id.into(), occurrence: None }
    }
}

impl From<TaskId> for TaskRefArgs {
    fn from(id: TaskId) -> Self {
        Self { task_id: id.into() }
    }
}

impl<'de> Deserialize<'de> for TaskUpdate {
    // By hand, because serde's `flatten` and `deny_unknown_fields` exclude each other.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (task_id, patch) = field_and_rest("task_id", deserializer)?;
        Ok(Self { task_id, patch })
    }
}

/// Why a command could not be read; its text is for the person who wrote the client.
#[derive(Debug)]
pub enum CommandParseError {
    /// There is no command of this name.
    UnknownName(String),
    /// The arguments are not those of the command.
    Args(serde_json::Error),
}

impl std::fmt::Display for CommandParseError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::UnknownName(name) => write!(f, "there is no command {name:?}"),
            Self::Args(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for CommandParseError {}

// One list: the enum, its names on the wire and the parser cannot differ.
macro_rules! commands {
    ($($(#[$doc:meta])* $variant:ident($args:ty) = $name:tt),+ $(,)?) => {
        /// A change that a client requests, over either transport.
        #[derive(Clone, Debug, PartialEq, Serialize)]
        #[serde(tag = "name", content = "args")]
        pub enum Command {
            $($(#[$doc])* #[serde(rename = $name)] $variant($args),)+
        }

        impl Command {
            /// Every name, in the order of the contract. The isolation tests iterate over it.
            pub const NAMES: &'static [&'static str] = &[$($name),+];

            /// Reads a command of the socket.
            ///
            /// # Errors
            /// The name is unknown, or the arguments are not those of the command.
            pub fn parse(name: &str, args: &RawValue) -> Result<Self, CommandParseError> {
                if !args.get().starts_with('{') {
                    // A derived struct would take an array of its fields, too.
                    return Err(CommandParseError::Args(de::Error::custom("`args` is an object")));
                }
                match name {
                    $($name => serde_json::from_str(args.get()).map(Self::$variant).map_err(CommandParseError::Args),)+
                    other => Err(CommandParseError::UnknownName(other.to_owned())),
                }
            }

            /// Reads what [`args`](Self::args) wrote: as [`parse`](Self::parse), without a text about what is wrong.
            ///
            /// # Errors
            /// The name is unknown, or the arguments are not those of the command.
            pub fn read(name: &str, args: &RawValue) -> Result<Self, Unreadable> {
                match name {
                    $($name => json::read(args.get()).map(Self::$variant),)+
                    _ => Err(Unreadable),
                }
            }

            /// The arguments as JSON.
            ///
            /// # Errors
            /// Never: the arguments have string keys only.
            pub fn args(&self) -> Result<Box<RawValue>, serde_json::Error> {
                match self { $(Self::$variant(args) => to_raw_value(args)),+ }
            }

            /// The name on the wire.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$variant(_) => $name),+ }
            }
        }
    };
}

commands! {
    /// Send a message; the reply streams.
    MessageSend(MessageSend) = "message.send",
    MessageCancel(MessageRefArgs) = "message.cancel",
    /// Answer again, as a sibling.
    MessageRetry(MessageRefArgs) = "message.retry",
    /// Approve or deny a tool call that waits.
    MessageApprove(MessageApprove) = "message.approve",
    ConversationCreate(ConversationCreate) = "conversation.create",
    /// Give a conversation a title.
    ConversationUpdate(ConversationUpdate) = "conversation.update",
    /// Delete a conversation with its messages.
    ConversationDelete(ConversationRefArgs) = "conversation.delete",
    /// Mark a conversation as read.
    ConversationRead(ConversationRead) = "conversation.read",
    TaskCreate(NewTask) = "task.create",
    TaskUpdate(TaskUpdate) = "task.update",
    /// Mark as done; a recurring task moves on.
    TaskComplete(TaskComplete) = "task.complete",
    /// Go on to the next occurrence without a completion.
    TaskSkip(TaskRefArgs) = "task.skip",
    /// Mark as open again.
    TaskReopen(TaskRefArgs) = "task.reopen",
    TaskDelete(TaskRefArgs) = "task.delete",
    /// Answer a reminder: it is done.
    ReminderAck(ReminderAck) = "reminder.ack",
    /// Have a reminder fire again later.
    ReminderSnooze(ReminderSnooze) = "reminder.snooze",
    /// Undo the effect of one change.
    Undo(UndoBody) = "undo",
}
