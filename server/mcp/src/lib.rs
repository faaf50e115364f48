//! MCP: the tools of the assistant for other programs, over streamable HTTP without sessions.
//!
//! The protocol is that of `rmcp`, because its revisions change often: the library negotiates one, checks `Origin` and
//! `Host`, and answers in JSON. Sessions would be state of one node, and no tool sends anything on its own.
//!
//! This crate does not authenticate. Whatever mounts the [`route`] puts the [`Caller`] into the extensions of the
//! request, and a request without one is refused.

mod tools;

use axum::routing::{MethodRouter, post_service};
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
use std::sync::Arc;
use tandem_auth::Caller;
use tandem_protocol::{enums::ActorKind, limits::MAX_BODY_BYTES};
use tandem_service::{Held, Services};

/// The description of all tools together, which clients show to their model.
const INSTRUCTIONS: &str = "Tasks of one person. Name a task by its number or id; list_tasks shows both. Due dates and \
    recurrences are words (\"tomorrow at 5pm\", \"every weekday\") or ISO dates and RRULEs. Every change answers with an \
    undo_token, which undo takes.";

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
    post_service(StreamableHttpService::new(server, Arc::new(NeverSessionManager::default()), config))
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
    let request = context.extensions.get::<http::request::Parts>();
    let caller = request.and_then(|request| request.extensions.get::<Caller>());
    let caller = caller.ok_or_else(|| ErrorData::internal_error("the request has no caller", None))?;
    let held = request.and_then(|request| request.extensions.get::<Held>()).cloned().unwrap_or_default();
    // Events name the transport, so that a user sees which changes a program has made.
    Ok((caller.clone().through(ActorKind::Mcp), held))
}
