//! The objects that REST and the socket share: user, session, conversation, message, task.
//!
//! An object has the same fields in an answer, in an event and in the log. Optional fields are present as null, so that a
//! reader can distinguish "empty" from "a field that this server does not have".

use crate::{
    enums::{Anchor, MessageState, Priority, ReplyErrorCode, Role, Scope, TaskStatus, TextKind, ToolState, UserRole},
    id::{CompletionId, ConversationId, DeviceId, MessageId, SessionId, TaskId, TokenId, UserId},
    json,
    reminder::Reminder,
    settings::UserSettings,
    time::Timestamp,
};
use jiff::civil;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::Value;

/// An account, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    /// The account's id; it never changes.
    pub id: UserId,
    /// The address to log in with, lower case.
    pub email: String,
    /// The user's name; empty when not given.
    pub name: String,
    /// Whether the address is known to be the user's.
    pub email_verified: bool,
    /// A picture's address, of imported accounts.
    pub image: Option<String>,
    /// IANA zone, `UTC` until set.
    pub time_zone: String,
    /// When the account was registered.
    pub created_at: Timestamp,
    /// Whether the user manages the accounts of the server. Events from before there were roles lack it.
    #[serde(default)]
    pub role: UserRole,
    /// What the user has chosen for all devices.
    #[serde(default)]
    pub settings: UserSettings,
}

/// A device that is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Session {
    /// The session's id; it never changes.
    pub id: SessionId,
    /// As the client named it at log-in.
    pub device_name: Option<String>,
    /// Client address of the last sign-in or refresh.
    pub ip: Option<String>,
    /// Browser or program of the log-in.
    pub user_agent: Option<String>,
    /// When the device logged in.
    pub created_at: Timestamp,
    /// Last refresh or log-in.
    pub last_seen_at: Timestamp,
    /// When the session ends, unless it is used before.
    pub expires_at: Timestamp,
    /// Whether the request was made with this session. False in events, which are the same for all devices.
    pub current: bool,
}

/// A personal token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PersonalToken {
    /// The token's id, by which it is revoked.
    pub id: TokenId,
    /// What the user calls it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When the token was created.
    pub created_at: Timestamp,
    /// Last use, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When the token ends; null for never.
    pub expires_at: Option<Timestamp>,
}

/// A thread of messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Conversation {
    /// The conversation's id; it never changes.
    pub id: ConversationId,
    /// Null until named by the user, the first message or a model.
    pub title: Option<String>,
    /// When the conversation was created.
    pub created_at: Timestamp,
    /// Last change of the conversation itself.
    pub updated_at: Timestamp,
    /// Last message; the list is ordered by it.
    pub last_message_at: Option<Timestamp>,
    /// Replies that ended since it was last read.
    pub unread: i64,
    /// Whether it stands before the others in lists.
    #[serde(default)]
    pub pinned: bool,
    /// Whether it is out of the way, in a list of its own. A new message takes it back.
    #[serde(default)]
    pub archived: bool,
    /// The provider that the user chose for its replies, `openai`, `gemini` or `builtin`; null for the server's order.
    #[serde(default)]
    pub provider: Option<String>,
}

impl Conversation {
    /// A conversation without a title and messages.
    pub fn empty(id: ConversationId, now: Timestamp) -> Self {
        Self {
            id,
            title: None,
            created_at: now,
            updated_at: now,
            last_message_at: None,
            unread: 0,
            pinned: false,
            archived: false,
            provider: None,
        }
    }
}

/// A message of a conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Message {
    /// The message's id; it never changes.
    pub id: MessageId,
    /// The conversation that it is in.
    pub conversation_id: ConversationId,
    /// What it follows: for a reply the user's message. Messages of one parent are siblings.
    // Edits and retries add siblings, so that no version of a conversation is lost.
    pub parent_id: Option<MessageId>,
    /// Whether the user or the assistant wrote it.
    pub role: Role,
    /// Whether it is complete, still being written, or ended early.
    pub state: MessageState,
    /// Text, reasoning and tool calls in order. A delta's `part` is an index into this.
    pub parts: Vec<Part>,
    /// Raised when a reply starts over, from 1.
    pub attempt: i64,
    /// The provider that answered; null for a user's message, and until a provider has.
    pub provider: Option<ProviderRef>,
    /// Why it did not end as it should.
    pub error: Option<ReplyError>,
    /// When the message was created.
    pub created_at: Timestamp,
    /// When it ended; for a user's message the same as `created_at`.
    pub completed_at: Option<Timestamp>,
    /// What the provider counted.
    pub usage: Option<Usage>,
    /// The token that takes back everything that the calls of a reply have changed, newest first. Null while the reply
    /// runs, and when no call has changed anything. Each call has a token of its own besides.
    #[serde(default)]
    pub undo_token: Option<String>,
    /// What was said up to here, this message included, in the words of the model. Later requests contain it in place of
    /// these messages. Null for most messages: it is made where a conversation outgrows the context of the model.
    #[serde(default)]
    pub summary: Option<Summary>,
}

