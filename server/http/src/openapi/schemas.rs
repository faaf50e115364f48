//! Additions to the schemas of the document: the limits that the domain checks, and the fields that are always present.
//!
//! The patterns repeat rules of the domain, which each function names. `xtask/src/check/contract.rs` holds a running
//! server against them.

use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use tandem_protocol::limits::{
    MAX_DESCRIPTION_CHARS, MAX_EVENTS, MAX_LABEL_CHARS, MAX_LABELS, MAX_MESSAGE_CHARS, MAX_NAME_CHARS, MAX_PAGE,
    MAX_REMINDERS, MAX_TITLE_CHARS, MAX_USER_LISTS,
};

/// Fields of answers that may be absent, as `(schema, field)`. All others are present, and null without a value.
pub(super) const OPTIONAL: [(&str, &str); 9] = [
    ("Deleted", "undo_token"),
    ("Problem", "errors"),
    ("Problem", "task"),
    ("ProviderRef", "instead_of"),
    ("SearchHit", "conversation_id"),
    ("SignedIn", "refresh_token"),
    ("ToolCall", "decided"),
    ("ToolCall", "step"),
    ("Undone", "undo_token"),
];

/// Types whose lists are always a single page.
const UNPAGED: [&str; 4] = ["Feed", "PersonalToken", "Session", "Subscription"];

/// The white space of `str::trim`, for use in a character class.
const SPACE: &str = r"\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000";
/// Control characters, for use in a character class.
const CONTROL: &str = r"\u0000-\u001f\u007f-\u009f";
/// What no line holds, for use in a character class: control characters, line breaks, overrides of the direction.
const NOT_IN_LINE: &str = r"\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069";
/// The same for a title, in which line breaks become spaces.
const NOT_IN_TITLE: &str = r"\u0000-\u0009\u000e-\u001f\u007f-\u0084\u0086-\u009f\u202a-\u202e\u2066-\u2069";
/// Characters that are drawn as nothing, for use in a character class. The server takes a text that begins with one and
/// has a visible character later, which a pattern with a limit cannot express.
const INVISIBLE: &str = r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8";
const NO_NUL: &str = r"^[^\u0000]*$";

/// The pattern of a text of 1 to `max` characters without those of `barred`, which begins with `first` and may have white
/// space around it. The pattern holds the limit, because `maxLength` would count the white space that the server drops.
fn trimmed(first: &str, barred: &str, max: usize) -> String {
    format!("{first}(?:[^{barred}]{{0,{}}}[^{SPACE}{barred}])?[{SPACE}]*", max - 2)
}

fn line_pattern(barred: &str, max: usize) -> String {
    trimmed(&format!("[{SPACE}]*[^{SPACE}{INVISIBLE}{barred}]"), barred, max)
}

/// See `domain::text::line` for the rule.
fn line(max: usize) -> Value {
    json!({ "minLength": 1, "pattern": format!("^{}$", line_pattern(NOT_IN_LINE, max)) })
}

/// See `domain::text::title` for the rule.
fn title(max: usize) -> Value {
    json!({ "minLength": 1, "pattern": format!("^{}$", line_pattern(NOT_IN_TITLE, max)) })
}

/// See `domain::text::name` for the rule.
fn name() -> Value {
    json!({ "pattern": format!("^(?:{}|[{SPACE}]*)$", line_pattern(NOT_IN_LINE, MAX_NAME_CHARS)) })
}

/// See `domain::text::labels`: the `#` signs before a label are dropped.
fn labels() -> Value {
    let shown = format!("{SPACE}{INVISIBLE}{NOT_IN_LINE}");
    let start = format!("#*(?:[{SPACE}]+[^{shown}]|[^#{shown}])");
    let pattern = format!("^{}$", trimmed(&start, NOT_IN_LINE, MAX_LABEL_CHARS));
    json!({ "maxItems": MAX_LABELS, "items": { "type": "string", "minLength": 1, "pattern": pattern } })
}

/// The names of the lists that a feed shows.
fn lists() -> Value {
    let mut items = line(MAX_LABEL_CHARS);
    items["type"] = "string".into();
    json!({ "maxItems": MAX_USER_LISTS, "items": items })
}

/// See `domain::text::email` for the rule.
fn email() -> Value {
    let plain = format!("@{SPACE}{CONTROL}");
    let pattern = format!(r"^[^{plain}]+@[^.{plain}](?:[^{plain}]*[^.{plain}])?$");
    json!({ "maxLength": 254, "pattern": pattern, "examples": ["ann@example.org"] })
}

fn daily_limit() -> Value {
    json!({ "minimum": 0, "maximum": 1_000_000_000 })
}

/// See `domain::text::new_password` for the rule.
fn new_password() -> Value {
    json!({ "minLength": 8, "maxLength": 128 })
}

fn description() -> Value {
    json!({ "maxLength": MAX_DESCRIPTION_CHARS, "pattern": NO_NUL })
}

fn message_text() -> Value {
    let pattern = format!(r"^[^\u0000]*[^\u0000{SPACE}][^\u0000]*$");
    json!({ "minLength": 1, "maxLength": MAX_MESSAGE_CHARS, "pattern": pattern })
}

