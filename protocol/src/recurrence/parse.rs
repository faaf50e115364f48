//! From an RRULE value to a rule. A test per refusal is in `tests.rs`.

use super::{End, Frequency, Rule, RuleError, WeekdayNumber};
use crate::{calendar::WEEKDAYS, order::sort_by};
use jiff::civil::{Date, Time, Weekday};
use std::{ops::RangeInclusive, str::FromStr};

/// Length of the longest text, in bytes.
pub(super) const MAX_BYTES: usize = 500;
const MAX_INTERVAL: u32 = 1_000;
/// `COUNT` is counted date by date; ten thousand days are 27 years.
const MAX_COUNT: u32 = 10_000;

/// The two letters of each weekday, from Monday.
const LETTERS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

/// A weekday as rules write it, `MO` to `SU`.
pub(super) fn letters(weekday: Weekday) -> &'static str {
    let index = usize::try_from(weekday.to_monday_zero_offset()).unwrap_or_default();
    LETTERS[index]
}

pub(super) fn rule(text: &str) -> Result<Rule, RuleError> {
    if text.len() > MAX_BYTES {
        return Err(RuleError::TooLong);
    }
    // Names and values of properties are case-insensitive (RFC 5545, 2).
    let text = text.trim().to_ascii_uppercase();
    let mut parts = Parts::split(text.strip_prefix("RRULE:").unwrap_or(&text))?;
    let frequency = frequency(parts.take("FREQ"))?;
    let rule = Rule {
        frequency,
        interval: parts.number("INTERVAL", 1..=MAX_INTERVAL)?.unwrap_or(1),
        end: end(&mut parts)?,
        months: parts.list("BYMONTH", |text| number(text, 1..=12), RuleError::Months)?,
        month_days: parts.list("BYMONTHDAY", |text| either_end(text, 31), RuleError::MonthDays)?,
        days: weekdays(parts.list("BYDAY", weekday_number, RuleError::Days)?),
        positions: parts.list("BYSETPOS", |text| either_end(text, 366), RuleError::Positions)?,
        week_start: week_start(parts.take("WKST"))?,
    };
    // An unknown part is refused and not ignored: the rule would have other dates than its author meant.
    parts.finish()?;
    check(&rule)?;
    Ok(rule)
}

/// The parts of a rule by name. A part that is left when all known ones were taken is unknown.
struct Parts<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Parts<'a> {
    fn split(text: &'a str) -> Result<Self, RuleError> {
        let mut parts = Vec::new();
        for part in text.split(';') {
            let (name, value) = part.split_once('=').ok_or(RuleError::NoParts)?;
            if parts.iter().any(|(known, _)| *known == name) {
                return Err(RuleError::Twice(name.to_owned()));
            }
            parts.push((name, value));
        }
        Ok(Self(parts))
    }

    fn take(&mut self, name: &str) -> Option<&'a str> {
        let at = self.0.iter().position(|(known, _)| *known == name)?;
        // The order of the parts has no meaning (RFC 5545, 3.3.10).
        Some(self.0.swap_remove(at).1)
    }

    fn number(&mut self, name: &'static str, range: RangeInclusive<u32>) -> Result<Option<u32>, RuleError> {
        let refusal = RuleError::Number { name, least: *range.start(), most: *range.end() };
        self.take(name).map(|text| number(text, range).ok_or(refusal)).transpose()
    }

    /// A list, sorted and without duplicates.
    fn list<T: Clone + PartialEq + SortKey>(
        &mut self,
        name: &str,
        read: impl Fn(&str) -> Option<T>,
        refusal: RuleError,
    ) -> Result<Vec<T>, RuleError> {
        let Some(text) = self.take(name) else { return Ok(Vec::new()) };
        let items: Option<Vec<T>> = text.split(',').map(read).collect();
        let mut items = items.ok_or(refusal)?;
        sort_by(&mut items, |one, other| one.key().cmp(&other.key()));
        items.dedup();
        Ok(items)
    }

    fn finish(self) -> Result<(), RuleError> {
        match self.0.first() {
            None => Ok(()),
            Some((name, _)) => Err(RuleError::Unknown((*name).to_owned())),
        }
    }
}

/// The order of a list in the canonical text.
trait SortKey {
    fn key(&self) -> (i16, i16);
}

impl SortKey for i8 {
    fn key(&self) -> (i16, i16) {
        (i16::from(*self), 0)
    }
}

impl SortKey for i16 {
    fn key(&self) -> (i16, i16) {
        (*self, 0)
    }
}

impl SortKey for WeekdayNumber {
    fn key(&self) -> (i16, i16) {
        (i16::from(self.weekday.to_monday_zero_offset()), self.nth.unwrap_or_default())
    }
}

