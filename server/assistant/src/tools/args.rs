//! Parses the arguments of tools: JSON objects without unknown fields, in which an absent field, null and a value
//! differ.
//!
//! Unknown fields are refused so that a model notices a misspelt one; a silent default would look like success.

use super::{ToolError, explain::explain};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;
use tandem_protocol::TaskRef;

/// Parses the arguments of a call of a tool. Models send none for a tool that needs none.
pub(super) fn parse<T: DeserializeOwned>(tool: &str, arguments: &Value) -> Result<T, ToolError> {
    let empty = Value::Object(serde_json::Map::new());
    let given = if arguments.is_null() { &empty } else { arguments };
    T::deserialize(given).map_err(|error| explain(super::spec(tool), given, &error.to_string()))
}

/// The task of a call, as a number or a text. A text that is neither number nor id is used to find candidates.
pub(super) fn task_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let named = Value::deserialize(deserializer)?;
    named_task(&named).ok_or_else(|| serde::de::Error::custom("task_id must be a task's number or id"))
}

/// The task that a value names; `None` when it is neither text nor number.
pub(super) fn named_task(named: &Value) -> Option<String> {
    match named {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The number or id in a text, if it is one.
pub(super) fn task_ref(named: &str) -> Option<TaskRef> {
    named.parse().ok()
}

#[expect(clippy::option_option, reason = "three cases, as JSON has them: absent, null, a value")]
/// Distinguishes null (`Some(None)`) from an absent field (`None`).
pub(super) fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Whether a text stands for null: models write these instead.
pub(crate) fn means_none(text: &str) -> bool {
    let text = text.trim();
    text.is_empty() || ["none", "null", "never", "no"].iter().any(|word| text.eq_ignore_ascii_case(word))
}
