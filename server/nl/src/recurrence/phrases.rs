//! Phrases that make a task recur: "daily", "every other Tuesday", "every 3rd Friday", "on Mondays", "once a week".

use jiff::civil::Weekday;
use tandem_protocol::enums::Anchor;
use tandem_protocol::order::sort_by;
use tandem_protocol::recurrence::{Frequency, Rule, WeekdayNumber};

use crate::dates::lexicon::{self, Unit};
use crate::dates::{Clock, Confidence, DateInput, Half, Parsed, Part, Phrase, Piece, PieceKind, phrase};

use super::{Repeat, WORKING_DAYS};

/// Reads a recurrence. A time of day that belongs to it ("every morning") is returned as a second piece.
pub(crate) fn repeat(input: &DateInput<'_>, at: usize) -> Parsed<Vec<Piece>> {
    let (mut found, next) = rule(input, at)?;
    let Some(Piece { what: PieceKind::Repeat(Repeat { rule, .. }), .. }) = found.first_mut() else {
        return Some((found, next));
    };
    let next = on_a_day(input, next, rule).unwrap_or(next);
    let Some(end) = without_days(input, next, rule) else { return Some((found, next)) };
    // "daily" may describe a noun, "daily except Sundays" cannot.
    if let Some(piece) = found.first_mut() {
        piece.confidence = Confidence::Sure;
    }
    Some((found, end))
}

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