fn frequency(text: Option<&str>) -> Result<Frequency, RuleError> {
    // A frequency of the RFC that this crate has no value for; it deserves the same reason as HOURLY.
    if text == Some("SECONDLY") {
        return Err(RuleError::TooOften);
    }
    let known = |text: &str| Frequency::ALL.into_iter().find(|frequency| frequency.as_str() == text);
    text.and_then(known).ok_or(RuleError::Frequency)
}

fn end(parts: &mut Parts<'_>) -> Result<End, RuleError> {
    match (parts.number("COUNT", 0..=MAX_COUNT)?, parts.take("UNTIL")) {
        (None, None) => Ok(End::Never),
        (Some(count), None) => Ok(End::Count(count)),
        (None, Some(text)) => until(text).map(End::Until).ok_or(RuleError::Until),
        (Some(_), Some(_)) => Err(RuleError::TwoEnds),
    }
}

/// A date, or the date of a date with a time. Tasks recur by the day, so the time adds nothing.
fn until(text: &str) -> Option<Date> {
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time.strip_suffix('Z').unwrap_or(time))),
        None => (text, None),
    };
    let digits = |text: &str, len| text.len() == len && text.bytes().all(|digit| digit.is_ascii_digit());
    if !digits(date, 8) || time.is_some_and(|time| !digits(time, 6)) {
        return None;
    }
    // The time is dropped, but a time that no clock shows is a mistake all the same.
    if let Some(time) = time {
        Time::new(time[..2].parse().ok()?, time[2..4].parse().ok()?, time[4..].parse().ok()?, 0).ok()?;
    }
    Date::new(date[..4].parse().ok()?, date[4..6].parse().ok()?, date[6..].parse().ok()?).ok()
}

fn week_start(text: Option<&str>) -> Result<Weekday, RuleError> {
    let Some(text) = text else { return Ok(Weekday::Monday) };
    weekday(text).ok_or(RuleError::WeekStart)
}

fn weekday(text: &str) -> Option<Weekday> {
    LETTERS.iter().position(|letters| *letters == text).map(|index| WEEKDAYS[index])
}

fn weekday_number(text: &str) -> Option<WeekdayNumber> {
    let split = text.len().checked_sub(2).filter(|at| text.is_char_boundary(*at))?;
    let (nth, day) = text.split_at(split);
    // A year has at most 53 of each weekday; a month is checked later, when the frequency is known.
    let nth = if nth.is_empty() { None } else { Some(either_end(nth, 53)?) };
    Some(WeekdayNumber { weekday: weekday(day)?, nth })
}

/// Drops the n-th weekdays that a plain weekday of the list includes.
fn weekdays(mut days: Vec<WeekdayNumber>) -> Vec<WeekdayNumber> {
    // "MO,2MO" has the dates of "MO"; equal rules have one canonical text.
    let each: Vec<Weekday> = days.iter().filter(|day| day.nth.is_none()).map(|day| day.weekday).collect();
    days.retain(|day| day.nth.is_none() || !each.contains(&day.weekday));
    days
}

/// A number from 1 to `max`, or from -1 to -`max`.
fn either_end<T: FromStr + Into<i64> + Copy>(text: &str, max: i64) -> Option<T> {
    // `parse` also reads a plus sign, which RFC 5545 allows ("+2TU").
    let value: T = text.parse().ok()?;
    (1..=max).contains(&value.into().abs()).then_some(value)
}

fn number<T: FromStr + PartialOrd>(text: &str, range: RangeInclusive<T>) -> Option<T> {
    text.parse().ok().filter(|value| range.contains(value))
}

/// Refuses a rule that contradicts itself, by RFC 5545 or by the calendar.
fn check(rule: &Rule) -> Result<(), RuleError> {
    let short = !matches!(rule.frequency, Frequency::Monthly | Frequency::Yearly);
    // The second and the last refusal are of rules without any date, the others are of rules that RFC 5545, 3.3.10 forbids.
    if short && rule.days.iter().any(|day| day.nth.is_some()) {
        return Err(RuleError::NumberedDays);
    }
    if rule.frequency == Frequency::Monthly && rule.days.iter().any(|day| day.nth.is_some_and(|nth| nth.abs() > 5)) {
        return Err(RuleError::SixthDay);
    }
    if rule.frequency == Frequency::Weekly && !rule.month_days.is_empty() {
        return Err(RuleError::WeeklyMonthDays);
    }
    if !rule.positions.is_empty() && rule.months.is_empty() && rule.month_days.is_empty() && rule.days.is_empty() {
        return Err(RuleError::LonePositions);
    }
    let longest = rule.months.iter().map(|month| longest_month(*month)).max();
    if let (Some(longest), Some(least)) = (longest, rule.month_days.iter().map(|day| day.abs()).min())
        && least > longest
    {
        return Err(RuleError::NoSuchDay);
    }
    Ok(())
}

fn longest_month(month: i8) -> i8 {
    match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
