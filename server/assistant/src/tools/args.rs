//! Arguments of tools: JSON objects without unknown fields, where an absent field, null and a value differ.

use super::ToolError;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;
use tandem_protocol::TaskRef;

/// Reads a call's arguments. Models leave the object out when a tool needs none.
pub(super) fn parse<T: DeserializeOwned>(arguments: &Value) -> Result<T, ToolError> {
    let empty = Value::Object(serde_json::Map::new());
    let given = if arguments.is_null() { &empty } else { arguments };
    T::deserialize(given).map_err(|error| ToolError::validation(format!("The arguments are not valid: {error}.")))
}

/// A task as it was named: a number, or text. What is no number and no id is looked up only for candidates.
pub(super) fn task_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let named = Value::deserialize(deserializer)?;
    named_task(&named).ok_or_else(|| serde::de::Error::custom("task_id must be a task's number or id"))
}

/// The same of a value; `None` when it names nothing.
pub(super) fn named_task(named: &Value) -> Option<String> {
    match named {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Whether a text names a task, and not only resembles a title.
pub(super) fn task_ref(named: &str) -> Option<TaskRef> {
    named.parse().ok()
}

#[expect(clippy::option_option, reason = "three cases, as JSON has them: absent, null, a value")]
/// Tells a null (`Some(None)`) from an absent field (`None`).
pub(super) fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// A text that stands for "take it away": models write these where null is meant.
pub(super) fn means_none(text: &str) -> bool {
    let text = text.trim();
    text.is_empty() || ["none", "null", "never", "no"].iter().any(|word| text.eq_ignore_ascii_case(word))
}
