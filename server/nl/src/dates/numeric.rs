//! Dates in figures: `2026-12-01`, `12/1/2026`, `1.12.2026`, `12/1`, `31/Oct/2026`.

use jiff::civil::Date;

use super::calendar::upcoming;
use super::lexicon::{full_year, month};
use super::{Firm, Hit, Piece, Scene, What};

/// A date in figures. Month before day, as in America, unless that makes no date.
pub(crate) fn numeric(scene: &Scene<'_>, at: usize) -> Hit<Piece> {
    if inside_a_figure(scene, at) {
        return None;
    }
    let (hit, next) = iso(scene, at).or_else(|| three(scene, at)).or_else(|| two(scene, at))?;
    let longer = scene.any(next, &["/", "-", "."])
        && scene.glued(next)
        && scene.glued(next + 1)
        && figure(scene, next + 1).is_some()
        && figure(scene, next + 3).is_none();
    (!longer || scene.word(next) != "." || figure(scene, next + 1).is_none()).then_some((hit, next))
}

/// Whether the number is the tail of another figure: "1.5/3", "$12/5".
fn inside_a_figure(scene: &Scene<'_>, at: usize) -> bool {
    scene.glued(at) && at > 0 && scene.any(at - 1, &[".", "/", "$", "#", "%"])
}

fn figure(scene: &Scene<'_>, at: usize) -> Option<i16> {
    let word = scene.word(at);
    (!word.is_empty() && word.len() <= 4 && word.bytes().all(|b| b.is_ascii_digit())).then(|| word.parse().ok())?
}

fn month_or_figure(scene: &Scene<'_>, at: usize) -> Option<i8> {
    let month = month(scene.word(at)).or_else(|| figure(scene, at).and_then(|n| i8::try_from(n).ok()))?;
    (1..=12).contains(&month).then_some(month)
}

fn separated(scene: &Scene<'_>, at: usize, mark: &str) -> bool {
    scene.word(at + 1) == mark && scene.word(at + 3) == mark
}

/// Year first.
fn iso(scene: &Scene<'_>, at: usize) -> Hit<Piece> {
    let mark = scene.word(at + 1);
    if scene.word(at).len() != 4 || !matches!(mark, "-" | "/" | ".") || !separated(scene, at, mark) {
        return None;
    }
    let day = i8::try_from(figure(scene, at + 4)?).ok()?;
    let date = Date::new(figure(scene, at)?, month_or_figure(scene, at + 2)?, day).ok()?;
    Some((Piece::new(What::Date(date), Firm::Sure), at + 5))
}

/// Year last.
fn three(scene: &Scene<'_>, at: usize) -> Hit<Piece> {
    let mark = scene.word(at + 1);
    if !matches!(mark, "/" | "-" | ".") || !separated(scene, at, mark) {
        return None;
    }
    let digits = scene.word(at + 4).len();
    let year = figure(scene, at + 4)?;
    let year = match digits {
        4 if (1900..2200).contains(&year) => year,
        2 if mark != "." => full_year(year),
        _ => return None,
    };
    let first = i8::try_from(figure(scene, at)?).ok()?;
    let date = match month(scene.word(at + 2)) {
        Some(month) => Date::new(year, month, first).ok()?,
        None => day_and_month(first, i8::try_from(figure(scene, at + 2)?).ok()?, year, mark)?,
    };
    let firm = if digits == 4 || mark == "/" { Firm::Sure } else { Firm::Weak };
    Some((Piece::new(What::Date(date), firm), at + 5))
}

/// Points stand between day and month, slashes between month and day, each also the other way when it must be.
fn day_and_month(first: i8, second: i8, year: i16, mark: &str) -> Option<Date> {
    let american = Date::new(year, first, second).ok();
    let european = Date::new(year, second, first).ok();
    if mark == "." { european.or(american) } else { american.or(european) }
}

/// Without a year: "12/1". A fraction ("1/2 cup") looks the same, so it is weak; "24/7" is none.
fn two(scene: &Scene<'_>, at: usize) -> Hit<Piece> {
    if scene.word(at + 1) != "/" || (scene.word(at), scene.word(at + 2)) == ("24", "7") {
        return None;
    }
    let first = i8::try_from(figure(scene, at)?).ok()?;
    let second = month(scene.word(at + 2)).map_or_else(|| figure(scene, at + 2), |month| Some(i16::from(month)))?;
    let second = i8::try_from(second).ok()?;
    let named = month(scene.word(at + 2)).is_some();
    let date = if named || first > 12 { upcoming(scene, second, first) } else { upcoming(scene, first, second) }?;
    Some((Piece::new(What::Date(date), Firm::Weak), at + 3))
}
