//! What a provider expects back of the thoughts of an answer that requests tools.
//!
//! Some providers (`deepseek`, `kimi`, `openrouter`) refuse the results of tools, or answer worse, when the thoughts that
//! led to the calls are missing in the next request. They go back under the name that they came by, and as they came: a list of
//! details may contain signatures. Thoughts between tags within the text are not expected back.
//!
//! **Invariant:** what is kept is complete, or nothing: a part of a signed thought would be refused.

use serde_json::{Map, Value};

/// Bytes of the thoughts of one answer that are kept.
const MAX_BYTES: usize = 256 * 1024;
/// Entries of a list of details that are kept; pieces of one entry are joined.
const MAX_DETAILS: usize = 256;
/// The fields that are expected back, and of which each frame has a piece. Where a server sends several of them, the first
/// one has everything.
const NAMES: [&str; 3] = ["reasoning_details", "reasoning_content", "reasoning"];
/// The fields of an entry of details that are texts in pieces; the others are whole.
const PIECES: [&str; 3] = ["text", "summary", "data"];

/// The thoughts of an answer, as its provider sent them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Echo {
    fields: Map<String, Value>,
    bytes: usize,
}

impl Echo {
    /// The pieces in a delta.
    pub(crate) fn pieces(delta: &Map<String, Value>) -> Map<String, Value> {
        let piece = |name: &str| {
            let value = delta.get(name).filter(|value| is_piece(value))?;
            Some((name.to_owned(), value.clone()))
        };
        NAMES.into_iter().filter_map(piece).collect()
    }

    pub(crate) fn add(&mut self, pieces: Map<String, Value>) {
        for (name, piece) in pieces {
            self.bytes = self.bytes.saturating_add(size(&piece));
            if self.bytes > MAX_BYTES {
                self.fields = Map::new();
                return;
            }
            let empty = if piece.is_array() { Value::Array(Vec::new()) } else { Value::String(String::new()) };
            match (self.fields.entry(name).or_insert(empty), piece) {
                (Value::String(text), Value::String(more)) => text.push_str(&more),
                (Value::Array(details), Value::Array(more)) => {
                    for detail in more {
                        add_detail(details, detail);
                    }
                    if details.len() > MAX_DETAILS {
                        self.bytes = usize::MAX;
                    }
                }
                // Another form than before under the same name.
                _ => {}
            }
        }
    }

    /// The fields of the assistant's turn in the next request.
    pub(crate) fn into_fields(self) -> Map<String, Value> {
        if self.bytes > MAX_BYTES {
            return Map::new();
        }
        let first = NAMES.into_iter().find_map(|name| self.fields.get_key_value(name));
        first.map(|(name, value)| (name.clone(), value.clone())).into_iter().collect()
    }
}

fn is_piece(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.is_empty(),
        Value::Array(details) => !details.is_empty(),
        _ => false,
    }
}

/// Adds an entry, or a piece of the last one: that is of the same type and the same index.
fn add_detail(details: &mut Vec<Value>, detail: Value) {
    let same = |last: &Value| ["type", "index"].iter().all(|name| last.get(*name) == detail.get(*name));
    let Some(Value::Object(last)) = details.last_mut().filter(|last| same(last)) else { return details.push(detail) };
    let Value::Object(detail) = detail else { return details.push(detail) };
    // Two entries without an index are two, unless both have text.
    if !detail.contains_key("index")
        && !PIECES.iter().any(|name| last.contains_key(*name) && detail.contains_key(*name))
    {
        return details.push(Value::Object(detail));
    }
    for (name, value) in detail {
        match (last.get_mut(&name), value) {
            (Some(Value::String(text)), Value::String(more)) if PIECES.contains(&name.as_str()) => text.push_str(&more),
            (_, Value::Null) => {}
            (_, value) => {
                last.insert(name, value);
            }
        }
    }
}

fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        value => value.to_string().len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn echoed(deltas: &[Value]) -> Value {
        let mut echo = Echo::default();
        for delta in deltas {
            echo.add(Echo::pieces(delta.as_object().unwrap()));
        }
        Value::Object(echo.into_fields())
    }

    #[test]
    fn thoughts_go_back_under_the_name_that_they_came_by() {
        for name in ["reasoning_content", "reasoning"] {
            let deltas =
                [json!({ name: "I need " }), json!({ "content": "x", name: null }), json!({ name: "the list." })];
            assert_eq!(echoed(&deltas), json!({ name: "I need the list." }));
        }
        assert_eq!(echoed(&[json!({ "content": "<think>no</think>" }), json!({ "reasoning": "" })]), json!({}));
    }

    #[test]
    fn details_are_joined_as_they_came_in_pieces_and_stand_for_the_text() {
        let detail = |text: &str| json!({ "type": "reasoning.text", "text": text, "index": 0, "format": "x" });
        let signed = json!({ "type": "reasoning.text", "signature": "sig", "index": 0, "text": null });
        let hidden = |data: &str| json!({ "type": "reasoning.encrypted", "data": data, "index": 1, "id": "e" });
        let deltas = [
            json!({ "reasoning": "I ", "reasoning_details": [detail("I ")] }),
            json!({ "reasoning": "see", "reasoning_details": [detail("see"), signed] }),
            json!({ "reasoning_details": [hidden("ab")] }),
        ];
        let whole = json!({ "type": "reasoning.text", "text": "I see", "signature": "sig", "index": 0, "format": "x" });
        assert_eq!(echoed(&deltas), json!({ "reasoning_details": [whole, hidden("ab")] }));
        let apart = [json!({ "type": "a", "data": "1" }), json!({ "type": "b", "data": "2" }), json!(7)];
        assert_eq!(echoed(&[json!({ "reasoning_details": apart })]), json!({ "reasoning_details": apart }));
    }

    #[test]
    fn thoughts_that_are_too_long_do_not_go_back_in_part() {
        let half = json!({ "reasoning": "x".repeat(MAX_BYTES / 2 + 1) });
        assert_eq!(echoed(&[half.clone(), half, json!({ "reasoning": "more" })]), json!({}));
        let details: Vec<Value> = (0..=MAX_DETAILS).map(|index| json!({ "type": "a", "index": index })).collect();
        let more = json!([{ "type": "a", "index": -1 }]);
        assert_eq!(echoed(&[json!({ "reasoning_details": details }), json!({ "reasoning_details": more })]), json!({}));
    }
}
