//! Words with a fixed meaning: numbers, ordinals, weekdays, months, units of time.

use jiff::civil::{Date, DateTime, Weekday};

use super::{DateInput, Parsed};
use tandem_protocol::calendar as steps;

/// A number below twenty in words. These tables are looked at for every word of a text, so they are matches.
fn small(word: &str) -> Option<u32> {
    Some(match word {
        "zero" => 0,
        "one" => 1,
        "two" => 2,
        "three" => 3,
        "four" => 4,
        "five" => 5,
        "six" => 6,
        "seven" => 7,
        "eight" => 8,
        "nine" => 9,
        "ten" => 10,
        "eleven" => 11,
        "twelve" => 12,
        "thirteen" => 13,
        "fourteen" => 14,
        "fifteen" => 15,
        "sixteen" => 16,
        "seventeen" => 17,
        "eighteen" => 18,
        "nineteen" => 19,
        _ => return None,
    })
}

/// A multiple of ten in words.
fn tens(word: &str) -> Option<u32> {
    Some(match word {
        "twenty" => 20,
        "thirty" => 30,
        "forty" => 40,
        "fifty" => 50,
        "sixty" => 60,
        "seventy" => 70,
        "eighty" => 80,
        "ninety" => 90,
        _ => return None,
    })
}

/// An ordinal up to the twentieth in words.
fn small_ordinal(word: &str) -> Option<u32> {
    Some(match word {
        "first" => 1,
        "second" => 2,
        "third" => 3,
        "fourth" => 4,
        "fifth" => 5,
        "sixth" => 6,
        "seventh" => 7,
        "eighth" => 8,
        "ninth" => 9,
        "tenth" => 10,
        "eleventh" => 11,
        "twelfth" => 12,
        "thirteenth" => 13,
        "fourteenth" => 14,
        "fifteenth" => 15,
        "sixteenth" => 16,
        "seventeenth" => 17,
        "eighteenth" => 18,
        "nineteenth" => 19,
        "twentieth" => 20,
        _ => return None,
    })
}

/// A cardinal in digits (four at most) or words up to 99.
pub(crate) fn number(input: &DateInput<'_>, at: usize) -> Parsed<u32> {
    let word = input.word(at);
    if word.len() <= 4 && !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit()) {
        return word.parse().ok().map(|n| (n, at + 1));
    }
    if let Some(n) = small(word) {
        return Some((n, at + 1));
    }
    let tens = tens(word)?;
    let next = input.skip(at + 1, &["-"]);
    match small(input.word(next)) {
        Some(ones @ 1..=9) => Some((tens + ones, next + 1)),
        _ => Some((tens, at + 1)),
    }
}

/// An ordinal: "3rd", "third", "twenty-first".
pub(crate) fn ordinal(input: &DateInput<'_>, at: usize) -> Parsed<u32> {
    let word = input.word(at);
    if let Some(n) = small_ordinal(word) {
        return Some((n, at + 1));
    }
    if input.any(at + 1, &["st", "nd", "rd", "th"]) && input.glued(at + 1) && word.len() <= 2 {
        return word.parse().ok().map(|n| (n, at + 2));
    }
    if word == "thirtieth" {
        return Some((30, at + 1));
    }
    let tens = match word {
        "twenty" => 20,
        "thirty" => 30,
        _ => return None,
    };
    let next = input.skip(at + 1, &["-"]);
    match small_ordinal(input.word(next)) {
        Some(ones @ 1..=9) => Some((tens + ones, next + 1)),
        _ => None,
    }
}

/// An ordinal, or a plain number, that can be a day of a month.
pub(crate) fn day_number(input: &DateInput<'_>, at: usize) -> Parsed<i8> {
    let (n, next) = ordinal(input, at).or_else(|| number(input, at))?;
    let day = i8::try_from(n).ok().filter(|day| (1..=31).contains(day))?;
    Some((day, next))
}

/// A weekday's name, or a short form of it; whether it is a short form that is also another word.
pub(crate) fn weekday(word: &str) -> Option<(Weekday, bool)> {
    Some(match word {
        "monday" => (Weekday::Monday, false),
        "tuesday" => (Weekday::Tuesday, false),
        "wednesday" => (Weekday::Wednesday, false),
        "thursday" => (Weekday::Thursday, false),
        "friday" => (Weekday::Friday, false),
        "saturday" => (Weekday::Saturday, false),
        "sunday" => (Weekday::Sunday, false),
        "mon" => (Weekday::Monday, true),
        "tue" | "tues" => (Weekday::Tuesday, true),
        "wed" | "weds" => (Weekday::Wednesday, true),
        "thu" | "thur" | "thurs" => (Weekday::Thursday, true),
        "fri" => (Weekday::Friday, true),
        "sat" => (Weekday::Saturday, true),
        "sun" => (Weekday::Sunday, true),
        _ => return None,
    })
}

