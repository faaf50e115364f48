//! The days of a recurrence: "every 3rd Friday", "on Mondays", "the 1st and 15th of every month", "except weekends".

use jiff::civil::Weekday;
use tandem_protocol::order::sort_by;
use tandem_protocol::recurrence::{Frequency, Rule, WeekdayNumber};

use crate::dates::lexicon::{self, Unit};
use crate::dates::{Confidence, DateInput, Parsed, Piece, PieceKind};

use super::phrases::pieces;
use super::{Repeat, WORKING_DAYS};

/// The place after words that take something out of a recurrence: "except", "other than", "but not".
pub(crate) fn exception(input: &DateInput<'_>, at: usize) -> Option<usize> {
    let start = input.skip(at, &[","]);
    let next = match (input.word(start), input.word(start + 1)) {
        ("but", "not") | ("other", "than") | ("apart" | "aside", "from") | ("except", "for") => start + 2,
        ("except" | "excluding" | "but" | "without" | "excepting" | "not" | "skipping" | "minus", _) => start + 1,
        _ => return None,
    };
    Some(input.skip(input.skip(input.skip(next, &["not", "for"]), &["on"]), &["the"]))
}

/// "monthly on the last day", "every month on the first Monday", "weekly on Mondays": the days of a rule without any.
pub(super) fn on_a_day(input: &DateInput<'_>, at: usize, rule: &mut Rule) -> Option<usize> {
    if super::names_days(rule) {
        return None;
    }
    let start = input.skip(input.eat(at, &["on"])?, &["the"]);
    if rule.frequency == Frequency::Weekly {
        let (days, next) = weekday_list(input, start)?;
        // A single weekday is read with the time beside it.
        let plural = lexicon::weekdays(input.word(start)).is_some();
        rule.days = days.iter().map(|day| (*day).into()).collect();
        return (plural || days.len() > 1).then_some(next);
    }
    if rule.frequency != Frequency::Monthly {
        return None;
    }
    if let Some((Rule { days, .. }, next)) = nth_of_month(input, start) {
        rule.days = days;
        return Some(next);
    }
    let (days, next) = month_days(input, start)?;
    // A single day is read with the time beside it; only what a date cannot say is read here.
    if days.len() == 1 && days != [-1] {
        return None;
    }
    rule.month_days = days;
    Some(next)
}

/// "daily except weekends", "every weekday but Friday": a weekly rule of the other days.
pub(super) fn without_days(input: &DateInput<'_>, at: usize, rule: &mut Rule) -> Option<usize> {
    let start = exception(input, at)?;
    let (excepted, next) = match input.word(start) {
        "weekend" | "weekends" => (vec![Weekday::Saturday, Weekday::Sunday], start + 1),
        "weekdays" | "workdays" => (WORKING_DAYS.to_vec(), start + 1),
        _ => weekday_list(input, start)?,
    };
    let all: Vec<Weekday> = match (rule.frequency, rule.interval) {
        (Frequency::Daily, 1) => (0..7).map(|n| Weekday::Monday.wrapping_add(n)).collect(),
        (Frequency::Weekly, 1) if rule.days.iter().all(|day| day.nth.is_none()) => {
            rule.days.iter().map(|day| day.weekday).collect()
        }
        _ => return None,
    };
    let left: Vec<Weekday> = all.into_iter().filter(|day| !excepted.contains(day)).collect();
    if left.is_empty() {
        return None;
    }
    *rule = Rule { end: rule.end, ..Rule::weekly(&left) };
    Some(next)
}

