//! Chat in the words of the original API: one request that waits for the reply.

use super::{Body, Commands, HttpState, Own, Reader, Result, State};
use crate::error::Refusal;
use axum::Json;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;
use tandem_protocol::{
    ConversationId, MessageId, Timestamp,
    enums::{Role, ToolState},
    live::{Command, command::MessageSend},
    model::{Message, Part},
    rest::{MessageSent, PageQuery},
};
use tandem_service::{Admitted, ServiceError, Services, original};
use tokio::time::{Instant, sleep};

/// Longest wait for a reply. Proxies in between often wait for a minute and a half.
const PATIENCE: Duration = Duration::from_secs(80);
/// How often the reply is looked at: this node may not be the one that writes it.
const LOOK_EVERY: Duration = Duration::from_millis(150);
/// Messages at the end of the conversation among which the reply is.
const NEWEST: u32 = 20;
const PAGE: u32 = 200;
/// Pages of a history: the newest 10,000 messages.
const PAGES: usize = 50;

/// Body of a message.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Chat {
    /// 1 to 32,000 characters.
    message: String,
    /// The number of the conversation; a new one when not given.
    conversation_id: Option<i64>,
}

/// A reply that has ended, or that waits for an answer to what it asks.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Answer {
    /// The number of the conversation.
    conversation_id: i64,
    /// The text of the reply; of one that failed, what went wrong.
    response: String,
    /// What the assistant did.
    tool_calls: Vec<OriginalCall>,
}

/// A tool that the assistant used.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct OriginalCall {
    name: String,
    #[schema(value_type = Object)]
    arguments: Value,
    /// Null while it waits for an answer.
    #[schema(value_type = Option<Object>)]
    result: Value,
}

/// A conversation with its messages, oldest first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct History {
    /// The number of the conversation.
    id: i64,
    title: Option<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
    messages: Vec<OriginalMessage>,
}

/// A message of a conversation.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct OriginalMessage {
    role: Role,
    content: String,
    created_at: Timestamp,
}

/// Sends a message and returns the reply when it has ended.
#[utoipa::path(post, path = "/api/{user_id}/chat", tag = "original", params(("user_id" = String, Path)),
    request_body = Chat, responses((status = 200, body = Answer)))]
pub(crate) async fn send(
    State(state): State<HttpState>,
    Own { caller: commands, .. }: Own<Commands>,
    Body(body): Body<Chat>,
) -> Result<Json<Answer>> {
    let (services, caller) = (&state.services, commands.caller());
    let user = caller.owner.user();
    let number = match body.conversation_id {
        Some(number) => {
            // A message to an unknown id would begin a conversation.
            services.conversation(caller, original::conversation(user, number)).await?;
            number
        }
        None => services.new_number(caller, commands.key()),
    };
    let conversation_id = original::conversation(user, number);
    let message = MessageSend { conversation_id, id: None, text: body.message, parent_id: None };
    let sent: MessageSent = commands.outcome(Command::MessageSend(message)).await.map_err(in_its_words)?;
    let reply = ended(services, caller, conversation_id, sent.assistant_message.id).await?;
    Ok(Json(answer(number, reply)))
}

/// A refusal that names the field as it is called here.
fn in_its_words(refusal: Refusal) -> Refusal {
    match &refusal {
        Refusal::Service(error) if !error.fields().is_empty() => {
            let mut fields = error.fields().to_vec();
            for field in fields.iter_mut().filter(|field| field.field == "text") {
                "message".clone_into(&mut field.field);
            }
            ServiceError::Invalid(fields).into()
        }
        _ => refusal,
    }
}

/// Returns a conversation with its messages.
#[utoipa::path(get, path = "/api/{user_id}/conversations/{id}", tag = "original",
    params(("user_id" = String, Path), ("id" = i64, Path)), responses((status = 200, body = History)))]
pub(crate) async fn history(
    State(state): State<HttpState>,
    Own { caller: Reader(caller), number }: Own<Reader>,
) -> Result<Json<History>> {
    let number = number.ok_or(ServiceError::NotFound("conversation"))?;
    let id = original::conversation(caller.owner.user(), number);
    let conversation = state.services.conversation(&caller, id).await?;
    let mut query = PageQuery { limit: Some(PAGE), cursor: None };
    let mut pages = Vec::new();
    for _ in 0..PAGES {
        let page = state.services.messages(&caller, id, query.clone()).await?;
        pages.push(page.items);
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            break;
        }
    }
    let messages = pages.into_iter().rev().flatten().map(|message| OriginalMessage {
        role: message.role,
        content: text(&message),
        created_at: message.created_at,
    });
    Ok(Json(History {
        id: number,
        title: conversation.title,
        created_at: conversation.created_at,
        updated_at: conversation.updated_at,
        messages: messages.collect(),
    }))
}

/// The reply when it has ended, or waits for the user.
async fn ended(services: &Services, caller: &Admitted, conversation: ConversationId, id: MessageId) -> Result<Message> {
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        let query = PageQuery { limit: Some(NEWEST), cursor: None };
        let page = services.messages(caller, conversation, query).await?;
        let reply = page.items.into_iter().find(|message| message.id == id);
        if let Some(reply) = reply.filter(|reply| reply.state.is_final() || reply.parts.iter().any(waits)) {
            return Ok(reply);
        }
        sleep(LOOK_EVERY).await;
    }
    Err(ServiceError::unavailable("a reply took longer than a request of the original API waits").into())
}

fn waits(part: &Part) -> bool {
    part.as_tool_call().is_some_and(|call| call.state == ToolState::AwaitingApproval)
}

fn text(message: &Message) -> String {
    let texts = message.parts.iter().filter_map(|part| match part {
        Part::Text { text } => Some(text.as_str()),
        Part::Reasoning { .. } | Part::ToolCall(_) => None,
    });
    texts.collect()
}

fn answer(conversation_id: i64, reply: Message) -> Answer {
    let written = text(&reply);
    let failed = reply.error.map(|error| error.message).filter(|_| written.is_empty());
    let calls = reply.parts.into_iter().filter_map(|part| match part {
        Part::ToolCall(call) => Some(OriginalCall { name: call.name, arguments: call.arguments, result: call.result }),
        Part::Text { .. } | Part::Reasoning { .. } => None,
    });
    Answer { conversation_id, tool_calls: calls.collect(), response: failed.unwrap_or(written) }
}
