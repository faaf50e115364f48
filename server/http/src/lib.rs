//! REST and the web client: the listener, middleware, routes, problem documents and embedded files.
//!
//! A request passes the middleware, then the handler of its route, which calls one function of the services. The other
//! transports over HTTP, the socket and MCP, are mounted as routes ([`Transports`]), so that they have the same
//! middleware and this crate does not depend on them.
//!
//! Each route names its kind of work, for which the extractors of callers take a permit. Connections, heads, bodies and
//! answers are bounded in number, size and time, because anybody can open a connection.

mod address;
mod assets;
mod connections;
mod context;
mod cookie;
mod error;
mod extract;
mod metrics;
mod middleware;
mod openapi;
mod origin;
mod pages;
mod routes;
mod sending;
mod serve;
mod settings;
mod spool;
mod timed_stream;
mod upload;

pub use address::{InvalidNetwork, Network};
pub use connections::{ConnectionPermit, Connections};
pub use context::client_address;
pub use error::Refusal;
pub use metrics::admin_router;
pub use origin::{InvalidOrigin, Origin};
pub use serve::{into_tcp, serve};
pub use settings::HttpSettings;

use axum::{
    Extension, Router,
    middleware::{from_fn, from_fn_with_state},
    routing::{MethodRouter, delete, get, patch, post, put},
};
use routes::{
    admin, auth, conversations, feeds, health, me, messages, original, push, reminders, search, server, sessions, sync,
    tasks, tokens, undo,
};
use std::sync::Arc;
use tandem_protocol::UserId;
use tandem_runtime::permits::Permits;
use tandem_service::{Services, Work};

#[derive(Clone, Debug)]
pub struct HttpState {
    services: Services,
    settings: Arc<HttpSettings>,
    /// A permit for each byte of a body that has not arrived entirely, by user.
    body_bytes: Arc<Permits<UserId>>,
}

impl HttpState {
    /// Creates the state that all handlers share.
    pub fn new(services: Services, settings: HttpSettings) -> Self {
        Self { services, settings: Arc::new(settings), body_bytes: Permits::new(extract::MAX_RECEIVING_BYTES) }
    }
}

/// The transports that are mounted beside the routes of this crate.
#[derive(Debug, Default)]
pub struct Transports {
    /// The handler of `GET /api/v1/ws`.
    pub socket: MethodRouter,
    /// The handler of `/mcp`.
    pub mcp: MethodRouter,
}

/// The path of each transport, and how its work is counted: not by the route, unlike that of all others.
pub const TRANSPORTS: [(&str, &str); 3] = [
    ("/api/v1/ws", "sockets are counted by user and by address, and every command names its work"),
    ("/mcp", "every tool names its work, and bodies are counted by user"),
    // Many clients add a slash to the address that they are given.
    ("/mcp/", "the same as without the slash"),
];

/// Declares the routes for the router, and as a list for the document and for tests. Each route names its kind of work;
/// the extractors of callers take the permit for it.
macro_rules! routes {
    ($($method:ident $path:literal $work:ident => $handler:path;)+) => {
        /// Every route, as `(method, path, work)`.
        pub const ROUTES: &[(&str, &str, Work)] = &[$((stringify!($method), $path, Work::$work)),+];

        /// The handler of each route, in the same order: it names the operation in the document.
        const HANDLERS: &[&str] = &[$(stringify!($handler)),+];

        fn routes() -> Router<HttpState> {
            Router::new()$(.route($path, $method($handler).layer(Extension(Work::$work))))+
        }
    };
}