/// Weekdays in a row: "Monday, Wednesday and Friday", "other Tuesday", "3rd Friday", "last Friday of the month".
pub(super) fn on_weekdays(input: &DateInput<'_>, at: usize) -> Parsed<Vec<Piece>> {
    // "every second Thursday" is every other one; of a month it is one Thursday.
    let second = |(n, next): &(u32, usize)| {
        *n == 2 && lexicon::weekday(input.word(*next)).is_some() && of_month(input, next + 1).is_none()
    };
    let second = lexicon::ordinal(input, at).filter(second);
    if let (None, Some((nth, next))) = (second, nth_of_month(input, at)) {
        return Some(pieces(nth, Confidence::Sure, next));
    }
    let other = input.any(at, &["other", "alternate"]).then_some((2, at + 1));
    let (interval, start) = second.or(other).unwrap_or((1, at));
    let (days, next) = weekday_list(input, start)?;
    let (mut found, next) = pieces(Rule { interval, ..Rule::weekly(&days) }, Confidence::Sure, next);
    // "every Monday morning": the part of the day belongs to the rule, although "morning" alone would be weak.
    let Some(part) = crate::dates::part_named(input.word(next)) else { return Some((found, next)) };
    found.push(Piece::new(PieceKind::Part(part), Confidence::Sure));
    Some((found, next + 1))
}

/// "3rd Friday", "last Monday", "second Tuesday of the month", "first Monday of every month", "last working day".
pub(super) fn nth_of_month(input: &DateInput<'_>, at: usize) -> Parsed<Rule> {
    let (first, mut next) = crate::dates::nth(input, at)?;
    if let Some((Unit::WorkDay, end)) = lexicon::unit(input, next) {
        // Positions count among the working days of the month, so it has to be said that it is one.
        let end = of_month(input, end)?;
        let rule = Rule { days: WORKING_DAYS.map(Into::into).to_vec(), ..Rule::every(1, Frequency::Monthly) };
        return Some((Rule { positions: vec![first.into()], ..rule }, end));
    }
    let mut places = vec![first];
    // "2nd and 4th Tuesday".
    loop {
        let joint = input.skip(input.skip(input.skip(next, &[","]), &["and", "&"]), &["the"]);
        let Some((place, end)) = crate::dates::nth(input, joint).filter(|_| joint > next) else { break };
        places.push(place);
        next = end;
    }
    let day = lexicon::weekday(input.word(next)).map(|(day, _)| day).or_else(|| lexicon::weekdays(input.word(next)))?;
    let days = places.into_iter().map(|nth| nth_weekday(nth, day)).collect();
    let rule = Rule { days, ..Rule::every(1, Frequency::Monthly) };
    Some((rule, of_month(input, next + 1).unwrap_or(next + 1)))
}

pub(crate) fn nth_weekday(nth: i8, weekday: Weekday) -> WeekdayNumber {
    WeekdayNumber { weekday, nth: Some(nth.into()) }
}

/// "of the month", "of each month", "every month".
fn of_month(input: &DateInput<'_>, at: usize) -> Option<usize> {
    let start = input.skip(at, &["of", "in"]);
    let start = if input.any(start, &["the", "every", "each", "a"]) { start + 1 } else { return None };
    (input.any(start, &["month", "months"])).then_some(start + 1)
}

fn weekday_list(input: &DateInput<'_>, at: usize) -> Parsed<Vec<Weekday>> {
    let name = |at: usize| {
        let word = input.word(at);
        lexicon::weekdays(word).or_else(|| lexicon::weekday(word).map(|(day, _)| day))
    };
    let first = name(at)?;
    if input.any(at + 1, &["-", "to", "thru", "through"])
        && let Some(last) = name(at + 2)
    {
        let days = i16::from(first.until(last));
        let all = (0..=days).map(|n| first.wrapping_add(n)).collect();
        return Some((all, at + 3));
    }
    let mut days = vec![first];
    let mut next = at + 1;
    loop {
        let joint = input.skip(input.skip(next, &[","]), &["and", "&", "/", "or"]);
        // "every monday wednesday friday".
        match name(joint) {
            Some(day) => {
                if !days.contains(&day) {
                    days.push(day);
                }
                next = joint + 1;
            }
            None => return Some((days, next)),
        }
    }
}

/// "15th", "15th of the month", "March 3rd", "last day of the month".
pub(super) fn on_month_days(input: &DateInput<'_>, at: usize) -> Parsed<Vec<Piece>> {
    if let Some((Piece { what: PieceKind::Date(date), .. }, next)) = crate::dates::month_and_day(input, at) {
        let rule =
            Rule { months: vec![date.month()], month_days: vec![date.day()], ..Rule::every(1, Frequency::Yearly) };
        return Some(pieces(rule, Confidence::Sure, next));
    }
    let (month_days, next) = month_days(input, at)?;
    let rule = Rule { month_days, ..Rule::every(1, Frequency::Monthly) };
    Some(pieces(rule, Confidence::Sure, of_month(input, next).unwrap_or(next)))
}

