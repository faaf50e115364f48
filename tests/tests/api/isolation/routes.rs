//! How each route is tested.

use super::victim::{CANARY, Victim};
use reqwest::Method;
use serde_json::{Value, json};
use tandem_tests::fresh;

/// Routes without an id of a user. The socket is one: its commands are tested separately.
const NAMES_NOTHING: [(&str, &str); 17] = [
    ("GET", "/push/key"),
    // Takes over what another user has at this endpoint; `api/push/devices.rs` tests it.
    ("POST", "/push/subscriptions"),
    // Takes a secret instead of an id.
    ("POST", "/push/answers"),
    ("POST", "/auth/reset"),
    ("GET", "/server"),
    ("GET", "/ws"),
    ("POST", "/auth/register"),
    ("POST", "/auth/login"),
    ("POST", "/auth/refresh"),
    ("POST", "/auth/logout"),
    ("PATCH", "/me"),
    ("DELETE", "/me"),
    ("POST", "/me/password"),
    ("POST", "/conversations"),
    ("POST", "/feeds"),
    ("POST", "/tokens"),
    ("POST", "/sessions/revoke-others"),
];

/// How a route is tested.
pub(super) enum Attempt {
    /// An id of another user in the path must be answered like an unknown one.
    Foreign {
        /// The path with the id of the other user.
        path: String,
        /// With an id of nothing.
        absent: String,
        /// A body that is right but for that.
        body: Option<Value>,
    },
    /// An id of another user in the body must be answered like an unknown one.
    ForeignInBody {
        path: String,
        /// The body with the id of the other user.
        foreign: Value,
        absent: Value,
    },
    /// The answer must contain nothing of another user. The text is the query.
    ShowsOwnOnly(String),
    /// The route is for owners of the server: to a member it does not exist.
    OwnersOnly,
    /// The route takes no id.
    NamesNothing,
}

/// # Panics
/// For a new route: add it here.
pub(super) fn attempt(method: &Method, path: &str, victim: &Victim) -> Attempt {
    if path.contains('{') {
        return by_id(method, path, victim);
    }
    let in_body = |field: &str, foreign: Value, rest: Value| {
        let with = |id: Value| {
            let mut body = rest.clone();
            body[field] = id;
            body
        };
        let nothing =
            if foreign.as_str().is_some_and(|id| id.len() == 36) { json!(fresh::id()) } else { json!("nothing") };
        Attempt::ForeignInBody { path: path.to_owned(), foreign: with(foreign), absent: with(nothing) }
    };
    match (method.as_str(), path) {
        ("POST", "/tasks") => in_body("parent_id", json!(victim.task), json!({ "title": "mine" })),
        ("POST", "/undo") => in_body("undo_token", json!(victim.undo_token), json!({})),
        ("GET", "/search") => Attempt::ShowsOwnOnly(format!("?q={CANARY}")),
        ("GET", "/events") => Attempt::ShowsOwnOnly("?since=0".to_owned()),
        ("GET", "/tasks") => Attempt::ShowsOwnOnly("?status=all".to_owned()),
        (
            "GET",
            "/conversations"
            | "/me"
            | "/me/export"
            | "/me/storage"
            | "/sessions"
            | "/tokens"
            | "/snapshot"
            | "/completions"
            | "/feeds"
            | "/push/subscriptions",
        ) => Attempt::ShowsOwnOnly(String::new()),
        (_, path) if path.starts_with("/admin/") => Attempt::OwnersOnly,
        route if NAMES_NOTHING.contains(&route) => Attempt::NamesNothing,
        _ => panic!("{method} {path} is new: add to {} how it is tested with ids of another user", file!()),
    }
}

/// A route with an id in its path.
fn by_id(method: &Method, path: &str, victim: &Victim) -> Attempt {
    let id = match path.split('/').nth(1) {
        Some("conversations") => victim.conversation.to_string(),
        Some("messages") => victim.reply.to_string(),
        Some("tasks") => victim.task.to_string(),
        Some("sessions") => victim.session.to_string(),
        Some("tokens") => victim.token.to_string(),
        Some("admin") if path.contains("/users/") => victim.user.user().id.to_string(),
        Some("admin") => fresh::id().to_string(),
        Some("feeds") => victim.feed.to_string(),
        Some("push") => victim.subscription.to_string(),
        _ => panic!("{method} {path} is new: add the kind of the id in its path to {}", file!()),
    };
    let body = match (method.as_str(), path.rsplit_once('/').map(|(_, last)| last)) {
        ("POST", Some("snooze")) => Some(json!({ "for": "PT1H" })),
        ("PATCH", _) => Some(json!({ "title": "taken over" })),
        ("POST", Some("read")) => Some(json!({ "message_id": victim.reply })),
        ("POST", Some("approve")) => Some(json!({ "call_id": "x", "decision": "approve" })),
        // A conversation that is not there is made by the first message in it, so that an edit is what can be foreign.
        ("POST", Some("messages")) => {
            let body = |parent: Value| json!({ "text": "hello", "parent_id": parent });
            let path = format!("/conversations/{}/messages", fresh::id());
            return Attempt::ForeignInBody {
                path,
                foreign: body(json!(victim.reply)),
                absent: body(json!(fresh::id())),
            };
        }
        _ => None,
    };
    // Of two ids, the second one is of the same user.
    let path = path.replace("{reminder_id}", &victim.reminder.to_string());
    let (start, _) = path.split_once('{').expect("the path takes an id");
    let end = path.split_once('}').map_or("", |(_, end)| end);
    assert!(!end.contains('{'), "{method} {path} takes two ids: add to {} how it is tested", file!());
    Attempt::Foreign { path: format!("{start}{id}{end}"), absent: format!("{start}{}{end}", fresh::id()), body }
}
