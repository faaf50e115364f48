//! Reads the arguments of tools as models and programs send them.
//!
//! Clients that fill in every field of a schema send null or an empty text for what nobody gave; others write whole
//! numbers as `1.0`, a list as the text of a list, a list of one as its only text, or a title that is a number without
//! quotation marks. The meaning of each is known from the schema, so the tools see one form. An empty text counts only where the schema says that it clears the field
//! ([`CLEARS`]).
//!
//! **Invariant:** a member that the schema does not have stays as it is, so that the tool can refuse it by name.

use crate::tools;
use serde_json::{Map, Value};

/// What the description of a field contains if an empty text clears it.
pub const CLEARS: &str = "an empty text";

/// The arguments of a tool in the form that tools read; those of an unknown tool stay as they are.
#[must_use]
pub fn normalized(tool: &str, arguments: Value) -> Value {
    match tools::spec(tool) {
        Some(spec) => by_schema("", &spec.schema, arguments),
        None => arguments,
    }
}

/// The value of the field of this name.
fn by_schema(name: &str, schema: &Value, value: Value) -> Value {
    let kind = schema.get("type").and_then(Value::as_str).unwrap_or_default();
    match value {
        Value::Object(fields) => Value::Object(fields_by_schema(schema.get("properties"), fields)),
        Value::Array(items) => {
            let schema = schema.get("items").unwrap_or(&Value::Null);
            items.into_iter().filter(|item| !item.is_null()).map(|item| by_schema(name, schema, item)).collect()
        }
        Value::String(text) => match kind {
            "array" | "object" => match decoded(kind, &text) {
                Some(value) => by_schema(name, schema, value),
                None => listed(name, schema, text),
            },
            _ => Value::String(spelled(schema.get("enum"), text)),
        },
        #[expect(clippy::cast_possible_truncation, reason = "a whole number that f64 holds exactly")]
        Value::Number(number) => {
            let whole = number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < 9e15 && number.is_f64());
            let number = whole.map_or(number, |float| (float as i64).into());
            // A task may be named by its number; a word of a list never is one.
            let is_text = kind == "string" && schema.get("enum").is_none() && !name.ends_with("task_id");
            if is_text { Value::String(number.to_string()) } else { Value::Number(number) }
        }
        plain => plain,
    }
}

fn fields_by_schema(properties: Option<&Value>, fields: Map<String, Value>) -> Map<String, Value> {
    let given = fields.into_iter().filter_map(|(name, value)| {
        let schema = properties.and_then(|properties| properties.get(&name));
        // Null means "not given" for a field that does not exist, too.
        if value.is_null() || schema.is_some_and(|schema| is_blank(schema, &value)) {
            return None;
        }
        let value = by_schema(&name, schema.unwrap_or(&Value::Null), value);
        Some((name, value))
    });
    given.collect()
}

/// Whether a value is an empty text that means nothing.
fn is_blank(schema: &Value, value: &Value) -> bool {
    let clears = || schema.get("description").and_then(Value::as_str).is_some_and(|text| text.contains(CLEARS));
    value.as_str().is_some_and(|text| text.trim().is_empty()) && !clears()
}

/// A list or an object that was sent as its text.
fn decoded(kind: &str, text: &str) -> Option<Value> {
    let value: Value = serde_json::from_str(text).ok()?;
    (if kind == "array" { value.is_array() } else { value.is_object() }).then_some(value)
}

/// A text in the place of a list of texts: a list of one, or an empty one for a word such as "none". Labels are words, so
/// a comma is between two of them; in any other text it may be one of a sentence, and the text stays. So does what was to
/// be JSON and is not.
fn listed(name: &str, schema: &Value, text: String) -> Value {
    let takes_texts = schema["items"]["type"] == "string" && !text.trim_start().starts_with(['[', '{']);
    let has_labels = name.ends_with("labels");
    if !takes_texts || text.contains(',') && !has_labels {
        return Value::String(text);
    }
    if tools::means_none(&text) {
        return Value::Array(Vec::new());
    }
    let texts = text.split(|c| c == ',' && has_labels).map(str::trim).filter(|text| !text.is_empty());
    texts.map(Value::from).collect()
}

/// The spelling that the schema has for one of its words.
fn spelled(words: Option<&Value>, text: String) -> String {
    let words = words.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let same = words.into_iter().find(|word| word.eq_ignore_ascii_case(text.trim()));
    same.map_or(text, str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_nobody_gave_is_absent() {
        let plain = json!({ "title": "one" });
        let nulls = json!({ "title": "one", "description": null, "due": null, "labels": null, "parent": null });
        assert_eq!(normalized("add_task", nulls), plain);
        let blank = json!({ "title": "one", "description": "", "due": " ", "priority": "", "list": "" });
        assert_eq!(normalized("add_task", blank), plain);
    }

    #[test]
    fn an_unknown_field_is_kept_for_the_tool_to_refuse() {
        let unknown = json!({ "title": "one", "user_id": "" });
        assert_eq!(normalized("add_task", unknown.clone()), unknown);
        assert_eq!(normalized("no_such_tool", unknown.clone()), unknown);
    }

    #[test]
    fn lists_and_objects_may_be_sent_as_text_and_whole_numbers_as_floats() {
        let spelled = json!({ "title": "[one]", "labels": "[\"home\"]", "priority": "High" });
        assert_eq!(
            normalized("add_task", spelled),
            json!({ "title": "[one]", "labels": ["home"], "priority": "high" })
        );
        assert_eq!(normalized("get_task", json!({ "task_id": 1.0 })).to_string(), "{\"task_id\":1}");
        let nested = json!({ "tasks": "[{\"title\":\"one\",\"due\":null},null]" });
        assert_eq!(normalized("add_tasks", nested), json!({ "tasks": [{ "title": "one" }] }));
    }

    #[test]
    fn one_text_is_a_list_of_one_and_none_is_an_empty_list() {
        let labels = |text: &str| normalized("update_task", json!({ "labels": text }))["labels"].clone();
        assert_eq!(labels("home"), json!(["home"]));
        assert_eq!((labels("none"), labels("None")), (json!([]), json!([])));
        assert_eq!(labels("home, #at work,"), json!(["home", "#at work"]));
        assert_eq!(labels("[home"), json!("[home"));
        let sentence = json!({ "title": "one", "reminders": "Dec 1, 2026 at 9am" });
        assert_eq!(normalized("add_task", sentence.clone()), sentence);
        assert_eq!(normalized("add_tasks", json!({ "tasks": "milk" })), json!({ "tasks": "milk" }));
        assert_eq!(normalized("add_tasks", json!({ "tasks": ["milk"] })), json!({ "tasks": ["milk"] }));
    }

    #[test]
    fn a_number_in_the_place_of_a_text_is_its_digits() {
        let numbers = json!({ "title": 1984, "labels": [7, "b"], "priority": 1, "list": 2.0 });
        let read = json!({ "title": "1984", "labels": ["7", "b"], "priority": 1, "list": "2" });
        assert_eq!(normalized("add_task", numbers), read);
        assert_eq!(
            normalized("update_task", json!({ "task_id": 3, "title": 42 })),
            json!({ "task_id": 3, "title": "42" })
        );
    }

    #[test]
    fn an_empty_text_counts_where_the_schema_says_so() {
        let schema = json!({ "properties": { "notes": { "type": "string", "description": "Notes; an empty text removes them." } } });
        assert_eq!(by_schema("", &schema, json!({ "notes": "" })), json!({ "notes": "" }));
    }
}