routes! {
    get    "/api/v1/server"                           Public => server::show;
    post   "/api/v1/auth/register"                    SignIn => auth::register;
    post   "/api/v1/auth/login"                       SignIn => auth::login;
    post   "/api/v1/auth/refresh"                     SignIn => auth::refresh;
    post   "/api/v1/auth/reset"                       SignIn => auth::reset;
    post   "/api/v1/auth/logout"                      SignIn => auth::logout;
    get    "/api/v1/me"                               Lookup => me::show;
    patch  "/api/v1/me"                               Change => me::update;
    delete "/api/v1/me"                               Change => me::delete;
    post   "/api/v1/me/password"                      Change => me::change_password;
    get    "/api/v1/me/export"                        Export => me::export;
    get    "/api/v1/me/storage"                       Lookup => me::storage;
    get    "/api/v1/sessions"                         Page   => sessions::list;
    delete "/api/v1/sessions/{id}"                    Change => sessions::revoke;
    post   "/api/v1/sessions/revoke-others"           Change => sessions::revoke_others;
    get    "/api/v1/tokens"                           Page   => tokens::list;
    post   "/api/v1/tokens"                           Change => tokens::create;
    delete "/api/v1/tokens/{id}"                      Change => tokens::delete;
    get    "/api/v1/conversations"                    Page   => conversations::list;
    post   "/api/v1/conversations"                    Change => conversations::create;
    get    "/api/v1/conversations/{id}"               Lookup => conversations::show;
    patch  "/api/v1/conversations/{id}"               Change => conversations::update;
    delete "/api/v1/conversations/{id}"               Change => conversations::delete;
    post   "/api/v1/conversations/{id}/read"          Change => conversations::mark_read;
    get    "/api/v1/conversations/{id}/messages"      Page   => conversations::messages;
    post   "/api/v1/conversations/{id}/messages"      Change => conversations::send;
    post   "/api/v1/messages/{id}/cancel"             Change => messages::cancel;
    post   "/api/v1/messages/{id}/retry"              Change => messages::retry;
    post   "/api/v1/messages/{id}/approve"            Change => messages::approve;
    get    "/api/v1/tasks"                            Page   => tasks::list;
    post   "/api/v1/tasks"                            Change => tasks::create;
    get    "/api/v1/tasks/{id}"                       Lookup => tasks::show;
    patch  "/api/v1/tasks/{id}"                       Change => tasks::update;
    delete "/api/v1/tasks/{id}"                       Change => tasks::delete;
    post   "/api/v1/tasks/{id}/complete"              Change => tasks::complete;
    post   "/api/v1/tasks/{id}/skip"                  Change => tasks::skip;
    post   "/api/v1/tasks/{id}/reopen"                Change => tasks::reopen;
    get    "/api/v1/tasks/{id}/history"               Search => tasks::history;
    post   "/api/v1/tasks/{id}/reminders/{reminder_id}/ack"    Change => reminders::ack;
    post   "/api/v1/tasks/{id}/reminders/{reminder_id}/snooze" Change => reminders::snooze;
    get    "/api/v1/completions"                      Page   => tasks::completions;
    get    "/api/v1/feeds"                            Page   => feeds::list;
    post   "/api/v1/feeds"                            Change => feeds::create;
    delete "/api/v1/feeds/{id}"                       Change => feeds::delete;
    get    "/api/v1/push/key"                         Lookup => push::key;
    get    "/api/v1/push/subscriptions"               Page   => push::list;
    post   "/api/v1/push/subscriptions"               Change => push::create;
    delete "/api/v1/push/subscriptions/{id}"          Change => push::delete;
    post   "/api/v1/push/subscriptions/{id}/test"     Change => push::test;
    post   "/api/v1/push/answers"                     Public => push::answer;
    get    "/calendar/{file}"                         Public => feeds::calendar;
    post   "/api/v1/undo"                             Change => undo::undo;
    get    "/api/v1/search"                           Search => search::search;
    get    "/api/v1/snapshot"                         Page   => sync::snapshot;
    get    "/api/v1/events"                           Page   => sync::events;
    get    "/api/v1/admin/users"                      Page   => admin::users;
    get    "/api/v1/admin/users/{id}"                 Lookup => admin::user;
    patch  "/api/v1/admin/users/{id}"                 Change => admin::update_user;
    delete "/api/v1/admin/users/{id}"                 Change => admin::delete_user;
    get    "/api/v1/admin/users/{id}/sessions"        Page   => admin::sessions;
    delete "/api/v1/admin/users/{id}/sessions"        Change => admin::end_sessions;
    post   "/api/v1/admin/users/{id}/reset-link"      Change => admin::create_reset_link;
    get    "/api/v1/admin/invitations"                Page   => admin::invitations;
    post   "/api/v1/admin/invitations"                Change => admin::create_invitation;
    delete "/api/v1/admin/invitations/{id}"           Change => admin::revoke_invitation;
    get    "/api/v1/admin/audit"                      Page   => admin::audit;
    get    "/api/{user_id}/tasks"                     Page   => original::tasks;
    post   "/api/{user_id}/tasks"                     Change => original::add;
    get    "/api/{user_id}/tasks/{id}"                Lookup => original::task;
    put    "/api/{user_id}/tasks/{id}"                Change => original::change;
    delete "/api/{user_id}/tasks/{id}"                Change => original::remove;
    patch  "/api/{user_id}/tasks/{id}/complete"       Change => original::complete;
    post   "/api/{user_id}/chat"                      Change => original::chat::send;
    get    "/api/{user_id}/conversations/{id}"        Page   => original::chat::history;
    get    "/api/openapi.json"                        Public => openapi::show;
    get    "/healthz"                                 Public => health::live;
    get    "/readyz"                                  Public => health::ready;
}

/// The router of the public listener. The last layer is the outermost.
pub fn router(state: HttpState, transports: Transports) -> Router {
    let [(socket, _), (mcp, _), (mcp_with_slash, _)] = TRANSPORTS;
    let mcp_handler =
        transports.mcp.with_state(()).route_layer(from_fn_with_state(state.clone(), middleware::personal_token));
    routes()
        .route(socket, transports.socket.with_state(()))
        .route(mcp, mcp_handler.clone())
        .route(mcp_with_slash, mcp_handler)
        .fallback(assets::serve)
        // Inside of `problems`, whose documents hold no permit.
        .layer(from_fn(sending::until_sent))
        .layer(from_fn(middleware::well_formed))
        .layer(from_fn_with_state(state.clone(), middleware::own_host))
        .layer(from_fn(middleware::problems))
        .layer(from_fn_with_state(state.clone(), middleware::headers))
        .layer(from_fn_with_state(state.clone(), middleware::observe))
        .with_state(state)
}

#[cfg(test)]
mod tests;
