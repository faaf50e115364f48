//! Weeks, weekends, months, quarters and years, their beginnings and ends: "next week", "this weekend", "end of March".
//!
//! A period becomes one day: the first one of a period that lies ahead, the last one of the current period. The last day of
//! a week is its last working day.

use jiff::civil::{Date, Weekday};

use super::calendar::month_alone;
use super::lexicon::{month, ordinal, year};
use super::weekday::{in_week, monday_of};
use super::{Clock, Confidence, DateInput, Half, Last, Parsed, Piece, PieceKind, rare};
use tandem_protocol::calendar as steps;

/// A period as a date: its first day, or the last day of the current one.
pub(crate) fn period(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    edge(input, at)
        .or_else(|| weekend(input, at))
        .or_else(|| plain(input, at))
        .or_else(|| week_of(input, at))
        .or_else(|| numbered_quarter(input, at))
        .or_else(|| year_alone(input, at))
}

/// A range of days, both ends included.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    pub(super) first: Date,
    pub(super) last: Date,
}

/// The offset of a period from the current one, which is 0.
fn offset(word: &str) -> Option<i64> {
    Some(match word {
        "this" | "the" | "current" => 0,
        "next" | "coming" | "following" | "upcoming" => 1,
        "last" | "past" | "previous" => -1,
        _ => return None,
    })
}

fn stretch(input: &DateInput<'_>, word: &str, offset: i64) -> Option<Stretch> {
    let today = input.today();
    let first = match word {
        "week" | "workweek" => steps::days(monday_of(today)?, offset * 7)?,
        "month" => steps::months(today.first_of_month(), offset)?,
        "quarter" | "qtr" => {
            let back = i64::from((today.month() - 1) % 3);
            steps::months(today.first_of_month(), offset * 3 - back)?
        }
        "year" | "yr" => steps::months(today.first_of_year(), offset * 12)?,
        _ => return None,
    };
    let next = match word {
        "week" | "workweek" => steps::days(first, 7)?,
        "month" => steps::months(first, 1)?,
        "quarter" | "qtr" => steps::months(first, 3)?,
        _ => steps::months(first, 12)?,
    };
    Some(Stretch { first, last: steps::days(next, -1)? })
}

/// "next week", "this month", "the following year".
fn plain(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    let named = input.skip(at, &["the"]);
    if let Some(next) = input.eat(named + 1, &["after", "next"])
        && let Some(Stretch { first, .. }) = stretch(input, input.word(named), 2)
    {
        let what = if input.word(named) == "week" { PieceKind::Week(first) } else { PieceKind::Date(first) };
        return Some((Piece::new(what, Confidence::Sure), next));
    }
    let start = input.skip(input.skip(at, &["later", "late", "early", "around"]), &["the"]);
    // "the" selects no period by itself: "the month" is a date only after "end of" and the like.
    let direction = offset(input.word(start)).filter(|_| input.word(start) != "the")?;
    let word = input.word(start + 1);
    let Stretch { first, last } = stretch(input, word, direction)?;
    let next = start + 2;
    let what = match (direction, word) {
        (_, "week") => PieceKind::Week(first),
        (0, _) => PieceKind::Date(last),
        _ => PieceKind::Date(first),
    };
    Some((if direction < 0 { Piece::past(what) } else { Piece::new(what, Confidence::Sure) }, next))
}

/// A month, quarter or year as a whole, which is when something recurs: "in December", "this month". With its first day, or
/// its last when it has begun, as a single date has it.
pub(crate) fn whole(input: &DateInput<'_>, at: usize) -> Parsed<Vec<Piece>> {
    let both = |piece: Piece, last: Date| vec![piece, Piece::new(PieceKind::Last(Last::Day(last)), Confidence::Weak)];
    if let Some((piece, next)) = month_alone(input, at)
        && let PieceKind::Date(first) = piece.what
    {
        return Some((both(piece, first.last_of_month()), next));
    }
    let (piece, next) = plain(input, at)?;
    let PieceKind::Date(date) = piece.what else { return None };
    let last = stretch(input, input.word(next - 1), offset(input.word(next - 2))?)?.last;
    (date <= last).then(|| (both(piece, last), next))
}

