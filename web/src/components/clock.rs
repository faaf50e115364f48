//! The time as components read it.
//!
//! It is a property, so that a test decides what time it is. A new [`Clock`] at each full minute redraws everything
//! that shows a date, and nothing else.

use super::format::days_between;
use jiff::civil::{Date, DateTime, Time};
use std::{fmt, rc::Rc};
use tandem_protocol::{Timestamp, model::Due};

/// The current time and the reader's time zone. Two clocks are equal when they are the same allocation.
#[derive(Clone)]
pub(crate) struct Clock(Rc<Reading>);

/// Converts a civil time of a named zone to a point in time.
type InstantOf = dyn Fn(DateTime, &str) -> Timestamp;

struct Reading {
    zone: String,
    /// From which reminders of a day without a time count.
    all_day: Time,
    /// The day when this clock was made. There is a new one at each full minute.
    today: Date,
    now: Box<dyn Fn() -> Timestamp>,
    local: Box<dyn Fn(Timestamp) -> DateTime>,
    instant: Box<InstantOf>,
}

impl Clock {
    /// `zone` is the reader's time zone, `all_day` the time from which reminders of a day without a time count, `now` returns the current time, `local` converts a point in time to that zone,
    /// `instant` a civil time of a named zone to a point in time.
    pub(crate) fn new(
        zone: &str,
        all_day: Time,
        now: impl Fn() -> Timestamp + 'static,
        local: impl Fn(Timestamp) -> DateTime + 'static,
        instant: impl Fn(DateTime, &str) -> Timestamp + 'static,
    ) -> Self {
        let (zone, today) = (zone.to_owned(), local(now()).date());
        Self(Rc::new(Reading {
            zone,
            all_day,
            today,
            now: Box::new(now),
            local: Box::new(local),
            instant: Box::new(instant),
        }))
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.0.now)()
    }

    pub(crate) fn local(&self, at: Timestamp) -> DateTime {
        (self.0.local)(at)
    }

    pub(crate) fn local_now(&self) -> DateTime {
        self.local(self.now())
    }

    pub(crate) fn today(&self) -> Date {
        self.0.today
    }

    pub(crate) fn all_day(&self) -> Time {
        self.0.all_day
    }

    /// When something is due, and whether that is past.
    ///
    /// The rule is that of `tandem_domain::due`: a date without a time is a day wherever the reader is, and past when the
    /// day is. A date with a time is an instant in the zone that was named with it, and belongs to the reader's day in
    /// which it falls.
    pub(crate) fn due(&self, due: &Due) -> LocalDue {
        let is_here = due.time_zone == self.0.zone;
        let Some(time) = due.time.filter(|_| !is_here || is_near(due.date, self.today())) else {
            // Of a day in the same zone that is not near, no instant is needed: a browser is slow to compute it.
            return LocalDue { date: due.date, time: due.time, is_past: due.date < self.today() };
        };
        let at = (self.0.instant)(due.date.to_datetime(time), &due.time_zone);
        let here = if is_here { due.date.to_datetime(time) } else { self.local(at) };
        LocalDue { date: here.date(), time: Some(here.time()), is_past: at <= self.now() }
    }
}

fn is_near(date: Date, today: Date) -> bool {
    days_between(date, today).abs() <= 1
}

/// A due date in the reader's time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LocalDue {
    pub date: Date,
    pub time: Option<Time>,
    pub is_past: bool,
}

impl PartialEq for Clock {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.local_now()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::{
        civil::{date, time},
        tz::Offset,
    };

    /// A reader in New York, where it is winter, with tasks from Tokyo.
    fn clock(now: &str) -> Clock {
        let now: Timestamp = now.parse::<jiff::Timestamp>().unwrap().into();
        let local = |at: Timestamp| Offset::constant(-5).to_datetime(at.to_jiff());
        Clock::new(
            "America/New_York",
            Time::midnight(),
            move || now,
            local,
            |at, zone| {
                let hours = if zone == "Asia/Tokyo" { 9 } else { -5 };
                Offset::constant(hours).to_timestamp(at).unwrap().into()
            },
        )
    }

    fn due(day: i8, hour: Option<i8>) -> Due {
        let time = hour.map(|hour| time(hour, 0, 0, 0));
        Due { date: date(2026, 11, day), time, time_zone: "Asia/Tokyo".into() }
    }

    #[test]
    fn a_day_is_one_where_the_reader_is() {
        for (now, is_past) in [("2026-11-24T04:59:00Z", false), ("2026-11-24T05:00:00Z", true)] {
            let expected = LocalDue { date: date(2026, 11, 23), time: None, is_past };
            assert_eq!(clock(now).due(&due(23, None)), expected, "{now}");
        }
    }

    #[test]
    fn a_time_is_an_instant_in_its_own_zone() {
        for (now, is_past) in [("2026-11-23T21:59:00Z", false), ("2026-11-23T22:00:00Z", true)] {
            let expected = LocalDue { date: date(2026, 11, 23), time: Some(time(17, 0, 0, 0)), is_past };
            assert_eq!(clock(now).due(&due(24, Some(7))), expected, "{now}");
        }
    }
}
