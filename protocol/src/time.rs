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
    /// From milliseconds since 1970; values outside of jiff's range (year 9999) are held at its end.
    pub fn from_millis(millis: i64) -> Self {
        let limit = if millis < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
        Self(jiff::Timestamp::from_millisecond(millis).unwrap_or(limit))
    }

    /// Reads an RFC 3339 time with any offset, and any number of digits after the second; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        // Without jiff's parser, whose other forms and errors take a twelfth of the page.
        let (date, time) = text.split_once(['T', 't', ' '])?;
        let (time, ahead) = split_offset(time)?;
        let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
        let clock = clock(time).filter(|_| time.len() == 8)?;
        if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let millis = digits(&format!("{fraction:0<3}")[..3]).filter(|_| !fraction.is_empty())?;
        let offset = jiff::tz::Offset::from_seconds(ahead * 60).ok()?;
        let at = offset.to_timestamp(parse_date(date)?.to_datetime(clock)).ok()?;
        Some(Self::from(at).plus_millis(millis.into()))
    }

    /// Milliseconds since 1970, UTC.
    pub fn as_millis(self) -> i64 {
        self.0.as_millisecond()
    }

    pub fn to_jiff(self) -> jiff::Timestamp {
        self.0
    }

    /// This point moved by a number of milliseconds, backwards when negative.
    #[must_use]
    pub fn plus_millis(self, millis: i64) -> Self {
        Self::from_millis(self.as_millis().saturating_add(millis))
    }

    #[must_use]
    pub fn plus(self, duration: std::time::Duration) -> Self {
        self.plus_millis(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX))
    }

    /// Milliseconds from `earlier` to this, negative when `earlier` is later.
    pub fn millis_since(self, earlier: Self) -> i64 {
        // Years up to 9999 in milliseconds are far inside of an i64, so this cannot overflow.
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
        // jiff's own text has as many fractional digits as needed; the contract has always three.
        let at = jiff::tz::Offset::UTC.to_datetime(self.0);
        let (hour, minute, second) = (at.hour(), at.minute(), at.second());
        write!(f, "{}T{hour:02}:{minute:02}:{second:02}.{:03}Z", IsoDate(at.date()), at.millisecond())
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
        deserializer.deserialize_str(FromText("an RFC 3339 time", Self::parse))
    }
}

/// A date as `YYYY-MM-DD`. Years before the first have six digits and a sign.
#[derive(Clone, Copy, Debug)]
pub struct IsoDate(pub civil::Date);

impl fmt::Display for IsoDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.year() {
            year @ ..0 => write!(f, "-{:06}", -i32::from(year))?,
            year => write!(f, "{year:04}")?,
        }
        write!(f, "-{:02}-{:02}", self.0.month(), self.0.day())
    }
}

/// A time of day without its offset, and the minutes by which the offset is ahead of UTC.
fn split_offset(time: &str) -> Option<(&str, i32)> {
    if let Some(time) = time.strip_suffix(['Z', 'z']) {
        return Some((time, 0));
    }
    let at = time.rfind(['+', '-'])?;
    let (time, offset) = time.split_at(at);
    let by = parse_clock(&offset[1..]).filter(|_| offset.len() == "+05:30".len())?;
    let minutes = i32::from(by.hour()) * 60 + i32::from(by.minute());
    Some((time, if offset.starts_with('-') { -minutes } else { minutes }))
}

/// `YYYY-MM-DD`; a day that the calendar does not have (30 February) is none.
pub fn parse_date(text: &str) -> Option<civil::Date> {
    // A negative year would begin with the separator. It is refused with the rest, since no task is due then.
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || (year.len(), month.len(), day.len()) != (4, 2, 2) {
        return None;
    }
    civil::Date::new(digits(year)?, i8::try_from(digits(month)?).ok()?, i8::try_from(digits(day)?).ok()?).ok()
}

/// `HH:MM`, or `HH:MM:SS` without its seconds.
pub fn parse_clock(text: &str) -> Option<civil::Time> {
    let time = clock(text)?;
    civil::Time::new(time.hour(), time.minute(), 0, 0).ok()
}

