//! When a task is due, for its user at a moment.
//!
//! A date without a time is a day wherever its user is: who flies to another zone has the whole day there, too. A date
//! with a time is an instant, in the zone that was named with it, and belongs to the user's day in which it falls.
//! Filters, counts and the assistant decide by [`Today`]; the store compares its columns with the same bounds.

use super::zone::{due_at, stored_zone};
use jiff::{ToSpan as _, civil::Date, tz::TimeZone};
use tandem_protocol::{Timestamp, enums::DueFilter, model::Due};

/// A moment in the time zone of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Today {
    now: Timestamp,
    date: Date,
    zone: TimeZone,
}

/// The days from the first to the last, as days and as instants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DaySpan {
    pub first: Date,
    pub last: Date,
    /// When the first day begins.
    pub begin: Timestamp,
    /// When the last day has ended.
    pub end: Timestamp,
}

/// Which due dates are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DueCondition {
    Undated,
    Overdue(Today),
    Within(DaySpan),
}

impl Today {
    pub fn at(now: Timestamp, time_zone: &str) -> Self {
        let zone = stored_zone(time_zone);
        let date = now.to_jiff().to_zoned(zone.clone()).date();
        Self { now, date, zone }
    }

    pub fn now(&self) -> Timestamp {
        self.now
    }

    pub fn date(&self) -> Date {
        self.date
    }

    /// Whether the day, or the time, has passed.
    pub fn is_overdue(&self, due: &Due) -> bool {
        if due.time.is_some() { due_at(due) <= self.now } else { due.date < self.date }
    }

    /// The user's day on which it is due.
    pub fn day_of(&self, due: &Due) -> Date {
        let Some(time) = due.time else { return due.date };
        let at = stored_zone(&due.time_zone).to_ambiguous_zoned(due.date.to_datetime(time)).compatible();
        // A time beyond the range of instants has no other day.
        at.map_or(due.date, |at| at.with_time_zone(self.zone.clone()).date())
    }

    pub fn days(&self, first: Date, last: Date) -> DaySpan {
        let begins = |day: Date| self.zone.to_zoned(day.to_datetime(jiff::civil::Time::midnight()));
        let begin = begins(first).map_or(jiff::Timestamp::MIN, |at| at.timestamp());
        let end = last.tomorrow().and_then(begins).map_or(jiff::Timestamp::MAX, |at| at.timestamp());
        DaySpan { first, last, begin: begin.into(), end: end.into() }
    }

    pub fn day(&self) -> DaySpan {
        self.days(self.date, self.date)
    }

    /// Today and the six days after it.
    pub fn week(&self) -> DaySpan {
        self.days(self.date, self.date.saturating_add(6.days()))
    }
}

impl DueCondition {
    pub fn of(filter: DueFilter, today: Today) -> Self {
        match filter {
            DueFilter::None => Self::Undated,
            DueFilter::Overdue => Self::Overdue(today),
            DueFilter::Today => Self::Within(today.day()),
            DueFilter::Week => Self::Within(today.week()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, time};

    fn today(now: &str, zone: &str) -> Today {
        Today::at(now.parse::<jiff::Timestamp>().unwrap().into(), zone)
    }

    fn due(day: i8, hour: Option<i8>, zone: &str) -> Due {
        Due { date: date(2026, 11, day), time: hour.map(|hour| time(hour, 0, 0, 0)), time_zone: zone.into() }
    }

    #[test]
    fn a_day_is_one_in_the_present_zone() {
        let written_in_tokyo = due(23, None, "Asia/Tokyo");
        for (now, zone, overdue) in [
            ("2026-11-23T16:00:00Z", "Asia/Tokyo", true),
            ("2026-11-23T16:00:00Z", "America/New_York", false),
            ("2026-11-24T04:59:00Z", "America/New_York", false),
            ("2026-11-24T05:00:00Z", "America/New_York", true),
        ] {
            let today = today(now, zone);
            assert_eq!(today.is_overdue(&written_in_tokyo), overdue, "{now} {zone}");
            assert_eq!(today.day_of(&written_in_tokyo), date(2026, 11, 23));
        }
    }

    #[test]
    fn a_time_is_an_instant_in_its_own_zone() {
        let call = due(24, Some(7), "Asia/Tokyo");
        let before = today("2026-11-23T21:59:00Z", "America/New_York");
        assert_eq!((before.day_of(&call), before.is_overdue(&call)), (date(2026, 11, 23), false));
        assert!(today("2026-11-23T22:00:00Z", "America/New_York").is_overdue(&call));
    }

    #[test]
    fn days_begin_where_the_user_is() {
        let today = today("2027-03-28T12:00:00Z", "Europe/Berlin");
        let span = today.day();
        assert_eq!((span.first, span.last), (date(2027, 3, 28), date(2027, 3, 28)));
        assert_eq!(span.begin.to_string(), "2027-03-27T23:00:00.000Z");
        assert_eq!(span.end.to_string(), "2027-03-28T22:00:00.000Z", "a day of 23 hours");
        assert_eq!(today.week().last, date(2027, 4, 3));
        let all = today.days(Date::MIN, Date::MAX);
        assert!(all.begin < span.begin && span.end < all.end);
    }
}
