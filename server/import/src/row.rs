//! A row of the other database, read by the names of its columns.
//!
//! Versions of the system differ in which columns they have, and in their types: an id is a number or a text, a time has a
//! zone or none. So rows come as JSON objects, and each value is read as what it is.

use jiff::{civil, tz::TimeZone};
use serde_json::{Map, Value};
use tandem_protocol::Timestamp;

#[derive(Clone, Debug)]
pub(crate) struct Row(Map<String, Value>);

impl Row {
    pub(crate) fn parse(text: &str) -> serde_json::Result<Self> {
        serde_json::from_str(text).map(Self)
    }

    /// The first of these columns that is there and not null.
    pub(crate) fn value(&self, names: &[&str]) -> Option<&Value> {
        names.iter().find_map(|name| self.0.get(*name).filter(|value| !value.is_null()))
    }

    /// A text, or a number as its digits.
    pub(crate) fn text(&self, names: &[&str]) -> Option<String> {
        match self.value(names)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    pub(crate) fn number(&self, name: &str) -> Option<i64> {
        let value = self.value(&[name])?;
        value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
    }

    pub(crate) fn flag(&self, names: &[&str]) -> bool {
        match self.value(names) {
            Some(Value::Bool(flag)) => *flag,
            // Of some versions it is when the address was confirmed.
            Some(Value::String(text)) => !matches!(text.as_str(), "" | "false" | "f" | "0"),
            Some(Value::Number(number)) => number.as_i64() != Some(0),
            _ => false,
        }
    }

    /// A point in time; without a zone it is meant in this one.
    pub(crate) fn time(&self, names: &[&str], zone: &TimeZone) -> Option<Timestamp> {
        let text = self.value(names)?.as_str()?;
        let at = text.parse::<jiff::Timestamp>().ok().or_else(|| {
            let local: civil::DateTime = text.parse().ok()?;
            Some(local.to_zoned(zone.clone()).ok()?.timestamp())
        })?;
        Some(Timestamp::from_millis(at.as_millisecond()))
    }

    /// The texts of a list: an array, or a text with commas or a JSON array in it.
    pub(crate) fn texts(&self, name: &str) -> Vec<String> {
        let of = |values: &[Value]| values.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect();
        match self.value(&[name]) {
            Some(Value::Array(values)) => of(values),
            Some(Value::String(text)) => match serde_json::from_str::<Vec<Value>>(text) {
                Ok(values) => of(&values),
                Err(_) => text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect(),
            },
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(json: &str) -> Row {
        Row::parse(json).unwrap()
    }

    #[test]
    fn a_time_without_a_zone_is_meant_in_the_given_one() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap_or(TimeZone::fixed(jiff::tz::offset(1)));
        let row = row(
            r#"{"plain":"2026-01-02T12:00:00.5","zoned":"2026-01-02T12:00:00.5+00:00","odd":"infinity","none":null}"#,
        );
        let plain = row.time(&["plain"], &berlin).unwrap();
        let zoned = row.time(&["zoned"], &berlin).unwrap();
        assert_eq!((zoned.to_string(), zoned.millis_since(plain)), ("2026-01-02T12:00:00.500Z".to_owned(), 3_600_000));
        assert_eq!(row.time(&["odd"], &berlin), None);
        assert_eq!(row.time(&["none", "plain"], &berlin), Some(plain));
    }

    #[test]
    fn values_are_read_as_what_they_are() {
        let row = row(
            r#"{"id":7,"text":"8","yes":true,"when":"2026-01-01T00:00:00","tags":["a","b"],"list":"a, b,","json":"[\"c\"]"}"#,
        );
        assert_eq!((row.text(&["id"]).as_deref(), row.number("text")), (Some("7"), Some(8)));
        assert!(row.flag(&["yes"]) && row.flag(&["when"]) && !row.flag(&["no"]));
        assert_eq!(row.texts("tags"), ["a", "b"]);
        assert_eq!((row.texts("list"), row.texts("json")), (vec!["a".into(), "b".into()], vec!["c".into()]));
    }
}
