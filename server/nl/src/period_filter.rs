//! The range of days that a question about tasks is limited to: "today", "the rest of the week", "next month", "overdue".

use jiff::Zoned;
use jiff::civil::Date;

use crate::DueRange;
use crate::dates::{DateInput, Mention, find_all, monday_of};
use crate::grammar::Clause;
use tandem_protocol::calendar as steps;

/// The days that a clause names; `None` when it names none.
pub(crate) fn due_filter(clause: &Clause<'_>, now: &Zoned) -> Option<DueRange> {
    let today = now.date();
    if clause.has(&["overdue", "late", "missed"]) {
        return Some(DueRange::Overdue);
    }
    let input = DateInput { tokens: clause.tokens(), now: now.datetime() };
    if (0..input.tokens.len()).any(|i| {
        matches!(input.word(i), "no" | "without") && matches!(input.word(i + 1), "date" | "due" | "deadline" | "a")
    }) {
        return Some(DueRange::None);
    }
    if let Some(range) = (0..input.tokens.len()).find_map(|at| period(&input, at, today)) {
        return Some(DueRange::Between(range.0, range.1));
    }
    find_all(&input).iter().find_map(|mention| Some((days_of(mention, &input)?, mention.start))).map(|(day, at)| {
        let at = input.skip(at, &["due"]);
        match input.word(at) {
            // "before Friday" is from now on, and not on Friday.
            "before" => DueRange::Between(today.min(day), day.yesterday().unwrap_or(day)),
            "by" | "until" => DueRange::Between(today.min(day), day),
            _ => DueRange::Between(day, day),
        }
    })
}

fn days_of(mention: &Mention, input: &DateInput<'_>) -> Option<Date> {
    mention.draft.day(input.now).or_else(|| mention.draft.resolve(input.now)?.due.map(|due| due.date))
}

/// A period of several days that begins at a word.
fn period(input: &DateInput<'_>, at: usize, today: Date) -> Option<(Date, Date)> {
    let monday = monday_of(today)?;
    let week = |n: i64| Some((steps::days(monday, n * 7)?, steps::days(monday, n * 7 + 6)?));
    let weekend = |n: i64| Some((steps::days(monday, n * 7 + 5)?, steps::days(monday, n * 7 + 6)?));
    let month = |n: i64| {
        let first = steps::months(today.first_of_month(), n)?;
        Some((first, first.last_of_month()))
    };
    let n = match input.word(at) {
        "this" | "the" | "current" | "my" => 0,
        "next" | "coming" | "following" => 1,
        "last" | "past" | "previous" => -1,
        _ => return None,
    };
    match input.word(at + 1) {
        // "the week of March 3" names another week; its date is read as a mention.
        "week" if input.word(at + 2) != "of" => week(n),
        "weekend" => weekend(n),
        "month" => month(n),
        "day" if n == 0 => Some((today, today)),
        "year" => {
            let first = steps::months(today.first_of_year(), n * 12)?;
            Some((first, first.last_of_year()))
        }
        _ => days_ahead(input, at, today),
    }
    .map(|(first, last)| if rest_of(input, at) { (today.max(first), last) } else { (first, last) })
}

/// "the next 6 days".
fn days_ahead(input: &DateInput<'_>, at: usize, today: Date) -> Option<(Date, Date)> {
    let start = if input.word(at) == "next" { at + 1 } else { return None };
    let (n, next) = crate::dates::lexicon::number(input, start)?;
    let (unit, _) = crate::dates::lexicon::unit(input, next).filter(|(unit, _)| !unit.is_short())?;
    Some((today, unit.after_day(today, n.into())?))
}

fn rest_of(input: &DateInput<'_>, at: usize) -> bool {
    at >= 2 && input.word(at - 1) == "of" && input.word(at - 2) == "rest"
}
