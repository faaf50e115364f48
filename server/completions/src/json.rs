//! Parses JSON, also as some servers write it.
//!
//! Python's serialiser writes `NaN`, and tokens of two bytes of a surrogate pair arrive as halves in two frames. The
//! repair runs only for what a strict parser refuses, so that valid frames cost nothing.

use serde_json::Value;
use std::{fmt::Write as _, ops::RangeInclusive, str::Chars};

const HIGH_HALVES: RangeInclusive<u32> = 0xd800..=0xdbff;
const LOW_HALVES: RangeInclusive<u32> = 0xdc00..=0xdfff;
const NO_NUMBERS: [&str; 3] = ["NaN", "-Infinity", "Infinity"];
const REPLACEMENT: &str = "\\ufffd";

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

/// The text with everything replaced that JSON does not allow but servers send.
fn repair(text: &str, half: &mut Option<u32>) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if c == '"' {
            out.push('"');
            rest = repair_string(&rest[1..], half, &mut out);
        } else if let Some(name) = NO_NUMBERS.iter().find(|name| rest.starts_with(**name)) {
            out.push_str("null");
            rest = &rest[name.len()..];
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out
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
    fn what_cannot_be_repaired_is_nothing() {
        for text in ["", "{", "\"\\u12\"", "{\"a\":\"\\", "\"\\q\"", "{\"a\" 1}"] {
            assert_eq!(parse(text), None, "{text:?}");
        }
        assert_eq!(parse(&"[".repeat(100_000)), None);
    }
}
