//! Parses JSON, also as some servers write it.
//!
//! Python's serialiser writes `NaN`, and tokens of two bytes of a surrogate pair arrive as halves in two frames. Numbers
//! and nesting have no limit in JSON, but in the parser: what is beyond it is null, since no field of an answer is. The
//! repair runs only for what a strict parser refuses, so that valid frames cost nothing.

use serde_json::Value;
use std::{fmt::Write as _, ops::RangeInclusive, str::Chars};

const HIGH_HALVES: RangeInclusive<u32> = 0xd800..=0xdbff;
const LOW_HALVES: RangeInclusive<u32> = 0xdc00..=0xdfff;
const NO_NUMBERS: [&str; 3] = ["NaN", "-Infinity", "Infinity"];
const REPLACEMENT: &str = "\\ufffd";
/// Levels of lists and objects that are kept. The parser accepts one more than this.
const MAX_DEPTH: usize = 126;

/// A parser for the frames of one answer.
#[derive(Debug, Default)]
pub(crate) struct Parser {
    /// The first half of a surrogate pair that ended a string of an earlier frame.
    half: Option<u32>,
}

impl Parser {
    pub(crate) fn parse(&mut self, text: &str) -> Option<Value> {
        if let Ok(value) = serde_json::from_str(text) {
            return Some(value);
        }
        let mut half = self.half;
        let value = serde_json::from_str(&repair(text, &mut half)).ok()?;
        self.half = half;
        Some(value)
    }

    /// Whether a half is left; it is dropped.
    pub(crate) fn take_half(&mut self) -> bool {
        self.half.take().is_some()
    }
}

/// Parses JSON that is not a part of a stream.
pub(crate) fn parse(text: &str) -> Option<Value> {
    Parser::default().parse(text)
}

/// The objects and lists in a text, one after the other, and what follows the last one. White space and the prefixes of
/// events may be between them.
pub(crate) fn split(text: &str) -> (Vec<&str>, &str) {
    let mut values = Vec::new();
    let mut rest = text.trim();
    while let Some(length) = length(rest) {
        values.push(&rest[..length]);
        rest = rest[length..].trim_start();
        rest = rest.strip_prefix("data:").unwrap_or(rest).trim_start();
    }
    (values, rest)
}

/// Bytes of the object or the list at the beginning of a text; `None` if there is none, or no end of it.
fn length(text: &str) -> Option<usize> {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    text.starts_with(['{', '[']).then_some(())?;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 1 => return Some(at + 1),
            b'}' | b']' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The text with everything replaced that JSON does not allow but servers send.
fn repair(text: &str, half: &mut Option<u32>) -> String {
    let mut kept = String::with_capacity(text.len() + 16);
    let (mut rest, mut depth, mut too_deep) = (text, 0_usize, String::new());
    while let Some(c) = rest.chars().next() {
        too_deep.clear();
        let out = if depth > MAX_DEPTH { &mut too_deep } else { &mut kept };
        if c == '"' {
            out.push('"');
            rest = repair_string(&rest[1..], half, out);
        } else if let Some(name) = NO_NUMBERS.iter().find(|name| rest.starts_with(**name)) {
            out.push_str("null");
            rest = &rest[name.len()..];
        } else if c.is_ascii_digit() || c == '-' {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"+-.".contains(c)).unwrap_or(rest.len());
            let is_number = serde_json::from_str::<Value>(&rest[..end]).is_ok();
            out.push_str(if is_number { &rest[..end] } else { "null" });
            rest = &rest[end..];
        } else {
            match c {
                '{' | '[' if depth == MAX_DEPTH => out.push_str("null"),
                '}' | ']' if depth == MAX_DEPTH + 1 => {}
                c => out.push(c),
            }
            match c {
                '{' | '[' => depth += 1,
                '}' | ']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            rest = &rest[c.len_utf8()..];
        }
    }
    kept
}

/// Repairs a string after its opening quotation mark. Returns what follows the closing one.
fn repair_string<'t>(text: &'t str, half: &mut Option<u32>, out: &mut String) -> &'t str {
    let mut chars = text.chars();
    let mut first = true;
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                out.push('"');
                break;
            }
            '\\' => match chars.next() {
                Some('u') => repair_escape(&mut chars, half, first, out),
                Some(other) => out.extend(['\\', other]),
                None => out.push('\\'),
            },
            // A line end within a string, or another character that must be escaped.
            '\0'..='\u{1f}' => push_escape(u32::from(c), out),
            c => out.push(c),
        }
        first = false;
    }
    chars.as_str()
}

