//! Which days a sentence about tasks speaks of: "today", "the rest of the week", "next month", "overdue".

use jiff::Zoned;
use jiff::civil::Date;

use crate::DueFilter;
use crate::dates::{Mention, Scene, find_all, monday_of};
use crate::grammar::Clause;
use crate::shift;

/// The days that a clause names.
pub(crate) fn due_filter(clause: &Clause<'_>, now: &Zoned) -> Option<DueFilter> {
    let today = now.date();
    if clause.has(&["overdue", "late", "missed"]) {
        return Some(DueFilter::Overdue);
    }
    let scene = Scene { tokens: clause.tokens(), now: now.datetime() };
    if (0..scene.tokens.len()).any(|i| {
        matches!(scene.word(i), "no" | "without") && matches!(scene.word(i + 1), "date" | "due" | "deadline" | "a")
    }) {
        return Some(DueFilter::None);
    }
    if let Some(range) = (0..scene.tokens.len()).find_map(|at| period(&scene, at, today)) {
        return Some(DueFilter::Between(range.0, range.1));
    }
    find_all(&scene).iter().find_map(|mention| Some((days_of(mention, &scene)?, mention.start))).map(|(day, at)| {
        let at = scene.skip(at, &["due"]);
        match scene.word(at) {
            // "before Friday" is from now on, and not on Friday.
            "before" => DueFilter::Between(today.min(day), day.yesterday().unwrap_or(day)),
            "by" | "until" => DueFilter::Between(today.min(day), day),
            _ => DueFilter::Between(day, day),
        }
    })
}

fn days_of(mention: &Mention, scene: &Scene<'_>) -> Option<Date> {
    mention.draft.day(scene.now).or_else(|| mention.draft.resolve(scene.now)?.due.map(|due| due.date))
}

/// A period of several days that begins at a word.
fn period(scene: &Scene<'_>, at: usize, today: Date) -> Option<(Date, Date)> {
    let monday = monday_of(today)?;
    let week = |n: i64| Some((shift::days(monday, n * 7)?, shift::days(monday, n * 7 + 6)?));
    let weekend = |n: i64| Some((shift::days(monday, n * 7 + 5)?, shift::days(monday, n * 7 + 6)?));
    let month = |n: i64| {
        let first = shift::months(today.first_of_month(), n)?;
        Some((first, first.last_of_month()))
    };
    let n = match scene.word(at) {
        "this" | "the" | "current" | "my" => 0,
        "next" | "coming" | "following" => 1,
        "last" | "past" | "previous" => -1,
        _ => return None,
    };
    match scene.word(at + 1) {
        "week" if scene.word(at + 2) != "of" => week(n),
        "weekend" => weekend(n),
        "month" => month(n),
        "day" if n == 0 => Some((today, today)),
        "year" => {
            let first = shift::months(today.first_of_year(), n * 12)?;
            Some((first, first.last_of_year()))
        }
        _ => days_ahead(scene, at, today),
    }
    .map(|(first, last)| if rest_of(scene, at) { (today.max(first), last) } else { (first, last) })
}

/// "the next 6 days".
fn days_ahead(scene: &Scene<'_>, at: usize, today: Date) -> Option<(Date, Date)> {
    let start = if scene.word(at) == "next" { at + 1 } else { return None };
    let (n, next) = crate::dates::lexicon::number(scene, start)?;
    let (unit, _) = crate::dates::lexicon::unit(scene, next).filter(|(unit, _)| !unit.is_short())?;
    Some((today, unit.after_day(today, n.into())?))
}

fn rest_of(scene: &Scene<'_>, at: usize) -> bool {
    at >= 2 && scene.word(at - 1) == "of" && scene.word(at - 2) == "rest"
}
