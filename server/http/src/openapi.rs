//! The `OpenAPI` document, which is derived from the handlers and the types of the protocol.
//!
//! The derive only sees types. The limits that the domain checks ([`schemas`]) and the refusals of extractors and
//! middleware ([`refusals`]) are added as JSON, so that generated clients and tests know them too.
//!
//! A test compares the document with `docs/openapi.json`: a change of the API is visible in its review.

mod refusals;
mod schemas;

use super::routes::{
    admin, auth, conversations, feeds, health, me, messages, original, push, reminders, search, server, sessions, sync,
    tasks, tokens, undo,
};
use super::{HANDLERS, ROUTES};
use axum::Json;
use http::StatusCode;
use serde_json::{Map, Value, json};
use std::sync::LazyLock;
use tandem_protocol::{
    enums::{DueFilter, StatusFilter},
    error::Problem,
    push::PushPayload,
};
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Tandem",
        description = "Chat and tasks. Errors are problem documents (RFC 9457) with a stable `code`. Ids are UUIDs, times \
            RFC 3339 in UTC with milliseconds. Bodies have at most 1 MiB, those of sign-in 16 KiB."
    ),
    security(("session" = []), ("personal_token" = [])),
    // The derive collects the types of bodies. These are in queries, and in what a push service delivers.
    components(schemas(Problem, DueFilter, StatusFilter, original::OriginalStatus, PushPayload)),
    paths(
        auth::register, auth::login, auth::refresh, auth::logout, auth::reset,
        admin::users, admin::user, admin::update_user, admin::delete_user, admin::sessions, admin::end_sessions,
        admin::create_reset_link, admin::invitations, admin::create_invitation, admin::revoke_invitation, admin::audit,
        me::show, me::update, me::delete, me::change_password, me::export, me::storage,
        sessions::list, sessions::revoke, sessions::revoke_others,
        tokens::list, tokens::create, tokens::delete,
        conversations::list, conversations::create, conversations::show, conversations::update, conversations::delete,
        conversations::mark_read, conversations::messages, conversations::send,
        messages::cancel, messages::retry, messages::approve,
        tasks::list, tasks::create, tasks::show, tasks::update, tasks::delete, tasks::complete, tasks::skip,
        tasks::reopen, tasks::history, reminders::ack, reminders::snooze, tasks::completions,
        feeds::list, feeds::create, feeds::delete, feeds::calendar,
        push::key, push::list, push::create, push::delete, push::test, push::answer,
        original::tasks, original::add, original::task, original::change, original::remove, original::complete,
        original::chat::send, original::chat::history,
        undo::undo, search::search, server::show, sync::snapshot, sync::events,
        show, health::live, health::ready,
    )
)]
struct Document;

static DOCUMENT: LazyLock<Value> = LazyLock::new(complete);

/// Returns this description of the API.
#[utoipa::path(get, path = "/api/openapi.json", tag = "health", security(()), responses((status = 200, body = Object)))]
pub(super) async fn show() -> Json<&'static Value> {
    Json(&DOCUMENT)
}

fn complete() -> Value {
    // A document that cannot be encoded would have no operations, which the tests would notice.
    let mut document = serde_json::to_value(Document::openapi()).unwrap_or_default();
    document["components"]["securitySchemes"] = json!({
        "session": {
            "type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "The access token of a log-in.",
        },
        "personal_token": {
            "type": "http", "scheme": "bearer", "bearerFormat": "tnd_…",
            "description": "A personal token with the scope `read`, or `write` for changes.",
        },
    });
    let mut shared = Map::new();
    for ((method, path, _), handler) in ROUTES.iter().zip(HANDLERS) {
        if let Some(operation) = document["paths"][path][method].as_object_mut() {
            // The derive would name it after the function alone, and `list` or `show` occur several times.
            operation.insert("operationId".into(), handler.replace("::", "_").into());
            describe(operation, method, path, &mut shared);
        }
    }
    document["components"]["responses"] = shared.into();
    schemas::complete(&mut document);
    document
}

fn describe(operation: &mut Map<String, Value>, method: &str, path: &str, shared: &mut Map<String, Value>) {
    if let Some(body) = operation.get_mut("requestBody") {
        require_object(body);
    }
    if is_repeatable(method, path) {
        let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
        if let Some(parameters) = parameters.as_array_mut() {
            parameters.push(idempotency_key());
        }
    }
    let refused = refusals::responses(operation, method, path, shared);
    if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
        for (status, response) in responses.iter_mut() {
            let status = status.parse().ok().and_then(|status| StatusCode::from_u16(status).ok());
            let reason = status.and_then(|status| status.canonical_reason()).unwrap_or_default();
            response["description"] = reason.into();
        }
        responses.extend(refused);
    }
}

/// Makes the schema of an optional body that of the object. The derive adds `null`, which the server refuses.
fn require_object(body: &mut Value) {
    let schema = &mut body["content"]["application/json"]["schema"];
    if let Some(object) =
        schema["oneOf"].as_array().and_then(|forms| forms.iter().find(|form| form["$ref"].is_string()))
    {
        *schema = object.clone();
        body["required"] = false.into();
    }
}

/// Whether an operation accepts `Idempotency-Key`: all commands, and what shows a secret once.
fn is_repeatable(method: &str, path: &str) -> bool {
    let commands = ["/conversations", "/messages", "/tasks", "/undo"];
    let is_command = method != "get" && commands.iter().any(|part| path.starts_with(&format!("/api/v1{part}")));
    let secrets = ["tokens", "feeds", "admin/invitations", "admin/users/{id}/reset-link"];
    is_command || method == "post" && path.strip_prefix("/api/v1/").is_some_and(|path| secrets.contains(&path))
}

fn idempotency_key() -> Value {
    json!({
        "name": "Idempotency-Key", "in": "header", "required": false,
        "description": "Makes a retry safe: the same key and arguments give the first answer again.",
        "schema": { "type": "string", "format": "uuid" },
    })
}

#[cfg(test)]
mod tests;
