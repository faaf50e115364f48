//! Points in time, and the dates and clock times of tasks, as the contract writes them.

use crate::id::FromText;
use jiff::civil;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// A point in time: RFC 3339 in UTC with milliseconds, `2026-11-23T09:30:00.000Z`. Finer parts are cut off on creation,
/// so that what was stored compares equal to what was sent.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, format = DateTime))]
pub struct Timestamp(jiff::Timestamp);

impl Timestamp {
    /// Milliseconds since 1970; values outside of jiff's range (year 9999) are held at its end.
    #[must_use]
    pub fn from_millis(millis: i64) -> Self {
        let limit = if millis < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
        Self(jiff::Timestamp::from_millisecond(millis).unwrap_or(limit))
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub fn as_millis(self) -> i64 {
        self.0.as_millisecond()
    }

    /// The same point for calendar arithmetic.
    #[must_use]
    pub fn to_jiff(self) -> jiff::Timestamp {
        self.0
    }

    /// This point moved by a number of milliseconds, backwards when negative.
    #[must_use]
    pub fn plus_millis(self, millis: i64) -> Self {
        Self::from_millis(self.as_millis().saturating_add(millis))
    }

    /// This point moved by a duration.
    #[must_use]
    pub fn plus(self, duration: std::time::Duration) -> Self {
        self.plus_millis(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX))
    }

    /// Milliseconds from `earlier` to this, negative when `earlier` is later.
    #[must_use]
    pub fn millis_since(self, earlier: Self) -> i64 {
        self.as_millis() - earlier.as_millis()
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(at: jiff::Timestamp) -> Self {
        Self::from_millis(at.as_millisecond())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.0)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_str(FromText("an RFC 3339 time", |text| text.parse::<jiff::Timestamp>().ok().map(Self::from)))
    }
}

/// `YYYY-MM-DD`, for fields of type [`civil::Date`].
pub mod date {
    use super::{Deserializer, FromText, Serializer, civil};

    /// Writes the ISO date.
    pub fn serialize<S: Serializer>(date: &civil::Date, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(date)
    }

    /// Reads an ISO date; a day that the calendar does not have (30 February) is refused.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<civil::Date, D::Error> {
        deserializer.deserialize_str(FromText("a date such as 2026-11-23", |text| {
            if text.len() == 10 { text.parse().ok() } else { None }
        }))
    }
}

/// `HH:MM` or null, for fields of type `Option<civil::Time>`; seconds are accepted and dropped.
pub mod clock_time {
    use super::{Deserialize, Deserializer, FromText, Serializer, civil};

    /// Writes hours and minutes.
    pub fn serialize<S: Serializer>(time: &Option<civil::Time>, serializer: S) -> Result<S::Ok, S::Error> {
        match time {
            Some(time) => serializer.collect_str(&format_args!("{:02}:{:02}", time.hour(), time.minute())),
            None => serializer.serialize_none(),
        }
    }

    /// Reads `HH:MM` or `HH:MM:SS`.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<civil::Time>, D::Error> {
        struct Clock(civil::Time);
        impl<'de> Deserialize<'de> for Clock {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(FromText("a time such as 17:30", |text| {
                    let plain = matches!(text.len(), 5 | 8) && text.bytes().all(|b| b.is_ascii_digit() || b == b':');
                    let time: civil::Time = if plain { text.parse().ok()? } else { return None };
                    Some(Clock(civil::time(time.hour(), time.minute(), 0, 0)))
                }))
            }
        }
        Ok(Option::<Clock>::deserialize(deserializer)?.map(|clock| clock.0))
    }
}
