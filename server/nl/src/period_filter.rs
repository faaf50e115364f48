//! The range of days that a question about tasks is limited to: "today", "the rest of the week", "next month", "overdue".

use jiff::Zoned;
use jiff::civil::Date;

use crate::dates::{DateInput, Mention, day, find_all, lexicon, monday_of};
use crate::grammar::Clause;
use crate::{DueRange, work};
use tandem_protocol::calendar as steps;
use tandem_protocol::rest::DueInput;

/// Steps of looking for a range of days at a place.
const PLACE_COST: u32 = 10;

/// The days that a clause names; `None` when it names none.
pub(crate) fn due_filter(clause: &Clause<'_>, now: &Zoned) -> Option<DueRange> {
    let today = now.date();
    if clause.has(&["overdue", "late", "missed"]) {
        return Some(DueRange::Overdue);
    }
    let input = DateInput::new(clause.tokens(), now.datetime());
    work::spend(u32::try_from(input.tokens.len()).unwrap_or(u32::MAX).saturating_mul(PLACE_COST));
    if (0..input.tokens.len()).any(|i| {
        matches!(input.word(i), "no" | "without") && matches!(input.word(i + 1), "date" | "due" | "deadline" | "a")
    }) {
        return Some(DueRange::None);
    }
    if let Some((first, last)) = (0..input.tokens.len()).find_map(|at| from_to(&input, at)) {
        return Some(DueRange::Between(first, last));
    }
    let mentions = find_all(&input);
    let names_day = mentions.iter().any(|mention| mention.draft.names_day());
    // "my day on Wednesday" is not today.
    let read = |at: usize| if names_day && input.word(at + 1) == "day" { None } else { period(&input, at, today) };
    if let Some(range) = (0..input.tokens.len()).find_map(read) {
        return Some(DueRange::Between(range.0, range.1));
    }
    mentions.iter().find_map(|mention| Some((days_of(mention, &input)?, mention))).map(|(day, mention)| {
        let last = mention.draft.end(&DueInput::on(day)).and_then(|(last, _)| last);
        let at = mention.start;
        let at = input.skip(at, &["due"]);
        match input.word(at) {
            // "before Friday" is from now on, and not on Friday.
            "before" => DueRange::Between(today.min(day), day.yesterday().unwrap_or(day)),
            "by" | "until" => DueRange::Between(today.min(day), day),
            "after" => DueRange::Between(day.tomorrow().unwrap_or(day), Date::MAX),
            "since" | "starting" => DueRange::Between(day, Date::MAX),
            _ => DueRange::Between(day, last.filter(|last| *last > day).unwrap_or(day)),
        }
    })
}

fn days_of(mention: &Mention, input: &DateInput<'_>) -> Option<Date> {
    mention.draft.day(input.now).or_else(|| mention.draft.resolve(input.now)?.due.map(|due| due.date))
}

/// "between Monday and Wednesday", "from today to Friday", "Monday to Friday", "in December".
fn from_to(input: &DateInput<'_>, at: usize) -> Option<(Date, Date)> {
    let led = input.any(at, &["between", "from"]);
    let start = if led { at + 1 } else { at };
    if let Some(first) = named_month(input, at) {
        return Some((first, first.last_of_month()));
    }
    let (first, next) = day(input, start)?;
    let joint =
        if input.any(next, &["to", "until", "till", "through", "thru", "-"]) || (led && input.word(next) == "and") {
            next + 1
        } else {
            return None;
        };
    let (last, _) = day(input, joint)?;
    // Said on a Monday, "from Monday" is today; "between Friday and Tuesday" ends in the week after.
    match steps::days(first, -7)? == input.today() {
        true if first > last => Some((input.today(), last)),
        _ if first > last => Some((first, steps::days(last, 7).filter(|last| *last >= first)?)),
        _ => Some((first, last)),
    }
}

/// "in December", "for March": the next such month, or the current one.
fn named_month(input: &DateInput<'_>, at: usize) -> Option<Date> {
    let month = input.any(at, &["in", "for", "during"]).then(|| lexicon::month(input.word(at + 1)))??;
    let ends = !input.any(at + 2, &["the"]) && !input.word(at + 2).bytes().any(|b| b.is_ascii_digit());
    let today = input.today();
    let year = if month < today.month() { today.year() + 1 } else { today.year() };
    if ends { Date::new(year, month, 1).ok() } else { None }
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
        "for" => return days_ahead(input, at, today),
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

/// "the next 6 days", "for two weeks".
fn days_ahead(input: &DateInput<'_>, at: usize, today: Date) -> Option<(Date, Date)> {
    let (n, unit, _) = counted_units(input, at)?;
    Some((today, unit.after_day(today, n.into())?))
}

/// The number and the unit of "next 6 days", and the place after it.
fn counted_units(input: &DateInput<'_>, at: usize) -> Option<(u32, lexicon::Unit, usize)> {
    let start = if input.any(at, &["next", "coming", "for"]) { at + 1 } else { return None };
    let (n, next) = lexicon::number(input, start)?;
    let (unit, end) = lexicon::unit(input, next).filter(|(unit, _)| !unit.is_short())?;
    Some((n, unit, end))
}

/// The place after "next 6 days" and the like, which `due_filter` reads.
pub(crate) fn counted_days_end(input: &DateInput<'_>, at: usize) -> Option<usize> {
    counted_units(input, at).map(|(_, _, end)| end)
}

fn rest_of(input: &DateInput<'_>, at: usize) -> bool {
    at >= 2 && input.word(at - 1) == "of" && input.word(at - 2) == "rest"
}