/// "monthly on the last day", "every month on the first Monday": the day of a monthly rule.
fn on_a_day(input: &DateInput<'_>, at: usize, rule: &mut Rule) -> Option<usize> {
    if rule.frequency != Frequency::Monthly || super::names_days(rule) {
        return None;
    }
    let start = input.skip(input.eat(at, &["on"])?, &["the"]);
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
fn without_days(input: &DateInput<'_>, at: usize, rule: &mut Rule) -> Option<usize> {
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

fn rule(input: &DateInput<'_>, at: usize) -> Parsed<Vec<Piece>> {
    let start = input.skip(at, &["repeat", "repeating", "repeats"]);
    every(input, start)
        .or_else(|| once_a(input, start))
        .or_else(|| adverb(input, start))
        .or_else(|| plural(input, start))
        .or_else(|| day_of_every_month(input, start))
        .or_else(|| working_week(input, start))
        .or_else(|| after_completion(input, start))
}

fn pieces(rule: Rule, confidence: Confidence, next: usize) -> (Vec<Piece>, usize) {
    (vec![Piece::new(PieceKind::Repeat(rule.into()), confidence)], next)
}

fn freq(unit: Unit) -> (u32, Frequency) {
    match unit {
        Unit::Minute => (1, Frequency::Minutely),
        Unit::Hour => (1, Frequency::Hourly),
        Unit::Day | Unit::WorkDay => (1, Frequency::Daily),
        Unit::Week => (1, Frequency::Weekly),
        Unit::Fortnight => (2, Frequency::Weekly),
        Unit::Month => (1, Frequency::Monthly),
        Unit::Quarter => (3, Frequency::Monthly),
        Unit::Year => (1, Frequency::Yearly),
    }
}

/// "daily", "weekly", "biweekly", "monthly", "every weekday" as "weekdays".
fn adverb(input: &DateInput<'_>, at: usize) -> Parsed<Vec<Piece>> {
    let rule = match input.word(at) {
        "daily" | "everyday" => Rule::every(1, Frequency::Daily),
        "nightly" => {
            let piece = Piece::new(PieceKind::Repeat(Rule::every(1, Frequency::Daily).into()), Confidence::Fair);
            return Some((vec![piece, Piece::new(PieceKind::Part(Part::Night), Confidence::Fair)], at + 1));
        }
        "hourly" => Rule::every(1, Frequency::Hourly),
        "weekly" => Rule::every(1, Frequency::Weekly),
        "biweekly" | "fortnightly" => Rule::every(2, Frequency::Weekly),
        "monthly" => Rule::every(1, Frequency::Monthly),
        "quarterly" => Rule::every(3, Frequency::Monthly),
        "yearly" | "annually" => Rule::every(1, Frequency::Yearly),
        "weekdays" => Rule::weekly(&WORKING_DAYS),
        "weekends" => Rule::weekly(&[Weekday::Saturday, Weekday::Sunday]),
        _ => return None,
    };
    Some(pieces(rule, Confidence::Fair, at + 1))
}

/// "every …", "each …".
fn every(input: &DateInput<'_>, at: usize) -> Parsed<Vec<Piece>> {
    if !input.any(at, &["every", "each", "ever"]) {
        return None;
    }
    let from_completion = input.word(at + 1) == "!";
    let start = if from_completion { at + 2 } else { at + 1 };
    let start = input.skip(start, &["single"]);
    let (mut found, next) = counted_unit(input, start)
        .or_else(|| on_weekdays(input, start))
        .or_else(|| on_month_days(input, start))
        .or_else(|| part_of_day(input, start))?;
    let (from_completion, next) = completed(input, next).map_or((from_completion, next), |next| (true, next));
    if from_completion && let Some(Piece { what: PieceKind::Repeat(repeat), .. }) = found.first_mut() {
        repeat.anchor = Anchor::Completion;
    }
    // "ever" is a slip of "every" only before words that certainly mean a recurrence.
    let is_slip =
        input.word(at) == "ever" && !matches!(found.first(), Some(Piece { confidence: Confidence::Sure, .. }));
    if is_slip { None } else { Some((found, next)) }
}

/// "after completion", "after I finish it".
fn completed(input: &DateInput<'_>, at: usize) -> Option<usize> {
    let start = input.eat(at, &["after"]).or_else(|| input.eat(at, &["from"]))?;
    let start = input.skip(start, &["i", "it", "the", "its"]);
    let start = input.skip(start, &["is", "last", "gets"]);
    let verbs =
        &["completion", "completing", "complete", "completed", "finish", "finishing", "finished", "done", "doing"];
    let next = if input.any(start, verbs) { start + 1 } else { return None };
    Some(input.skip(next, &["it"]))
}

/// "3 days after completion", "a week after I finish".
fn after_completion(input: &DateInput<'_>, at: usize) -> Parsed<Vec<Piece>> {
    let (n, start) = lexicon::number(input, at).or_else(|| input.any(at, &["a", "an"]).then_some((1, at + 1)))?;
    let (unit, next) = lexicon::unit(input, start)?;
    let next = completed(input, next)?;
    let (times, freq) = freq(unit);
    let rule = Rule::every(n.checked_mul(times)?, freq);
    let repeat = Repeat { rule, anchor: Anchor::Completion };
    Some((vec![Piece::new(PieceKind::Repeat(repeat), Confidence::Sure)], next))
}

/// "day", "2 weeks", "other month", "second week", "weekday", "weekend".
fn counted_unit(input: &DateInput<'_>, at: usize) -> Parsed<Vec<Piece>> {
    let (n, start) = match input.word(at) {
        "other" => (2, at + 1),
        _ => lexicon::ordinal(input, at)
            .filter(|(n, next)| *n > 1 && lexicon::unit(input, *next).is_some())
            .or_else(|| lexicon::number(input, at))
            .unwrap_or((1, at)),
    };
    // One task for a weekend, due on its first day.
    if input.any(start, &["weekend", "weekends"]) {
        let rule = Rule { interval: n, ..Rule::weekly(&[Weekday::Saturday]) };
        return Some(pieces(rule, Confidence::Sure, start + 1));
    }
    if let ("few" | "couple", next) = (input.word(start), input.skip(start + 1, &["of"])) {
        let (unit, end) = lexicon::unit(input, next)?;
        let (times, freq) = freq(unit);
        let count = if input.word(start) == "few" { 3 } else { 2 };
        return Some(pieces(Rule::every(count * times, freq), Confidence::Sure, end));
    }
    let (unit, next) = lexicon::unit(input, start)?;
    if unit == Unit::WorkDay && n == 1 {
        return Some(pieces(Rule::weekly(&WORKING_DAYS), Confidence::Sure, next));
    }
    let (times, freq) = freq(unit);
    Some(pieces(Rule::every(n.checked_mul(times).filter(|n| *n > 0 && *n <= 999)?, freq), Confidence::Sure, next))
}

/// Weekdays in a row: "Monday, Wednesday and Friday", "other Tuesday", "3rd Friday", "last Friday of the month".
fn on_weekdays(input: &DateInput<'_>, at: usize) -> Parsed<Vec<Piece>> {
    if let Some((nth, next)) = nth_of_month(input, at) {
        return Some(pieces(nth, Confidence::Sure, next));
    }
    let (interval, start) = if input.word(at) == "other" { (2, at + 1) } else { (1, at) };
    let (days, next) = weekday_list(input, start)?;
    let (mut found, next) = pieces(Rule { interval, ..Rule::weekly(&days) }, Confidence::Sure, next);
    // "every Monday morning": the part of the day belongs to the rule, although "morning" alone would be weak.
    let Some(part) = crate::dates::part_named(input.word(next)) else { return Some((found, next)) };
    found.push(Piece::new(PieceKind::Part(part), Confidence::Sure));
    Some((found, next + 1))
}

/// "3rd Friday", "last Monday", "second Tuesday of the month", "first Monday of every month".
fn nth_of_month(input: &DateInput<'_>, at: usize) -> Parsed<Rule> {
    let (first, mut next) = crate::dates::nth(input, at)?;
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
        match name(joint).filter(|_| joint > next) {
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
fn on_month_days(input: &DateInput<'_>, at: usize) -> Parsed<Vec<Piece>> {
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

/// "every morning", "every night".
fn part_of_day(input: &DateInput<'_>, at: usize) -> Parsed<Vec<Piece>> {
    let part = crate::dates::part_named(input.word(at))?;
    let daily = Piece::new(PieceKind::Repeat(Rule::every(1, Frequency::Daily).into()), Confidence::Sure);
    let noon = Clock { hour: 12, minute: 0, half: Some(Half::Pm) };
    let time = if part == Part::Noon { PieceKind::Clock(noon) } else { PieceKind::Part(part) };
    Some((vec![daily, Piece::new(time, Confidence::Sure)], at + 1))
}

/// "once a week", "once every two weeks".
fn once_a(input: &DateInput<'_>, at: usize) -> Parsed<Vec<Piece>> {
    let start = input.eat(at, &["once"])?;
    if input.any(start, &["every", "each"]) {
        return every(input, start);
    }
    let (unit, next) = lexicon::unit(input, if input.any(start, &["a", "per"]) { start + 1 } else { return None })?;
    let (times, freq) = freq(unit);
    Some(pieces(Rule::every(times, freq), Confidence::Sure, next))
}

/// "on Mondays", "Tuesdays and Thursdays". Weak without "on": "Ruby Tuesdays".
fn plural(input: &DateInput<'_>, at: usize) -> Parsed<Vec<Piece>> {
    lexicon::weekdays(input.word(at))?;
    let (days, next) = weekday_list(input, at)?;
    Some(pieces(Rule::weekly(&days), Confidence::Weak, next))
}

/// "the 15th of every month", "second Tuesday of each month", "last day of every month".
fn day_of_every_month(input: &DateInput<'_>, at: usize) -> Parsed<Vec<Piece>> {
    let start = input.skip(at, &["the"]);
    let (found, next) = nth_of_month(input, start)
        .map(|(rule, next)| pieces(rule, Confidence::Sure, next))
        .or_else(|| on_month_days(input, start))?;
    // Without "every" the same words are one date: "the 15th of the month".
    let said_every = (start..next).any(|i| input.any(i, &["every", "each"]));
    // "the first and third Monday of the month" are several, so they recur.
    let several = input.any(next - 1, &["month", "months"])
        && matches!(found.first(), Some(Piece { what: PieceKind::Repeat(Repeat { rule, .. }), .. }) if rule.days.len() > 1);
    (said_every || several).then_some((found, next))
}

/// "Monday to Friday" is a recurrence without "every".
fn working_week(input: &DateInput<'_>, at: usize) -> Parsed<Vec<Piece>> {
    let (days, next) = weekday_list(input, at)?;
    // Only a range of three words: five names in a row do not mean a recurrence without "every".
    (days == WORKING_DAYS && next == at + 3).then(|| pieces(Rule::weekly(&WORKING_DAYS), Confidence::Sure, next))
}

/// What ends a repetition: "until December", "for 3 weeks", "5 times".
pub(crate) fn limit(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    let sure = |what, next| Some((Piece::new(what, Confidence::Sure), next));
    if input.any(at, &["until", "till", "til", "through", "thru", "ending", "ends", "up"]) {
        let start = if input.word(at) == "up" { input.eat(at, &["up", "to"])? } else { input.skip(at + 1, &["on"]) };
        let Phrase { draft, end, .. } = phrase(input, start)?;
        // "through December" includes it.
        let whole = input.any(at, &["through", "thru"]).then(|| draft.last_day()).flatten();
        return sure(PieceKind::Until(whole.or_else(|| draft.day(input.now))?), end);
    }
    let start = input.skip(at, &["for"]);
    if start > at
        && let Some((last, end)) = crate::dates::rest_of_period(input, start)
    {
        return sure(PieceKind::Until(last), end);
    }
    if let Some((n, next)) = lexicon::number(input, input.skip(start, &["the"])).filter(|(n, _)| *n > 0)
        && input.any(next, &["times", "occurrences"])
    {
        return sure(PieceKind::Times(n), next + 1);
    }
    if start > at { span(input, start) } else { None }
}

/// How long a repetition lasts: "3 weeks", "the next 30 days", "a year".
pub(crate) fn span(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    let counted = input.skip(input.skip(at, &["the"]), &["next", "following", "coming"]);
    let (n, next) = match input.word(counted) {
        "a" | "an" => (1, counted + 1),
        _ => lexicon::number(input, counted).filter(|(n, _)| *n > 0)?,
    };
    let (unit, next) = lexicon::unit(input, next).filter(|(unit, _)| !unit.is_short())?;
    Some((Piece::new(PieceKind::For(n, unit), Confidence::Sure), next))
}