/// "the rest of the month", "the whole week": the last day of the period.
pub(crate) fn rest_of_period(input: &DateInput<'_>, at: usize) -> Parsed<Date> {
    let start = input.skip(at, &["the"]);
    let of = input.eat(start, &["rest", "of"]).or_else(|| input.eat(start, &["remainder", "of"]));
    let of = of.or_else(|| input.eat(start, &["whole"])).or_else(|| input.eat(start, &["entire"]))?;
    let (stretch, _, next) = named_stretch(input, of)?;
    Some((stretch.last, next))
}

/// The Friday of a week while it lies ahead, else its Sunday.
pub(crate) fn last_working_day(today: Date, sunday: Date) -> Date {
    match in_week(Weekday::Friday, monday_of(sunday).unwrap_or(sunday)) {
        Some(friday) if today <= friday => friday,
        _ => sunday,
    }
}

/// "this weekend", "the weekend", "next weekend": the Saturday.
fn weekend(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    let at = if input.any(at, &["over"]) && offset(input.word(at + 1)).is_some() { at + 1 } else { at };
    let direction = offset(input.word(at)).filter(|_| input.word(at + 1) == "weekend");
    let (weeks, next, confidence) = match direction {
        Some(weeks) => (weeks, at + 2, if input.word(at) == "the" { Confidence::Fair } else { Confidence::Sure }),
        None if input.word(at) == "weekend" => (0, at + 1, Confidence::Weak),
        None => return None,
    };
    let today = input.today();
    let saturday = steps::days(in_week(Weekday::Saturday, monday_of(today)?)?, weeks * 7)?;
    // On a Sunday "this weekend" is today.
    let date = if weeks == 0 { saturday.max(today) } else { saturday };
    let what = PieceKind::Date(date);
    Some((if weeks < 0 { Piece::past(what) } else { Piece::new(what, confidence) }, next))
}

/// "end of the month", "beginning of next week", "last day of March", "EOD".
fn edge(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    let sure = |date: Date, next: usize| Some((Piece::new(PieceKind::Date(date), Confidence::Sure), next));
    let bare = input.skip(at, &["the"]);
    match input.word(bare) {
        "cob" | "close" if bare == at => {
            let end =
                if input.word(bare) == "cob" { Some(bare + 1) } else { input.eat(bare, &["close", "of", "business"]) };
            return end.map(|end| (Piece::new(PieceKind::Clock(close_of_business()), Confidence::Sure), end));
        }
        "eod" => return Some((Piece::new(PieceKind::Clock(close_of_business()), Confidence::Sure), bare + 1)),
        "eow" => return sure(last_working_day(input.today(), stretch(input, "week", 0)?.last), bare + 1),
        "eom" => return sure(stretch(input, "month", 0)?.last, bare + 1),
        "eoy" => return sure(stretch(input, "year", 0)?.last, bare + 1),
        _ => {}
    }
    // "at the end of March" and "by the end of March" are the same day.
    let start = input.skip(input.skip(at, &["at", "by"]), &["the"]);
    let (end, of) = match (input.word(start), input.word(start + 1), input.word(start + 2)) {
        ("end", "of", _) => (true, start + 2),
        ("beginning" | "start", "of", _) => (false, start + 2),
        ("last", "day", "of" | "in") => (true, start + 3),
        ("first", "day", "of" | "in") => (false, start + 3),
        _ => return rare::middle(input, start).or_else(|| rare::nth_week(input, start)),
    };
    if end && input.any(input.skip(of, &["the"]), &["day"]) {
        let next = input.skip(of, &["the"]) + 1;
        return Some((Piece::new(PieceKind::Clock(close_of_business()), Confidence::Sure), next));
    }
    // "by the end of tomorrow", "end of Friday".
    let named =
        super::relative::named_day(input, of).or_else(|| super::weekday::weekday(input, input.skip(of, &["the"])));
    if let Some((Piece { what, .. }, next)) = named.filter(|_| end) {
        return match what {
            PieceKind::Date(date) => sure(date, next),
            PieceKind::Weekday(day, which) => sure(super::weekday::resolve(day, which, input.today())?, next),
            _ => None,
        };
    }
    // "last day of the week" is its Sunday, "end of the week" its last working day.
    let exact = input.word(start + 1) == "day";
    let (part, is_week, next) = named_stretch(input, of)?;
    let date = match (end, is_week && !exact) {
        (true, true) => last_working_day(input.today().max(part.first), part.last),
        (true, false) => part.last,
        (false, _) => part.first,
    };
    sure(date, next)
}

