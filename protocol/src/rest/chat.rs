//! Bodies of the conversation and message routes, and the answers that the socket's acks share.

use crate::{
    enums::Decision,
    id::MessageId,
    model::{Conversation, Message},
    rest::tasks::present,
};
use serde::{Deserialize, Serialize};

/// Body of `POST /conversations/{id}/messages`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessageBody {
    /// Made by the client, or by the server when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<MessageId>,
    /// 1 to 32,000 characters. While a reply of the conversation waits for an approval, it is read as the answer to it.
    pub text: String,
    /// What it follows: a message, nothing (null), the newest one when absent. A sibling of an older message is an edit
    /// of it; the first message of a conversation follows nothing.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<MessageId>))]
    pub parent_id: Option<Option<MessageId>>,
}

/// Body of `PATCH /conversations/{id}`: what changes, at least one field.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConversationPatch {
    /// 1 to 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Whether it stands before the others in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned: Option<bool>,
    /// Whether it is out of the way, in a list of its own. A new message takes it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
    /// A provider of `GET /server` that writes the replies; null for the server's order.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub provider: Option<Option<String>>,
}

/// Body of `POST /conversations/{id}/read`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReadBody {
    /// The newest message that was read.
    pub message_id: MessageId,
}

/// Body of `POST /messages/{id}/approve`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApproveBody {
    /// The tool call that waits.
    pub call_id: String,
    /// Whether the call may run.
    pub decision: Decision,
}

/// Answer of `POST /conversations/{id}/messages`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessageSent {
    /// The message as kept.
    pub user_message: Message,
    /// The reply to come, queued or streaming.
    pub assistant_message: Message,
    /// Of the last event of this change.
    pub seq: i64,
}

/// Answer of `POST /messages/{id}/retry`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessageRetried {
    /// The new reply, a sibling of the old one.
    pub assistant_message: Message,
    /// Of the last event of this change.
    pub seq: i64,
}

/// Answer of a change to one message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessageWritten {
    /// The message as it is now.
    pub message: Message,
    /// Of the last event of this change; the newest one when nothing changed.
    pub seq: i64,
}

/// Answer of a change to a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConversationWritten {
    /// The conversation as it is now.
    pub conversation: Conversation,
    /// Of the last event of this change.
    pub seq: i64,
}
