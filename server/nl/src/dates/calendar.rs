//! Dates by the name of the month: "5 December", "Dec 5th, 2026", "the 15th", "first Tuesday in October", "in March".

use jiff::civil::Date;

use super::lexicon::{self, day_number, full_year, month, ordinal, weekday, year};
use super::{Confidence, DateInput, Parsed, Piece, PieceKind, numeric::numeric, rare};
use crate::recurrence::WORKING_DAYS;
use tandem_protocol::calendar as steps;
use tandem_protocol::recurrence::{Frequency, Rule};

/// A date of the calendar, in words or figures.
pub(crate) fn calendar(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    // From the most exact form to the least: "5 December" also begins with a number, and ends with a month alone.
    numeric(input, at)
        .or_else(|| nth_weekday(input, at))
        .or_else(|| day_month(input, at))
        .or_else(|| month_day(input, at))
        .or_else(|| month_day_number(input, at))
        .or_else(|| rare::year_first(input, at))
        .or_else(|| month_alone(input, at))
}

/// A year that may follow a day and month, also after a comma or "of"; two digits only where the text ends.
pub(crate) fn year_after(input: &DateInput<'_>, at: usize) -> Parsed<i16> {
    let start = input.skip(input.skip(at, &[","]), &["of", "in"]);
    if let Some(hit) = full_year_after(input, at) {
        return Some(hit);
    }
    let word = input.word(start);
    // "Dec 5, 26" may go on ("26 guests"), so two digits are a year only at the end of the text.
    let two_digits = word.len() == 2 && word.bytes().all(|b| b.is_ascii_digit()) && !input.has(start + 1);
    if two_digits { Some((full_year(word.parse().ok()?), start + 1)) } else { None }
}

/// The same in four digits.
fn full_year_after(input: &DateInput<'_>, at: usize) -> Parsed<i16> {
    let start = input.skip(input.skip(at, &[","]), &["of", "in"]);
    if let Some(hit) = rare::year_of_era(input, start) {
        return Some(hit);
    }
    year(input, start).filter(|(_, next)| !input.any(*next, &["am", "pm", "hours"]))
}

fn dated(input: &DateInput<'_>, month: i8, day: i8, next: usize) -> Parsed<Piece> {
    let (date, next) = match year_after(input, next) {
        Some((year, end)) => (Date::new(year, month, day).ok()?, end),
        None => (input.upcoming(month, day)?, next),
    };
    Some((Piece::new(PieceKind::Date(date), Confidence::Sure), next))
}

/// "5 December", "the 5th of Dec", "5-Dec".
fn day_month(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    let start = input.skip(at, &["the"]);
    let (day, next) = day_number(input, start)?;
    let next = input.skip(input.skip(next, &["of", "-", "day"]), &["of"]);
    let month = month(input.word(next))?;
    dated(input, month, day, dot(input, next + 1))
}

/// "December 5", "Dec. the 5th".
fn month_day(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    let name = input.word(at);
    // "may 5" and "march 5" may be verbs with a number, so these months need an ordinal or digits.
    let month = month(name)?;
    let start = input.skip(input.skip(dot(input, at + 1), &["the"]), &["-"]);
    let figures = input.word(start).bytes().all(|b| b.is_ascii_digit());
    let (day, next) = if figures || !matches!(name, "may" | "march" | "mar") {
        day_number(input, start)?
    } else {
        ordinal(input, start).and_then(|(n, next)| Some((i8::try_from(n).ok().filter(|d| *d <= 31)?, next)))?
    };
    // "Nov 5:30" and "March 5pm" name an hour.
    if input.any(next, &[":", "am", "pm"]) {
        return None;
    }
    dated(input, month, day, next)
}

fn dot(input: &DateInput<'_>, at: usize) -> usize {
    if input.word(at) == "." && input.glued(at) && input.has(at + 1) { at + 1 } else { at }
}

/// "the 15th", "the 3rd of next month", "20 of this month".
fn month_day_number(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    let start = input.skip(at, &["the"]);
    // "next month on the 5th".
    if let Some((first, next)) = named_month(input, at)
        && let Some((day, end)) = ordinal(input, input.skip(input.skip(input.skip(next, &[","]), &["on"]), &["the"]))
    {
        let date = Date::new(first.year(), first.month(), i8::try_from(day).ok()?).ok()?;
        return Some((Piece::new(PieceKind::Date(date), Confidence::Sure), end));
    }
    let in_month = |next: usize| named_month(input, input.eat(next, &["of"])?);
    if let Some((day, next)) = day_number(input, start)
        && let Some((first, end)) = in_month(next)
    {
        let date = Date::new(first.year(), first.month(), day).ok()?;
        // "the 1st of the month", when it is over, is that of the next one.
        let over = input.any(end - 2, &["the"]) && date < input.today();
        let date = if over { steps::months(first, 1)?.with().day(day).build().ok()? } else { date };
        return Some((Piece::new(PieceKind::Date(date), Confidence::Sure), end));
    }
    let (day, next) = ordinal(input, start)?;
    let figures = input.word(start).bytes().all(|b| b.is_ascii_digit());
    let day = i8::try_from(day).ok().filter(|day| (1..=31).contains(day))?;
    let led = at > 0
        && (input.any(at - 1, &["on", "by", "before", "until", "due", "for"]) || weekday(input.word(at - 1)).is_some());
    // "the first" and "second" are rarely dates: in words an ordinal needs an article and a preposition before it.
    let allowed = figures || (start > at && led);
    allowed.then_some((Piece::new(PieceKind::MonthDay(day), Confidence::Weak), next))
}

