//! Ranges: "from 3 to 5pm", "9:30-11:00", "July 13-15".
//!
//! A task has a due date and no duration, so it is due at the beginning of a range. The end is kept apart, for the title.

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::clock::clock;
use super::lexicon::day_number;
use super::{
    Clock, Confidence, DateInput, Half, Last, Parsed, Piece, PieceKind, calendar, next_month_day, relative, weekday,
};

const UP_TO: &[&str] = &["-", "to", "till", "until", "untill", "til", "through", "thru"];

/// A range, as its beginning and, for days, its end.
pub(crate) fn range(input: &DateInput<'_>, at: usize) -> Parsed<Vec<Piece>> {
    let led = input.any(at, &["from", "between"]);
    let start = if led { at + 1 } else { at };
    let readings = [clocks(input, start, led), days_of_month(input, start), days(input, start)];
    readings.into_iter().flatten().max_by_key(|(_, end)| *end)
}

fn joint(input: &DateInput<'_>, at: usize, start: usize) -> Option<usize> {
    let between = start > 0 && input.word(start - 1) == "between";
    (input.any(at, UP_TO) || (between && input.word(at) == "and")).then_some(at + 1)
}

/// "3-4pm": the first hour is in the half of the day of the second, unless the range would be reversed.
fn clocks(input: &DateInput<'_>, start: usize, led: bool) -> Parsed<Vec<Piece>> {
    let (first, next) = clock(input, start)?;
    let (second, end) = clock(input, joint(input, next, start)?)?;
    let (PieceKind::Clock(a), PieceKind::Clock(b)) = (first.what, second.what) else { return None };
    // "10-11" by itself may be anything; after a day it is a time.
    let bare = first.confidence == Confidence::Weak && second.confidence == Confidence::Weak;
    // "between 10 and 20" counts anything.
    let dated = relative::day(input, input.skip(end, &["on"])).is_some();
    if bare && !dated && input.word(start.wrapping_sub(1)) == "between" {
        return None;
    }
    let confidence = if !led && bare { Confidence::Weak } else { Confidence::Sure };
    Some((hours(a, b, confidence), end))
}

fn hours(first: Clock, last: Clock, confidence: Confidence) -> Vec<Piece> {
    let pieces = [PieceKind::Clock(in_half_of(first, last)), PieceKind::EndsAt(last)];
    pieces.map(|piece| Piece::new(piece, confidence)).into()
}

/// "between 8 and 12" after a day, where the figures are hours.
pub(crate) fn between_hours(input: &DateInput<'_>, at: usize) -> Parsed<Vec<Piece>> {
    let (first, next) = clock(input, input.eat(at, &["between"])?)?;
    let (second, end) = clock(input, input.eat(next, &["and"])?)?;
    let (PieceKind::Clock(a), PieceKind::Clock(b)) = (first.what, second.what) else { return None };
    Some((hours(a, b, Confidence::Fair), end))
}

fn in_half_of(first: Clock, second: Clock) -> Clock {
    let half = match (first.half, second.half) {
        (None, Some(Half::Pm)) if first.hour % 12 <= second.hour % 12 => Some(Half::Pm),
        (None, Some(Half::Pm | Half::Am)) => Some(Half::Am),
        (half, _) => half,
    };
    Clock { half, ..first }
}

/// "13 to 15 July", "July 13-15".
fn days_of_month(input: &DateInput<'_>, start: usize) -> Parsed<Vec<Piece>> {
    let plain = input.skip(start, &["the"]);
    if let Some((day, next)) = day_number(input, plain) {
        let (last, end) = calendar::calendar(input, input.skip(joint(input, next, start)?, &["the"]))?;
        let PieceKind::Date(last) = last.what else { return None };
        let date = Date::new(last.year(), last.month(), day).ok()?;
        return from_to(date, last, end);
    }
    let (first, next) = calendar::calendar(input, start)?;
    let PieceKind::Date(first) = first.what else { return None };
    let (last, end) = day_number(input, input.skip(joint(input, next, start)?, &["the"]))?;
    let (year, end) = calendar::year_after(input, end).unwrap_or((first.year(), end));
    let day = |day: i8| Date::new(year, first.month(), day).ok();
    from_to(day(first.day())?, day(last)?, end)
}

/// A range of two dates. One that ends before it begins is none: "10 - 5 December".
fn from_to(first: Date, last: Date, end: usize) -> Parsed<Vec<Piece>> {
    let sure = |what| Piece::new(what, Confidence::Sure);
    let last_day = Last::Day(last);
    let pieces = vec![sure(PieceKind::Date(first)), sure(PieceKind::Last(last_day)), sure(PieceKind::Ends(last_day))];
    (first <= last).then_some((pieces, end))
}

/// "Nov 18 - Dec 19", "Tuesday to Thursday", "today until Friday".
fn days(input: &DateInput<'_>, start: usize) -> Parsed<Vec<Piece>> {
    let rules = [calendar::calendar, relative::named_day, weekday::weekday];
    let day = |at: usize| with_weekday(input, at).or_else(|| rules.iter().find_map(|rule| rule(input, at)));
    let (first, next) = day(start)?;
    let (last, end) = day(joint(input, next, start)?)?;
    let last = match (&first.what, last.what) {
        (PieceKind::Weekday(..), PieceKind::Weekday(day, _)) => Last::Weekday(day),
        (PieceKind::Date(from), PieceKind::Date(day)) if day < *from => Last::Day(day.checked_add(1.year()).ok()?),
        (_, PieceKind::Date(day)) => Last::Day(day),
        // "from 5 December until Friday": the first such day after the beginning.
        (PieceKind::Date(from), PieceKind::Weekday(day, which)) => {
            let near = weekday::resolve(day, which, input.today())?;
            Last::Day(if near < *from { from.nth_weekday(1, day).ok()? } else { near })
        }
        // "from the 7th to the 9th".
        (PieceKind::MonthDay(from), PieceKind::MonthDay(day)) => {
            Last::Day(next_month_day(day, None, next_month_day(*from, None, input.today())?)?)
        }
        _ => return Some((vec![first], end)),
    };
    let sure = |what| Piece::new(what, Confidence::Sure);
    Some((vec![first, sure(PieceKind::Last(last)), sure(PieceKind::Ends(last))], end))
}

/// "Monday 7 December", where that is one.
fn with_weekday(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    let (weekday, next) = weekday::weekday(input, at)?;
    let (piece, end) = calendar::calendar(input, input.skip(input.skip(next, &[","]), &["the"]))?;
    match (weekday.what, &piece.what) {
        (PieceKind::Weekday(day, _), PieceKind::Date(date)) if date.weekday() == day => Some((piece, end)),
        _ => None,
    }
}
