//! Repetition in words: "daily", "every other Tuesday", "every 3rd Friday", "on Mondays", "once a week".

use jiff::civil::Weekday;

use crate::dates::lexicon::{self, Unit};
use crate::dates::{Clock, Firm, Half, Hit, Part, Phrase, Piece, Scene, What, phrase};

use super::{ByDay, Freq, Rule, WORKING_DAYS};

/// A repetition. Times of day that belong to it ("every morning") come back as a second piece.
pub(crate) fn repeat(scene: &Scene<'_>, at: usize) -> Hit<Vec<Piece>> {
    let start = scene.skip(at, &["repeat", "repeating", "repeats"]);
    every(scene, start)
        .or_else(|| once_a(scene, start))
        .or_else(|| adverb(scene, start))
        .or_else(|| plural(scene, start))
        .or_else(|| day_of_every_month(scene, start))
        .or_else(|| working_week(scene, start))
        .or_else(|| after_completion(scene, start))
}

fn pieces(rule: Rule, firm: Firm, next: usize) -> (Vec<Piece>, usize) {
    (vec![Piece::new(What::Repeat(rule), firm)], next)
}

fn freq(unit: Unit) -> (u32, Freq) {
    match unit {
        Unit::Minute => (1, Freq::Minutely),
        Unit::Hour => (1, Freq::Hourly),
        Unit::Day | Unit::WorkDay => (1, Freq::Daily),
        Unit::Week => (1, Freq::Weekly),
        Unit::Fortnight => (2, Freq::Weekly),
        Unit::Month => (1, Freq::Monthly),
        Unit::Quarter => (3, Freq::Monthly),
        Unit::Year => (1, Freq::Yearly),
    }
}

/// "daily", "weekly", "biweekly", "monthly", "every weekday" as "weekdays".
fn adverb(scene: &Scene<'_>, at: usize) -> Hit<Vec<Piece>> {
    let rule = match scene.word(at) {
        "daily" | "everyday" => Rule::every(1, Freq::Daily),
        "nightly" => {
            let piece = Piece::new(What::Repeat(Rule::every(1, Freq::Daily)), Firm::Fair);
            return Some((vec![piece, Piece::new(What::Part(Part::Night), Firm::Fair)], at + 1));
        }
        "hourly" => Rule::every(1, Freq::Hourly),
        "weekly" => Rule::every(1, Freq::Weekly),
        "biweekly" | "fortnightly" => Rule::every(2, Freq::Weekly),
        "monthly" => Rule::every(1, Freq::Monthly),
        "quarterly" => Rule::every(3, Freq::Monthly),
        "yearly" | "annually" => Rule::every(1, Freq::Yearly),
        "weekdays" => Rule::weekdays(),
        "weekends" => Rule::weekly(&[Weekday::Saturday, Weekday::Sunday]),
        _ => return None,
    };
    Some(pieces(rule, Firm::Fair, at + 1))
}

/// "every …", "each …".
fn every(scene: &Scene<'_>, at: usize) -> Hit<Vec<Piece>> {
    if !scene.any(at, &["every", "each", "ever"]) {
        return None;
    }
    let from_completion = scene.word(at + 1) == "!";
    let start = if from_completion { at + 2 } else { at + 1 };
    let start = scene.skip(start, &["single"]);
    let (mut found, next) = counted_unit(scene, start)
        .or_else(|| on_weekdays(scene, start))
        .or_else(|| on_month_days(scene, start))
        .or_else(|| part_of_day(scene, start))?;
    let (from_completion, next) = completed(scene, next).map_or((from_completion, next), |next| (true, next));
    if let Some(Piece { what: What::Repeat(rule), .. }) = found.first_mut() {
        rule.from_completion = from_completion;
    }
    // "ever" for "every" is a slip only before something that repeats for sure.
    let slip = scene.word(at) == "ever" && !matches!(found.first(), Some(Piece { firm: Firm::Sure, .. }));
    if slip { None } else { Some((found, next)) }
}

/// "after completion", "after I finish it".
fn completed(scene: &Scene<'_>, at: usize) -> Option<usize> {
    let start = scene.eat(at, &["after"]).or_else(|| scene.eat(at, &["from"]))?;
    let start = scene.skip(start, &["i", "it", "the", "its"]);
    let start = scene.skip(start, &["is", "last", "gets"]);
    let verbs =
        &["completion", "completing", "complete", "completed", "finish", "finishing", "finished", "done", "doing"];
    let next = if scene.any(start, verbs) { start + 1 } else { return None };
    Some(scene.skip(next, &["it"]))
}

