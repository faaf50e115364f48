//! The REST door and the web client: routes, errors, middleware, assets.
//!
//! A request passes the middleware, then the handler of its route, which calls one function of the services. The other
//! doors that speak HTTP, the socket and MCP, are mounted here and know nothing of it.

mod address;
mod assets;
mod cookie;
mod error;
mod extract;
mod metrics;
mod middleware;
mod openapi;
mod origin;
mod routes;
mod serve;
mod settings;

pub use address::{InvalidNetwork, Network};
pub(crate) use error::Refusal;
pub use metrics::admin_router;
pub(crate) use middleware::client_address;
pub use origin::{InvalidOrigin, Origin};
pub use serve::{reclaim, serve};
pub use settings::HttpSettings;

use crate::service::Services;
use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
    routing::{MethodRouter, delete, get, patch, post},
};
use routes::{auth, conversations, health, me, messages, search, sessions, sync, tasks, tokens, undo};
use std::sync::Arc;

/// What the handlers work with.
#[derive(Clone, Debug)]
pub struct HttpState {
    services: Services,
    settings: Arc<HttpSettings>,
}

impl HttpState {
    /// Services and settings together.
    #[must_use]
    pub fn new(services: Services, settings: HttpSettings) -> Self {
        Self { services, settings: Arc::new(settings) }
    }
}

/// Doors that are mounted beside the routes of this one.
#[derive(Debug, Default)]
pub struct Doors {
    /// `GET /api/v1/ws`.
    pub socket: MethodRouter,
    /// `/mcp`.
    pub mcp: MethodRouter,
}

/// Declares the routes twice over: for the router, and as a list for the document and the tests that walk all of them.
macro_rules! routes {
    ($($method:ident $path:literal => $handler:path;)+) => {
        /// Every route, as `(method, path)`.
        pub const ROUTES: &[(&str, &str)] = &[$((stringify!($method), $path)),+];

        fn routes() -> Router<HttpState> {
            Router::new()$(.route($path, $method($handler)))+
        }
    };
}

routes! {
    post   "/api/v1/auth/register"                => auth::register;
    post   "/api/v1/auth/login"                   => auth::login;
    post   "/api/v1/auth/refresh"                 => auth::refresh;
    post   "/api/v1/auth/logout"                  => auth::logout;
    get    "/api/v1/me"                           => me::show;
    patch  "/api/v1/me"                           => me::update;
    delete "/api/v1/me"                           => me::delete;
    post   "/api/v1/me/password"                  => me::change_password;
    get    "/api/v1/me/export"                    => me::export;
    get    "/api/v1/sessions"                     => sessions::list;
    delete "/api/v1/sessions/{id}"                => sessions::revoke;
    post   "/api/v1/sessions/revoke-others"       => sessions::revoke_others;
    get    "/api/v1/tokens"                       => tokens::list;
    post   "/api/v1/tokens"                       => tokens::create;
    delete "/api/v1/tokens/{id}"                  => tokens::delete;
    get    "/api/v1/conversations"                => conversations::list;
    post   "/api/v1/conversations"                => conversations::create;
    get    "/api/v1/conversations/{id}"           => conversations::show;
    patch  "/api/v1/conversations/{id}"           => conversations::update;
    delete "/api/v1/conversations/{id}"           => conversations::delete;
    post   "/api/v1/conversations/{id}/read"      => conversations::mark_read;
    get    "/api/v1/conversations/{id}/messages"  => conversations::messages;
    post   "/api/v1/conversations/{id}/messages"  => conversations::send;
    post   "/api/v1/messages/{id}/cancel"         => messages::cancel;
    post   "/api/v1/messages/{id}/retry"          => messages::retry;
    post   "/api/v1/messages/{id}/approve"        => messages::approve;
    get    "/api/v1/tasks"                        => tasks::list;
    post   "/api/v1/tasks"                        => tasks::create;
    get    "/api/v1/tasks/{id}"                   => tasks::show;
    patch  "/api/v1/tasks/{id}"                   => tasks::update;
    delete "/api/v1/tasks/{id}"                   => tasks::delete;
    post   "/api/v1/tasks/{id}/complete"          => tasks::complete;
    post   "/api/v1/tasks/{id}/reopen"            => tasks::reopen;
    post   "/api/v1/undo"                         => undo::undo;
    get    "/api/v1/search"                       => search::search;
    get    "/api/v1/snapshot"                     => sync::snapshot;
    get    "/api/v1/events"                       => sync::events;
    get    "/api/openapi.json"                    => openapi::show;
    get    "/healthz"                             => health::live;
    get    "/readyz"                              => health::ready;
}

/// Everything that the main listener serves.
pub fn router(state: HttpState, doors: Doors) -> Router {
    routes()
        .route("/api/v1/ws", doors.socket.with_state(()))
        .route(
            "/mcp",
            doors.mcp.with_state(()).route_layer(from_fn_with_state(state.clone(), middleware::personal_token)),
        )
        .fallback(assets::serve)
        .layer(from_fn(middleware::no_token_in_url))
        .layer(from_fn(middleware::problems))
        .layer(from_fn(middleware::headers))
        .layer(from_fn_with_state(state.clone(), middleware::observe))
        .with_state(state)
}

#[cfg(test)]
mod tests;