/// See `domain::zone::time_zone`. The pattern does not list the names, which the database of zones knows.
fn time_zone() -> Value {
    json!({ "maxLength": 64, "pattern": "^[A-Za-z][A-Za-z0-9_+/-]*$", "examples": ["Europe/Berlin"] })
}

/// See `protocol::time::parse_clock` for the rule.
fn clock() -> Value {
    let pattern = "^(?:[01][0-9]|2[0-3]):[0-5][0-9](?::(?:[0-5][0-9]|60))?$";
    json!({ "pattern": pattern, "examples": ["17:30"] })
}

/// See `protocol::duration` for the rule.
fn duration() -> Value {
    // A pattern cannot add up. These forms are within a year; the server reads others that are, too.
    let days = "(?:[0-2]?[0-9]{1,2}|3[0-5][0-9]|36[0-6])D";
    let time = "T(?=[0-9])(?:[0-9]{1,3}H)?(?:[0-9]{1,4}M)?(?:[0-9]{1,5}S)?";
    let pattern = format!("^P(?:(?:[0-4]?[0-9]|5[0-2])W|{days}|(?:[0-2]?[0-9]{{1,2}}D)?{time})$");
    json!({ "maxLength": 32, "pattern": pattern, "examples": ["PT30M"] })
}

/// See `domain::task::position` for the rule.
fn position() -> Value {
    json!({ "minLength": 1, "maxLength": 100, "pattern": "^[A-Za-z0-9]+$" })
}

fn rule() -> Value {
    json!({ "minLength": 1, "maxLength": 500, "examples": ["FREQ=WEEKLY;BYDAY=MO"] })
}

/// The limits of fields, as `(schema, field, keywords)`.
pub(super) fn limits() -> Vec<(&'static str, &'static str, Value)> {
    vec![
        ("Register", "email", email()),
        ("Register", "password", new_password()),
        ("Register", "name", name()),
        ("Login", "device_name", name()),
        ("ChangePassword", "new_password", new_password()),
        ("ResetPassword", "password", new_password()),
        ("NewInvitation", "email", email()),
        ("NewInvitation", "uses", json!({ "minimum": 1, "maximum": 1000 })),
        ("ManagedUserPatch", "name", name()),
        ("ManagedUserPatch", "daily_replies", daily_limit()),
        ("ManagedUserPatch", "daily_tokens", daily_limit()),
        ("Chat", "message", message_text()),
        ("NewOriginalTask", "title", title(MAX_TITLE_CHARS)),
        ("NewOriginalTask", "description", description()),
        ("OriginalPatch", "title", title(MAX_TITLE_CHARS)),
        ("OriginalPatch", "description", description()),
        ("UserPatch", "name", name()),
        ("UserPatch", "time_zone", time_zone()),
        ("NewToken", "name", line(MAX_NAME_CHARS)),
        ("NewToken", "scopes", json!({ "minItems": 1 })),
        ("ConversationCreate", "title", title(MAX_NAME_CHARS)),
        ("ConversationPatch", "title", title(MAX_NAME_CHARS)),
        ("MessageBody", "text", message_text()),
        ("NewTask", "title", title(MAX_TITLE_CHARS)),
        ("NewTask", "description", description()),
        ("NewTask", "labels", labels()),
        ("NewTask", "list", line(MAX_LABEL_CHARS)),
        ("NewTask", "position", position()),
        ("NewTask", "reminders", json!({ "maxItems": MAX_REMINDERS })),
        ("TaskPatch", "title", title(MAX_TITLE_CHARS)),
        ("TaskPatch", "description", description()),
        ("TaskPatch", "labels", labels()),
        ("TaskPatch", "list", line(MAX_LABEL_CHARS)),
        ("TaskPatch", "position", position()),
        ("TaskPatch", "reminders", json!({ "maxItems": MAX_REMINDERS })),
        ("NewFeed", "name", line(MAX_NAME_CHARS)),
        ("NewFeed", "lists", lists()),
        ("NewSubscription", "endpoint", json!({ "maxLength": 1024, "pattern": "^https://" })),
        ("NewSubscription", "device_id", json!({ "minLength": 1, "maxLength": 200 })),
        ("SubscriptionKeys", "p256dh", json!({ "pattern": "^[A-Za-z0-9_-]{87}=?$" })),
        ("SubscriptionKeys", "auth", json!({ "pattern": "^[A-Za-z0-9_-]{22}(==)?$" })),
        ("QuietHoursInput", "from", clock()),
        ("QuietHoursInput", "to", clock()),
        ("PushTest", "status", json!({ "const": "accepted" })),
        ("UndoBody", "undo_tokens", json!({ "minItems": 1, "maxItems": 500 })),
        ("FeedCreated", "url", json!({ "pattern": "^/calendar/[A-Za-z0-9_-]+[.]ics$" })),
        ("ReminderInput", "before", duration()),
        ("ReminderTimeInput", "date", json!({ "examples": ["2026-11-23"] })),
        ("ReminderTimeInput", "time", clock()),
        ("ReminderTimeInput", "time_zone", time_zone()),
        ("SnoozeBody", "for", duration()),
        ("DueInput", "date", json!({ "examples": ["2026-11-23"] })),
        ("DueInput", "time", clock()),
        ("DueInput", "time_zone", time_zone()),
        ("Recurrence", "rule", rule()),
        ("RecurrenceInput", "rule", rule()),
        ("Health", "status", json!({ "enum": ["ok", "degraded"] })),
        ("SignedIn", "token_type", json!({ "const": "Bearer" })),
        ("TokenCreated", "token", json!({ "pattern": "^tnd_" })),
        ("EventList", "items", json!({ "maxItems": MAX_EVENTS })),
        ("Task", "number", json!({ "minimum": 1 })),
        ("Task", "rev", json!({ "minimum": 1 })),
        ("Message", "attempt", json!({ "minimum": 1 })),
        ("Event", "seq", json!({ "minimum": 1 })),
        ("Conversation", "unread", json!({ "minimum": 0 })),
    ]
}