/// "3 days after completion", "a week after I finish".
fn after_completion(scene: &Scene<'_>, at: usize) -> Hit<Vec<Piece>> {
    let (n, start) = lexicon::number(scene, at).or_else(|| scene.any(at, &["a", "an"]).then_some((1, at + 1)))?;
    let (unit, next) = lexicon::unit(scene, start)?;
    let next = completed(scene, next)?;
    let (times, freq) = freq(unit);
    let rule = Rule { from_completion: true, ..Rule::every(n.checked_mul(times)?, freq) };
    Some(pieces(rule, Firm::Sure, next))
}

/// "day", "2 weeks", "other month", "second week", "weekday", "weekend".
fn counted_unit(scene: &Scene<'_>, at: usize) -> Hit<Vec<Piece>> {
    let (n, start) = match scene.word(at) {
        "other" => (2, at + 1),
        _ => lexicon::ordinal(scene, at)
            .filter(|(n, next)| *n > 1 && lexicon::unit(scene, *next).is_some())
            .or_else(|| lexicon::number(scene, at))
            .unwrap_or((1, at)),
    };
    if scene.any(start, &["weekend", "weekends"]) {
        let rule = Rule { interval: n, ..Rule::weekly(&[Weekday::Saturday]) };
        return Some(pieces(rule, Firm::Sure, start + 1));
    }
    if let ("few" | "couple", next) = (scene.word(start), scene.skip(start + 1, &["of"])) {
        let (unit, end) = lexicon::unit(scene, next)?;
        let (times, freq) = freq(unit);
        return Some(pieces(
            Rule::every(if scene.word(start) == "few" { 3 } else { 2 } * times, freq),
            Firm::Sure,
            end,
        ));
    }
    let (unit, next) = lexicon::unit(scene, start)?;
    if unit == Unit::WorkDay && n == 1 {
        return Some(pieces(Rule::weekdays(), Firm::Sure, next));
    }
    let (times, freq) = freq(unit);
    Some(pieces(Rule::every(n.checked_mul(times).filter(|n| *n > 0 && *n <= 999)?, freq), Firm::Sure, next))
}

/// Weekdays in a row: "Monday, Wednesday and Friday", "other Tuesday", "3rd Friday", "last Friday of the month".
fn on_weekdays(scene: &Scene<'_>, at: usize) -> Hit<Vec<Piece>> {
    if let Some((nth, next)) = nth_of_month(scene, at) {
        return Some(pieces(nth, Firm::Sure, next));
    }
    let (interval, start) = if scene.word(at) == "other" { (2, at + 1) } else { (1, at) };
    let (days, next) = weekday_list(scene, start)?;
    let mut found = vec![Piece::new(What::Repeat(Rule { interval, ..Rule::weekly(&days) }), Firm::Sure)];
    match crate::dates::part_named(scene.word(next)) {
        Some(part) => {
            found.push(Piece::new(What::Part(part), Firm::Sure));
            Some((found, next + 1))
        }
        None => Some((found, next)),
    }
}

/// "3rd Friday", "last Monday", "second Tuesday of the month", "first Monday of every month".
fn nth_of_month(scene: &Scene<'_>, at: usize) -> Hit<Rule> {
    let (nth, next) = crate::dates::nth(scene, at)?;
    let day = lexicon::weekday(scene.word(next))?.0;
    let rule = Rule { by_day: vec![ByDay { nth: Some(nth), day }], ..Rule::every(1, Freq::Monthly) };
    Some((rule, of_month(scene, next + 1).unwrap_or(next + 1)))
}

/// "of the month", "of each month", "every month".
fn of_month(scene: &Scene<'_>, at: usize) -> Option<usize> {
    let start = scene.skip(at, &["of", "in"]);
    let start = if scene.any(start, &["the", "every", "each", "a"]) { start + 1 } else { return None };
    (scene.any(start, &["month", "months"])).then_some(start + 1)
}

