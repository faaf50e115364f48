//! Dates in figures: `2026-12-01`, `12/1/2026`, `1.12.2026`, `12/1`, `31/Oct/2026`.

use jiff::civil::Date;

use super::lexicon::{full_year, month};
use super::{Confidence, DateInput, Parsed, Piece, PieceKind};

/// A date in figures. Month before day, as in America, unless that makes no date.
pub(crate) fn numeric(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    if inside_a_figure(input, at) {
        return None;
    }
    let (hit, next) = iso(input, at).or_else(|| three(input, at)).or_else(|| two(input, at))?;
    // A number that goes on ("1.12.2026.4") is no date.
    let longer = input.any(next, &["/", "-", "."])
        && input.glued(next)
        && input.glued(next + 1)
        && figure(input, next + 1).is_some()
        && figure(input, next + 3).is_none();
    (!longer || input.word(next) != "." || figure(input, next + 1).is_none()).then_some((hit, next))
}

/// Whether the number is the tail of another figure: "1.5/3", "$12/5".
fn inside_a_figure(input: &DateInput<'_>, at: usize) -> bool {
    input.glued(at) && at > 0 && input.any(at - 1, &[".", "/", "$", "#", "%"])
}

fn figure(input: &DateInput<'_>, at: usize) -> Option<i16> {
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
    let first = i8::try_from(figure(input, at)?).ok()?;
    let date = match month(input.word(at + 2)) {
        Some(month) => Date::new(year, month, first).ok()?,
        None => day_and_month(first, i8::try_from(figure(input, at + 2)?).ok()?, year, mark)?,
    };
    let confidence = if digits == 4 || mark == "/" { Confidence::Sure } else { Confidence::Weak };
    Some((Piece::new(PieceKind::Date(date), confidence), at + 5))
}

/// Points stand between day and month, slashes between month and day, each also the other way when it must be.
fn day_and_month(first: i8, second: i8, year: i16, mark: &str) -> Option<Date> {
    let american = Date::new(year, first, second).ok();
    let european = Date::new(year, second, first).ok();
    if mark == "." { european.or(american) } else { american.or(european) }
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
    let date = if named || first > 12 { input.upcoming(second, first) } else { input.upcoming(first, second) }?;
    Some((Piece::new(PieceKind::Date(date), Confidence::Weak), at + 3))
}