/// Repairs an escape after its `\u`. Halves are joined, kept for the next frame, or replaced.
fn repair_escape(chars: &mut Chars<'_>, half: &mut Option<u32>, first: bool, out: &mut String) {
    let Some(unit) = hex(chars) else { return out.push_str("\\u") };
    if LOW_HALVES.contains(&unit) {
        match half.take().filter(|_| first) {
            Some(high) => {
                push_escape(high, out);
                push_escape(unit, out);
            }
            None => out.push_str(REPLACEMENT),
        }
    } else if HIGH_HALVES.contains(&unit) {
        let mut ahead = chars.clone();
        let low = (ahead.next() == Some('\\') && ahead.next() == Some('u')).then(|| hex(&mut ahead)).flatten();
        if let Some(low) = low.filter(|low| LOW_HALVES.contains(low)) {
            push_escape(unit, out);
            push_escape(low, out);
            *chars = ahead;
        } else if chars.as_str().starts_with('"') {
            *half = Some(unit);
        } else {
            out.push_str(REPLACEMENT);
        }
    } else {
        push_escape(unit, out);
    }
}

/// Takes four hexadecimal digits, if the next characters are such.
fn hex(chars: &mut Chars<'_>) -> Option<u32> {
    let digits = chars.as_str().get(..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    *chars = chars.as_str()[4..].chars();
    u32::from_str_radix(digits, 16).ok()
}

fn push_escape(unit: u32, out: &mut String) {
    // Writing to a string cannot fail.
    let _ = write!(out, "\\u{unit:04x}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_that_json_does_not_have_are_null() {
        assert_eq!(
            parse("{\"a\":NaN,\"b\":[-Infinity,Infinity],\"c\":\"NaN\"}"),
            Some(json!({ "a": null, "b": [null, null], "c": "NaN" }))
        );
    }

    #[test]
    fn line_ends_within_a_string_are_kept() {
        assert_eq!(parse("{\"a\":\"x\ny\t\"}"), Some(json!({ "a": "x\ny\t" })));
    }

    #[test]
    fn halves_of_a_pair_are_joined_over_two_frames_or_replaced() {
        let mut parser = Parser::default();
        assert_eq!(parser.parse(r#"{"a":"x\ud83d"}"#), Some(json!({ "a": "x" })));
        assert_eq!(parser.parse(r#"{"a":"\ude00y"}"#), Some(json!({ "a": "😀y" })));
        assert!(!parser.take_half());
        assert_eq!(parse(r#"{"a":"\ude00\ud83d.\ud83d\ude00\ud83d"}"#), Some(json!({ "a": "\u{fffd}\u{fffd}.😀" })));
        assert_eq!(parse(r#"{"a":"\ud83d\u0041"}"#), Some(json!({ "a": "\u{fffd}A" })));
    }

    #[test]
    fn numbers_and_levels_beyond_the_limits_of_the_parser_are_null() {
        let numbers = parse("{\"a\":[1e999,-1e999,017,2],\"b\":1.5}");
        assert_eq!(numbers, Some(json!({ "a": [null, null, null, 2], "b": 1.5 })));
        for levels in [120, 126, 127, 128, 129, 5_000] {
            let (open, close) = ("[\"]\",{\"x\":".repeat(levels / 2), "}]".repeat(levels / 2));
            let read = parse(&format!("{{\"a\":1e999,\"deep\":{open}1{close},\"b\":2}}")).unwrap();
            assert_eq!((&read["a"], &read["b"]), (&json!(null), &json!(2)), "{levels}");
        }
    }

    #[test]
    fn values_are_split_where_they_end() {
        let (values, rest) = split(" {\"a\":\"}\\\"{\"}[1] data: {}data:[DONE]\n");
        assert_eq!((values, rest), (vec!["{\"a\":\"}\\\"{\"}", "[1]", "{}", "[DONE]"], ""));
        assert_eq!(split("{}{\"a\":"), (vec!["{}"], "{\"a\":"));
        assert_eq!(split("{} and"), (vec!["{}"], "and"));
        assert_eq!((split(""), split("x{}")), ((vec![], ""), (vec![], "x{}")));
    }

    #[test]
    fn what_cannot_be_repaired_is_nothing() {
        for text in ["", "{", "\"\\u12\"", "{\"a\":\"\\", "\"\\q\"", "{\"a\" 1}"] {
            assert_eq!(parse(text), None, "{text:?}");
        }
        assert_eq!(parse(&"[".repeat(100_000)), None);
    }
}
