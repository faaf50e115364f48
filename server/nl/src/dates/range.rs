//! Ranges: "from 3 to 5pm", "9:30-11:00", "July 13-15". A task is due at the beginning of one.

use jiff::civil::Date;

use super::clock::clock;
use super::lexicon::day_number;
use super::{Clock, Firm, Half, Hit, Piece, Scene, What, calendar, relative, weekday};

const UP_TO: &[&str] = &["-", "to", "till", "until", "untill", "til", "through", "thru"];

/// A range, as its beginning.
pub(crate) fn range(scene: &Scene<'_>, at: usize) -> Hit<Piece> {
    let led = scene.any(at, &["from", "between"]);
    let start = if led { at + 1 } else { at };
    let readings = [clocks(scene, start, led), days_of_month(scene, start), days(scene, start)];
    readings.into_iter().flatten().max_by_key(|(_, end)| *end)
}

fn joint(scene: &Scene<'_>, at: usize, start: usize) -> Option<usize> {
    let between = start > 0 && scene.word(start - 1) == "between";
    (scene.any(at, UP_TO) || (between && scene.word(at) == "and")).then_some(at + 1)
}

/// "3-4pm": the first hour takes the half of the day of the second, unless that would turn the range around.
fn clocks(scene: &Scene<'_>, start: usize, led: bool) -> Hit<Piece> {
    let (first, next) = clock(scene, start)?;
    let (second, end) = clock(scene, joint(scene, next, start)?)?;
    let (What::Clock(a), What::Clock(b)) = (first.what, second.what) else { return None };
    // "10-11" by itself may be anything; after a day it is a time.
    let firm = if !led && first.firm == Firm::Weak && second.firm == Firm::Weak { Firm::Weak } else { Firm::Sure };
    Some((Piece::new(What::Clock(in_half_of(a, b)), firm), end))
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
fn days_of_month(scene: &Scene<'_>, start: usize) -> Hit<Piece> {
    let plain = scene.skip(start, &["the"]);
    if let Some((day, next)) = day_number(scene, plain) {
        let (last, end) = calendar::calendar(scene, scene.skip(joint(scene, next, start)?, &["the"]))?;
        let What::Date(last) = last.what else { return None };
        let date = Date::new(last.year(), last.month(), day).ok()?;
        return Some((Piece::new(What::Date(date), Firm::Sure), end));
    }
    let (first, next) = calendar::calendar(scene, start)?;
    let What::Date(_) = first.what else { return None };
    let (_, end) = day_number(scene, scene.skip(joint(scene, next, start)?, &["the"]))?;
    match (first.what, calendar::year_after(scene, end)) {
        (What::Date(date), Some((year, end))) => {
            Some((Piece::new(What::Date(Date::new(year, date.month(), date.day()).ok()?), Firm::Sure), end))
        }
        (what, _) => Some((Piece::new(what, Firm::Sure), end)),
    }
}

/// "Nov 18 - Dec 19", "Tuesday to Thursday", "today until Friday".
fn days(scene: &Scene<'_>, start: usize) -> Hit<Piece> {
    let rules = [calendar::calendar, relative::named_day, weekday::weekday];
    let day = |at: usize| rules.iter().find_map(|rule| rule(scene, at));
    let (first, next) = day(start)?;
    let (_, end) = day(joint(scene, next, start)?)?;
    Some((first, end))
}