/// The limits of query parameters, which have the same meaning wherever they occur.
fn parameter_limits(name: &str, schema: &Value) -> Option<Value> {
    match name {
        "limit" => Some(json!({ "minimum": 1, "maximum": MAX_PAGE })),
        "since" if schema["type"] == "integer" => Some(json!({ "minimum": 0 })),
        "cursor" => Some(json!({ "pattern": "^[A-Za-z0-9_-]+$" })),
        _ => None,
    }
}

/// Adds the limits and the required fields to a document.
pub(super) fn complete(document: &mut Value) {
    for path in document["paths"].as_object_mut().into_iter().flat_map(Map::values_mut) {
        for operation in path.as_object_mut().into_iter().flat_map(Map::values_mut) {
            for parameter in operation["parameters"].as_array_mut().into_iter().flatten() {
                let limits = parameter["name"].as_str().and_then(|name| parameter_limits(name, &parameter["schema"]));
                merge(&mut parameter["schema"], limits.unwrap_or_default());
            }
            // The index above has inserted a null into operations without parameters.
            if operation["parameters"].is_null()
                && let Some(operation) = operation.as_object_mut()
            {
                operation.remove("parameters");
            }
        }
    }
    let requested = request_schemas(document);
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        for (schema, field, keywords) in limits() {
            if let Some(schema) = schemas.get_mut(schema) {
                merge(&mut fields(schema)[field], keywords);
            }
        }
        // In requests every `Option` may be absent. In answers it is null instead.
        for (name, schema) in schemas.iter_mut().filter(|(name, _)| !requested.contains(*name)) {
            require_all(name, schema);
        }
        for (name, schema) in schemas {
            // The derive writes the schema of the items into each page. A reference keeps one copy.
            if let Some(item) = name.strip_prefix("Page_") {
                fields(schema)["items"]["items"] = json!({ "$ref": format!("#/components/schemas/{item}") });
                if !UNPAGED.contains(&item) {
                    fields(schema)["items"]["maxItems"] = MAX_PAGE.into();
                }
            }
        }
    }
    plain_text(document);
}

/// The properties of a schema, or of the part of it that adds properties to another schema.
pub(super) fn fields(schema: &mut Value) -> &mut Value {
    let mut parts = schema["allOf"].as_array().into_iter().flatten();
    match parts.position(|part| !part["properties"].is_null()) {
        Some(part) => &mut schema["allOf"][part]["properties"],
        None => &mut schema["properties"],
    }
}

fn merge(schema: &mut Value, keywords: Value) {
    if let (Some(schema), Value::Object(keywords)) = (schema.as_object_mut(), keywords) {
        schema.extend(keywords);
    }
}

/// The names of the schemas that request bodies consist of.
fn request_schemas(document: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let paths = document["paths"].as_object().into_iter().flat_map(Map::values);
    let operations = paths.flat_map(|path| path.as_object().into_iter().flat_map(Map::values));
    let mut pending: Vec<String> = operations.flat_map(|operation| references(&operation["requestBody"])).collect();
    // Each schema is visited once, also if schemas refer to each other in a circle.
    while let Some(name) = pending.pop() {
        pending.extend(references(&document["components"]["schemas"][&name]));
        if !found.insert(name) {
            pending.retain(|name| !found.contains(name));
        }
    }
    found
}

/// The names of all schemas and responses that a value refers to.
pub(super) fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(key, value)| match value.as_str() {
                Some(target) if key == "$ref" => target.rsplit('/').next().map(str::to_owned).into_iter().collect(),
                _ => references(value),
            })
            .collect(),
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

fn require_all(name: &str, schema: &mut Value) {
    let Some(properties) = schema["properties"].as_object() else { return };
    let optional = |field: &str| OPTIONAL.contains(&(name, field));
    let required: Vec<_> = properties.keys().filter(|field| !optional(field)).cloned().collect();
    schema["required"] = required.into();
}

/// Removes links and line breaks from the descriptions, which are doc comments of the source.
fn plain_text(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::String(text) if key == "description" => {
                        *text = text.replace('\n', " ").replace("[`", "`").replace("`]", "`");
                    }
                    other => plain_text(other),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(plain_text),
        _ => {}
    }
}
