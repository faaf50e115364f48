//! Durations as ISO 8601 writes them, of weeks, days, hours, minutes and seconds.
//!
//! Years and months have no fixed length, and RFC 5545 (3.3.6) leaves them out of the durations of reminders. Signs and
//! fractions are refused for the same reason: no reminder needs them.

use crate::id::FromText;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// The longest duration, in seconds: a leap year.
pub const LONGEST_SECONDS: i64 = 366 * DAY_SECONDS;
const DAY_SECONDS: i64 = 24 * 60 * 60;
/// Bytes of the longest text that is read.
const LONGEST_TEXT: usize = 32;
/// The units in the order in which ISO 8601 writes them, with their seconds. The `T` stands between days and hours.
const DATE_UNITS: [(char, i64); 2] = [('W', 7 * DAY_SECONDS), ('D', DAY_SECONDS)];
const TIME_UNITS: [(char, i64); 3] = [('H', 3_600), ('M', 60), ('S', 1)];

/// A duration from `PT0S` to a year, in the text in which it was given.
#[derive(Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, format = "duration"))]
pub struct IsoDuration(Box<str>);

/// The text was no duration, or a longer one than [`LONGEST_SECONDS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidDuration;

impl fmt::Display for InvalidDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected an ISO 8601 duration of at most a year, such as PT30M or P1D")
    }
}

impl std::error::Error for InvalidDuration {}

impl IsoDuration {
    /// The duration of no time, `PT0S`.
    pub fn zero() -> Self {
        Self("PT0S".into())
    }

    /// The duration of so many minutes, in the largest unit that fits; held between none and a year.
    pub fn minutes(minutes: i64) -> Self {
        let seconds = minutes.saturating_mul(60).clamp(0, LONGEST_SECONDS);
        let text = match seconds {
            0 => return Self::zero(),
            _ if seconds % DAY_SECONDS == 0 => format!("P{}D", seconds / DAY_SECONDS),
            _ if seconds % 3_600 == 0 => format!("PT{}H", seconds / 3_600),
            _ => format!("PT{}M", seconds / 60),
        };
        Self(text.into())
    }

    /// How many seconds it has; a day counts 24 hours.
    pub fn seconds(&self) -> i64 {
        // The text was read when it was made.
        seconds(&self.0).unwrap_or_default()
    }

    /// The text in which it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for IsoDuration {
    type Err = InvalidDuration;

    fn from_str(text: &str) -> Result<Self, InvalidDuration> {
        seconds(text).map(|_| Self(text.into())).ok_or(InvalidDuration)
    }
}

fn seconds(text: &str) -> Option<i64> {
    if text.len() > LONGEST_TEXT {
        return None;
    }
    let rest = text.strip_prefix('P')?;
    let (date, time) = match rest.split_once('T') {
        // `P1DT` has no time, and is refused like `P` alone.
        Some((date, time)) => (date, Some(time).filter(|time| !time.is_empty())?),
        None => (Some(rest).filter(|rest| !rest.is_empty())?, ""),
    };
    let sum = units(date, &DATE_UNITS)?.checked_add(units(time, &TIME_UNITS)?)?;
    (sum <= LONGEST_SECONDS).then_some(sum)
}

/// The sum of a row of numbers, each with its unit. No unit stands twice or out of its order.
fn units(mut text: &str, units: &[(char, i64)]) -> Option<i64> {
    let mut sum = 0_i64;
    let mut left = units;
    while !text.is_empty() {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = text.split_at(digits);
        let unit = rest.chars().next()?;
        let at = left.iter().position(|(name, _)| *name == unit)?;
        sum = sum.checked_add(number.parse::<i64>().ok()?.checked_mul(left[at].1)?)?;
        left = &left[at + 1..];
        text = &rest[1..];
    }
    Some(sum)
}

impl fmt::Display for IsoDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for IsoDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for IsoDuration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for IsoDuration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(FromText("a duration such as PT30M or P1D", |text| text.parse().ok()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_in_weeks_to_seconds() {
        for (text, seconds) in [
            ("PT0S", 0),
            ("PT30M", 1_800),
            ("P1D", 86_400),
            ("P1W", 604_800),
            ("P1DT2H30M", 95_400),
            ("PT90M", 5_400),
            ("PT1H1S", 3_601),
            ("P366D", LONGEST_SECONDS),
        ] {
            let read: IsoDuration = text.parse().unwrap();
            assert_eq!((read.seconds(), read.as_str()), (seconds, text));
        }
    }

    #[test]
    fn what_has_no_fixed_length_is_refused() {
        for text in [
            "",
            "P",
            "PT",
            "P1DT",
            "P1",
            "1D",
            "PT5",
            "P1M",
            "P1Y",
            "-P1D",
            "P-1D",
            "PT1.5H",
            "PT1S1H",
            "P1D1D",
            "pt5m",
            "P367D",
            "PT99999999999999999999S",
            "P1é",
            "PT1H ",
        ] {
            assert!(text.parse::<IsoDuration>().is_err(), "{text} was read");
        }
    }

    #[test]
    fn minutes_are_written_in_the_largest_unit() {
        for (minutes, text) in [(0, "PT0S"), (30, "PT30M"), (60, "PT1H"), (90, "PT90M"), (1_440, "P1D"), (-5, "PT0S")] {
            let made = IsoDuration::minutes(minutes);
            assert_eq!(made.as_str(), text);
            assert_eq!(text.parse(), Ok(made));
        }
    }
}
