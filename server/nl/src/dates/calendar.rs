//! Dates by the name of the month: "5 December", "Dec 5th, 2026", "the 15th", "first Tuesday in October", "in March".

use jiff::civil::Date;

use super::lexicon::{day_number, full_year, month, ordinal, weekday, year};
use super::{Firm, Hit, Piece, Scene, What, numeric::numeric};
use crate::shift;

/// A date of the calendar, in words or figures.
pub(crate) fn calendar(scene: &Scene<'_>, at: usize) -> Hit<Piece> {
    numeric(scene, at)
        .or_else(|| nth_weekday(scene, at))
        .or_else(|| day_month(scene, at))
        .or_else(|| month_day(scene, at))
        .or_else(|| month_day_number(scene, at))
        .or_else(|| month_alone(scene, at))
}

/// The next such day from today on; for 29 February the next year that has one.
pub(crate) fn upcoming(scene: &Scene<'_>, month: i8, day: i8) -> Option<Date> {
    let today = scene.today();
    (0..=8).filter_map(|years| Date::new(today.year().checked_add(years)?, month, day).ok()).find(|date| *date >= today)
}

/// A year that may follow a day and month, also after a comma or "of"; two digits only where the text ends.
pub(crate) fn year_after(scene: &Scene<'_>, at: usize) -> Hit<i16> {
    let start = scene.skip(scene.skip(at, &[","]), &["of", "in"]);
    if let Some(hit) = full_year_after(scene, at) {
        return Some(hit);
    }
    let word = scene.word(start);
    let two_digits = word.len() == 2 && word.bytes().all(|b| b.is_ascii_digit()) && !scene.has(start + 1);
    if two_digits { Some((full_year(word.parse().ok()?), start + 1)) } else { None }
}

/// The same in four digits.
fn full_year_after(scene: &Scene<'_>, at: usize) -> Hit<i16> {
    let start = scene.skip(scene.skip(at, &[","]), &["of", "in"]);
    year(scene, start).filter(|(_, next)| !scene.any(*next, &["am", "pm", "hours"]))
}

fn dated(scene: &Scene<'_>, month: i8, day: i8, next: usize) -> Hit<Piece> {
    let (date, next) = match year_after(scene, next) {
        Some((year, end)) => (Date::new(year, month, day).ok()?, end),
        None => (upcoming(scene, month, day)?, next),
    };
    Some((Piece::new(What::Date(date), Firm::Sure), next))
}

/// "5 December", "the 5th of Dec", "5-Dec".
fn day_month(scene: &Scene<'_>, at: usize) -> Hit<Piece> {
    let start = scene.skip(at, &["the"]);
    let (day, next) = day_number(scene, start)?;
    let next = scene.skip(next, &["of", "-", "day"]);
    let next = scene.skip(next, &["of"]);
    let month = month(scene.word(next))?;
    dated(scene, month, day, dot(scene, next + 1))
}

/// "December 5", "Dec. the 5th".
fn month_day(scene: &Scene<'_>, at: usize) -> Hit<Piece> {
    let name = scene.word(at);
    let month = month(name)?;
    let start = scene.skip(scene.skip(dot(scene, at + 1), &["the"]), &["-"]);
    let figures = scene.word(start).bytes().all(|b| b.is_ascii_digit());
    let (day, next) = if figures || !matches!(name, "may" | "march" | "mar") {
        day_number(scene, start)?
    } else {
        ordinal(scene, start).and_then(|(n, next)| Some((i8::try_from(n).ok().filter(|d| *d <= 31)?, next)))?
    };
    // "Nov 5:30" and "March 5pm" name an hour.
    if scene.any(next, &[":", "am", "pm"]) {
        return None;
    }
    dated(scene, month, day, next)
}

fn dot(scene: &Scene<'_>, at: usize) -> usize {
    if scene.word(at) == "." && scene.glued(at) && scene.has(at + 1) { at + 1 } else { at }
}