fn clock(text: &str) -> Option<civil::Time> {
    let mut parts = [0_i8; 3];
    let mut count = 0;
    for part in text.split(':') {
        *parts.get_mut(count)? = i8::try_from(digits(part).filter(|_| part.len() == 2)?).ok()?;
        count += 1;
    }
    // RFC 3339 allows the second 60, which jiff does not have: a leap second is the last one of its minute.
    let second = if parts[2] == 60 { 59 } else { parts[2] };
    if count < 2 { None } else { civil::Time::new(parts[0], parts[1], second, 0).ok() }
}

/// Up to four digits.
fn digits(text: &str) -> Option<i16> {
    // `parse` alone would also read a sign.
    let plain = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

/// A clock time as `HH:MM`, or `HH:MM:SS` where it has seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
pub struct ClockTime(pub civil::Time);

impl fmt::Display for ClockTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0.hour(), self.0.minute())?;
        if self.0.second() == 0 { Ok(()) } else { write!(f, ":{:02}", self.0.second()) }
    }
}

impl Serialize for ClockTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ClockTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(FromText("a time such as 17:30", |text| clock(text).map(Self)))
    }
}

/// `YYYY-MM-DD`, for fields of type [`civil::Date`]; a day that the calendar does not have (30 February) is refused.
#[expect(clippy::missing_errors_doc, reason = "serde calls these functions, and their errors are its own")]
pub mod date {
    use super::{Deserializer, FromText, IsoDate, Serializer, civil, parse_date};

    pub fn serialize<S: Serializer>(date: &civil::Date, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&IsoDate(*date))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<civil::Date, D::Error> {
        deserializer.deserialize_str(FromText("a date such as 2026-11-23", parse_date))
    }
}

/// `YYYY-MM-DD` or null, for fields of type `Option<civil::Date>`.
#[expect(clippy::missing_errors_doc, reason = "serde calls these functions, and their errors are its own")]
pub mod maybe_date {
    use super::{Deserialize, Deserializer, Serializer, civil, date};

    pub fn serialize<S: Serializer>(date: &Option<civil::Date>, serializer: S) -> Result<S::Ok, S::Error> {
        match date {
            Some(day) => date::serialize(day, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<civil::Date>, D::Error> {
        struct Day(civil::Date);
        impl<'de> Deserialize<'de> for Day {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                date::deserialize(deserializer).map(Self)
            }
        }
        Ok(Option::<Day>::deserialize(deserializer)?.map(|day| day.0))
    }
}

/// `HH:MM` or null, for fields of type `Option<civil::Time>`; seconds are accepted and dropped.
#[expect(clippy::missing_errors_doc, reason = "serde calls these functions, and their errors are its own")]
pub mod clock_time {
    use super::{Deserialize, Deserializer, FromText, Serializer, civil};

    pub fn serialize<S: Serializer>(time: &Option<civil::Time>, serializer: S) -> Result<S::Ok, S::Error> {
        match time {
            Some(time) => serializer.collect_str(&format_args!("{:02}:{:02}", time.hour(), time.minute())),
            None => serializer.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<civil::Time>, D::Error> {
        struct Clock(civil::Time);
        impl<'de> Deserialize<'de> for Clock {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer
                    .deserialize_str(FromText("a time such as 17:30", |text| super::parse_clock(text).map(Clock)))
            }
        }
        Ok(Option::<Clock>::deserialize(deserializer)?.map(|clock| clock.0))
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;
    use proptest::prelude::*;

    /// What jiff's parser, which knows many other forms, makes of a time.
    fn of_jiff(text: &str) -> Option<Timestamp> {
        text.parse::<jiff::Timestamp>().ok().map(Timestamp::from)
    }

    proptest! {
        #[test]
        fn times_with_any_offset_and_fraction_are_those_of_jiff(
            text in "(197[1-9]|20[0-9]{2}|9999)-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[Tt ]([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\\.[0-9]{1,9})?(Z|z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])",
        ) {
            prop_assert_eq!(Timestamp::parse(&text), of_jiff(&text));
        }

        #[test]
        fn what_is_no_time_is_none(text in "[-0-9T:.+Zz é]{0,30}") {
            let ours = Timestamp::parse(&text);
            prop_assert!(ours.is_none() || ours == of_jiff(&text), "{:?}", ours);
        }
    }
}
