//! Replies: cancel, retry, and approve a tool call.

use super::{Body, Commands, Id, Nothing, OptionalBody, Result};
use axum::response::Response;
use tandem_protocol::{
    MessageId,
    live::{
        Command,
        command::{MessageApprove, MessageRefArgs},
    },
    rest::{ApproveBody, MessageRetried, MessageWritten},
};

/// Stops a reply that runs or waits. One that has ended is returned unchanged.
#[utoipa::path(post, path = "/api/v1/messages/{id}/cancel", tag = "chat", params(("id" = MessageId, Path)),
    request_body = Option<Nothing>, responses((status = 200, body = MessageWritten)))]
pub(crate) async fn cancel(
    commands: Commands,
    Id(message_id): Id<MessageId>,
    OptionalBody(Nothing {}): OptionalBody<Nothing>,
) -> Result<Response> {
    commands.run(Command::MessageCancel(MessageRefArgs { message_id })).await
}

/// Requests another reply to the same message. The old one stays.
#[utoipa::path(post, path = "/api/v1/messages/{id}/retry", tag = "chat", params(("id" = MessageId, Path)),
    request_body = Option<Nothing>, responses((status = 202, body = MessageRetried)))]
pub(crate) async fn retry(
    commands: Commands,
    Id(message_id): Id<MessageId>,
    OptionalBody(Nothing {}): OptionalBody<Nothing>,
) -> Result<Response> {
    commands.run(Command::MessageRetry(MessageRefArgs { message_id })).await
}

/// Approves or denies a tool call that waits for it.
#[utoipa::path(post, path = "/api/v1/messages/{id}/approve", tag = "chat", params(("id" = MessageId, Path)),
    request_body = ApproveBody, responses((status = 200, body = MessageWritten)))]
pub(crate) async fn approve(
    commands: Commands,
    Id(message_id): Id<MessageId>,
    Body(body): Body<ApproveBody>,
) -> Result<Response> {
    let ApproveBody { call_id, decision } = body;
    commands.run(Command::MessageApprove(MessageApprove { message_id, call_id, decision })).await
}
