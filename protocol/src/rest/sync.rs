//! Snapshot, event log and search.

use crate::{
    enums::ObjectKind,
    id::ConversationId,
    live::event::Event,
    model::{Conversation, Message, Task, User},
    rest::page::Page,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// `GET /snapshot`: where a device starts, read in one transaction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Snapshot {
    /// Identifies the log; another one after a restored backup.
    pub epoch: String,
    /// Of the newest event that is contained.
    pub seq: i64,
    /// The account of the user.
    pub user: User,
    /// First page, newest activity first.
    pub conversations: Page<Conversation>,
    /// All tasks that are open.
    pub tasks: Vec<Task>,
    /// Replies that run or wait, whole, with the text so far.
    pub active_messages: Vec<Message>,
}

/// Query of `GET /events`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct EventsQuery {
    /// The newest seq that the caller has, 0 for all.
    pub since: i64,
    /// Of the caller's log; not checked when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<String>,
}

/// Answer of `GET /events`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventList {
    /// In order, 500 at most.
    pub items: Vec<Event>,
    /// Identifies the log; another one after a restored backup.
    pub epoch: String,
    /// Of the newest event there is.
    pub seq: i64,
}

/// Query of `GET /search`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct SearchQuery {
    /// Words, each at least the start of one in the text, and filters: `in:` (part of the title of a conversation, or
    /// `tasks`, `messages`, `conversations`), `list:`, `label:`, `is:done`, `is:open`, `before:` and `after:` a day.
    pub q: String,
    /// 1 to 200, 50 when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// The `next_cursor` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// A hit of `GET /search`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SearchHit {
    /// The kind of object that was found.
    pub kind: ObjectKind,
    /// The id of that object.
    // Text, because the type of the id depends on the kind.
    pub id: String,
    /// Where a message or conversation is opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<ConversationId>,
    /// Its title, or the title of the conversation it is in.
    pub title: String,
    /// The text around the match.
    pub snippet: Vec<SnippetPiece>,
    /// When it was written; absent for what was imported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

/// A piece of a snippet: highlighted or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SnippetPiece {
    /// The text, without markup.
    pub text: String,
    /// Whether it is what was searched for.
    #[serde(rename = "match")]
    pub is_match: bool,
}
