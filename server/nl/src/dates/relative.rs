//! Days and minutes counted from now: "tomorrow", "in two hours", "3 days from today", "a week from Friday".

use jiff::civil::{Date, DateTime};

use super::amount::{Amount, amount};
use super::lexicon::{self, Unit, number, ordinal, unit};
use super::{Confidence, DateInput, Parsed, Piece, PieceKind, calendar, holiday, rare, weekday};
use tandem_protocol::calendar as steps;

/// "today", "tomorrow", "the day after tomorrow", "yesterday". "tonight" is read elsewhere.
pub(crate) fn named_day(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    let today = input.today();
    let start = input.skip(at, &["the"]);
    let after = input.eat(start, &["day", "after", "tomorrow"]);
    if let Some(next) =
        after.or_else(|| input.eat(start, &["day", "after", "next"]).filter(|_| rare::READ && start > at))
    {
        return day_from(today, 2, next);
    }
    if let Some(next) = input.eat(start, &["day", "before", "yesterday"]) {
        return day_from(today, -2, next);
    }
    let at = if input.word(at) == "later" && input.word(at + 1) == "today" { at + 1 } else { at };
    match input.word(at) {
        "today" if input.word(at + 1) == "week" => day_from(today, 7, at + 2),
        "today" => day_from(today, 0, at + 1),
        "tomorrow" if input.word(at + 1) == "week" => day_from(today, 8, at + 2),
        "tomorrow" => day_from(today, 1, at + 1),
        "yesterday" => day_from(today, -1, at + 1),
        // "I'm blocked for the day", but not "plan for the day after".
        "for" if input.word(at + 1) == "the" && input.word(at + 2) == "day" => {
            let ends = input.tokens.get(at + 3).is_none_or(|token| token.is_any(&[".", "!", "?", ","]));
            let today = Piece::new(PieceKind::Date(today), Confidence::Fair);
            ends.then_some((today, at + 3))
        }
        "this" | "the" if input.word(at + 1) == "same" && input.word(at + 2) == "day" => day_from(today, 0, at + 3),
        _ => None,
    }
}

fn day_from(today: Date, days: i32, next: usize) -> Parsed<Piece> {
    let date = steps::days(today, days.into())?;
    let what = PieceKind::Date(date);
    Some((if days < 0 { Piece::past(what) } else { Piece::new(what, Confidence::Sure) }, next))
}

/// "now", "right now", "asap".
pub(crate) fn now(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    let next = match input.word(at) {
        "asap" => at + 1,
        "as" => input.eat(at, &["as", "soon", "as", "possible"])?,
        "right" if input.word(at + 1) == "now" => at + 2,
        "now" if at == 0 && !input.has(1) => at + 1,
        _ => return None,
    };
    // A minute, when it was said so: "right now" is not "some time today".
    let what =
        if input.word(next - 1) == "now" { PieceKind::Moment(input.now) } else { PieceKind::Date(input.today()) };
    Some((Piece::new(what, Confidence::Weak), next))
}

