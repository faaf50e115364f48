//! Phrases that say how often a task recurs: "daily", "every other Tuesday", "once a week", "3 days after completion".

use jiff::civil::Weekday;
use tandem_protocol::enums::Anchor;
use tandem_protocol::recurrence::{Frequency, Rule};

use crate::dates::lexicon::{self, Unit};
use crate::dates::{Clock, Confidence, DateInput, Half, Parsed, Part, Piece, PieceKind};

use super::days::{
    day_of_every_month, in_month, on_a_day, on_month_days, on_weekdays, plural, without_days, working_week,
};
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

pub(super) fn pieces(rule: Rule, confidence: Confidence, next: usize) -> (Vec<Piece>, usize) {
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
    let all = input.any(at, &["all"]) && input.any(at + 1, &["days", "weekdays", "weekends"]);
    if !all && !input.any(at, &["every", "each", "ever"]) {
        return None;
    }
    let from_completion = input.word(at + 1) == "!";
    let start = if from_completion { at + 2 } else { at + 1 };
    let start = input.skip(start, &["single"]);
    let (mut found, next) = counted_unit(input, start)
        .or_else(|| on_weekdays(input, start))
        .or_else(|| on_month_days(input, start))
        .or_else(|| in_month(input, start))
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

/// "after completion", "after I finish it", "after each time I do it", "after I last did it".
fn completed(input: &DateInput<'_>, at: usize) -> Option<usize> {
    let start = input.eat(at, &["after"]).or_else(|| input.eat(at, &["from"]))?;
    let start = input.eat(start, &["each", "time"]).or_else(|| input.eat(start, &["every", "time"])).unwrap_or(start);
    let start = input.skip(input.skip(start, &["the"]), &["last", "time"]);
    let start = input.skip(input.skip(start, &["time"]), &["i", "it", "its"]);
    let start = input.skip(start, &["is", "last", "gets", "was", "have", "had"]);
    let start = input.skip(start, &["last"]);
    let verbs = &[
        "completion",
        "completing",
        "complete",
        "completed",
        "finish",
        "finishing",
        "finished",
        "done",
        "doing",
        "do",
        "did",
    ];
    let next = if input.any(start, verbs) { start + 1 } else { return None };
    Some(input.skip(input.skip(next, &["it"]), &["last"]))
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