/// The start of a conversation, summarised by the model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Summary {
    /// Plain text or Markdown.
    pub text: String,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Message {
    /// The value of `undo_token` for the present state and parts: the id of a reply that has ended.
    pub fn undo_token_of_parts(&self) -> Option<String> {
        let changed = |part: &Part| part.as_tool_call().is_some_and(|call| call.undo_token.is_some());
        (self.state.is_final() && self.parts.iter().any(changed)).then(|| self.id.to_string())
    }

    /// The text of all text parts, in order.
    pub fn text(&self) -> String {
        self.parts.iter().filter_map(Part::as_text).collect()
    }
}

/// A piece of a message.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Part {
    /// Text of the message in Markdown.
    Text {
        /// UTF-8; deltas count its bytes.
        text: String,
    },
    /// What the model thought before it wrote. It is no text of the reply: it is not searched, and not sent to a model with
    /// later messages.
    Reasoning {
        /// UTF-8; deltas count its bytes.
        text: String,
        /// Milliseconds that the model has thought; less than that while it thinks.
        duration_ms: u64,
    },
    /// A tool that the assistant used.
    ToolCall(ToolCall),
}

impl<'de> Deserialize<'de> for Part {
    // By hand: derived for a tagged enum, it would copy the whole part into a buffer before it looks at the type.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Fields {
            #[serde(rename = "type")]
            kind: String,
            text: Option<String>,
            duration_ms: Option<u64>,
            call_id: Option<String>,
            name: Option<String>,
            #[serde(default, deserialize_with = "json::any")]
            arguments: Value,
            state: Option<ToolState>,
            #[serde(default, deserialize_with = "json::any")]
            result: Value,
            undo_token: Option<String>,
            #[serde(default)]
            step: u32,
            decided: Option<CallDecided>,
        }
        let fields = Fields::deserialize(deserializer)?;
        let missing = D::Error::missing_field;
        match fields.kind.as_str() {
            "text" => Ok(Self::Text { text: fields.text.ok_or_else(|| missing("text"))? }),
            "reasoning" => Ok(Self::Reasoning {
                text: fields.text.ok_or_else(|| missing("text"))?,
                duration_ms: fields.duration_ms.ok_or_else(|| missing("duration_ms"))?,
            }),
            "tool_call" => Ok(Self::ToolCall(ToolCall {
                call_id: fields.call_id.ok_or_else(|| missing("call_id"))?,
                name: fields.name.ok_or_else(|| missing("name"))?,
                arguments: fields.arguments,
                state: fields.state.ok_or_else(|| missing("state"))?,
                result: fields.result,
                undo_token: fields.undo_token,
                step: fields.step,
                decided: fields.decided,
            })),
            other => Err(D::Error::unknown_variant(other, &["text", "reasoning", "tool_call"])),
        }
    }
}

