//! How large a reply and its parts may get. An event carries a whole message: whatever a provider sends, it stays below
//! what a socket takes, and so does the memory of a reply that is being written.

use serde::Serialize;
use serde_json::{Map, Value, json};
use std::io;

/// Bytes of all text of a reply.
pub(super) const MAX_TEXT: usize = 256 * 1024;
/// Bytes of a call's arguments, as the provider writes them.
pub(super) const MAX_ARGUMENTS: usize = 256 * 1024;
/// Bytes of all calls of an answer together.
pub(super) const MAX_CALL_BYTES: usize = 1024 * 1024;
/// Bytes of what a provider wants back with a call.
pub(super) const MAX_EXTRA: usize = 64 * 1024;
/// Bytes of a call's result as JSON.
const MAX_RESULT: usize = 256 * 1024;
/// Bytes of all parts of a reply as JSON.
pub(super) const MAX_MESSAGE: usize = 768 * 1024;
/// Of these, what is left for results that say why a call was refused.
const RESERVE: usize = 32 * 1024;
/// A text in a result that has to be shortened keeps so many characters.
const SHORT_CHARS: usize = 1_000;
/// A field of a result that is still too long stays when it has at most so many bytes.
const SHORT_FIELD: usize = 4 * 1024;

/// Counts what is written to it.
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

/// Bytes of something as JSON; what has no JSON has no end.
pub(super) fn json_bytes(value: &impl Serialize) -> usize {
    let mut count = Count(0);
    serde_json::to_writer(&mut count, value).map_or(usize::MAX, |()| count.0)
}

/// Bytes of a character in a JSON string.
fn json_char(c: char) -> usize {
    match c {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        '\0'..='\u{1f}' => 6,
        c => c.len_utf8(),
    }
}

/// What more of text a reply can take.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct TextCapacity {
    text: usize,
    json: usize,
}

impl TextCapacity {
    /// Beside parts with this much text and JSON.
    pub(super) fn remaining(text: usize, json: usize) -> Self {
        Self { text: MAX_TEXT.saturating_sub(text), json: (MAX_MESSAGE - RESERVE).saturating_sub(json) }
    }

    /// The start of a text that there is room for, which is taken.
    pub(super) fn take<'t>(&mut self, text: &'t str) -> &'t str {
        for (at, c) in text.char_indices() {
            let (bytes, json) = (c.len_utf8(), json_char(c));
            if bytes > self.text || json > self.json {
                return &text[..at];
            }
            self.text -= bytes;
            self.json -= json;
        }
        text
    }
}

/// Whether parts of so many bytes leave room for what may still be said about their calls.
pub(super) fn has_reserve(json: usize) -> bool {
    json <= MAX_MESSAGE - RESERVE
}

/// A result that is not too long: its texts are cut, then long fields go.
pub(super) fn shortened(result: Value) -> Value {
    if json_bytes(&result) <= MAX_RESULT {
        return result;
    }
    let cut = clipped(result);
    if json_bytes(&cut) <= MAX_RESULT {
        return cut;
    }
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

/// The same with every text in it cut after a thousand characters.
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
        let mut capacity = TextCapacity::remaining(MAX_TEXT - 5, 0);
        assert_eq!(capacity.take("ab"), "ab");
        assert_eq!(capacity.take("ää"), "ä");
        assert_eq!(capacity.take("ä"), "");
        let mut capacity = TextCapacity::remaining(0, MAX_MESSAGE - RESERVE - 7);
        assert_eq!(capacity.take("\0\0"), "\0", "what is longer as JSON takes more room");
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
