//! The fields of each type. A field that is forgotten here does not compile.

use super::{Fields, Read};
use crate::{
    enums::Anchor,
    error::{FieldError, Problem},
    limits::Limits,
    live::{
        command::{
            ConversationCreate, ConversationRead, ConversationRefArgs, ConversationUpdate, MessageApprove,
            MessageRefArgs, MessageSend, TaskRefArgs, TaskUpdate,
        },
        event::Actor,
        server::{AuthLife, Bye, Delta, ErrorFrame, Live, Ping, Presence, PresentDevice, Welcome},
    },
    model::{
        Conversation, Due, Message, Part, PersonalToken, ProviderRef, Recurrence, ReplyError, Session, Task, ToolCall,
        Usage, User,
    },
    rest::{
        DueInput, NewTask, Page, SearchHit, SignedIn, Snapshot, SnippetPiece, Storage, TaskPatch, TokenCreated,
        UndoBody,
    },
};
use serde_json::Value;

macro_rules! shapes {
    ($($type:ident { $($field:ident $(= $name:literal)?),+ $(,)? })+) => {$(
        impl Read for $type {
            fn read(value: Value) -> Option<Self> {
                let mut fields = Fields::of(value)?;
                Some(Self { $($field: fields.take(shapes!(@name $field $($name)?))?),+ })
            }
        }
    )+};
    (@name $field:ident) => { stringify!($field) };
    (@name $field:ident $name:literal) => { $name };
}

shapes! {
    User { id, email, name, email_verified, image, time_zone, created_at }
    Session { id, device_name, ip, user_agent, created_at, last_seen_at, expires_at, current }
    PersonalToken { id, name, scopes, created_at, last_used_at, expires_at }
    Conversation { id, title, created_at, updated_at, last_message_at, unread }
    Message {
        id, conversation_id, parent_id, role, state, parts, attempt, provider, error, created_at, completed_at, usage
    }
    ToolCall { call_id, name, arguments, state, result, undo_token }
    ProviderRef { name, model }
    ReplyError { code, message }
    Usage { prompt_tokens, completion_tokens, first_token_ms }
    Task {
        id, number, title, description, status, priority, due, recurrence, labels, list, parent_id, position, rev,
        created_at, updated_at, completed_at
    }
    Due { date, time, time_zone }
    DueInput { date, time, time_zone }
    Limits { frame_bytes, message_chars, commands_per_second, command_burst, resume_events }
    Welcome { connection_id, epoch, seq, mode, ping_interval_ms, token_expires_in, limits }
    Live { seq }
    Ping { seq }
    Delta { message_id, attempt, part, offset, text }
    ErrorFrame { id, code, message, retry_after_ms, task }
    AuthLife { expires_in }
    Presence { devices }
    PresentDevice { id, name, connected_at }
    Bye { code, reason, reconnect_after_ms }
    Actor { kind, device_id }
    FieldError { field, message }
    Storage { bytes, max_bytes, rows, max_rows }
    SignedIn { access_token, token_type, expires_in, user, session, refresh_token }
    Snapshot { epoch, seq, user, conversations, tasks, active_messages }
    SearchHit { kind, id, conversation_id, title, snippet }
    SnippetPiece { text, is_match = "match" }
    MessageRefArgs { message_id }
    MessageApprove { message_id, call_id, decision }
    ConversationCreate { id, title }
    ConversationUpdate { conversation_id, title }
    ConversationRefArgs { conversation_id }
    ConversationRead { conversation_id, message_id }
    TaskRefArgs { task_id }
    NewTask { id, title, description, priority, due, recurrence, labels, list, parent_id, position }
    UndoBody { undo_token }
}

impl<T: Read> Read for Page<T> {
    fn read(value: Value) -> Option<Self> {
        let mut fields = Fields::of(value)?;
        Some(Self { items: fields.take("items")?, next_cursor: fields.take("next_cursor")? })
    }
}

impl Read for Part {
    fn read(value: Value) -> Option<Self> {
        match value["type"].as_str()? {
            "text" => Fields::of(value)?.take("text").map(|text| Self::Text { text }),
            "tool_call" => ToolCall::read(value).map(Self::ToolCall),
            _ => None,
        }
    }
}

impl Read for Recurrence {
    fn read(value: Value) -> Option<Self> {
        let mut fields = Fields::of(value)?;
        let anchor: Option<Anchor> = fields.take("anchor")?;
        Some(Self { rule: fields.take("rule")?, anchor: anchor.unwrap_or(Anchor::Due) })
    }
}

impl Read for Problem {
    fn read(value: Value) -> Option<Self> {
        let mut fields = Fields::of(value)?;
        let errors: Option<Vec<FieldError>> = fields.take("errors")?;
        Some(Self {
            kind: fields.take("type")?,
            title: fields.take("title")?,
            status: fields.take("status")?,
            code: fields.take("code")?,
            detail: fields.take("detail")?,
            request_id: fields.take("request_id")?,
            errors: errors.unwrap_or_default(),
            task: fields.take("task")?,
        })
    }
}

impl Read for TokenCreated {
    fn read(value: Value) -> Option<Self> {
        let token = value["token"].as_str()?.to_owned();
        Some(Self { token, info: PersonalToken::read(value)? })
    }
}

impl Read for TaskPatch {
    fn read(value: Value) -> Option<Self> {
        let mut fields = Fields::of(value)?;
        Some(Self {
            title: fields.take("title")?,
            description: fields.take("description")?,
            priority: fields.take("priority")?,
            due: fields.present("due")?,
            recurrence: fields.present("recurrence")?,
            labels: fields.take("labels")?,
            list: fields.present("list")?,
            parent_id: fields.present("parent_id")?,
            position: fields.take("position")?,
            if_rev: fields.take("if_rev")?,
        })
    }
}

impl Read for MessageSend {
    fn read(value: Value) -> Option<Self> {
        let mut fields = Fields::of(value)?;
        Some(Self {
            conversation_id: fields.take("conversation_id")?,
            id: fields.take("id")?,
            text: fields.take("text")?,
            parent_id: fields.present("parent_id")?,
        })
    }
}

impl Read for TaskUpdate {
    fn read(value: Value) -> Option<Self> {
        let task_id = Read::read(value["task_id"].clone())?;
        Some(Self { task_id, patch: TaskPatch::read(value)? })
    }
}