/// "15th", "1st and 15th", "1st, 10th and last day": days of a month.
fn month_days(input: &DateInput<'_>, at: usize) -> Parsed<Vec<i8>> {
    let one = |at: usize| -> Parsed<i8> {
        let start = input.skip(at, &["the"]);
        if let Some(next) = input.eat(start, &["last", "day"]) {
            return Some((-1, next));
        }
        let (day, next) = lexicon::ordinal(input, start)?;
        Some((i8::try_from(day).ok().filter(|day| (1..=31).contains(day))?, next))
    };
    let (first, mut next) = one(at)?;
    let mut days = vec![first];
    loop {
        let joint = input.skip(input.skip(next, &[","]), &["and", "&"]);
        match one(joint).filter(|_| joint > next) {
            Some((day, end)) => {
                days.push(day);
                next = end;
            }
            None => break,
        }
    }
    sort_by(&mut days, Ord::cmp);
    days.dedup();
    Some((days, next))
}

/// "on Mondays", "Tuesdays and Thursdays", "alternate Fridays". Weak without "on": "Ruby Tuesdays".
pub(super) fn plural(input: &DateInput<'_>, at: usize) -> Parsed<Vec<Piece>> {
    let alternate = input.any(at, &["alternate", "alternating"]);
    let start = if alternate { at + 1 } else { at };
    lexicon::weekdays(input.word(start))?;
    let (days, next) = weekday_list(input, start)?;
    let (interval, confidence) = if alternate { (2, Confidence::Sure) } else { (1, Confidence::Weak) };
    Some(pieces(Rule { interval, ..Rule::weekly(&days) }, confidence, next))
}

/// "the 15th of every month", "second Tuesday of each month", "last day of every month".
pub(super) fn day_of_every_month(input: &DateInput<'_>, at: usize) -> Parsed<Vec<Piece>> {
    let start = input.skip(at, &["the"]);
    let (found, next) = nth_of_month(input, start)
        .map(|(rule, next)| pieces(rule, Confidence::Sure, next))
        .or_else(|| on_month_days(input, start))?;
    // Without "every" the same words are one date: "the 15th of the month".
    let said_every = (start..next).any(|i| input.any(i, &["every", "each"]));
    // "the first and third Monday of the month" are several, so they recur.
    let several = input.any(next - 1, &["month", "months"])
        && matches!(found.first(), Some(Piece { what: PieceKind::Repeat(Repeat { rule, .. }), .. }) if rule.days.len() > 1 && rule.positions.is_empty());
    (said_every || several).then_some((found, next))
}

/// "Monday to Friday at 7" is a recurrence without "every"; "a trip Monday to Friday" is a range of days.
pub(super) fn working_week(input: &DateInput<'_>, at: usize) -> Parsed<Vec<Piece>> {
    let (days, next) = weekday_list(input, at)?;
    // Only a range of three words: five names in a row do not mean a recurrence without "every".
    if days != WORKING_DAYS || next != at + 3 {
        return None;
    }
    // The words alone are what somebody has written for how often.
    let alone = at == 0 && !input.has(next);
    let plural = lexicon::weekdays(input.word(at)).is_some();
    let timed = || (0..input.tokens.len()).any(|place| crate::dates::names_time(input, place));
    (alone || plural || timed()).then(|| pieces(Rule::weekly(&WORKING_DAYS), Confidence::Sure, next))
}

/// "October": the first day of it, each year.
pub(super) fn in_month(input: &DateInput<'_>, at: usize) -> Parsed<Vec<Piece>> {
    let month = lexicon::month(input.word(at)).filter(|_| !input.any(at, &["may", "mar", "march", "sep", "dec"]))?;
    let rule = Rule { months: vec![month], month_days: vec![1], ..Rule::every(1, Frequency::Yearly) };
    Some(pieces(rule, Confidence::Sure, at + 1))
}
