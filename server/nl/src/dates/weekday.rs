//! Weekdays: "Friday", "next Tuesday", "this Sunday", "Wednesday of next week", "three Fridays from now".

use jiff::civil::{Date, Weekday};

use super::lexicon::{number, weekday as day_name, weekdays};
use super::{Firm, Hit, Piece, Scene, What, Which};
use crate::shift;

/// A weekday with what says which one.
pub(crate) fn weekday(scene: &Scene<'_>, at: usize) -> Hit<Piece> {
    if let Some(hit) = counted(scene, at) {
        return Some(hit);
    }
    let (which, start) = which(scene, at);
    let (day, short) = day_name(scene.word(start))?;
    let mut next = start + 1;
    if short && scene.word(next) == "." && scene.glued(next) {
        next += 1;
    }
    let led = which.is_some();
    let firm = match (led, short) {
        (true, _) => Firm::Sure,
        (false, false) => Firm::Fair,
        (false, true) => Firm::Weak,
    };
    // "Friday week" is the one after the coming Friday.
    if !led && scene.word(next) == "week" {
        let date = shift::days(resolve(day, Which::Coming, scene.today())?, 7)?;
        return Some((Piece::new(What::Date(date), Firm::Sure), next + 1));
    }
    let which = which.unwrap_or(Which::Coming);
    let what = What::Weekday(day, which);
    let piece = if which == Which::Last { Piece::past(what) } else { Piece::new(what, firm) };
    Some((piece, next))
}

/// The word before a weekday that says which one.
fn which(scene: &Scene<'_>, at: usize) -> (Option<Which>, usize) {
    let start = scene.skip(at, &["the"]);
    match scene.word(start) {
        "this" if scene.any(start + 1, &["coming", "upcoming"]) => (Some(Which::Coming), start + 2),
        "this" if scene.any(start + 1, &["past", "last"]) => (Some(Which::Last), start + 2),
        "this" => (Some(Which::This), start + 1),
        "coming" | "upcoming" => (Some(Which::Coming), start + 1),
        "next" | "following" => (Some(Which::Next), start + 1),
        "last" | "past" | "previous" => (Some(Which::Last), start + 1),
        _ => (None, at),
    }
}

/// "three Fridays from now".
fn counted(scene: &Scene<'_>, at: usize) -> Hit<Piece> {
    let (n, next) = number(scene, at).filter(|(n, _)| (1..=52).contains(n))?;
    let day = weekdays(scene.word(next)).or_else(|| day_name(scene.word(next)).map(|(day, _)| day))?;
    let next = scene.eat(next + 1, &["from", "now"])?;
    let weeks = i64::from(n) - 1;
    let date = shift::days(resolve(day, Which::Coming, scene.today())?, weeks * 7)?;
    Some((Piece::new(What::Date(date), Firm::Sure), next))
}

/// The date of a weekday seen from a day. Weeks begin on Monday.
pub(crate) fn resolve(day: Weekday, which: Which, today: Date) -> Option<Date> {
    let ahead = i64::from(today.weekday().until(day).rem_euclid(7));
    let days = match which {
        Which::This => ahead,
        Which::Coming => {
            if ahead == 0 {
                7
            } else {
                ahead
            }
        }
        Which::Last => {
            if ahead == 0 {
                -7
            } else {
                ahead - 7
            }
        }
        Which::Next => {
            let monday = shift::days(monday_of(today)?, 7)?;
            return in_week(day, monday);
        }
    };
    shift::days(today, days)
}

/// The Monday of a day's week.
pub(crate) fn monday_of(day: Date) -> Option<Date> {
    shift::days(day, -i64::from(day.weekday().to_monday_zero_offset()))
}

/// A weekday of the week that begins on a Monday.
pub(crate) fn in_week(day: Weekday, monday: Date) -> Option<Date> {
    shift::days(monday, day.to_monday_zero_offset().into())
}
