//! Dates in figures: `2026-12-01`, `12/1/2026`, `1.12.2026`, `12/1`, `31/Oct/2026`.

use jiff::civil::Date;

use super::lexicon::{full_year, month};
use super::{Confidence, DateInput, DayOrder, Parsed, Piece, PieceKind, rare};

/// A date in figures. Which of day and month comes first is the order of the input, unless that makes no date.
pub(crate) fn numeric(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    if inside_a_figure(input, at) {
        return None;
    }
    if let Some(hit) = compact(input, at) {
        return Some(hit);
    }
    let (hit, next) = iso(input, at)
        .or_else(|| three(input, at))
        .or_else(|| dotted(input, at))
        .or_else(|| rare::month_of_year(input, at))
        .or_else(|| two(input, at))?;
    // A number that goes on ("1.12.2026.4") is no date.
    let longer = input.any(next, &["/", "-", "."])
        && input.glued(next)
        && input.glued(next + 1)
        && figure(input, next + 1).is_some()
        && figure(input, next + 3).is_none();
    (!longer || input.word(next) != "." || figure(input, next + 1).is_none()).then_some((hit, next))
}

/// A date of eight figures: "20261201".
fn compact(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    let word = input.word(at);
    if word.len() != 8
        || !word.bytes().all(|b| b.is_ascii_digit())
        || (input.glued(at + 1) && input.word(at + 1) != "t")
    {
        return None;
    }
    let year = word[..4].parse().ok().filter(|year| (2000..2100).contains(year))?;
    let date = Date::new(year, word[4..6].parse().ok()?, word[6..].parse().ok()?).ok()?;
    Some((Piece::new(PieceKind::Date(date), Confidence::Weak), at + 1))
}

/// Whether the number is the tail of another figure: "1.5/3", "$12/5".
fn inside_a_figure(input: &DateInput<'_>, at: usize) -> bool {
    input.glued(at) && at > 0 && input.any(at - 1, &[".", "/", "$", "#", "%"])
}

pub(super) fn figure(input: &DateInput<'_>, at: usize) -> Option<i16> {
    let word = input.word(at);
    (!word.is_empty() && word.len() <= 4 && word.bytes().all(|b| b.is_ascii_digit())).then(|| word.parse().ok())?
}

fn month_or_figure(input: &DateInput<'_>, at: usize) -> Option<i8> {
    let month = month(input.word(at)).or_else(|| figure(input, at).and_then(|n| i8::try_from(n).ok()))?;
    (1..=12).contains(&month).then_some(month)
}

fn separated(input: &DateInput<'_>, at: usize, mark: &str) -> bool {
    input.word(at + 1) == mark && input.word(at + 3) == mark
}

/// The forms with the year first, `2026-12-01`.
fn iso(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    let mark = input.word(at + 1);
    if input.word(at).len() != 4 || !matches!(mark, "-" | "/" | ".") || !separated(input, at, mark) {
        return None;
    }
    let day = i8::try_from(figure(input, at + 4)?).ok()?;
    let date = Date::new(figure(input, at)?, month_or_figure(input, at + 2)?, day).ok()?;
    Some((Piece::new(PieceKind::Date(date), Confidence::Sure), at + 5))
}

/// The forms with the year last, `1.12.2026`.
fn three(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    let mark = input.word(at + 1);
    if !matches!(mark, "/" | "-" | ".") || !separated(input, at, mark) {
        return None;
    }
    let digits = input.word(at + 4).len();
    let year = figure(input, at + 4)?;
    let year = match digits {
        4 if (1900..2200).contains(&year) => year,
        // "1.2.26" may be a version number.
        2 if mark != "." => full_year(year),
        _ => return None,
    };
    // "Apr/30/2027".
    if let Some(month) = month(input.word(at)).filter(|_| rare::READ) {
        let date = Date::new(year, month, i8::try_from(figure(input, at + 2)?).ok()?).ok()?;
        return Some((Piece::new(PieceKind::Date(date), Confidence::Sure), at + 5));
    }
    let first = i8::try_from(figure(input, at)?).ok()?;
    let date = match month(input.word(at + 2)) {
        Some(month) => Date::new(year, month, first).ok()?,
        None => day_and_month(input, first, i8::try_from(figure(input, at + 2)?).ok()?, year, mark)?,
    };
    let confidence = if digits == 4 || mark == "/" { Confidence::Sure } else { Confidence::Weak };
    Some((Piece::new(PieceKind::Date(date), confidence), at + 5))
}

/// Points stand between day and month, slashes as the input has them, each also the other way when it must be.
fn day_and_month(input: &DateInput<'_>, first: i8, second: i8, year: i16, mark: &str) -> Option<Date> {
    let american = Date::new(year, first, second).ok();
    let european = Date::new(year, second, first).ok();
    let day_first = mark == "." || input.order == DayOrder::DayFirst;
    if day_first { european.or(american) } else { american.or(european) }
}

/// Without a year: "12/1". A fraction ("1/2 cup") looks the same, so it is weak; "24/7" is none.
fn two(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    if input.word(at + 1) != "/" || (input.word(at), input.word(at + 2)) == ("24", "7") {
        return None;
    }
    let first = i8::try_from(figure(input, at)?).ok()?;
    let second = month(input.word(at + 2)).map_or_else(|| figure(input, at + 2), |month| Some(i16::from(month)))?;
    let second = i8::try_from(second).ok()?;
    let named = month(input.word(at + 2)).is_some();
    let day_first = named || first > 12 || (input.order == DayOrder::DayFirst && second <= 12);
    let date = if day_first { input.upcoming(second, first) } else { input.upcoming(first, second) }?;
    Some((Piece::new(PieceKind::Date(date), Confidence::Weak), at + 3))
}

/// "5.12.": day and month with a point after each, as it is written in much of Europe.
fn dotted(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    let points = input.word(at + 1) == "." && input.word(at + 3) == "." && (at + 1..=at + 3).all(|at| input.glued(at));
    let goes_on = input.glued(at + 4);
    if !points || goes_on || input.word(at).len() > 2 || input.word(at + 2).len() > 2 {
        return None;
    }
    let (day, month) = (i8::try_from(figure(input, at)?).ok()?, i8::try_from(figure(input, at + 2)?).ok()?);
    // At the end of a sentence "3.4." may be an amount; a time beside it makes it a date.
    Some((Piece::new(PieceKind::Date(input.upcoming(month, day)?), Confidence::Fair), at + 4))
}

/// A date in figures that another order would make another one: its readings with the month first and with the day first.
pub(crate) fn ambiguous(input: &DateInput<'_>, at: usize) -> Option<(Date, Date)> {
    let read = |order: DayOrder| match numeric(&DateInput { order, ..*input }, at)?.0.what {
        PieceKind::Date(date) => Some(date),
        _ => None,
    };
    let (american, european) = (read(DayOrder::MonthFirst)?, read(DayOrder::DayFirst)?);
    (american != european).then_some((american, european))
}
