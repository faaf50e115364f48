//! The sizes of a reply and its parts in bytes.
//!
//! An event carries a whole message, and a frame on a socket has a limit. So a reply is kept below that limit whatever
//! a provider sends, and so is the memory of a reply that is being written.
//!
//! **Invariant:** the parts of a reply are at most [`MAX_MESSAGE`] bytes of JSON, and before a call is run there is
//! space for the error that would replace its result.

use serde::Serialize;
use serde_json::{Map, Value, json};
use std::io;
use tandem_protocol::enums::TextKind;

/// All text of a reply together.
pub(super) const MAX_TEXT: usize = 256 * 1024;
/// All thoughts of a reply as JSON.
const MAX_THOUGHTS: usize = 128 * 1024;
/// The result of a call as JSON.
const MAX_RESULT: usize = 256 * 1024;
/// All parts of a reply as JSON.
pub(super) const MAX_MESSAGE: usize = 768 * 1024;
/// The share of [`MAX_MESSAGE`] that is kept for errors of refused calls.
const RESERVE: usize = 32 * 1024;
/// Characters of a text in a result that has to be shortened.
const SHORT_CHARS: usize = 1_000;
/// Bytes of a field that stays in a result that is still too long.
const SHORT_FIELD: usize = 4 * 1024;

struct Count(usize);

impl io::Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Bytes of a value as JSON; `usize::MAX` for one that cannot be serialised.
pub(super) fn json_bytes(value: &impl Serialize) -> usize {
    let mut count = Count(0);
    serde_json::to_writer(&mut count, value).map_or(usize::MAX, |()| count.0)
}

/// Bytes of a character in a JSON string, with its escapes.
fn json_char(c: char) -> usize {
    match c {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        '\0'..='\u{1f}' => 6,
        c => c.len_utf8(),
    }
}

/// The bytes of text, of thoughts as JSON, and of JSON that a reply can still take.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct TextCapacity {
    text: usize,
    thoughts: usize,
    json: usize,
}

impl TextCapacity {
    /// The capacity beside parts with this much text, thoughts and JSON.
    pub(super) fn remaining(text: usize, thoughts: usize, json: usize) -> Self {
        Self {
            text: MAX_TEXT.saturating_sub(text),
            thoughts: MAX_THOUGHTS.saturating_sub(thoughts),
            json: (MAX_MESSAGE - RESERVE).saturating_sub(json),
        }
    }

    /// Takes the longest prefix of `text` that fits. After a part of it was refused, nothing more of the kind fits.
    pub(super) fn take<'t>(&mut self, kind: TextKind, text: &'t str) -> &'t str {
        let left = match kind {
            TextKind::Text => &mut self.text,
            TextKind::Reasoning => &mut self.thoughts,
        };
        for (at, c) in text.char_indices() {
            // Both limits count: escapes make the JSON of a text up to six times as long as the text.
            let json = json_char(c);
            let bytes = if kind == TextKind::Text { c.len_utf8() } else { json };
            if bytes > *left || json > self.json {
                // A shorter character that follows would fit, and leave a hole.
                *left = 0;
                return &text[..at];
            }
            *left -= bytes;
            self.json -= json;
        }
        text
    }
}

/// Whether parts of this size leave the reserve for errors.
pub(super) fn has_reserve(json: usize) -> bool {
    json <= MAX_MESSAGE - RESERVE
}

/// The result, within its limit: long texts are cut first, then long fields are removed.
pub(super) fn shortened(result: Value) -> Value {
    if json_bytes(&result) <= MAX_RESULT {
        return result;
    }
    let cut = clipped(result);
    if json_bytes(&cut) <= MAX_RESULT {
        return cut;
    }
    // Short fields stay, above all the undo token, without which the user could not take the change back.
    let mut kept = json!({ "shortened": "The whole answer is too long. Ask for less at once." });
    if let Value::Object(fields) = cut {
        for (name, field) in fields {
            if name.len() + json_bytes(&field) <= SHORT_FIELD && json_bytes(&kept) <= MAX_RESULT - SHORT_FIELD {
                kept[name] = field;
            }
        }
    }
    kept
}

/// The value with each text in it cut after [`SHORT_CHARS`] characters.
pub(super) fn clipped(value: Value) -> Value {
    match value {
        Value::String(mut text) => {
            truncate_chars(&mut text, SHORT_CHARS);
            Value::String(text)
        }
        Value::Array(items) => items.into_iter().map(clipped).collect(),
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(name, field)| (name, clipped(field))).collect::<Map<_, _>>())
        }
        plain => plain,
    }
}

/// The longest start of a text of at most so many bytes.
pub(super) fn head(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

/// Cuts a text after this many characters, and marks the cut with an ellipsis.
pub(super) fn truncate_chars(text: &mut String, chars: usize) {
    if let Some((end, _)) = text.char_indices().nth(chars) {
        text.truncate(end);
        text.push('…');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_of_the_json() {
        for text in ["plain", "\"\\\n\r\t\u{8}\u{c}", "\0\u{1f}\u{7f}", "wörd 🙂"] {
            let expected = serde_json::to_string(text).unwrap().len();
            assert_eq!(json_bytes(&text), expected);
            assert_eq!(text.chars().map(json_char).sum::<usize>() + 2, expected, "{text:?}");
        }
    }

    #[test]
    fn text_ends_at_its_limit_between_two_characters() {
        let text = |capacity: &mut TextCapacity, text| capacity.take(TextKind::Text, text).to_owned();
        let mut capacity = TextCapacity::remaining(MAX_TEXT - 5, 0, 0);
        assert_eq!(text(&mut capacity, "ab"), "ab");
        assert_eq!(text(&mut capacity, "ää"), "ä");
        assert_eq!(text(&mut capacity, "a"), "");
        let mut capacity = TextCapacity::remaining(0, 0, MAX_MESSAGE - RESERVE - 7);
        assert_eq!(text(&mut capacity, "\0\0"), "\0", "what is longer as JSON takes more room");
        let mut capacity = TextCapacity::remaining(0, MAX_THOUGHTS - 3, 0);
        assert_eq!(capacity.take(TextKind::Reasoning, "a\n\n"), "a\n");
        assert_eq!((capacity.take(TextKind::Reasoning, "a"), capacity.take(TextKind::Text, "a")), ("", "a"));
    }

    #[test]
    fn long_results_keep_their_short_fields() {
        let long = "x".repeat(MAX_RESULT);
        let cut = shortened(json!({ "undo_token": "t", "task": { "description": long } }));
        assert_eq!(cut["undo_token"], json!("t"));
        assert_eq!(cut["task"]["description"].as_str().unwrap().chars().count(), SHORT_CHARS + 1);
        let many: Vec<_> = (0..2_000).map(|_| json!({ "title": "x".repeat(500) })).collect();
        let cut = shortened(json!({ "undo_token": "t", "tasks": many }));
        assert_eq!((&cut["undo_token"], cut.get("tasks")), (&json!("t"), None));
        assert!(cut["shortened"].is_string());
    }
}