/// A weekday in the plural: "mondays".
pub(crate) fn weekdays(word: &str) -> Option<Weekday> {
    match weekday(word.strip_suffix('s')?)? {
        (day, false) => Some(day),
        _ => None,
    }
}

/// A month's name or short form, 1 to 12.
pub(crate) fn month(word: &str) -> Option<i8> {
    Some(match word {
        "january" | "jan" => 1,
        "february" | "feb" => 2,
        "march" | "mar" => 3,
        "april" | "apr" => 4,
        "may" => 5,
        "june" | "jun" => 6,
        "july" | "jul" => 7,
        "august" | "aug" => 8,
        "september" | "sep" | "sept" => 9,
        "october" | "oct" => 10,
        "november" | "nov" => 11,
        "december" | "dec" => 12,
        _ => return None,
    })
}

/// A unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Minute,
    Hour,
    Day,
    WorkDay,
    Week,
    Fortnight,
    Month,
    Quarter,
    Year,
}

impl Unit {
    /// Whether it counts in minutes, not in days.
    pub(crate) fn is_short(self) -> bool {
        matches!(self, Self::Minute | Self::Hour)
    }

    /// The day so many of it later; hours and minutes count when they fill days, working days are counted by the caller.
    pub(crate) fn after_day(self, day: Date, n: i64) -> Option<Date> {
        match self {
            Self::Minute => steps::days(day, n / (24 * 60)),
            Self::Hour => steps::days(day, n / 24),
            Self::Day | Self::WorkDay => steps::days(day, n),
            Self::Week => steps::days(day, n.checked_mul(7)?),
            Self::Fortnight => steps::days(day, n.checked_mul(14)?),
            Self::Month => steps::months(day, n),
            Self::Quarter => steps::months(day, n.checked_mul(3)?),
            Self::Year => steps::months(day, n.checked_mul(12)?),
        }
    }

    /// The moment so many of it later.
    pub(crate) fn after_moment(self, moment: DateTime, n: i64) -> Option<DateTime> {
        match self {
            Self::Minute => steps::minutes(moment, n),
            Self::Hour => steps::minutes(moment, n.checked_mul(60)?),
            _ => Some(self.after_day(moment.date(), n)?.to_datetime(moment.time())),
        }
    }
}

/// A unit, in the singular or plural, of one word or two.
pub(crate) fn unit(input: &DateInput<'_>, at: usize) -> Parsed<Unit> {
    let one = |unit| Some((unit, at + 1));
    match input.word(at) {
        "minute" | "minutes" | "min" | "mins" => one(Unit::Minute),
        "m" if input.glued(at) => one(Unit::Minute),
        "hour" | "hours" | "hr" | "hrs" => one(Unit::Hour),
        "h" if input.glued(at) => one(Unit::Hour),
        "day" | "days" => one(Unit::Day),
        "d" if input.glued(at) => one(Unit::Day),
        "weekday" | "weekdays" | "workday" | "workdays" => one(Unit::WorkDay),
        "business" | "working" | "work" if input.any(at + 1, &["day", "days"]) => Some((Unit::WorkDay, at + 2)),
        "week" | "weeks" | "wk" | "wks" => one(Unit::Week),
        "w" if input.glued(at) => one(Unit::Week),
        "fortnight" | "fortnights" => one(Unit::Fortnight),
        "month" | "months" | "mos" => one(Unit::Month),
        "mo" if input.glued(at) => one(Unit::Month),
        "quarter" | "quarters" | "qtr" => one(Unit::Quarter),
        "year" | "years" | "yr" | "yrs" => one(Unit::Year),
        _ => None,
    }
}

/// A year in four digits between 1900 and 2199, or of two after an apostrophe.
pub(crate) fn year(input: &DateInput<'_>, at: usize) -> Parsed<i16> {
    let at = if input.word(at) == "'" && input.word(at + 1).len() == 2 { at + 1 } else { at };
    let word = input.word(at);
    let short = word.len() == 2 && at > 0 && input.word(at - 1) == "'";
    let n: i16 = word.parse().ok()?;
    match word.len() {
        4 if (1900..2200).contains(&n) => Some((n, at + 1)),
        2 if short => Some((full_year(n), at + 1)),
        _ => None,
    }
}

/// The year that two digits stand for: 1970 to 2069.
pub(crate) fn full_year(two_digits: i16) -> i16 {
    if two_digits >= 70 { 1900 + two_digits } else { 2000 + two_digits }
}
