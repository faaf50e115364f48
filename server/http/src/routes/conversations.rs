//! Conversations and their messages.

use super::{Body, Commands, HttpState, Id, Json, OptionalBody, Params, Reader, Result, State};
use axum::response::Response;
use tandem_protocol::{
    ConversationId,
    live::{
        Command,
        command::{ConversationCreate, ConversationRead, ConversationRefArgs, ConversationUpdate, MessageSend},
    },
    model::{Conversation, Message},
    rest::{ConversationPatch, ConversationWritten, Deleted, MessageBody, MessageSent, Page, PageQuery, ReadBody},
};

/// Lists the conversations, newest activity first.
#[utoipa::path(get, path = "/api/v1/conversations", tag = "chat", params(PageQuery),
    responses((status = 200, body = Page<Conversation>)))]
pub(crate) async fn list(
    State(state): State<HttpState>,
    Reader(caller): Reader,
    Params(query): Params<PageQuery>,
) -> Result<Json<Page<Conversation>>> {
    Ok(Json(state.services.conversations(&caller, query).await?))
}

/// Starts a conversation without messages.
#[utoipa::path(post, path = "/api/v1/conversations", tag = "chat", request_body = Option<ConversationCreate>,
    responses((status = 201, body = ConversationWritten)))]
pub(crate) async fn create(
    commands: Commands,
    OptionalBody(body): OptionalBody<ConversationCreate>,
) -> Result<Response> {
    commands.run(Command::ConversationCreate(body)).await
}

/// Returns one conversation of the user.
#[utoipa::path(get, path = "/api/v1/conversations/{id}", tag = "chat", params(("id" = ConversationId, Path)),
    responses((status = 200, body = Conversation)))]
pub(crate) async fn show(
    State(state): State<HttpState>,
    Reader(caller): Reader,
    Id(id): Id<ConversationId>,
) -> Result<Json<Conversation>> {
    Ok(Json(state.services.conversation(&caller, id).await?))
}

/// Changes a conversation: its title, whether it is pinned or archived, the provider of its replies.
#[utoipa::path(patch, path = "/api/v1/conversations/{id}", tag = "chat", params(("id" = ConversationId, Path)),
    request_body = ConversationPatch, responses((status = 200, body = ConversationWritten)))]
pub(crate) async fn update(
    commands: Commands,
    Id(conversation_id): Id<ConversationId>,
    Body(body): Body<ConversationPatch>,
) -> Result<Response> {
    let ConversationPatch { title, pinned, archived, provider } = body;
    let update = ConversationUpdate { conversation_id, title, pinned, archived, provider };
    commands.run(Command::ConversationUpdate(update)).await
}

/// Deletes a conversation with its messages.
#[utoipa::path(delete, path = "/api/v1/conversations/{id}", tag = "chat", params(("id" = ConversationId, Path)),
    responses((status = 200, body = Deleted)))]
pub(crate) async fn delete(commands: Commands, Id(conversation_id): Id<ConversationId>) -> Result<Response> {
    commands.run(Command::ConversationDelete(ConversationRefArgs { conversation_id })).await
}

/// Marks a conversation as read up to a message.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/read", tag = "chat", params(("id" = ConversationId, Path)),
    request_body = ReadBody, responses((status = 200, body = ConversationWritten)))]
pub(crate) async fn mark_read(
    commands: Commands,
    Id(conversation_id): Id<ConversationId>,
    Body(body): Body<ReadBody>,
) -> Result<Response> {
    let ReadBody { message_id } = body;
    commands.run(Command::ConversationRead(ConversationRead { conversation_id, message_id })).await
}

/// Lists the messages: the newest page first, each page in the order of writing.
#[utoipa::path(get, path = "/api/v1/conversations/{id}/messages", tag = "chat",
    params(("id" = ConversationId, Path), PageQuery), responses((status = 200, body = Page<Message>)))]
pub(crate) async fn messages(
    State(state): State<HttpState>,
    Reader(caller): Reader,
    Id(id): Id<ConversationId>,
    Params(query): Params<PageQuery>,
) -> Result<Json<Page<Message>>> {
    Ok(Json(state.services.messages(&caller, id, query).await?))
}

/// Sends a message. An unknown conversation is created. The reply streams over the socket.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/messages", tag = "chat",
    params(("id" = ConversationId, Path)), request_body = MessageBody, responses((status = 202, body = MessageSent)))]
pub(crate) async fn send(
    commands: Commands,
    Id(conversation_id): Id<ConversationId>,
    Body(body): Body<MessageBody>,
) -> Result<Response> {
    let MessageBody { id, text, parent_id } = body;
    commands.run(Command::MessageSend(MessageSend { conversation_id, id, text, parent_id })).await
}