fn close_of_business() -> Clock {
    Clock { hour: 17, minute: 0, half: Some(Half::Whole) }
}

/// The period after "end of".
pub(super) fn named_stretch(input: &DateInput<'_>, at: usize) -> Option<(Stretch, bool, usize)> {
    let start = input.skip(at, &["the"]);
    let (direction, word_at) = match offset(input.word(start)) {
        Some(direction) => (direction, start + 1),
        None => (0, start),
    };
    let word = input.word(word_at);
    if let Some(stretch) = stretch(input, word, direction) {
        return Some((stretch, word == "week", word_at + 1));
    }
    if let Some((year, next)) = year(input, word_at) {
        let first = Date::new(year, 1, 1).ok()?;
        return Some((Stretch { first, last: first.last_of_year() }, false, next));
    }
    let month = month(word)?;
    let today = input.today();
    let (year, next) = year(input, word_at + 1)
        .unwrap_or((if month < today.month() { today.year() + 1 } else { today.year() }, word_at + 1));
    let first = Date::new(year, month, 1).ok()?;
    Some((Stretch { first, last: first.last_of_month() }, false, next))
}

/// "the week of December 14": its Monday, or today when it has begun.
fn week_of(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    let start = input.skip(at, &["the"]);
    let next = if input.word(start) == "week" { start + 1 } else { return None };
    let next = if input.any(next, &["of", "commencing", "beginning", "starting"]) { next + 1 } else { return None };
    let (day, end) = super::day(input, next).or_else(|| of_this_month(input, next))?;
    let monday = monday_of(day)?;
    let first = if day >= input.today() { monday.max(input.today()) } else { monday };
    Some((Piece::new(PieceKind::Date(first), Confidence::Sure), end))
}

/// "the 14th": of this month, or of the next one.
fn of_this_month(input: &DateInput<'_>, at: usize) -> Parsed<Date> {
    let (day, next) = ordinal(input, input.skip(at, &["the"]))?;
    let day = i8::try_from(day).ok()?;
    let first = input.today().first_of_month();
    let in_month = |first: Date| Date::new(first.year(), first.month(), day).ok().filter(|date| *date >= input.today());
    Some((in_month(first).or_else(|| in_month(steps::months(first, 1)?))?, next))
}

/// "in Q1", "Q3 2027", "the first quarter of 2027": the first day, or the last one of the current quarter.
fn numbered_quarter(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    let start = input.skip(at, &["in"]);
    let (n, next) = if input.word(start) == "q" && input.glued(start + 1) {
        (input.word(start + 1).parse().ok()?, start + 2)
    } else {
        rare::nth_quarter(input, start)?
    };
    let n = if (1..=4).contains(&n) { n } else { return None };
    let today = input.today();
    let named = year(input, input.skip(next, &["of", "in", ","]));
    let first = Date::new(named.map_or(today.year(), |(year, _)| year), n * 3 - 2, 1).ok()?;
    let last = steps::days(steps::months(first, 3)?, -1)?;
    let date = match named {
        None if last < today => steps::months(first, 12)?,
        None if first <= today => last,
        _ => first,
    };
    let confidence = if start > at || named.is_some() { Confidence::Fair } else { Confidence::Weak };
    Some((Piece::new(PieceKind::Date(date), confidence), named.map_or(next, |(_, end)| end)))
}

/// "in 2027": only where the phrase ends the text.
fn year_alone(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    let start = input.eat(at, &["in"])?;
    let (year, next) = year(input, start).filter(|(_, next)| !input.has(*next))?;
    Some((Piece::new(PieceKind::Date(Date::new(year, 1, 1).ok()?), Confidence::Weak), next))
}