/// "in 20 minutes", "within 3 days", "2 weeks from now", "3 days ago", "a week from Friday", "after 25 minutes".
pub(crate) fn shift(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    if let Some(hit) = upcoming(input, at).or_else(|| back(input, at)).or_else(|| nth_after(input, at)) {
        return Some(hit);
    }
    if let Some(hit) = bare_minutes(input, at).or_else(|| next_working_day(input, at)) {
        return Some(hit);
    }
    // An amount by itself is a duration ("run 30 minutes"). A word before or after it makes it a distance from now.
    let led = input.any(at, &["in", "within", "after", "+"]);
    let start = if led { at + 1 } else { at };
    let start = input.skip(input.skip(start, &["about", "around", "another", "the"]), &["~"]);
    let start = input.skip(start, AHEAD);
    let (amount, next) = single(input, at).or_else(|| amount(input, start))?;
    let in_time = input.eat(next, &["'", "time"]).or_else(|| input.eat(next, &["'s", "time"]));
    let in_time = in_time.or_else(|| input.eat(next, &["time"]).filter(|_| input.word(at) == "in"));
    if let Some(end) = in_time {
        return moment(&amount, input.now, input.now, 1, end);
    }
    if let Some(end) = after_words(input, next) {
        return moment(&amount, input.now, input.now, 1, end);
    }
    if input.any(next, &["ago", "earlier"]) {
        return moment(&amount, input.now, input.now, -1, next + 1);
    }
    // "a week today", "two weeks tomorrow".
    if !led
        && matches!(amount.long, Some((_, Unit::Week | Unit::Fortnight)))
        && let Some((Piece { what: PieceKind::Date(base), past: false, .. }, end)) = named_day(input, next)
    {
        return moment(&amount, base.at(0, 0, 0, 0), input.now, 1, end);
    }
    // "a week on Thursday" is the Thursday after the coming one.
    if !led && input.word(next) == "on" && matches!(amount.long, Some((_, Unit::Week | Unit::Fortnight))) {
        let (base, end) = anchor(input, next + 1)?;
        return moment(&amount, base, input.now, 1, end);
    }
    if !led && input.any(next, &["from", "after", "before"]) {
        let sign = if input.word(next) == "before" { -1 } else { 1 };
        if amount.long.is_none() && !input.any(next, &["from"]) {
            return rare::shifted(input, next + 1, sign * amount.minutes);
        }
        let (base, end) = anchor(input, next + 1)?;
        return moment(&amount, base, input.now, sign, end);
    }
    let next = input.eat(next, &["or", "so"]).unwrap_or(next);
    if led { moment(&amount, input.now, input.now, 1, next) } else { None }
}

/// "next working day".
fn next_working_day(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    let next = input.eat(input.skip(at, &["the"]), &["next"]).filter(|_| rare::READ)?;
    let (Unit::WorkDay, end) = unit(input, next)? else { return None };
    moment(&Amount { minutes: 0, long: Some((1, Unit::WorkDay)), rest: None }, input.now, input.now, 1, end)
}

/// Words between "in the" and an amount.
pub(super) const AHEAD: &[&str] = &["next", "coming", "following", "upcoming"];

/// "in 10": minutes, where nothing else is counted.
fn bare_minutes(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    let next = input.eat(at, &["in"])?;
    let figures = input.word(next).bytes().all(|b| b.is_ascii_digit());
    let n: i32 = input.word(next).parse().ok().filter(|n| figures && (1..60).contains(n))?;
    let ends = input.tokens.get(next + 1).is_none_or(|token| token.is_any(&["to", ",", "!"]) && !token.glued);
    let amount = Amount { minutes: n, long: None, rest: None };
    if ends { moment(&amount, input.now, input.now, 1, next + 1) } else { None }
}

/// "last two weeks", "past 2 days": how far back.
fn back(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    let start = input.skip(at, &["the"]);
    let next = if input.any(start, &["last", "past", "previous"]) { start + 1 } else { return None };
    let one = input.any(next, &["day", "weekday", "workday", "working", "business"]);
    let (n, after) = if one { (1, next) } else { number(input, next)? };
    let (unit, end) = unit(input, after).filter(|(unit, _)| !unit.is_short())?;
    let amount = Amount { minutes: 0, long: Some((n, unit)), rest: None };
    // "the last day of March" is an edge of a period.
    if input.any(end, &["of", "in"]) {
        return None;
    }
    moment(&amount, input.now, input.now, -1, end)
}

/// "third Tuesday after Christmas": one of the weekdays after a day.
fn nth_after(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    let start = input.skip(at, &["the"]);
    let (n, next) = ordinal(input, start).filter(|(n, _)| (1..=10).contains(n)).unwrap_or((1, start));
    let (day, _) = lexicon::weekday(input.word(next))?;
    let sign = match input.word(next + 1) {
        "after" | "following" => 1,
        "before" => -1,
        _ => return None,
    };
    let (base, end) = anchor(input, next + 2)?;
    let date = base.date().nth_weekday(sign * i32::try_from(n).ok()?, day).ok()?;
    Some((Piece::new(PieceKind::Date(date), Confidence::Sure), end))
}

