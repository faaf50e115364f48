//! Repetition: a rule in the form of RFC 5545, read from words or from RRULE text, with its first occurrence.

mod occurrence;
mod rrule;
mod say;
mod words;

use jiff::civil::{Date, Weekday};

pub(crate) use say::say;
pub(crate) use words::{limit, repeat};

/// How often a rule counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Freq {
    Minutely,
    Hourly,
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// A weekday of a rule, in a monthly one with which of the month: 1 to 5, or -1 for the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ByDay {
    pub(crate) nth: Option<i8>,
    pub(crate) day: Weekday,
}

/// The part of RFC 5545 rules that tasks need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) freq: Freq,
    /// At least 1.
    pub(crate) interval: u32,
    pub(crate) by_day: Vec<ByDay>,
    /// 1 to 31, or -1 for the last.
    pub(crate) by_month_day: Vec<i8>,
    pub(crate) by_month: Vec<i8>,
    pub(crate) until: Option<Date>,
    pub(crate) count: Option<u32>,
    /// Counted from completion ("every! 3 days").
    pub(crate) from_completion: bool,
}

impl Rule {
    /// Every so many days, weeks, …
    pub(crate) fn every(interval: u32, freq: Freq) -> Self {
        Self {
            freq,
            interval: interval.max(1),
            by_day: Vec::new(),
            by_month_day: Vec::new(),
            by_month: Vec::new(),
            until: None,
            count: None,
            from_completion: false,
        }
    }

    /// Every week on these days.
    pub(crate) fn weekly(days: &[Weekday]) -> Self {
        let by_day = days.iter().map(|day| ByDay { nth: None, day: *day }).collect();
        Self { by_day, ..Self::every(1, Freq::Weekly) }
    }

    /// Monday to Friday.
    pub(crate) fn weekdays() -> Self {
        Self::weekly(&WORKING_DAYS)
    }

    /// Whether it says on which days, not only how often.
    pub(crate) fn names_days(&self) -> bool {
        !self.by_day.is_empty() || !self.by_month_day.is_empty() || !self.by_month.is_empty()
    }

    /// Whether it is exactly Monday to Friday.
    pub(crate) fn is_weekdays(&self) -> bool {
        self.freq == Freq::Weekly
            && self.by_day.len() == 5
            && WORKING_DAYS.iter().all(|day| self.by_day.iter().any(|by| by.day == *day))
    }
}

pub(crate) const WORKING_DAYS: [Weekday; 5] =
    [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];

/// The two letters of a weekday.
pub(crate) fn code(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "MO",
        Weekday::Tuesday => "TU",
        Weekday::Wednesday => "WE",
        Weekday::Thursday => "TH",
        Weekday::Friday => "FR",
        Weekday::Saturday => "SA",
        Weekday::Sunday => "SU",
    }
}
