//! Commands: everything that changes conversations, messages and tasks, with the same arguments over both doors.

use crate::{
    enums::Decision,
    id::{ConversationId, MessageId, TaskId, TaskRef},
    rest::tasks::{NewTask, TaskPatch, present},
};
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::{Map, Value, value::RawValue};

/// A change. REST builds the same value from path and body, so that an `Idempotency-Key` and a command id are one thing.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "name", content = "args")]
pub enum Command {
    /// Say something; the reply streams.
    #[serde(rename = "message.send")]
    MessageSend(MessageSend),
    /// Stop a reply.
    #[serde(rename = "message.cancel")]
    MessageCancel(MessageRefArgs),
    /// Answer again, as a sibling.
    #[serde(rename = "message.retry")]
    MessageRetry(MessageRefArgs),
    /// Answer a tool call that waits.
    #[serde(rename = "message.approve")]
    MessageApprove(MessageApprove),
    /// Start a conversation.
    #[serde(rename = "conversation.create")]
    ConversationCreate(ConversationCreate),
    /// Name a conversation.
    #[serde(rename = "conversation.update")]
    ConversationUpdate(ConversationUpdate),
    /// Delete a conversation with its messages.
    #[serde(rename = "conversation.delete")]
    ConversationDelete(ConversationRefArgs),
    /// Mark as read.
    #[serde(rename = "conversation.read")]
    ConversationRead(ConversationRead),
    /// Add a task.
    #[serde(rename = "task.create")]
    TaskCreate(NewTask),
    /// Change a task.
    #[serde(rename = "task.update")]
    TaskUpdate(TaskUpdate),
    /// Mark as done; a recurring task moves on.
    #[serde(rename = "task.complete")]
    TaskComplete(TaskRefArgs),
    /// Mark as open again.
    #[serde(rename = "task.reopen")]
    TaskReopen(TaskRefArgs),
    /// Delete a task.
    #[serde(rename = "task.delete")]
    TaskDelete(TaskRefArgs),
    /// Take a change back.
    #[serde(rename = "undo")]
    Undo(crate::rest::tasks::UndoBody),
}

/// Arguments of `message.send`.
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

/// Names a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageRefArgs {
    /// The reply.
    pub message_id: MessageId,
}

/// Arguments of `message.approve`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageApprove {
    /// The reply.
    pub message_id: MessageId,
    /// The tool call that waits.
    pub call_id: String,
    /// Yes or no.
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
    /// Unnamed when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

/// Arguments of `conversation.update`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConversationUpdate {
    /// Which.
    pub conversation_id: ConversationId,
    /// 1 to 200 characters.
    pub title: String,
}

/// Names a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConversationRefArgs {
    /// Which.
    pub conversation_id: ConversationId,
}

/// Arguments of `conversation.read`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConversationRead {
    /// Which.
    pub conversation_id: ConversationId,
    /// The newest message that was read.
    pub message_id: MessageId,
}

/// Arguments of `task.update`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TaskUpdate {
    /// Which, by id or number.
    pub task_id: TaskRef,
    /// What changes.
    #[serde(flatten)]
    pub patch: TaskPatch,
}

/// Names a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskRefArgs {
    /// Which, by id or number.
    pub task_id: TaskRef,
}

impl From<TaskId> for TaskRefArgs {
    fn from(id: TaskId) -> Self {
        Self { task_id: id.into() }
    }
}

impl<'de> Deserialize<'de> for TaskUpdate {
    /// By hand, because serde's `flatten` and `deny_unknown_fields` exclude each other.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> de::Visitor<'de> for Fields {
            type Value = Map<String, Value>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Map::new();
                while let Some((key, value)) = map.next_entry::<String, Value>()? {
                    if fields.contains_key(&key) {
                        return Err(de::Error::custom(format_args!("duplicate field `{key}`")));
                    }
                    fields.insert(key, value);
                }
                Ok(fields)
            }
        }
        let mut fields = deserializer.deserialize_map(Fields)?;
        let id = fields.remove("task_id").ok_or_else(|| de::Error::missing_field("task_id"))?;
        Ok(Self {
            task_id: TaskRef::deserialize(id).map_err(de::Error::custom)?,
            patch: TaskPatch::deserialize(Value::Object(fields)).map_err(de::Error::custom)?,
        })
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

macro_rules! command_names {
    ($($variant:ident = $name:literal),+ $(,)?) => {
        impl Command {
            /// Every name, in the order of the contract. The isolation tests walk this list.
            pub const NAMES: &'static [&'static str] = &[$($name),+];

            /// Reads a command of the socket.
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

            /// The arguments as they travel.
            pub fn args(&self) -> Result<Box<RawValue>, serde_json::Error> {
                let text = match self { $(Self::$variant(args) => serde_json::to_string(args)),+ };
                RawValue::from_string(text?)
            }

            /// The name on the wire.
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self { $(Self::$variant(_) => $name),+ }
            }
        }
    };
}

command_names! {
    MessageSend = "message.send",
    MessageCancel = "message.cancel",
    MessageRetry = "message.retry",
    MessageApprove = "message.approve",
    ConversationCreate = "conversation.create",
    ConversationUpdate = "conversation.update",
    ConversationDelete = "conversation.delete",
    ConversationRead = "conversation.read",
    TaskCreate = "task.create",
    TaskUpdate = "task.update",
    TaskComplete = "task.complete",
    TaskReopen = "task.reopen",
    TaskDelete = "task.delete",
    Undo = "undo",
}
