//! What the derive does not see of the types: the limits that the domain checks, and which fields are always there.

use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use tandem_protocol::limits::{
    MAX_DESCRIPTION_CHARS, MAX_EVENTS, MAX_LABEL_CHARS, MAX_LABELS, MAX_MESSAGE_CHARS, MAX_NAME_CHARS, MAX_PAGE,
    MAX_TITLE_CHARS,
};

/// Fields of answers that may be absent. All others are there, null where they have no value.
pub(super) const OPTIONAL: [(&str, &str); 6] = [
    ("Deleted", "undo_token"),
    ("Problem", "errors"),
    ("Problem", "task"),
    ("SearchHit", "conversation_id"),
    ("SignedIn", "refresh_token"),
    ("Undone", "undo_token"),
];

/// Lists that are one page, however long.
const WHOLE: [&str; 2] = ["PersonalToken", "Session"];

/// White space as `str::trim` knows it, inside of brackets.
const SPACE: &str = r"\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000";
/// Control characters, inside of brackets.
const CONTROL: &str = r"\u0000-\u001f\u007f-\u009f";
const NO_NUL: &str = r"^[^\u0000]*$";

/// Text of 1 to `max` characters without control characters, which begins with `first` and may stand between white space.
/// The pattern holds the limit, because `maxLength` would count the white space that the server drops.
fn trimmed(first: &str, max: usize) -> String {
    format!("{first}(?:[^{CONTROL}]{{0,{}}}[^{SPACE}{CONTROL}])?[{SPACE}]*", max - 2)
}

fn line_pattern(max: usize) -> String {
    trimmed(&format!("[{SPACE}]*[^{SPACE}{CONTROL}]"), max)
}

/// The rule is that of `domain::text::line`.
fn line(max: usize) -> Value {
    json!({ "minLength": 1, "pattern": format!("^{}$", line_pattern(max)) })
}

/// The rule is that of `domain::text::name`.
fn name() -> Value {
    json!({ "pattern": format!("^(?:{}|[{SPACE}]*)$", line_pattern(MAX_NAME_CHARS)) })
}

/// See `domain::text::labels`: the signs before a label are dropped.
fn labels() -> Value {
    let start = format!("#*(?:[{SPACE}]+[^{SPACE}{CONTROL}]|[^#{SPACE}{CONTROL}])");
    let pattern = format!("^{}$", trimmed(&start, MAX_LABEL_CHARS));
    json!({ "maxItems": MAX_LABELS, "items": { "type": "string", "minLength": 1, "pattern": pattern } })
}

/// The rule is that of `domain::text::email`.
fn email() -> Value {
    let plain = format!("@{SPACE}{CONTROL}");
    let pattern = format!(r"^[^{plain}]+@[^.{plain}](?:[^{plain}]*[^.{plain}])?$");
    json!({ "maxLength": 254, "pattern": pattern, "examples": ["ann@example.org"] })
}

/// The rule is that of `domain::text::new_password`.
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

/// See `domain::zone::time_zone`; which names there are, the database of zones says.
fn time_zone() -> Value {
    json!({ "maxLength": 64, "pattern": "^[A-Za-z][A-Za-z0-9_+/-]*$", "examples": ["Europe/Berlin"] })
}

/// The rule is that of `protocol::time::parse_clock`.
fn clock() -> Value {
    let pattern = "^(?:[01][0-9]|2[0-3]):[0-5][0-9](?::(?:[0-5][0-9]|60))?$";
    json!({ "pattern": pattern, "examples": ["17:30"] })
}

/// The rule is that of `domain::task::position`.
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
        ("UserPatch", "name", name()),
        ("UserPatch", "time_zone", time_zone()),
        ("NewToken", "name", line(MAX_NAME_CHARS)),
        ("NewToken", "scopes", json!({ "minItems": 1 })),
        ("ConversationCreate", "title", line(MAX_NAME_CHARS)),
        ("ConversationPatch", "title", line(MAX_NAME_CHARS)),
        ("MessageBody", "text", message_text()),
        ("NewTask", "title", line(MAX_TITLE_CHARS)),
        ("NewTask", "description", description()),
        ("NewTask", "labels", labels()),
        ("NewTask", "list", line(MAX_LABEL_CHARS)),
        ("NewTask", "position", position()),
        ("TaskPatch", "title", line(MAX_TITLE_CHARS)),
        ("TaskPatch", "description", description()),
        ("TaskPatch", "labels", labels()),
        ("TaskPatch", "list", line(MAX_LABEL_CHARS)),
        ("TaskPatch", "position", position()),
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

/// The limits of parameters of queries, by name.
fn parameter_limits(name: &str) -> Option<Value> {
    match name {
        "limit" => Some(json!({ "minimum": 1, "maximum": MAX_PAGE })),
        "since" => Some(json!({ "minimum": 0 })),
        "cursor" => Some(json!({ "pattern": "^[A-Za-z0-9_-]+$" })),
        _ => None,
    }
}

/// Adds everything that this module knows to the document.
pub(super) fn complete(document: &mut Value) {
    for path in document["paths"].as_object_mut().into_iter().flat_map(Map::values_mut) {
        for operation in path.as_object_mut().into_iter().flat_map(Map::values_mut) {
            for parameter in operation["parameters"].as_array_mut().into_iter().flatten() {
                let limits = parameter["name"].as_str().and_then(parameter_limits);
                merge(&mut parameter["schema"], limits.unwrap_or_default());
            }
            if operation["parameters"].is_null()
                && let Some(operation) = operation.as_object_mut()
            {
                operation.remove("parameters");
            }
        }
    }
    let asked = asked(document);
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        for (schema, field, keywords) in limits() {
            if let Some(schema) = schemas.get_mut(schema) {
                merge(&mut fields(schema)[field], keywords);
            }
        }
        for (name, schema) in schemas.iter_mut().filter(|(name, _)| !asked.contains(*name)) {
            require_all(name, schema);
        }
        for (name, schema) in schemas {
            if let Some(item) = name.strip_prefix("Page_") {
                fields(schema)["items"]["items"] = json!({ "$ref": format!("#/components/schemas/{item}") });
                if !WHOLE.contains(&item) {
                    fields(schema)["items"]["maxItems"] = MAX_PAGE.into();
                }
            }
        }
    }
    plain_text(document);
}

/// The object that holds the fields of a schema: itself, or the part of it that adds fields to another.
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

/// The schemas that requests are made of.
fn asked(document: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let paths = document["paths"].as_object().into_iter().flat_map(Map::values);
    let operations = paths.flat_map(|path| path.as_object().into_iter().flat_map(Map::values));
    let mut waiting: Vec<String> = operations.flat_map(|operation| references(&operation["requestBody"])).collect();
    while let Some(name) = waiting.pop() {
        waiting.extend(references(&document["components"]["schemas"][&name]));
        if !found.insert(name) {
            waiting.retain(|waiting| !found.contains(waiting));
        }
    }
    found
}

/// The names of the schemas and responses that a value refers to.
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

/// Descriptions are the documentation of the source: without its links and line breaks.
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
