//! `serde_json` is the reference: what it reads is read to the same value, what it refuses is refused.

use super::{Unreadable, read, read_value};
use proptest::prelude::*;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, value::RawValue};

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..4).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

/// A field of any shape, as the contract has them.
#[derive(Deserialize)]
struct Field(#[serde(deserialize_with = "super::any")] Value);

/// Checks that a text is read as `serde_json` reads it: to a value, as raw text, and passed over.
fn check(text: &str) {
    let expected = serde_json::from_str::<Value>(text).map_err(|_| Unreadable);
    assert_eq!(read::<Value>(text), expected, "{text}");
    assert_eq!(read::<Field>(text).map(|field| field.0), expected, "{text}");
    let raw = read::<&RawValue>(text).map(RawValue::get);
    assert_eq!(raw.is_ok(), expected.is_ok(), "{text}");
    assert_eq!(read::<IgnoredAny>(text).is_ok(), expected.is_ok(), "{text}");
    if let Ok(raw) = raw {
        assert_eq!(raw, text.trim_matches([' ', '\n', '\r', '\t']));
    }
}

proptest! {
    #[test]
    fn every_value_is_read_as_it_was_written(value in json()) {
        check(&value.to_string());
        check(&format!(" {value:#}\n"));
        assert_eq!(read_value::<Value>(&value), Ok(value));
    }

    #[test]
    fn what_is_no_json_is_refused(value in json(), at in any::<prop::sample::Index>(), other in "[ -~]{0,2}") {
        let mut text: Vec<char> = value.to_string().chars().collect();
        let at = at.index(text.len());
        text.splice(at..=at, other.chars());
        check(&text.into_iter().collect::<String>());
    }

    #[test]
    fn any_text_is_read_or_refused(text in r#"[\[\]{}",:0-9eE.+\-\\untrfalsbx \t\u{1}é]{0,12}"#) {
        check(&text);
    }
}

#[test]
fn texts_at_the_edge_are_read_as_serde_json_reads_them() {
    for text in [
        "",
        " ",
        "[",
        "]",
        "[]",
        "[,]",
        "[1,]",
        "[1 2]",
        "[,1]",
        "{}",
        "{,}",
        r#"{"a"}"#,
        r#"{"a":}"#,
        r#"{"a":1,}"#,
        r#"{"a":1"b":2}"#,
        r#"{"a":1 , "b" : [ ] }"#,
        r#""\"""#,
        r#""\\""#,
        r#""\ud83d\ude00""#,
        r#""\ud83d""#,
        r#""\x""#,
        "\"a\nb\"",
        "\"\u{7f}\"",
        "nul",
        "nullx",
        "null null",
        "truefalse",
        "-0",
        "01",
        "1.",
        ".5",
        "1e5",
        "1e999",
        "-9223372036854775808",
        "18446744073709551616",
        "1/2",
        "\u{feff}1",
    ] {
        check(text);
    }
}

#[test]
fn nesting_has_a_limit() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    check(&nested(127));
    check(&nested(100).replace("[]", "[[],[],{}]"));
    for depth in [128, 1_000_000] {
        assert_eq!(read::<Value>(&nested(depth)), Err(Unreadable));
        assert!(read::<&RawValue>(&nested(depth)).is_err());
    }
}

#[test]
fn an_enum_is_its_text() {
    #[derive(Debug, PartialEq, Deserialize)]
    enum Colour {
        Red,
    }
    assert_eq!(read("[\"Red\"]"), Ok(vec![Colour::Red]));
    assert_eq!(read_value(&Value::from("Red")), Ok(Colour::Red));
    for text in [r#""Blue""#, r#"{"Red":null}"#, "0", "null"] {
        assert!(read::<Colour>(text).is_err(), "{text}");
        assert!(read_value::<Colour>(&serde_json::from_str(text).unwrap()).is_err(), "{text}");
    }
}

#[test]
fn an_array_is_no_struct() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Point {
        x: i32,
        y: Option<u8>,
    }
    assert_eq!(read(r#"{"y":null,"x":-1,"z":[{}]}"#), Ok(Point { x: -1, y: None }));
    for text in ["[1,2]", r#"{"y":1}"#, r#"{"x":1,"x":2}"#, r#"{"x":1,"y":256}"#, r#"{"x":"1"}"#, "7"] {
        assert!(read::<Point>(text).is_err(), "{text}");
    }
    for text in ["[1,2]", r#"{"y":1}"#, r#"{"x":1,"y":256}"#, r#"{"x":"1"}"#, "7"] {
        assert!(read_value::<Point>(&serde_json::from_str(text).unwrap()).is_err(), "{text}");
    }
}
