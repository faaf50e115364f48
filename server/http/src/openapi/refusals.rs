//! The refusals of each operation in the document: their codes, and the responses that hold them.
//!
//! Most follow from the input of an operation: a caller, an id, a body, a command. [`special`] lists the rest.

use super::is_repeatable;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tandem_protocol::{ErrorCode, enums::WireEnum as _};

/// The codes of every request: a token in the URL, a foreign host, a compressed body, a fault of the server.
const ALWAYS: [ErrorCode; 4] =
    [ErrorCode::InvalidRequest, ErrorCode::ForbiddenOrigin, ErrorCode::UnsupportedMediaType, ErrorCode::Internal];

/// The codes of every request that needs the database.
const BUSY: [ErrorCode; 3] = [ErrorCode::RateLimited, ErrorCode::Overloaded, ErrorCode::Unavailable];

/// The API of the system that this one replaces.
const ORIGINAL: &str = "/api/{user_id}/";

const HEAD_TOO_LARGE: &str = "431";

const TOKEN: [ErrorCode; 5] = [
    ErrorCode::Unauthenticated,
    ErrorCode::InvalidToken,
    ErrorCode::TokenExpired,
    ErrorCode::SessionRevoked,
    ErrorCode::InsufficientScope,
];

/// The responses of all refusals of an operation, by status. They refer to `shared`, to which missing ones are added.
pub(super) fn responses(
    operation: &Map<String, Value>,
    method: &str,
    path: &str,
    shared: &mut Map<String, Value>,
) -> Map<String, Value> {
    let mut by_status = BTreeMap::<u16, BTreeSet<&str>>::new();
    for code in codes(operation, method, path) {
        by_status.entry(code.status()).or_default().insert(code.as_str());
    }
    let mut responses = Map::new();
    for (status, codes) in by_status {
        let name = std::iter::once(status.to_string()).chain(codes.iter().map(|&code| code.to_owned()));
        let name = name.collect::<Vec<_>>().join(".");
        responses.insert(status.to_string(), reference(&name));
        shared.entry(name).or_insert_with(|| response(status, &codes));
    }
    // It is sent before there is a request that has an id.
    responses.insert("431".into(), reference(HEAD_TOO_LARGE));
    let head = json!({ "description": "The head of the request is over 32 KiB. Without a body." });
    shared.entry(HEAD_TOO_LARGE).or_insert(head);
    responses
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/responses/{name}") })
}

fn codes(operation: &Map<String, Value>, method: &str, path: &str) -> Vec<ErrorCode> {
    let mut codes = ALWAYS.to_vec();
    if path.starts_with("/api/v1/") || path.starts_with(ORIGINAL) {
        codes.extend(BUSY);
        // The derive writes `security(())` of a public route as a list with one empty object.
        if operation.get("security") != Some(&json!([{}])) {
            codes.extend(TOKEN);
        }
    }
    if path.starts_with(ORIGINAL) && method != "get" {
        codes.extend([ErrorCode::Conflict, ErrorCode::Limit, ErrorCode::DailyLimit]);
    }
    if path.starts_with("/calendar/") {
        codes.extend(BUSY);
    }
    if path.contains('{') {
        codes.push(ErrorCode::NotFound);
    }
    if operation.contains_key("requestBody") {
        codes.push(ErrorCode::PayloadTooLarge);
    }
    if is_repeatable(method, path) {
        codes.extend([ErrorCode::Conflict, ErrorCode::IdempotencyConflict]);
        // What a user keeps is counted. Invitations and links are the server's, and end by themselves.
        if !path.starts_with("/api/v1/admin/") {
            codes.push(ErrorCode::Limit);
        }
    }
    codes.extend(special(method, path));
    codes
}

/// The codes that an operation has by its own rules.
fn special(method: &str, path: &str) -> &'static [ErrorCode] {
    match (method, path.trim_start_matches("/api/v1")) {
        ("post", "/auth/login" | "/me/password") => &[ErrorCode::InvalidCredentials],
        ("delete", "/me") => &[ErrorCode::InvalidCredentials, ErrorCode::Conflict],
        ("patch" | "delete", "/admin/users/{id}") => &[ErrorCode::Conflict],
        ("post", "/admin/invitations" | "/push/answers") => &[ErrorCode::NotFound, ErrorCode::Conflict],
        ("post", "/auth/reset") => &[ErrorCode::InvalidToken],
        ("post", "/auth/register") => &[ErrorCode::RegistrationClosed],
        ("post", "/auth/refresh") => &[ErrorCode::InvalidToken, ErrorCode::SessionRevoked],
        ("post", "/tokens") => &[ErrorCode::InvalidCredentials, ErrorCode::ConfirmationRequired, ErrorCode::Limit],
        ("post", "/conversations/{id}/messages" | "/messages/{id}/retry") => &[ErrorCode::DailyLimit],
        ("post", "/feeds" | "/push/subscriptions") => &[ErrorCode::Conflict, ErrorCode::Limit],
        ("post", "/undo") | ("get", "/admin/users" | "/admin/invitations" | "/admin/audit") => &[ErrorCode::NotFound],
        ("get", "/events") => &[ErrorCode::Gone],
        ("get", "/readyz") => &[ErrorCode::Unavailable],
        _ => &[],
    }
}

fn response(status: u16, codes: &BTreeSet<&str>) -> Value {
    let titles: Vec<_> = codes
        .iter()
        .filter_map(|code| ErrorCode::from_wire(code))
        .map(|code| format!("`{code}`: {}.", code.title()))
        .collect();
    let schema = json!({ "allOf": [
        { "$ref": "#/components/schemas/Problem" },
        { "type": "object", "properties": { "status": { "const": status }, "code": { "enum": codes } } },
    ] });
    let mut response = json!({
        "description": titles.join(" "),
        "content": { "application/problem+json": { "schema": schema } },
    });
    match status {
        401 => response["headers"]["WWW-Authenticate"] = header("Always `Bearer`.", &json!({ "const": "Bearer" })),
        429 | 503 => {
            let seconds = json!({ "type": "integer", "minimum": 1 });
            let retry_after = &mut response["headers"]["Retry-After"];
            *retry_after = header("Seconds after which a retry makes sense.", &seconds);
            // Replies that are turned off for a user are not turned on by waiting.
            retry_after["required"] = (!codes.contains(ErrorCode::DailyLimit.as_str())).into();
        }
        _ => {}
    }
    response
}

fn header(description: &str, schema: &Value) -> Value {
    json!({ "description": description, "required": true, "schema": schema })
}
