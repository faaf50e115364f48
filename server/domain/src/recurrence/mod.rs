//! Recurrence rules: the part of RFC 5545 (section 3.3.10) that tasks need, on civil dates.
//!
//! Days, weeks, months and years with `INTERVAL`, `BYMONTH`, `BYMONTHDAY`, `BYDAY`, `BYSETPOS`, `WKST`, and an end by
//! `COUNT` or `UNTIL`. What has no meaning for days (`BYHOUR` and the like) or is rare (`BYWEEKNO`, `BYYEARDAY`) is
//! refused with a sentence, and so is what contradicts itself.

mod dates;
mod parse;

use jiff::civil::{Date, Weekday};
use std::fmt;

/// A parsed rule. Displays as the canonical text of the same rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    frequency: Frequency,
    /// Every how many periods, from 1.
    interval: u32,
    end: End,
    /// 1 to 12, ascending. Empty, here and below: not limited.
    months: Vec<i8>,
    /// 1 to 31 from the start of the month, -1 to -31 from its end; ascending.
    month_days: Vec<i8>,
    days: Vec<WeekdayNumber>,
    /// Which dates of a period are kept, from 1, or from -1 at its end; ascending.
    positions: Vec<i16>,
    week_start: Weekday,
}

/// The length of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Frequency {
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

impl Frequency {
    const ALL: [Self; 4] = [Self::Daily, Self::Weekly, Self::Monthly, Self::Yearly];

    fn as_str(self) -> &'static str {
        match self {
            Self::Daily => "DAILY",
            Self::Weekly => "WEEKLY",
            Self::Monthly => "MONTHLY",
            Self::Yearly => "YEARLY",
        }
    }
}

/// Where a rule ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Never,
    /// After this many dates, the start being the first. 0 is the rest of a rule that is over.
    Count(u32),
    /// With the last date that is not after this one.
    Until(Date),
}

/// A day of the week: each one, or the n-th of its month or year (from the end when negative).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct WeekdayNumber {
    weekday: Weekday,
    nth: Option<i16>,
}

impl Rule {
    /// Reads an RRULE value, with or without the `RRULE:` before it; the error is a sentence for people.
    ///
    /// # Errors
    /// A sentence for people: what is not understood, contradicts itself, or is not for tasks.
    pub fn parse(text: &str) -> Result<Self, String> {
        parse::rule(text)
    }

    /// The first date of the rule after `after`, counted from `start` (DTSTART), which is the first of the rule's dates
    /// whether or not it fits the rule. `None` when the rule has ended, or has no date within a hundred years.
    #[must_use]
    pub fn next_after(&self, start: Date, after: Date) -> Option<Date> {
        // Dates are counted from the start only where it matters: else a rule that began long ago begins at `after`.
        let from = if matches!(self.end, End::Count(_)) { start } else { after.max(start) };
        let horizon = after.max(start).saturating_add(jiff::Span::new().years(dates::HORIZON_YEARS));
        self.dates(start, from, horizon).find(|date| *date > after)
    }

    /// What is left of the rule when `date`, one of its dates, is the new start: `COUNT` is less by the dates before it.
    #[must_use]
    pub fn from_date(&self, start: Date, date: Date) -> Self {
        let mut rest = self.clone();
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
            End::Until(date) => write!(f, ";UNTIL={}", date.strftime("%Y%m%d"))?,
        }
        list(f, "BYMONTH", &self.months)?;
        list(f, "BYMONTHDAY", &self.month_days)?;
        list(f, "BYDAY", &self.days)?;
        list(f, "BYSETPOS", &self.positions)?;
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

/// A part that is a list; nothing when the list is empty.
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
