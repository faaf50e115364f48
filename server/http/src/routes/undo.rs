//! The undo of changes.

use super::{Commands, OptionalBody, Result};
use axum::response::Response;
use tandem_protocol::{
    live::Command,
    rest::{UndoBody, Undone},
};

/// Undoes the change of an undo token, everything that a reply has changed by its token, or the last request.
#[utoipa::path(post, path = "/api/v1/undo", tag = "tasks", request_body = Option<UndoBody>,
    responses((status = 200, body = Undone)))]
pub(crate) async fn undo(commands: Commands, OptionalBody(body): OptionalBody<UndoBody>) -> Result<Response> {
    commands.run(Command::Undo(body)).await
}
