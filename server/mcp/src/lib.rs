//! MCP: the tools of the assistant for other programs, over streamable HTTP without sessions.
//!
//! The protocol is that of `rmcp`, because its revisions change often: the library negotiates one, checks `Origin` and
//! `Host`, and answers in JSON. Sessions would be state of one node, and no tool sends anything on its own. What real
//! clients send beside the protocol is read before it (`messages`), so that every answer is one of JSON-RPC.
//!
//! This crate does not authenticate. Whatever mounts the [`route`] puts the [`Caller`] into the extensions of the
//! request, and a request without one is refused.

mod messages;
mod params;
mod tools;

use axum::{
    Json,
    body::{Body, to_bytes},
    http::{
        HeaderMap, HeaderValue, Request, StatusCode,
        header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE},
        request::Parts,
    },
    response::{IntoResponse as _, Response},
    routing::{MethodRouter, post},
};
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, Implementation, ListToolsResult, PaginatedRequestParams,
        ServerCapabilities, ServerConfig,
    },
    service::RequestContext,
    transport::{
        StreamableHttpServerConfig, StreamableHttpService, streamable_http_server::session::never::NeverSessionManager,
    },
};
use serde_json::Value;
use std::sync::Arc;
use tandem_auth::Caller;
use tandem_protocol::{enums::ActorKind, limits::MAX_BODY_BYTES};
use tandem_service::{Held, Services};

/// The description of all tools together, which clients show to their model.
const INSTRUCTIONS: &str = "Tasks of one person. Name a task by its number or id; list_tasks shows both. Due dates and \
    recurrences are words (\"tomorrow at 5pm\", \"every weekday\") or ISO dates and RRULEs. Every change answers with an \
    undo_token, which undo takes.";

/// Bytes of a refusal of the library that are passed on.
const MAX_REASON_BYTES: usize = 4 * 1024;

/// The hosts and origins whose requests are accepted.
#[derive(Clone, Debug)]
pub struct McpSettings {
    /// The accepted values of `Host`, with the port unless it is that of the scheme.
    pub hosts: Vec<String>,
    /// The accepted values of `Origin`. Programs send none.
    pub origins: Vec<String>,
}

/// The handler of the MCP endpoint. It has to be mounted behind a middleware that adds a [`Caller`] to the extensions.
pub fn route(services: Services, settings: McpSettings) -> MethodRouter {
    // Without sessions and streams: any node can answer any request, and no connection stays open.
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_sse_keep_alive(None)
        .with_allowed_hosts(settings.hosts)
        .with_allowed_origins(settings.origins)
        .enforce_origin_validation()
        .with_max_request_body_bytes(MAX_BODY_BYTES);
    let server = move || Ok(McpServer { services: services.clone() });
    let service = StreamableHttpService::new(server, Arc::new(NeverSessionManager::default()), config);
    post(move |request: Request<Body>| async move { respond(&service, request).await })
}

type McpService = StreamableHttpService<McpServer, NeverSessionManager>;

/// Answers a request in JSON-RPC, whatever it is.
async fn respond(service: &McpService, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, MAX_BODY_BYTES).await else {
        let refused = messages::refused(&Value::Null, "The body is too large, or it was cut off.");
        return (StatusCode::PAYLOAD_TOO_LARGE, Json(refused)).into_response();
    };
    match messages::read(&bytes) {
        Err(refused) => (StatusCode::BAD_REQUEST, Json(refused)).into_response(),
        Ok(messages::Body::One(message)) => one(service, &parts, message).await,
        Ok(messages::Body::Batch(batch)) => {
            let mut answers = Vec::new();
            // One after the other: the client relies on their order.
            for message in batch {
                let answer = one(service, &parts, message).await.into_body();
                let answer = to_bytes(answer, usize::MAX).await.unwrap_or_default();
                answers.extend(serde_json::from_slice::<Value>(&answer));
            }
            // A batch of notifications has no answer.
            if answers.is_empty() { StatusCode::ACCEPTED.into_response() } else { Json(answers).into_response() }
        }
    }
}

/// Passes one message to the library. What it refuses in plain text becomes an error of JSON-RPC with the same status.
async fn one(service: &McpService, parts: &Parts, message: Value) -> Response {
    let id = messages::id_of(&message);
    let message = match messages::checked(message) {
        Ok(message) => message,
        Err(refused) => return (StatusCode::BAD_REQUEST, Json(refused)).into_response(),
    };
    let mut request = Request::from_parts(parts.clone(), Body::from(message.to_string()));
    let headers = request.headers_mut();
    headers.remove(CONTENT_LENGTH);
    // The body was read as JSON, and every answer is JSON: a client that says nothing about either is served.
    headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
    let sent_json = is_json(headers);
    headers.insert(ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
    let response = service.handle(request).await.map(Body::new);
    if is_json(response.headers()) || !response.status().is_client_error() {
        return response;
    }
    // The body is JSON, whatever the library could not read in it: the type of the media is not at fault.
    let status = match response.status() {
        StatusCode::UNSUPPORTED_MEDIA_TYPE if sent_json => StatusCode::BAD_REQUEST,
        status => status,
    };
    let reason = to_bytes(response.into_body(), MAX_REASON_BYTES).await.unwrap_or_default();
    (status, Json(messages::refused(&id, &String::from_utf8_lossy(&reason)))).into_response()
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

#[derive(Clone, Debug)]
struct McpServer {
    services: Services,
}

impl ServerHandler for McpServer {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new("tandem", env!("CARGO_PKG_VERSION")))
            .with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _page: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        // All in one page: the list is short and fixed.
        Ok(ListToolsResult::with_all_items(tools::list()))
    }

    async fn call_tool(
        &self,
        call: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let (caller, held) = caller(&context)?;
        let arguments = call.arguments.unwrap_or_default();
        let result = tools::call(&self.services, caller, &held, &call.name, arguments).await?;
        Ok(CallToolResponse::Complete(result))
    }
}

/// The caller of a request, and the holder of its permit until the answer has been sent.
fn caller(context: &RequestContext<RoleServer>) -> Result<(Caller, Held), ErrorData> {
    let request = context.extensions.get::<Parts>();
    let caller = request.and_then(|request| request.extensions.get::<Caller>());
    let caller = caller.ok_or_else(|| ErrorData::internal_error("the request has no caller", None))?;
    let held = request.and_then(|request| request.extensions.get::<Held>()).cloned().unwrap_or_default();
    // Events name the transport, so that a user sees which changes a program has made.
    Ok((caller.clone().through(ActorKind::Mcp), held))
}
