//! Recurrence rules: the part of RFC 5545 (section 3.3.10) that tasks need, on civil dates.
//!
//! A rule has days, weeks, months or years with `INTERVAL`, `BYMONTH`, `BYMONTHDAY`, `BYDAY`, `BYSETPOS`, `WKST`, and an
//! end by `COUNT` or `UNTIL`. Parts that mean nothing for days (`BYHOUR` and the like) or are rare (`BYWEEKNO`,
//! `BYYEARDAY`) are refused with a sentence, and so are rules that contradict themselves. The server, the language crate
//! and the web client read and write rules here, so that they cannot disagree about one.
//!
//! Displaying a rule writes its canonical text: parts in one order, lists ascending and without duplicates. Parsing that
//! text gives an equal rule. Every search for a date ends, at the latest after [`dates::HORIZON_YEARS`] years.

mod dates;
mod parse;
mod refusal;

pub use refusal::RuleError;

use crate::calendar;
use jiff::civil::{Date, Weekday};
use std::fmt;

/// A parsed rule. Displays as the canonical text of the same rule. An empty list does not limit the rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub frequency: Frequency,
    /// The rule counts every `interval`th period; at least 1.
    pub interval: u32,
    pub end: End,
    /// `BYMONTH`: 1 to 12, ascending.
    pub months: Vec<i8>,
    /// `BYMONTHDAY`: 1 to 31 from the start of the month, -1 to -31 from its end; ascending.
    pub month_days: Vec<i8>,
    /// `BYDAY`: in the order of the week.
    pub days: Vec<WeekdayNumber>,
    /// `BYSETPOS`: which dates of a period are kept, from 1, or from -1 at its end; ascending.
    pub positions: Vec<i16>,
    pub week_start: Weekday,
}

/// The length of a period of a rule. A task cannot have the first two (see [`Rule::for_task`]); the language reads them,
/// so that "every two hours" is refused as what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frequency {
    Minutely,
    Hourly,
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

impl Frequency {
    const ALL: [Self; 6] = [Self::Minutely, Self::Hourly, Self::Daily, Self::Weekly, Self::Monthly, Self::Yearly];

    fn as_str(self) -> &'static str {
        match self {
            Self::Minutely => "MINUTELY",
            Self::Hourly => "HOURLY",
            Self::Daily => "DAILY",
            Self::Weekly => "WEEKLY",
            Self::Monthly => "MONTHLY",
            Self::Yearly => "YEARLY",
        }
    }

    /// Whether a period is shorter than a day.
    pub fn is_within_day(self) -> bool {
        matches!(self, Self::Minutely | Self::Hourly)
    }
}

/// How a rule ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Never,
    /// After this many dates, the start being the first. 0 is what is left of a rule that is over.
    Count(u32),
    /// With the last date that is not after this one.
    Until(Date),
}

/// A day of the week: each one, or the n-th of its month or year (from the end when negative).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeekdayNumber {
    pub weekday: Weekday,
    pub nth: Option<i16>,
}

impl From<Weekday> for WeekdayNumber {
    fn from(weekday: Weekday) -> Self {
        Self { weekday, nth: None }
    }
}

impl Rule {
    /// Every `interval` days, weeks, months; 0 counts as 1.
    pub fn every(interval: u32, frequency: Frequency) -> Self {
        Self {
            frequency,
            interval: interval.max(1),
            end: End::Never,
            months: Vec::new(),
            month_days: Vec::new(),
            days: Vec::new(),
            positions: Vec::new(),
            week_start: Weekday::Monday,
        }
    }

    /// Every week on these days.
    pub fn weekly(days: &[Weekday]) -> Self {
        // In the order of the week, as the canonical text has them, whatever order a sentence names them in.
        let days = calendar::WEEKDAYS.into_iter().filter(|day| days.contains(day)).map(WeekdayNumber::from).collect();
        Self { days, ..Self::every(1, Frequency::Weekly) }
    }

    /// Reads an RRULE value, with or without the `RRULE:` before it.
    ///
    /// # Errors
    /// The text is longer than 500 bytes, is not a rule, has a part that is not known here, or contradicts itself.
    pub fn parse(text: &str) -> Result<Self, RuleError> {
        parse::rule(text)
    }

    /// Reads a rule that a task can have: by days, weeks, months or years.
    ///
    /// # Errors
    /// As [`Rule::parse`], when the rule counts hours or minutes, and when it has no date at all.
    pub fn for_task(text: &str) -> Result<Self, RuleError> {
        let rule = Self::parse(text)?;
        if rule.frequency.is_within_day() {
            return Err(RuleError::TooOften);
        }
        if rule.end == End::Count(0) {
            return Err(RuleError::NoTimes);
        }
        Ok(rule)
    }

    /// The first date of the rule after `after`, counted from `start` (DTSTART), which is the first of the rule's dates
    /// whether or not it fits the rule. `None` when the rule has ended, or has no date within a hundred years.
    pub fn next_after(&self, start: Date, after: Date) -> Option<Date> {
        // Dates are counted from the start only where it matters: else a rule that began long ago begins at `after`.
        let from = if matches!(self.end, End::Count(_)) { start } else { after.max(start) };
        let horizon = calendar::months(after.max(start), dates::HORIZON_YEARS * 12).unwrap_or(Date::MAX);
        self.dates(start, from, horizon).find(|date| *date > after)
    }

    /// What is left of the rule when `date`, one of its dates, is the new start: `COUNT` is less by the dates before it.
    #[must_use]
    pub fn from_date(&self, start: Date, date: Date) -> Self {
        let mut rest = self.clone();
        // Only COUNT depends on the start; a rule that ends by a date, or never, is the same from everywhere.
        if let End::Count(count) = self.end {
            let passed = self.dates(start, start, date).take_while(|earlier| *earlier < date).count();
            rest.end = End::Count(count.saturating_sub(u32::try_from(passed).unwrap_or(u32::MAX)));
        }
        rest
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FREQ={}", self.frequency.as_str())?;
        if self.interval > 1 {
            write!(f, ";INTERVAL={}", self.interval)?;
        }
        match self.end {
            End::Never => {}
            End::Count(count) => write!(f, ";COUNT={count}")?,
            // A date without a time: tasks recur by the day, and RFC 5545 wants the type of DTSTART, which is a date here.
            End::Until(date) => write!(f, ";UNTIL={:04}{:02}{:02}", date.year(), date.month(), date.day())?,
        }
        list(f, "BYMONTH", &self.months)?;
        list(f, "BYMONTHDAY", &self.month_days)?;
        list(f, "BYDAY", &self.days)?;
        list(f, "BYSETPOS", &self.positions)?;
        // Monday is the default of RFC 5545, 3.3.10, and so is an interval of 1; the canonical text leaves both out.
        if self.week_start != Weekday::Monday {
            write!(f, ";WKST={}", parse::letters(self.week_start))?;
        }
        Ok(())
    }
}

impl fmt::Display for WeekdayNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(nth) = self.nth {
            write!(f, "{nth}")?;
        }
        f.write_str(parse::letters(self.weekday))
    }
}

/// Writes a part that is a list; nothing when the list is empty.
fn list(f: &mut fmt::Formatter<'_>, name: &str, values: &[impl fmt::Display]) -> fmt::Result {
    for (index, value) in values.iter().enumerate() {
        match index {
            0 => write!(f, ";{name}={value}")?,
            _ => write!(f, ",{value}")?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