fn weekday_list(scene: &Scene<'_>, at: usize) -> Hit<Vec<Weekday>> {
    let name = |at: usize| {
        let word = scene.word(at);
        lexicon::weekdays(word).or_else(|| lexicon::weekday(word).map(|(day, _)| day))
    };
    let first = name(at)?;
    if scene.any(at + 1, &["-", "to", "thru", "through"])
        && let Some(last) = name(at + 2)
    {
        let days = i16::from(first.until(last));
        let all = (0..=days).map(|n| first.wrapping_add(n)).collect();
        return Some((all, at + 3));
    }
    let mut days = vec![first];
    let mut next = at + 1;
    loop {
        let joint = scene.skip(scene.skip(next, &[","]), &["and", "&", "/", "or"]);
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
fn on_month_days(scene: &Scene<'_>, at: usize) -> Hit<Vec<Piece>> {
    if let Some(next) = scene.eat(at, &["last", "day"]) {
        let rule = Rule { by_month_day: vec![-1], ..Rule::every(1, Freq::Monthly) };
        return Some(pieces(rule, Firm::Sure, of_month(scene, next).unwrap_or(next)));
    }
    if let Some((Piece { what: What::Date(date), .. }, next)) = crate::dates::month_and_day(scene, at) {
        let rule =
            Rule { by_month: vec![date.month()], by_month_day: vec![date.day()], ..Rule::every(1, Freq::Yearly) };
        return Some(pieces(rule, Firm::Sure, next));
    }
    let (day, next) = lexicon::ordinal(scene, at)?;
    let day = i8::try_from(day).ok().filter(|day| (1..=31).contains(day))?;
    let rule = Rule { by_month_day: vec![day], ..Rule::every(1, Freq::Monthly) };
    Some(pieces(rule, Firm::Sure, of_month(scene, next).unwrap_or(next)))
}

/// "every morning", "every night".
fn part_of_day(scene: &Scene<'_>, at: usize) -> Hit<Vec<Piece>> {
    let part = crate::dates::part_named(scene.word(at))?;
    let daily = Piece::new(What::Repeat(Rule::every(1, Freq::Daily)), Firm::Sure);
    let noon = Clock { hour: 12, minute: 0, half: Some(Half::Pm) };
    let time = if part == Part::Noon { What::Clock(noon) } else { What::Part(part) };
    Some((vec![daily, Piece::new(time, Firm::Sure)], at + 1))
}

/// "once a week", "once every two weeks".
fn once_a(scene: &Scene<'_>, at: usize) -> Hit<Vec<Piece>> {
    let start = scene.eat(at, &["once"])?;
    if scene.any(start, &["every", "each"]) {
        return every(scene, start);
    }
    let (unit, next) = lexicon::unit(scene, if scene.any(start, &["a", "per"]) { start + 1 } else { return None })?;
    let (times, freq) = freq(unit);
    Some(pieces(Rule::every(times, freq), Firm::Sure, next))
}

/// "on Mondays", "Tuesdays and Thursdays". Weak without "on": "Ruby Tuesdays".
fn plural(scene: &Scene<'_>, at: usize) -> Hit<Vec<Piece>> {
    lexicon::weekdays(scene.word(at))?;
    let (days, next) = weekday_list(scene, at)?;
    Some(pieces(Rule::weekly(&days), Firm::Weak, next))
}

/// "the 15th of every month", "second Tuesday of each month", "last day of every month".
fn day_of_every_month(scene: &Scene<'_>, at: usize) -> Hit<Vec<Piece>> {
    let start = scene.skip(at, &["the"]);
    let (found, next) = nth_of_month(scene, start)
        .map(|(rule, next)| pieces(rule, Firm::Sure, next))
        .or_else(|| on_month_days(scene, start))?;
    let said_every = (start..next).any(|i| scene.any(i, &["every", "each"]));
    said_every.then_some((found, next))
}

/// "Monday to Friday".
fn working_week(scene: &Scene<'_>, at: usize) -> Hit<Vec<Piece>> {
    let (days, next) = weekday_list(scene, at)?;
    (days == WORKING_DAYS && next == at + 3).then(|| Some(pieces(Rule::weekdays(), Firm::Sure, next))).flatten()
}

/// What ends a repetition: "until December", "for 3 weeks", "5 times".
pub(crate) fn limit(scene: &Scene<'_>, at: usize) -> Hit<Piece> {
    let sure = |what, next| Some((Piece::new(what, Firm::Sure), next));
    if scene.any(at, &["until", "till", "til", "through", "ending", "ends"]) {
        let Phrase { draft, end, .. } = phrase(scene, scene.skip(at + 1, &["on"]))?;
        return sure(What::Until(draft.day(scene.now)?), end);
    }
    let start = scene.skip(at, &["for"]);
    let (n, next) = lexicon::number(scene, scene.skip(start, &["the"]).max(start)).filter(|(n, _)| *n > 0)?;
    if scene.any(next, &["times", "occurrences"]) {
        return sure(What::Times(n), next + 1);
    }
    let (unit, next) = lexicon::unit(scene, next).filter(|(unit, _)| start > at && !unit.is_short())?;
    let until = unit.after_day(scene.today(), n.into())?;
    sure(What::Until(until), next)
}
