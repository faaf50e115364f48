//! Weekdays: "Friday", "next Tuesday", "this Sunday", "Wednesday of next week", "three Fridays from now".
//!
//! "Friday" said on a Friday is a week away, "this Friday" is today. "Next Friday" is the Friday of next week, which
//! begins on Monday: said on a Sunday it is five days away, said on a Monday eleven.

use jiff::civil::{Date, Weekday};

use super::lexicon::{number, weekday as day_name, weekdays};
use super::{Confidence, DateInput, Parsed, Piece, PieceKind, Which, rare};
use tandem_protocol::calendar as steps;

/// A weekday with the words that select its week.
pub(crate) fn weekday(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    if let Some(hit) = counted(input, at) {
        return Some(hit);
    }
    let (which, start) = which(input, at);
    let (day, short) = day_name(input.word(start))?;
    let mut next = start + 1;
    // The point of "Fri." belongs to the weekday, not to the sentence.
    if short && input.word(next) == "." && input.glued(next) {
        next += 1;
    }
    let led = which.is_some();
    let confidence = match (led, short) {
        (true, _) => Confidence::Sure,
        (false, false) => Confidence::Fair,
        (false, true) => Confidence::Weak,
    };
    // "Friday week" is the one after the coming Friday, "Friday fortnight" the one after that.
    let weeks = match input.word(next) {
        "week" if !led => 1,
        "fortnight" if !led && rare::READ => 2,
        _ => 0,
    };
    if weeks > 0 {
        let date = steps::days(resolve(day, Which::Coming, input.today())?, weeks * 7)?;
        return Some((Piece::new(PieceKind::Date(date), Confidence::Sure), next + 1));
    }
    // "Friday in two weeks".
    if let Some(weeks) = input.eat(next, &["in"])
        && let Some((n, end)) = number(input, weeks).filter(|(n, end)| *n <= 52 && input.any(*end, &["week", "weeks"]))
    {
        let monday = monday_of(steps::days(input.today(), i64::from(n) * 7)?)?;
        return Some((Piece::new(PieceKind::Date(in_week(day, monday)?), Confidence::Sure), end + 1));
    }
    // "the Friday after next" is a week after the next one.
    if let Some(end) = input.eat(next, &["after", "next"]) {
        let date = steps::days(resolve(day, Which::Next, input.today())?, 7)?;
        return Some((Piece::new(PieceKind::Date(date), Confidence::Sure), end));
    }
    if !led && input.word(next) == "coming" {
        next += 1;
    }
    let which = which.unwrap_or(Which::Coming);
    let what = PieceKind::Weekday(day, which);
    let piece = if which == Which::Last { Piece::past(what) } else { Piece::new(what, confidence) };
    Some((piece, next))
}

/// The words before a weekday that select its week.
fn which(input: &DateInput<'_>, at: usize) -> (Option<Which>, usize) {
    let start = input.skip(at, &["the"]);
    match input.word(start) {
        "this" if input.any(start + 1, &["coming", "upcoming"]) => (Some(Which::Coming), start + 2),
        "this" if input.any(start + 1, &["past", "last"]) => (Some(Which::Last), start + 2),
        "this" => (Some(Which::This), start + 1),
        // "the plumber is coming Thursday" is no coming Thursday.
        "coming" | "upcoming" if !(at > 0 && input.any(at - 1, &["is", "are", "'s", "be", "'re"])) => {
            (Some(Which::Coming), start + 1)
        }
        "next" | "following" => (Some(Which::Next), start + 1),
        "last" | "past" | "previous" => (Some(Which::Last), start + 1),
        _ => (None, at),
    }
}

/// "three Fridays from now".
fn counted(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    let (n, next) = number(input, at).filter(|(n, _)| (1..=52).contains(n))?;
    let day = weekdays(input.word(next)).or_else(|| day_name(input.word(next)).map(|(day, _)| day))?;
    let next = input.eat(next + 1, &["from", "now"])?;
    let weeks = i64::from(n) - 1;
    let date = steps::days(resolve(day, Which::Coming, input.today())?, weeks * 7)?;
    Some((Piece::new(PieceKind::Date(date), Confidence::Sure), next))
}

/// The date of a weekday seen from a day. Weeks begin on Monday.
pub(crate) fn resolve(day: Weekday, which: Which, today: Date) -> Option<Date> {
    let ahead = i64::from(today.weekday().until(day).rem_euclid(7));
    let days = match which {
        // Said on the day itself, "Friday" and "last Friday" are other days; only "this Friday" is today.
        Which::Coming if ahead == 0 => 7,
        Which::This | Which::Coming => ahead,
        Which::Last => ahead - 7,
        Which::Next => {
            let monday = steps::days(monday_of(today)?, 7)?;
            return in_week(day, monday);
        }
    };
    steps::days(today, days)
}

/// The Monday of a day's week.
pub(crate) fn monday_of(day: Date) -> Option<Date> {
    steps::days(day, -i64::from(day.weekday().to_monday_zero_offset()))
}

/// A weekday of the week that begins on a Monday.
pub(crate) fn in_week(day: Weekday, monday: Date) -> Option<Date> {
    steps::days(monday, day.to_monday_zero_offset().into())
}
