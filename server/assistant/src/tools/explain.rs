//! Says in plain words what is wrong with the arguments of a call.
//!
//! The parser's own errors name its types, and often not the field. The schema of a tool is what its callers know, so
//! that a refusal is looked for there.

use super::{ToolError, ToolSpec};
use serde_json::Value;

/// Characters of an unknown field's name that the error repeats.
const MAX_NAME_CHARS: usize = 50;

/// Why arguments that do not parse are refused. `reason` is the error of the parser.
pub(super) fn explain(spec: Option<&ToolSpec>, arguments: &Value, reason: &str) -> ToolError {
    let schema = spec.map_or(&Value::Null, |spec| &spec.schema);
    let fields = schema["properties"].as_object();
    let names = || fields.into_iter().flat_map(|fields| fields.keys().map(String::as_str)).collect::<Vec<_>>();
    let Some(given) = arguments.as_object() else {
        let fault = format!("An object with fields was expected, not {}.", kind(arguments));
        return ToolError::validation(fault).hint(format!("The fields are {}.", names().join(", ")));
    };
    let of = |name: &str| fields.and_then(|fields| fields.get(name));
    if let Some(unknown) = given.keys().find(|name| of(name).is_none()) {
        let shown: String = unknown.chars().take(MAX_NAME_CHARS).collect();
        return ToolError::validation(format!("There is no field {shown:?}."))
            .hint(format!("The fields are {}.", names().join(", ")));
    }
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let missing = required.into_iter().find(|name| given.get(*name).is_none_or(Value::is_null));
    let fault = missing.map(|name| format!("{name} is missing."));
    let fault = fault.or_else(|| given.iter().find_map(|(name, value)| wrong(name, of(name)?, value, reason)));
    ToolError::validation(fault.unwrap_or_else(|| format!("The arguments are not valid: {reason}.")))
}

/// What is wrong with the value of a field, if anything is.
fn wrong(name: &str, schema: &Value, value: &Value, reason: &str) -> Option<String> {
    let item = schema["items"]["type"].as_str().unwrap_or_default();
    match (schema["type"].as_str()?, value) {
        (_, Value::Null) => None,
        ("string", Value::String(text)) => {
            // A tool may know more words than its schema names. Those that it does not know are in the parser's error.
            let words = schema["enum"].as_array()?.iter().filter_map(Value::as_str).collect::<Vec<_>>();
            let is_unknown = !words.contains(&text.as_str()) && reason.contains(&format!("`{text}`"));
            is_unknown.then(|| format!("{name} must be one of {}.", words.join(", ")))
        }
        ("string", Value::Number(_)) if name == "task_id" => None,
        ("string", _) if name == "task_id" => {
            Some(format!("task_id must be the number or the id of a task, not {}.", kind(value)))
        }
        ("string", _) => match schema["enum"].as_array() {
            Some(words) => {
                let words: Vec<_> = words.iter().filter_map(Value::as_str).collect();
                Some(format!("{name} must be one of {}, not {}.", words.join(", "), kind(value)))
            }
            None => Some(format!("{name} must be a text, not {}.", kind(value))),
        },
        ("array", Value::Array(items)) => {
            let is_right = |value: &&Value| item != "string" || value.is_string();
            let wrong = items.iter().find(|value| !is_right(value))?;
            Some(format!("{name} must be a list of texts, and {} is in it.", kind(wrong)))
        }
        ("array", _) => {
            let items = if item == "string" { "texts" } else { "objects" };
            Some(format!("{name} must be a list of {items}, not {}.", kind(value)))
        }
        _ => None,
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools;
    use serde_json::json;

    fn message(tool: &str, arguments: &Value) -> String {
        explain(tools::spec(tool), arguments, "unknown variant `foo`").message
    }

    #[test]
    fn a_refusal_names_the_field_in_plain_words() {
        const WORDS: &str = "priority must be one of none, low, medium, high, urgent";
        for (arguments, expected) in [
            (json!({ "title": true }), "title must be a text, not true or false."),
            (json!({ "title": "a", "priority": 1 }), &*format!("{WORDS}, not a number.")),
            (json!({ "title": "a", "priority": "foo" }), &*format!("{WORDS}.")),
            (json!({ "title": "a", "labels": 3 }), "labels must be a list of texts, not a number."),
            (json!({ "title": "a", "labels": ["b", 3] }), "labels must be a list of texts, and a number is in it."),
            (json!({ "title": null }), "title is missing."),
            (json!({ "title": "a", "limit": 3 }), "There is no field \"limit\"."),
            (json!("j4"), "An object with fields was expected, not a text."),
        ] {
            assert_eq!(message("add_task", &arguments), expected, "{arguments}");
        }
        assert_eq!(message("add_tasks", &json!({ "tasks": "a" })), "tasks must be a list of objects, not a text.");
        let task = message("get_task", &json!({ "task_id": true }));
        assert_eq!(task, "task_id must be the number or the id of a task, not true or false.");
    }

    #[test]
    fn a_word_beside_the_schema_is_not_blamed() {
        let both = json!({ "status": "done", "priority": "foo" });
        assert!(message("list_tasks", &both).starts_with("priority must be one of"), "{both}");
    }
}
