//! Weeks, weekends, months, quarters and years, their beginnings and ends: "next week", "this weekend", "end of March".

use jiff::civil::{Date, Weekday};

use super::lexicon::{month, year};
use super::weekday::{in_week, monday_of};
use super::{Clock, Firm, Half, Hit, Piece, Scene, What};
use crate::shift;

/// A period as a date: its first day, or for one that has begun the last one left for work.
pub(crate) fn period(scene: &Scene<'_>, at: usize) -> Hit<Piece> {
    edge(scene, at).or_else(|| weekend(scene, at)).or_else(|| plain(scene, at)).or_else(|| year_alone(scene, at))
}

/// A stretch of days, both ends included.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    first: Date,
    last: Date,
}

/// Where a period lies: seen from now, "this" one is 0.
fn offset(word: &str) -> Option<i64> {
    Some(match word {
        "this" | "the" | "current" => 0,
        "next" | "coming" | "following" | "upcoming" => 1,
        "last" | "past" | "previous" => -1,
        _ => return None,
    })
}

fn stretch(scene: &Scene<'_>, word: &str, offset: i64) -> Option<Stretch> {
    let today = scene.today();
    let first = match word {
        "week" | "workweek" => shift::days(monday_of(today)?, offset * 7)?,
        "month" => shift::months(today.first_of_month(), offset)?,
        "quarter" | "qtr" => {
            let back = i64::from((today.month() - 1) % 3);
            shift::months(today.first_of_month(), offset * 3 - back)?
        }
        "year" | "yr" => shift::months(today.first_of_year(), offset * 12)?,
        _ => return None,
    };
    let next = match word {
        "week" | "workweek" => shift::days(first, 7)?,
        "month" => shift::months(first, 1)?,
        "quarter" | "qtr" => shift::months(first, 3)?,
        _ => shift::months(first, 12)?,
    };
    Some(Stretch { first, last: shift::days(next, -1)? })
}

/// "next week", "this month", "the following year".
fn plain(scene: &Scene<'_>, at: usize) -> Hit<Piece> {
    if let Some(next) =
        scene.eat(at, &["week", "after", "next"]).or_else(|| scene.eat(at, &["the", "week", "after", "next"]))
    {
        return Some((Piece::new(What::Week(stretch(scene, "week", 2)?.first), Firm::Sure), next));
    }
    let start = scene.skip(scene.skip(at, &["later", "early", "around"]), &["the"]);
    let direction = offset(scene.word(start)).filter(|_| scene.word(start) != "the")?;
    let word = scene.word(start + 1);
    let Stretch { first, last } = stretch(scene, word, direction)?;
    let next = start + 2;
    let what = match (direction, word) {
        (_, "week") => What::Week(first),
        (0, _) => What::Date(last),
        _ => What::Date(first),
    };
    Some((if direction < 0 { Piece::past(what) } else { Piece::new(what, Firm::Sure) }, next))
}

/// The Friday of a week while it lies ahead, else its Sunday.
pub(crate) fn last_working_day(today: Date, sunday: Date) -> Date {
    match in_week(Weekday::Friday, monday_of(sunday).unwrap_or(sunday)) {
        Some(friday) if today <= friday => friday,
        _ => sunday,
    }
}

/// "this weekend", "the weekend", "next weekend": the Saturday.
fn weekend(scene: &Scene<'_>, at: usize) -> Hit<Piece> {
    let direction = offset(scene.word(at)).filter(|_| scene.word(at + 1) == "weekend");
    let (weeks, next, firm) = match direction {
        Some(weeks) => (weeks, at + 2, if scene.word(at) == "the" { Firm::Fair } else { Firm::Sure }),
        None if scene.word(at) == "weekend" => (0, at + 1, Firm::Weak),
        None => return None,
    };
    let today = scene.today();
    let saturday = shift::days(in_week(Weekday::Saturday, monday_of(today)?)?, weeks * 7)?;
    let date = if weeks == 0 { saturday.max(today) } else { saturday };
    let what = What::Date(date);
    Some((if weeks < 0 { Piece::past(what) } else { Piece::new(what, firm) }, next))
}

/// "end of the month", "beginning of next week", "last day of March", "EOD".
fn edge(scene: &Scene<'_>, at: usize) -> Hit<Piece> {
    let sure = |date: Date, next: usize| Some((Piece::new(What::Date(date), Firm::Sure), next));
    let bare = scene.skip(at, &["the"]);
    match scene.word(bare) {
        "eod" => return Some((Piece::new(What::Clock(close_of_business()), Firm::Sure), bare + 1)),
        "eow" => return sure(last_working_day(scene.today(), stretch(scene, "week", 0)?.last), bare + 1),
        "eom" => return sure(stretch(scene, "month", 0)?.last, bare + 1),
        "eoy" => return sure(stretch(scene, "year", 0)?.last, bare + 1),
        _ => {}
    }
    let start = scene.skip(scene.skip(at, &["at", "by"]), &["the"]);
    let (end, of) = match (scene.word(start), scene.word(start + 1), scene.word(start + 2)) {
        ("end", "of", _) => (true, start + 2),
        ("beginning" | "start", "of", _) => (false, start + 2),
        ("last", "day", "of" | "in") => (true, start + 3),
        ("first", "day", "of" | "in") => (false, start + 3),
        _ => return None,
    };
    if end && scene.any(scene.skip(of, &["the"]), &["day"]) {
        return Some((Piece::new(What::Clock(close_of_business()), Firm::Sure), scene.skip(of, &["the"]) + 1));
    }
    let exact = scene.word(start + 1) == "day";
    let (part, is_week, next) = named_stretch(scene, of)?;
    let date = match (end, is_week && !exact) {
        (true, true) => last_working_day(scene.today().max(part.first), part.last),
        (true, false) => part.last,
        (false, _) => part.first,
    };
    sure(date, next)
}

fn close_of_business() -> Clock {
    Clock { hour: 17, minute: 0, half: Some(Half::Whole) }
}

/// The period that "end of" speaks of.
fn named_stretch(scene: &Scene<'_>, at: usize) -> Option<(Stretch, bool, usize)> {
    let start = scene.skip(at, &["the"]);
    let (direction, word_at) = match offset(scene.word(start)) {
        Some(direction) => (direction, start + 1),
        None => (0, start),
    };
    let word = scene.word(word_at);
    if let Some(stretch) = stretch(scene, word, direction) {
        return Some((stretch, word == "week", word_at + 1));
    }
    if let Some((year, next)) = year(scene, word_at) {
        let first = Date::new(year, 1, 1).ok()?;
        return Some((Stretch { first, last: first.last_of_year() }, false, next));
    }
    let month = month(word)?;
    let today = scene.today();
    let (year, next) = year(scene, word_at + 1)
        .unwrap_or((if month < today.month() { today.year() + 1 } else { today.year() }, word_at + 1));
    let first = Date::new(year, month, 1).ok()?;
    Some((Stretch { first, last: first.last_of_month() }, false, next))
}

/// "in 2027": only where the phrase ends the text.
fn year_alone(scene: &Scene<'_>, at: usize) -> Hit<Piece> {
    let start = scene.eat(at, &["in"])?;
    let (year, next) = year(scene, start).filter(|(_, next)| !scene.has(*next))?;
    Some((Piece::new(What::Date(Date::new(year, 1, 1).ok()?), Firm::Weak), next))
}
