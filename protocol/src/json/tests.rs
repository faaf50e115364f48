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

/// Whether two values are the same, but for the last bits of floating-point numbers.
fn is_same(value: &Value, expected: &Value) -> bool {
    match (value, expected) {
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|((key, one), (name, other))| key == name && is_same(one, other))
        }
        (Value::Number(one), Value::Number(other)) if one.is_f64() && other.is_f64() => {
            let (one, other) = (one.as_f64().unwrap(), other.as_f64().unwrap());
            // The smallest numbers have fewer bits.
            (one - other).abs() <= other.abs() * 1e-14 + f64::from_bits(4)
        }
        _ => value == expected,
    }
}

/// Checks that a text is read as `serde_json` reads it: to a value, as raw text, and passed over.
fn check(text: &str) {
    let expected = serde_json::from_str::<Value>(text).map_err(|_| Unreadable);
    for value in [read::<Value>(text), read::<Field>(text).map(|field| field.0)] {
        match (&value, &expected) {
            (Ok(value), Ok(expected)) => assert!(is_same(value, expected), "{text}: {value}, not {expected}"),
            _ => assert_eq!(value, expected, "{text}"),
        }
    }
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
fn common_numbers_are_read_exactly() {
    for text in [
        "0",
        "-0",
        "0.1",
        "-2.5",
        "1e3",
        "1E+3",
        "12.50e-2",
        "9007199254740993",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775808",
        "-9223372036854775809",
        "3.141592653589793",
        "1e22",
        "1e-22",
        "123456789012345678901234567890",
        "0.000001",
        "1e-400",
        "0e999999999999",
    ] {
        assert_eq!(read::<Value>(text), serde_json::from_str(text).map_err(|_| Unreadable), "{text}");
    }
    for text in
        ["01", "-", "+1", "1.", ".5", "1e", "1e+", "--1", "1e400", "0x1", "1_0", "Infinity", "NaN", "1.2.3", "1e2e3"]
    {
        assert_eq!(read::<Value>(text), Err(Unreadable), "{text}");
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
