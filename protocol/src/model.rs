//! The objects that both doors show: user, session, conversation, message, task.

use crate::{
    enums::{Anchor, MessageState, Priority, ReplyErrorCode, Role, Scope, TaskStatus, ToolState},
    id::{ConversationId, MessageId, SessionId, TaskId, TokenId, UserId},
    time::Timestamp,
};
use jiff::civil;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An account, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    /// Never changes.
    pub id: UserId,
    /// The address to log in with, lower case.
    pub email: String,
    /// What the person is called; empty when not given.
    pub name: String,
    /// Whether the address is known to be the person's.
    pub email_verified: bool,
    /// A picture's address, of imported accounts.
    pub image: Option<String>,
    /// IANA zone, `UTC` until set.
    pub time_zone: String,
    /// Registered at.
    pub created_at: Timestamp,
}

/// A signed-in device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Session {
    /// Never changes.
    pub id: SessionId,
    /// As the client named it at log-in.
    pub device_name: Option<String>,
    /// Client address of the last sign-in or refresh.
    pub ip: Option<String>,
    /// Browser or program of the log-in.
    pub user_agent: Option<String>,
    /// Logged in at.
    pub created_at: Timestamp,
    /// Last refresh or log-in.
    pub last_seen_at: Timestamp,
    /// Ends then unless it is used before.
    pub expires_at: Timestamp,
    /// Whether it is the one that asks. False in events, which all devices see alike.
    pub current: bool,
}

/// A personal token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PersonalToken {
    /// Names it for revocation.
    pub id: TokenId,
    /// What the user calls it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Made at.
    pub created_at: Timestamp,
    /// Last use, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// Ends then, or never.
    pub expires_at: Option<Timestamp>,
}

/// A thread of messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Conversation {
    /// Never changes.
    pub id: ConversationId,
    /// Null until named by the user, the first message or a model.
    pub title: Option<String>,
    /// Made at.
    pub created_at: Timestamp,
    /// Last change of the conversation itself.
    pub updated_at: Timestamp,
    /// Last message; the list is ordered by it.
    pub last_message_at: Option<Timestamp>,
    /// Replies that ended since it was last read.
    pub unread: i64,
}

/// A message of a conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Message {
    /// Never changes.
    pub id: MessageId,
    /// Where it belongs.
    pub conversation_id: ConversationId,
    /// What it follows: for a reply the user's message. Messages of one parent are siblings.
    pub parent_id: Option<MessageId>,
    /// Who wrote it.
    pub role: Role,
    /// Where it stands.
    pub state: MessageState,
    /// Text and tool calls in order. A delta's `part` is an index into this.
    pub parts: Vec<Part>,
    /// Raised when a reply starts over, from 1.
    pub attempt: i64,
    /// Who answered; null for a user's message and until somebody does.
    pub provider: Option<ProviderRef>,
    /// Why it did not end as it should.
    pub error: Option<ReplyError>,
    /// Made at.
    pub created_at: Timestamp,
    /// Ended at; for a user's message the same as `created_at`.
    pub completed_at: Option<Timestamp>,
    /// What the provider counted.
    pub usage: Option<Usage>,
}

impl Message {
    /// The text of all text parts, in order.
    #[must_use]
    pub fn text(&self) -> String {
        self.parts.iter().filter_map(Part::as_text).collect()
    }
}

/// A piece of a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Part {
    /// Markdown.
    Text {
        /// UTF-8; deltas count its bytes.
        text: String,
    },
    /// A tool that the assistant used.
    ToolCall(ToolCall),
}

impl Part {
    /// A text part.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into() }
    }

    /// The text, if it is a text part.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text { text } => Some(text),
            Self::ToolCall(_) => None,
        }
    }

    /// The call, if it is a tool part.
    #[must_use]
    pub fn as_tool_call(&self) -> Option<&ToolCall> {
        match self {
            Self::ToolCall(call) => Some(call),
            Self::Text { .. } => None,
        }
    }
}

/// A tool that the assistant used, or wants to use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ToolCall {
    /// Unique in the message; approval names it.
    pub call_id: String,
    /// Name of the tool.
    pub name: String,
    /// As the model gave them.
    #[cfg_attr(feature = "openapi", schema(value_type = serde_json::Value))]
    pub arguments: Value,
    /// Where it stands.
    pub state: ToolState,
    /// What the tool said; null until it has run.
    #[cfg_attr(feature = "openapi", schema(value_type = serde_json::Value))]
    pub result: Value,
    /// Takes the effect back; null when there is none.
    pub undo_token: Option<String>,
}

/// Who wrote a reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProviderRef {
    /// `openai`, `gemini` or `builtin`.
    pub name: String,
    /// The provider's model.
    pub model: String,
}

/// Why a reply did not end as it should.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReplyError {
    /// Stable.
    pub code: ReplyErrorCode,
    /// For people: what happened and what to do.
    pub message: String,
}

/// What a reply cost, as the provider counted it, over all steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Usage {
    /// Tokens read.
    pub prompt_tokens: u64,
    /// Tokens written.
    pub completion_tokens: u64,
    /// Milliseconds from the start of the run to the first text.
    pub first_token_ms: Option<u64>,
}

/// A task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Task {
    /// Never changes.
    pub id: TaskId,
    /// Counts per user from 1 and is never used again.
    pub number: i64,
    /// 1 to 500 characters.
    pub title: String,
    /// Up to 10,000 characters, empty when not given.
    pub description: String,
    /// Open or done.
    pub status: TaskStatus,
    /// How much it matters.
    pub priority: Priority,
    /// When it is due.
    pub due: Option<Due>,
    /// How it comes again.
    pub recurrence: Option<Recurrence>,
    /// Free words, each once.
    pub labels: Vec<String>,
    /// Name of its list; null is the inbox.
    pub list: Option<String>,
    /// The task that it is part of.
    pub parent_id: Option<TaskId>,
    /// Place in its list: sorted as text.
    pub position: String,
    /// Raised by one at each change; see `if_rev`.
    pub rev: i64,
    /// Made at.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
    /// Done at; null while open.
    pub completed_at: Option<Timestamp>,
}

/// When a task is due: a day, with or without a clock time, in a zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Due {
    /// The day.
    #[serde(with = "crate::time::date")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
    pub date: civil::Date,
    /// The clock time; null for the whole day.
    #[serde(with = "crate::time::clock_time")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub time: Option<civil::Time>,
    /// IANA zone that day and time are meant in.
    pub time_zone: String,
}

/// How a task comes again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Recurrence {
    /// RFC 5545 recurrence rule, such as `FREQ=WEEKLY;BYDAY=MO`.
    pub rule: String,
    /// What the next date is counted from.
    #[serde(default = "Recurrence::default_anchor")]
    pub anchor: Anchor,
}

impl Recurrence {
    fn default_anchor() -> Anchor {
        Anchor::Due
    }
}