/// "this month", "next month", "the month": the first day of it.
fn named_month(input: &DateInput<'_>, at: usize) -> Parsed<Date> {
    let this = input.today().first_of_month();
    let start = input.skip(at, &["the"]);
    let (months, next) = match (input.word(start), input.word(start + 1)) {
        ("this" | "current", "month") => (0, start + 2),
        ("next" | "following" | "coming", "month") => (1, start + 2),
        ("month", _) if start > at => (0, start + 1),
        _ => return None,
    };
    Some((steps::months(this, months)?, next))
}

/// "first Tuesday in October", "last Monday of March 2027", "second Tuesday of next month", "third Friday".
fn nth_weekday(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    let start = input.skip(at, &["the"]);
    let (nth, next) = nth(input, start)?;
    if let Some((lexicon::Unit::WorkDay, joint)) = lexicon::unit(input, next) {
        return working_day(input, nth, joint);
    }
    let day = weekday(input.word(next))?.0;
    let joint = next + 1;
    let of = if input.any(joint, &["of", "in"]) { Some(joint + 1) } else { None };
    if let Some((first, end)) = of.and_then(|of| month_start(input, of)) {
        let date = first.nth_weekday_of_month(nth, day).ok()?;
        // "the last Friday of the month", when it is over, is that of the next one.
        let this = of.is_some_and(|of| input.any(of, &["this", "current"]));
        let over = date < input.today() && first == input.today().first_of_month() && !this;
        let date = if over { steps::months(first, 1)?.nth_weekday_of_month(nth, day).ok()? } else { date };
        return Some((Piece::new(PieceKind::Date(date), Confidence::Sure), end));
    }
    // "last Friday" by itself is the one that has been; "second Friday" waits for its month.
    (nth > 0).then_some((Piece::new(PieceKind::Nth(nth, day), Confidence::Weak), joint))
}

/// "last working day of the month", "first weekday of March": of the next month when it is over.
fn working_day(input: &DateInput<'_>, nth: i8, at: usize) -> Parsed<Piece> {
    let (first, end) = month_start(input, if input.any(at, &["of", "in"]) { at + 1 } else { return None })?;
    let rule = Rule { days: WORKING_DAYS.map(Into::into).to_vec(), ..Rule::every(1, Frequency::Monthly) };
    let date = Rule { positions: vec![nth.into()], ..rule }.first_start(first.max(input.today()))?;
    Some((Piece::new(PieceKind::Date(date), Confidence::Sure), end))
}

/// "first" to "fifth", "last".
pub(crate) fn nth(input: &DateInput<'_>, at: usize) -> Parsed<i8> {
    if input.word(at) == "last" {
        return Some((-1, at + 1));
    }
    let (n, next) = ordinal(input, at).filter(|(n, _)| (1..=5).contains(n))?;
    Some((i8::try_from(n).ok()?, next))
}

/// The first day of a named month: "October", "October 2027", "next month".
fn month_start(input: &DateInput<'_>, at: usize) -> Parsed<Date> {
    if let Some(hit) = named_month(input, at) {
        return Some(hit);
    }
    let month = month(input.word(at))?;
    // "Sep. 2027", "Sep-2027".
    let mark = input.any(at + 1, &[".", "-", "/"]) && input.glued(at + 1) && input.word(at + 2).len() == 4;
    if let Some((year, next)) = full_year_after(input, if mark { at + 2 } else { at + 1 }) {
        return Some((Date::new(year, month, 1).ok()?, next));
    }
    let today = input.today();
    let year = if month < today.month() { today.year() + 1 } else { today.year() };
    Some((Date::new(year, month, 1).ok()?, at + 1))
}

/// The day that "late March" means.
const LATE: i8 = 25;

/// "in March", "next March", "December 2026": the first day.
pub(crate) fn month_alone(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    let start = input.skip(at, &["this", "next", "coming", "early", "mid", "late"]);
    let start = input.skip(start, &["-"]);
    let (first, next) = month_start(input, start).filter(|_| month(input.word(start)).is_some())?;
    let with_year = next > start + 1;
    // A month that has passed is the one of next year, but the current month is still going on.
    let first = if first < input.today() && !with_year && first.month() != input.today().month() {
        steps::months(first, 12)?
    } else {
        first
    };
    let date = match input.word(at) {
        "mid" => Date::new(first.year(), first.month(), 15).ok()?,
        "late" => Date::new(first.year(), first.month(), LATE).ok()?,
        _ => first,
    };
    let confidence = if with_year || start > at { Confidence::Fair } else { Confidence::Weak };
    Some((Piece::new(PieceKind::Date(date), confidence), next))
}

/// A day and month by name, without its year being looked for ("March 3rd" of "every March 3rd").
pub(crate) fn month_and_day(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    day_month(input, at).or_else(|| month_day(input, at))
}