/// "the day before", "the week after": one of it.
fn single(input: &DateInput<'_>, at: usize) -> Parsed<Amount> {
    let (unit, next) = unit(input, input.skip(at, &["the"])).filter(|(unit, _)| !unit.is_short())?;
    input.any(next, &["before", "after"]).then_some((Amount { minutes: 0, long: Some((1, unit)), rest: None }, next))
}

/// "upcoming two weeks", "two upcoming weeks".
fn upcoming(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    let first = input.skip(at, &["upcoming", "coming"]);
    let (n, second) = number(input, first)?;
    let last = input.skip(second, &["upcoming", "coming"]);
    if first == at && last == second {
        return None;
    }
    let (unit, next) = unit(input, last).filter(|(unit, _)| !unit.is_short())?;
    let amount = Amount { minutes: 0, long: Some((n, unit)), rest: None };
    // Calendar periods count from the beginning of the current one: "two upcoming weeks" lead to a Monday.
    let base = match unit {
        Unit::Week => weekday::monday_of(input.today())?,
        Unit::Month | Unit::Quarter => input.today().first_of_month(),
        Unit::Year => input.today().first_of_year(),
        _ => input.today(),
    };
    moment(&amount, base.at(0, 0, 0, 0), input.now, 1, next)
}

fn after_words(input: &DateInput<'_>, at: usize) -> Option<usize> {
    match input.word(at) {
        "from" if input.any(at + 1, &["now", "today"]) => Some(at + 2),
        "after" if input.any(at + 1, &["today"]) => Some(at + 2),
        "hence" | "later" => Some(at + 1),
        _ => None,
    }
}

/// One day by its name or date.
pub(crate) fn day(input: &DateInput<'_>, at: usize) -> Parsed<Date> {
    anchor(input, at).map(|(moment, next)| (moment.date(), next))
}

/// The day that a shift counts from.
fn anchor(input: &DateInput<'_>, at: usize) -> Parsed<DateTime> {
    let rules = [named_day, calendar::calendar, weekday::weekday, holiday::holiday];
    let (piece, next) = rules.iter().find_map(|rule| rule(input, at))?;
    let date = match piece.what {
        PieceKind::Date(date) => date,
        PieceKind::Weekday(day, which) => weekday::resolve(day, which, input.today())?,
        PieceKind::MonthDay(day) => super::next_month_day(day, None, input.today())?,
        _ => return None,
    };
    Some((date.at(0, 0, 0, 0), next))
}

fn moment(amount: &Amount, base: DateTime, now: DateTime, sign: i32, next: usize) -> Parsed<Piece> {
    let moment = amount.from(base, sign)?;
    // Days and longer leave the time of day open, so that another piece can name it.
    let what = if amount.is_short() { PieceKind::Moment(moment) } else { PieceKind::Date(moment.date()) };
    Some((Piece { what, confidence: Confidence::Sure, past: moment < now }, next))
}

/// The moment an amount of time after another (before it for the sign -1), and whether the amount was one of hours or minutes; the amount is all
/// there is.
pub(crate) fn amount_after(input: &DateInput<'_>, base: DateTime, sign: i32) -> Option<(DateTime, bool)> {
    let (amount, next) = amount(input, input.skip(0, &["by", "for"]))?;
    if input.has(input.skip(next, &["later", "more", "earlier"])) {
        return None;
    }
    Some((amount.from(base, sign)?, amount.is_short()))
}

/// The place after an amount of time that stands here.
pub(crate) fn amount_end(input: &DateInput<'_>, at: usize) -> Option<usize> {
    amount(input, at).map(|(_, end)| end)
}

/// A bare amount, as after "for" in "set a reminder for 15 minutes". Only whole phrases allow it: inside a sentence it is a
/// duration.
pub(crate) fn bare_amount(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    let (amount, next) = amount(input, at)?;
    moment(&amount, input.now, input.now, 1, next)
}