impl Part {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into() }
    }

    /// A part of text that is streamed. The duration of reasoning is not known then.
    pub fn streamed(kind: TextKind, text: impl Into<String>) -> Self {
        match kind {
            TextKind::Text => Self::text(text),
            TextKind::Reasoning => Self::Reasoning { text: text.into(), duration_ms: 0 },
        }
    }

    /// Text of the reply.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text { text } => Some(text),
            Self::Reasoning { .. } | Self::ToolCall(_) => None,
        }
    }

    /// What deltas append to, with its kind; `None` for a tool call.
    pub fn as_streamed(&self) -> Option<(TextKind, &str)> {
        match self {
            Self::Text { text } => Some((TextKind::Text, text)),
            Self::Reasoning { text, .. } => Some((TextKind::Reasoning, text)),
            Self::ToolCall(_) => None,
        }
    }

    pub fn as_tool_call(&self) -> Option<&ToolCall> {
        match self {
            Self::ToolCall(call) => Some(call),
            Self::Text { .. } | Self::Reasoning { .. } => None,
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
    /// The arguments as the model sent them.
    #[cfg_attr(feature = "openapi", schema(value_type = serde_json::Value))]
    #[serde(deserialize_with = "json::any")]
    pub arguments: Value,
    /// Whether the call runs, waits for approval, or how it ended.
    pub state: ToolState,
    /// What the tool returned; null until it has run.
    #[cfg_attr(feature = "openapi", schema(value_type = serde_json::Value))]
    #[serde(deserialize_with = "json::any")]
    pub result: Value,
    /// The token that undoes the effect; null when there is none.
    pub undo_token: Option<String>,
    /// Index of the model's answer, within the reply, that made the call; absent for the first. Calls of one answer were
    /// made together.
    #[serde(default, skip_serializing_if = "is_first")]
    pub step: u32,
    /// Who answered the request for an approval, and when; absent when none was needed, or none was given yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<CallDecided>,
}

/// When and on which device the user decided on a tool call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CallDecided {
    /// The moment of the decision.
    pub at: Timestamp,
    /// The device, as in `presence`; null when it was no device of the socket.
    pub device_id: Option<DeviceId>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
fn is_first(step: &u32) -> bool {
    *step == 0
}

/// The provider and model that wrote a reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProviderRef {
    /// `openai`, `gemini` or `builtin`.
    pub name: String,
    /// The model, as the provider names it.
    pub model: String,
    /// The provider that should have answered and was not available; absent when it is this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<String>,
}

/// Why a reply did not end as it should.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReplyError {
    /// A stable code for programs.
    pub code: ReplyErrorCode,
    /// For people: what happened and what to do.
    pub message: String,
}

/// Tokens and time of a reply, over all steps, as the provider counted them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Usage {
    /// Tokens that the model read.
    pub prompt_tokens: u64,
    /// Tokens that the model wrote.
    pub completion_tokens: u64,
    /// Milliseconds from the start of the run to the first text.
    pub first_token_ms: Option<u64>,
}

/// A task of one user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Task {
    /// The task's id; it never changes.
    pub id: TaskId,
    /// The user's number of the task, counted from 1; never used again.
    pub number: i64,
    /// 1 to 500 characters.
    pub title: String,
    /// Up to 10,000 characters, empty when not given.
    pub description: String,
    /// Whether the task is open or done.
    pub status: TaskStatus,
    /// How much it matters.
    pub priority: Priority,
    /// When it is due.
    pub due: Option<Due>,
    /// How the task recurs.
    pub recurrence: Option<Recurrence>,
    /// The date of the recurrence that `due` stands for; null without one. Moving `due` leaves it as it is.
    #[serde(default, with = "crate::time::maybe_date")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = Date))]
    pub occurrence: Option<civil::Date>,
    /// When the user is reminded, ten times at most. They are computed by the server.
    #[serde(default)]
    pub reminders: Vec<Reminder>,
    /// Labels without duplicates, as the user wrote them.
    pub labels: Vec<String>,
    /// Name of its list; null is the inbox.
    pub list: Option<String>,
    /// The task that it is part of.
    pub parent_id: Option<TaskId>,
    /// Place in its list: sorted as text.
    // Text and no number, so that a task can move between two others without renumbering the rest.
    pub position: String,
    /// Raised by one at each change; see `if_rev`.
    pub rev: i64,
    /// When the task was created.
    pub created_at: Timestamp,
    /// When the task last changed.
    pub updated_at: Timestamp,
    /// When it was completed; null while open.
    pub completed_at: Option<Timestamp>,
}

/// A task that was done once. A recurring task has one for each time; they stay when the task is deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Completion {
    /// The completion's id; it never changes.
    pub id: CompletionId,
    /// The task that was done.
    pub task_id: TaskId,
    /// The title that the task had then.
    pub title: String,
    /// The date of the recurrence that was done; null for a task without one.
    #[serde(with = "crate::time::maybe_date")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = Date))]
    pub occurrence: Option<civil::Date>,
    /// When it was done.
    pub completed_at: Timestamp,
}

/// When a task is due: a day, with or without a clock time, in a zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Due {
    /// The day it is due.
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

/// How a task recurs, as a server sends it. Clients send a [`RecurrenceInput`](crate::rest::RecurrenceInput).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Recurrence {
    /// RFC 5545 recurrence rule, such as `FREQ=WEEKLY;BYDAY=MO`.
    pub rule: String,
    /// What the next date is counted from.
    pub anchor: Anchor,
    /// The date from which the rule counts (DTSTART). Null only in what the first versions wrote: then the due date.
    #[serde(default, with = "crate::time::maybe_date")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = Date))]
    pub start: Option<civil::Date>,
}
