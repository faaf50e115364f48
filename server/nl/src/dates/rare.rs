//! Dates that few people type into the task panel: as programs, forms and other calendars write them ("Thu Dec 3 11:00:09
//! 2026", "06/2027", "2570 BE"), and rare phrases ("mid next week", "an hour before 8pm").
//!
//! They are read in chat and by the tools. In the browser they would only weigh, so they are left out there, and their words stay
//! in the title.

use jiff::civil::{Date, Weekday};

use super::clock::{clock, later};
use super::lexicon::{day_number, month, ordinal, year};
use super::numeric::figure;
use super::period::{Stretch, named_stretch};
use super::weekday::{in_week, monday_of};
use super::{Clock, Confidence, DateInput, Draft, Half, Parsed, Piece, PieceKind, nth};
use tandem_protocol::calendar as steps;

/// Whether these forms are read.
pub(crate) const READ: bool = cfg!(feature = "all-dates");

/// The year after the time: "Thu Dec 3 11:00:09 2026".
pub(super) fn year_at_the_end(input: &DateInput<'_>, at: usize, draft: &Draft) -> Parsed<Piece> {
    let (year, next) = year(input, at).filter(|_| READ && draft.names_day())?;
    let ends = input.tokens.get(next).is_none_or(|token| token.is_mark() && !token.glued);
    ends.then(|| (Piece::new(PieceKind::Year(year), Confidence::Sure), next))
}

/// The year before the month: "2027 February 3", "2027 Feb".
pub(super) fn year_first(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    let (year, next) = year(input, at).filter(|_| READ && input.word(at).len() == 4)?;
    let month = month(input.word(next))?;
    let day = day_number(input, next + 1).filter(|(_, end)| !input.any(*end, &[":", "am", "pm"]));
    let (day, end) = day.unwrap_or((1, next + 1));
    Some((Piece::new(PieceKind::Date(Date::new(year, month, day).ok()?), Confidence::Fair), end))
}

/// A month as a whole: "06/2027", "2027-06", its first day.
pub(super) fn month_of_year(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    if !READ {
        return None;
    }
    let mark = input.word(at + 1);
    let glued = input.glued(at + 1) && input.glued(at + 2) && !input.glued(at + 3);
    let (year, month) = match (input.word(at).len(), mark, input.word(at + 2).len()) {
        (1..=2, "/", 4) => (at + 2, at),
        (4, "/" | "-", 2) => (at, at + 2),
        _ => return None,
    };
    let year = figure(input, year).filter(|year| glued && (2000..2100).contains(year))?;
    let date = Date::new(year, i8::try_from(figure(input, month)?).ok()?, 1).ok()?;
    Some((Piece::new(PieceKind::Date(date), Confidence::Weak), at + 3))
}

/// A year with its era: "2027 AD", "2570 BE".
pub(super) fn year_of_era(input: &DateInput<'_>, at: usize) -> Parsed<i16> {
    /// Years of the Buddhist era before ours.
    const BUDDHIST: i16 = 543;
    let capital = input.tokens.get(at + 1).is_some_and(|token| token.capital);
    let year: i16 = input.word(at).parse().ok().filter(|_| READ && capital && input.word(at).len() == 4)?;
    let ends = |short: &str, first: &str, second: &str| {
        let pointed =
            input.eat(at + 1, &[first, ".", second, "."]).or_else(|| input.eat(at + 1, &[first, ".", second]));
        pointed.or_else(|| input.eat(at + 1, &[short]))
    };
    if let Some(next) = ends("be", "b", "e") {
        return Some((year - BUDDHIST, next));
    }
    Some((year, ends("ad", "a", "d").or_else(|| ends("ce", "c", "e"))?))
}

/// "the first week of December", "last week in July": the Monday of a week that is in the period as a whole.
pub(super) fn nth_week(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    let (nth, next) = nth(input, at).filter(|_| READ)?;
    // "the second last week of the year".
    let (nth, next) = if nth > 0 && input.word(next) == "last" { (-nth, next + 1) } else { (nth, next) };
    let of = input.eat(next, &["week", "of"]).or_else(|| input.eat(next, &["week", "in"]))?;
    let (Stretch { first, last }, is_week, end) = named_stretch(input, of)?;
    let monday = if nth > 0 {
        let monday = monday_of(steps::days(first, 6)?)?;
        steps::days(monday, i64::from(nth - 1) * 7)?
    } else {
        steps::days(monday_of(steps::days(last, -6)?)?, i64::from(nth + 1) * 7)?
    };
    let piece = Piece::new(PieceKind::Date(monday), Confidence::Sure);
    (!is_week && monday >= first && steps::days(monday, 6)? <= last).then_some((piece, end))
}

/// "mid next week", "the middle of the month": its Wednesday, the 15th, the middle of the year.
pub(super) fn middle(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    if !READ {
        return None;
    }
    let of = input.eat(at, &["middle", "of"]).or_else(|| input.eat(at, &["mid"]))?;
    let (Stretch { first, .. }, is_week, next) = named_stretch(input, input.skip(of, &["-"]))?;
    let date = match input.word(next - 1) {
        _ if is_week => in_week(Weekday::Wednesday, first)?,
        "month" => steps::days(first, 14)?,
        "year" => steps::months(first, 6)?,
        _ => return None,
    };
    Some((Piece::new(PieceKind::Date(date), Confidence::Sure), next))
}

/// "the first quarter": its number.
pub(super) fn nth_quarter(input: &DateInput<'_>, at: usize) -> Parsed<i8> {
    let (n, next) = ordinal(input, input.skip(at, &["the"])).filter(|_| READ)?;
    Some((i8::try_from(n).ok()?, input.eat(next, &["quarter"])?))
}

/// "an hour before 8pm": the time so many minutes from another one, of the same day.
pub(super) fn shifted(input: &DateInput<'_>, at: usize, minutes: i32) -> Parsed<Piece> {
    let (piece, next) = clock(input, at).filter(|_| READ)?;
    let PieceKind::Clock(base) = piece.what else { return None };
    let hour = match (base.half, base.hour) {
        (Some(Half::Pm), hour) => hour % 12 + 12,
        (Some(Half::Am), hour) => hour % 12,
        // "10 minutes before midnight" is on the day that it ends, "10 minutes after" is not.
        (_, 24) if minutes > 0 => 0,
        (_, hour) => hour,
    };
    let half = base.half.map(|_| Half::Whole);
    let total = i32::from(hour) * 60 + i32::from(base.minute) + minutes;
    let clock = later(Clock { hour, half, ..base }, minutes).filter(|_| (0..24 * 60).contains(&total))?;
    Some((Piece::new(PieceKind::Clock(clock), Confidence::Sure), next))
}
