//! Amounts of time: "20 minutes", "an hour and a half", "a couple of days", "three quarters of an hour".

use jiff::civil::{DateTime, Weekday};

use super::lexicon::{Unit, number, unit};
use super::rare::READ;
use super::{DateInput, Parsed};
use tandem_protocol::calendar as steps;

/// An amount of time: "20 minutes", "an hour and a half", "2.5 hours", "a couple of days", "1 hour 5 minutes".
#[derive(Debug, Clone, Copy)]
pub(crate) struct Amount {
    /// The part that is given in hours or minutes, in minutes.
    pub(super) minutes: i32,
    /// In whole units of a day or more.
    pub(super) long: Option<(u32, Unit)>,
    /// A second, smaller long unit ("2 months, 5 days").
    pub(super) rest: Option<(u32, Unit)>,
}

impl Amount {
    /// Whether it leads to a minute, and not just to a day.
    pub(super) fn is_short(&self) -> bool {
        self.long.is_none() || self.minutes != 0
    }

    /// The moment so far from another; `sign` is 1 or -1.
    pub(super) fn from(&self, base: DateTime, sign: i32) -> Option<DateTime> {
        let mut moment = steps::minutes(base, i64::from(sign) * i64::from(self.minutes))?;
        for (n, unit) in [self.long, self.rest].into_iter().flatten() {
            let n = sign.checked_mul(i32::try_from(n).ok()?)?;
            moment = if unit == Unit::WorkDay { work_days(moment, n)? } else { unit.after_moment(moment, n.into())? };
        }
        Some(moment)
    }
}

fn work_days(mut moment: DateTime, n: i32) -> Option<DateTime> {
    let mut left = n.abs();
    while left > 0 {
        moment = steps::days_at(moment, n.signum().into())?;
        if !matches!(moment.date().weekday(), Weekday::Saturday | Weekday::Sunday) {
            left -= 1;
        }
    }
    Some(moment)
}

/// Reads an amount of time.
pub(crate) fn amount(input: &DateInput<'_>, at: usize) -> Parsed<Amount> {
    // Amounts in a row make one: "1 hour 5 minutes", "2 months, 5 days", "1d 2h 5m".
    let (mut whole, mut next) = one_amount(input, at)?;
    for _ in 0..2 {
        let joined = input.skip(input.skip(next, &[","]), &["and"]);
        let Some((more, end)) = one_amount(input, joined) else { break };
        match (whole.long, more.long) {
            (_, None) => whole.minutes = whole.minutes.checked_add(more.minutes)?,
            (Some(_), Some(small)) if whole.minutes == 0 && whole.rest.is_none() => whole.rest = Some(small),
            _ => break,
        }
        next = end;
    }
    Some((whole, next))
}

fn one_amount(input: &DateInput<'_>, at: usize) -> Parsed<Amount> {
    let short = |minutes, next| Some((Amount { minutes, long: None, rest: None }, next));
    if input.word(at) == "half" || (input.any(at, &["a", "1"]) && input.word(at + 1) == "half") {
        let start = if input.word(at) == "half" { at + 1 } else { at + 2 };
        if let (Unit::Hour, next) = unit(input, input.skip(start, &["a", "an"]))? {
            return short(30, next);
        }
        return None;
    }
    if let Some((quarters, next)) = quarters(input, at) {
        return short(15 * quarters, next);
    }
    if input.word(at + 1) == "/" && input.glued(at + 1) {
        let (top, (bottom, next)) = (number(input, at)?.0, number(input, at + 2).filter(|(n, _)| (2..=4).contains(n))?);
        let (Unit::Hour, next) = unit(input, input.skip(input.skip(next, &["of"]), &["a", "an"]))? else { return None };
        return short(i32::try_from(60 * top / bottom).ok()?, next);
    }
    let (n, tenths, next) = count(input, at)?;
    let half_before = input.eat(next, &["and", "a", "half"]);
    let (unit, next) = unit(input, half_before.unwrap_or(next))?;
    let half_after = input.eat(next, &["and", "a", "half"]);
    let half = half_before.is_some() || half_after.is_some();
    let next = half_after.unwrap_or(next);
    // "2.5 hours" is exact, "2.5 months" is not, so long units have no fraction.
    if !unit.is_short() {
        return (tenths == 0).then_some((Amount { minutes: 0, long: Some((n, unit)), rest: None }, next));
    }
    let each = if unit == Unit::Hour { 60 } else { 1 };
    let n = i32::try_from(n).ok()?;
    // "1h30".
    if READ && unit == Unit::Hour && !half && input.glued(next) && input.word(next).len() == 2 && !input.glued(next + 1)
    {
        let (minutes, end) = number(input, next).filter(|(minutes, _)| *minutes < 60)?;
        return short(n.checked_mul(60)?.checked_add(i32::try_from(minutes).ok()?)?, end);
    }
    let extra = i32::try_from(tenths).ok()? * each / 10 + if half { each / 2 } else { 0 };
    short(n.checked_mul(each)?.checked_add(extra)?, next)
}

/// "a quarter of an hour", "three quarters of an hour", "quarter hour".
fn quarters(input: &DateInput<'_>, at: usize) -> Parsed<i32> {
    let (n, start) = match input.word(at) {
        "quarter" => (1, at),
        "a" => (1, at + 1),
        _ => number(input, at).filter(|(n, _)| (1..=3).contains(n))?,
    };
    let next = if input.any(start, &["quarter", "quarters"]) { start + 1 } else { return None };
    let next = input.skip(input.skip(next, &["of"]), &["a", "an"]);
    let (Unit::Hour, next) = unit(input, next)? else { return None };
    Some((i32::try_from(n).ok()?, next))
}

/// How many: "3", "2.5", "a", "a couple of", "a few".
fn count(input: &DateInput<'_>, at: usize) -> Option<(u32, u32, usize)> {
    let start = input.skip(at, &["a"]);
    match input.word(start) {
        "couple" | "pair" => return Some((2, 0, input.skip(start + 1, &["of"]))),
        // "a few hour" is no amount of time.
        "few" if input.word(start + 1).ends_with('s') => return Some((3, 0, start + 1)),
        _ => {}
    }
    if input.any(at, &["a", "an"]) {
        return Some((1, 0, at + 1));
    }
    let (n, next) = number(input, at)?;
    if input.word(next) == "." && input.glued(next) && input.glued(next + 1) && input.word(next + 1).len() == 1 {
        let (tenths, end) = number(input, next + 1)?;
        return Some((n, tenths, end));
    }
    Some((n, 0, next))
}
