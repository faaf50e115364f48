//! Why a text is not a rule.

use super::parse::MAX_BYTES;
use std::fmt;

/// Why a text is not a rule; displays as a sentence for people, without capital and full stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleError {
    TooLong,
    /// There is no `=` where a part is expected.
    NoParts,
    /// A part that stands twice.
    Twice(String),
    /// A part that is not known here.
    Unknown(String),
    Frequency,
    /// The rule has several dates a day, and a task cannot.
    TooOften,
    /// The rule has no date at all.
    NoTimes,
    Number {
        name: &'static str,
        least: u32,
        most: u32,
    },
    Months,
    MonthDays,
    Days,
    Positions,
    WeekStart,
    Until,
    /// A rule ends by `COUNT` or by `UNTIL`.
    TwoEnds,
    /// `2TU` in a rule by days or weeks.
    NumberedDays,
    /// `6TU` in a rule by months.
    SixthDay,
    WeeklyMonthDays,
    /// `BYSETPOS` without a list of dates.
    LonePositions,
    /// A date that no year has, such as 30 February.
    NoSuchDay,
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => return write!(f, "expected a recurrence rule of at most {MAX_BYTES} bytes"),
            Self::NoParts => "expected parts such as FREQ=WEEKLY, separated by semicolons",
            Self::Twice(name) => return write!(f, "has {name:?} twice"),
            Self::Unknown(name) => return write!(f, "has {name:?}, which is not known here"),
            Self::Frequency => "needs FREQ=DAILY, WEEKLY, MONTHLY or YEARLY",
            Self::TooOften => "a task repeats by days, weeks, months or years, not by hours or minutes",
            Self::NoTimes => "COUNT: expected how often it repeats, at least once",
            Self::Number { name, least, most } => return write!(f, "{name}: expected a number from {least} to {most}"),
            Self::Months => "BYMONTH: expected months from 1 to 12, separated by commas",
            Self::MonthDays => "BYMONTHDAY: expected days of the month, 1 to 31 or -1 to -31, separated by commas",
            Self::Days => "BYDAY: expected days such as MO, 2TU or -1FR, separated by commas",
            Self::Positions => "BYSETPOS: expected positions, 1 to 366 or -1 to -366, separated by commas",
            Self::WeekStart => "WKST: expected a day such as MO or SU",
            Self::Until => "UNTIL: expected a date such as 20271231 or 20271231T235959Z",
            Self::TwoEnds => "has COUNT and UNTIL; only one of them can end a rule",
            Self::NumberedDays => "BYDAY: numbered days such as 2TU need FREQ=MONTHLY or YEARLY",
            Self::SixthDay => "BYDAY: a month has at most five of each day",
            Self::WeeklyMonthDays => "BYMONTHDAY: does not go with FREQ=WEEKLY",
            Self::LonePositions => "BYSETPOS: needs BYDAY, BYMONTHDAY or BYMONTH, of which it picks",
            Self::NoSuchDay => "BYMONTHDAY: no month of BYMONTH has such a day",
        })
    }
}

impl std::error::Error for RuleError {}