/// "the 15th", "the 3rd of next month", "20 of this month".
fn month_day_number(scene: &Scene<'_>, at: usize) -> Hit<Piece> {
    let start = scene.skip(at, &["the"]);
    let in_month = |next: usize| named_month(scene, scene.eat(next, &["of"])?);
    if let Some((day, next)) = day_number(scene, start)
        && let Some((first, end)) = in_month(next)
    {
        let date = Date::new(first.year(), first.month(), day).ok()?;
        return Some((Piece::new(What::Date(date), Firm::Sure), end));
    }
    let (day, next) = ordinal(scene, start)?;
    let figures = scene.word(start).bytes().all(|b| b.is_ascii_digit());
    let day = i8::try_from(day).ok().filter(|day| (1..=31).contains(day))?;
    let led = at > 0
        && (scene.any(at - 1, &["on", "by", "before", "until", "due", "for"]) || weekday(scene.word(at - 1)).is_some());
    let allowed = figures || (start > at && led);
    allowed.then_some((Piece::new(What::MonthDay(day), Firm::Weak), next))
}

/// "this month", "next month", "the month": the first day of it.
fn named_month(scene: &Scene<'_>, at: usize) -> Hit<Date> {
    let this = scene.today().first_of_month();
    let start = scene.skip(at, &["the"]);
    let (months, next) = match (scene.word(start), scene.word(start + 1)) {
        ("this" | "current", "month") => (0, start + 2),
        ("next" | "following" | "coming", "month") => (1, start + 2),
        ("month", _) if start > at => (0, start + 1),
        _ => return None,
    };
    Some((shift::months(this, months)?, next))
}

/// "first Tuesday in October", "last Monday of March 2027", "second Tuesday of next month", "third Friday".
fn nth_weekday(scene: &Scene<'_>, at: usize) -> Hit<Piece> {
    let start = scene.skip(at, &["the"]);
    let (nth, next) = nth(scene, start)?;
    let day = weekday(scene.word(next))?.0;
    let joint = next + 1;
    let of = if scene.any(joint, &["of", "in"]) { Some(joint + 1) } else { None };
    if let Some((first, end)) = of.and_then(|of| month_start(scene, of)) {
        let date = first.nth_weekday_of_month(nth, day).ok()?;
        return Some((Piece::new(What::Date(date), Firm::Sure), end));
    }
    // "last Friday" by itself is the one that has been; "second Friday" waits for its month.
    (nth > 0).then_some((Piece::new(What::Nth(nth, day), Firm::Weak), joint))
}

/// "first" to "fifth", "last".
pub(crate) fn nth(scene: &Scene<'_>, at: usize) -> Hit<i8> {
    if scene.word(at) == "last" {
        return Some((-1, at + 1));
    }
    let (n, next) = ordinal(scene, at).filter(|(n, _)| (1..=5).contains(n))?;
    Some((i8::try_from(n).ok()?, next))
}

/// The first day of a named month: "October", "October 2027", "next month".
fn month_start(scene: &Scene<'_>, at: usize) -> Hit<Date> {
    if let Some(hit) = named_month(scene, at) {
        return Some(hit);
    }
    let month = month(scene.word(at))?;
    if let Some((year, next)) = full_year_after(scene, at + 1) {
        return Some((Date::new(year, month, 1).ok()?, next));
    }
    let today = scene.today();
    let year = if month < today.month() { today.year() + 1 } else { today.year() };
    Some((Date::new(year, month, 1).ok()?, at + 1))
}

/// "in March", "next March", "December 2026": the first day.
fn month_alone(scene: &Scene<'_>, at: usize) -> Hit<Piece> {
    let start = scene.skip(at, &["this", "next", "coming", "early", "mid"]);
    let start = scene.skip(start, &["-"]);
    let (first, next) = month_start(scene, start).filter(|_| month(scene.word(start)).is_some())?;
    let with_year = next > start + 1;
    let first = if first < scene.today() && !with_year && first.month() != scene.today().month() {
        shift::months(first, 12)?
    } else {
        first
    };
    let date = if scene.word(at) == "mid" { Date::new(first.year(), first.month(), 15).ok()? } else { first };
    let firm = if with_year || start > at { Firm::Fair } else { Firm::Weak };
    Some((Piece::new(What::Date(date), firm), next))
}

/// A day and month by name, without its year being looked for ("March 3rd" of "every March 3rd").
pub(crate) fn month_and_day(scene: &Scene<'_>, at: usize) -> Hit<Piece> {
    day_month(scene, at).or_else(|| month_day(scene, at))
}
