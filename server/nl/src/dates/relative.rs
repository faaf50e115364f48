//! Days and minutes counted from now: "tomorrow", "in two hours", "3 days from today", "a week from Friday".

use jiff::civil::{Date, DateTime, Weekday};

use super::lexicon::{Unit, number, unit};
use super::{Firm, Hit, Piece, Scene, What, calendar, holiday, weekday};
use crate::shift;

/// "today", "tomorrow", "the day after tomorrow", "yesterday". "tonight" is read elsewhere.
pub(crate) fn named_day(scene: &Scene<'_>, at: usize) -> Hit<Piece> {
    let today = scene.today();
    let start = scene.skip(at, &["the"]);
    if let Some(next) = scene.eat(start, &["day", "after", "tomorrow"]) {
        return day_from(today, 2, next);
    }
    if let Some(next) = scene.eat(start, &["day", "before", "yesterday"]) {
        return day_from(today, -2, next);
    }
    let at = if scene.word(at) == "later" && scene.word(at + 1) == "today" { at + 1 } else { at };
    match scene.word(at) {
        "today" => day_from(today, 0, at + 1),
        "tomorrow" => day_from(today, 1, at + 1),
        "yesterday" => day_from(today, -1, at + 1),
        "this" | "the" if scene.word(at + 1) == "same" && scene.word(at + 2) == "day" => day_from(today, 0, at + 3),
        _ => None,
    }
}

fn day_from(today: Date, days: i32, next: usize) -> Hit<Piece> {
    let date = shift::days(today, days.into())?;
    let what = What::Date(date);
    Some((if days < 0 { Piece::past(what) } else { Piece::new(what, Firm::Sure) }, next))
}

/// "now", "right now", "asap".
pub(crate) fn now(scene: &Scene<'_>, at: usize) -> Hit<Piece> {
    let next = match scene.word(at) {
        "asap" => at + 1,
        "as" => scene.eat(at, &["as", "soon", "as", "possible"])?,
        "right" if scene.word(at + 1) == "now" => at + 2,
        "now" if at == 0 && !scene.has(1) => at + 1,
        _ => return None,
    };
    Some((Piece::new(What::Date(scene.today()), Firm::Weak), next))
}

/// An amount of time: "20 minutes", "an hour and a half", "2.5 hours", "a couple of days", "1 hour 5 minutes".
#[derive(Debug, Clone, Copy)]
pub(crate) struct Amount {
    /// In minutes, when the unit is one of hours or minutes.
    minutes: i32,
    /// In whole units of a day or more.
    long: Option<(u32, Unit)>,
    /// A second, smaller long unit ("2 months, 5 days").
    rest: Option<(u32, Unit)>,
}

impl Amount {
    fn is_short(&self) -> bool {
        self.long.is_none()
    }

    /// The moment so far from another; `sign` is 1 or -1.
    fn from(&self, base: DateTime, sign: i32) -> Option<DateTime> {
        let mut moment = shift::minutes(base, i64::from(sign) * i64::from(self.minutes))?;
        for (n, unit) in [self.long, self.rest].into_iter().flatten() {
            let n = sign.checked_mul(i32::try_from(n).ok()?)?;
            moment = if unit == Unit::WorkDay { work_days(moment, n)? } else { unit.after_moment(moment, n.into())? };
        }
        Some(moment)
    }
}

fn work_days(mut moment: DateTime, n: i32) -> Option<DateTime> {
    let mut left = n.abs();
    while left > 0 {
        moment = shift::days_at(moment, n.signum().into())?;
        if !matches!(moment.date().weekday(), Weekday::Saturday | Weekday::Sunday) {
            left -= 1;
        }
    }
    Some(moment)
}

/// Reads an amount of time.
pub(crate) fn amount(scene: &Scene<'_>, at: usize) -> Hit<Amount> {
    let (first, mut next) = one_amount(scene, at)?;
    let mut whole = first;
    let joined = scene.skip(scene.skip(next, &[","]), &["and"]);
    if let Some((second, end)) = one_amount(scene, joined) {
        match (first.long, second.long) {
            (None, None) => {
                whole.minutes = whole.minutes.checked_add(second.minutes)?;
                next = end;
            }
            (Some(_), Some(small)) => {
                whole.rest = Some(small);
                next = end;
            }
            _ => {}
        }
    }
    Some((whole, next))
}

fn one_amount(scene: &Scene<'_>, at: usize) -> Hit<Amount> {
    let short = |minutes, next| Some((Amount { minutes, long: None, rest: None }, next));
    if scene.word(at) == "half" || (scene.any(at, &["a", "1"]) && scene.word(at + 1) == "half") {
        let start = if scene.word(at) == "half" { at + 1 } else { at + 2 };
        if let (Unit::Hour, next) = unit(scene, scene.skip(start, &["a", "an"]))? {
            return short(30, next);
        }
        return None;
    }
    if scene.word(at + 1) == "/" && scene.glued(at + 1) {
        let (top, (bottom, next)) = (number(scene, at)?.0, number(scene, at + 2).filter(|(n, _)| (2..=4).contains(n))?);
        let (Unit::Hour, next) = unit(scene, scene.skip(scene.skip(next, &["of"]), &["a", "an"]))? else { return None };
        return short(i32::try_from(60 * top / bottom).ok()?, next);
    }
    let (n, tenths, next) = count(scene, at)?;
    let half_before = scene.eat(next, &["and", "a", "half"]);
    let (unit, next) = unit(scene, half_before.unwrap_or(next))?;
    let half_after = scene.eat(next, &["and", "a", "half"]);
    let half = half_before.is_some() || half_after.is_some();
    let next = half_after.unwrap_or(next);
    if !unit.is_short() {
        return (tenths == 0).then_some((Amount { minutes: 0, long: Some((n, unit)), rest: None }, next));
    }
    let each = if unit == Unit::Hour { 60 } else { 1 };
    let n = i32::try_from(n).ok()?;
    let extra = i32::try_from(tenths).ok()? * each / 10 + if half { each / 2 } else { 0 };
    short(n.checked_mul(each)?.checked_add(extra)?, next)
}

/// How many: "3", "2.5", "a", "a couple of", "a few".
fn count(scene: &Scene<'_>, at: usize) -> Option<(u32, u32, usize)> {
    let start = scene.skip(at, &["a"]);
    match scene.word(start) {
        "couple" | "pair" => return Some((2, 0, scene.skip(start + 1, &["of"]))),
        // "a few hour" is no amount of time.
        "few" if scene.word(start + 1).ends_with('s') => return Some((3, 0, start + 1)),
        _ => {}
    }
    if scene.any(at, &["a", "an"]) {
        return Some((1, 0, at + 1));
    }
    let (n, next) = number(scene, at)?;
    if scene.word(next) == "." && scene.glued(next) && scene.glued(next + 1) && scene.word(next + 1).len() == 1 {
        let (tenths, end) = number(scene, next + 1)?;
        return Some((n, tenths, end));
    }
    Some((n, 0, next))
}

/// "in 20 minutes", "within 3 days", "2 weeks from now", "3 days ago", "a week from Friday", "after 25 minutes".
pub(crate) fn shift(scene: &Scene<'_>, at: usize) -> Hit<Piece> {
    if let Some(hit) = upcoming(scene, at) {
        return Some(hit);
    }
    let led = scene.any(at, &["in", "within", "after", "+"]);
    let start = if led { at + 1 } else { at };
    let start = scene.skip(scene.skip(start, &["about", "around", "another", "the"]), &["next"]);
    let (amount, next) = single(scene, at).or_else(|| amount(scene, start))?;
    let in_time = scene.eat(next, &["'", "time"]).or_else(|| scene.eat(next, &["'s", "time"]));
    if let Some(end) = in_time {
        return moment(&amount, scene.now, scene.now, 1, end);
    }
    if let Some(end) = after_words(scene, next) {
        return moment(&amount, scene.now, scene.now, 1, end);
    }
    if scene.any(next, &["ago", "earlier"]) {
        return moment(&amount, scene.now, scene.now, -1, next + 1);
    }
    if !led && scene.any(next, &["from", "after", "before"]) {
        let sign = if scene.word(next) == "before" { -1 } else { 1 };
        let (base, end) = anchor(scene, next + 1)?;
        return moment(&amount, base, scene.now, sign, end);
    }
    if led { moment(&amount, scene.now, scene.now, 1, next) } else { None }
}

/// "the day before", "the week after": one of it.
fn single(scene: &Scene<'_>, at: usize) -> Hit<Amount> {
    let (unit, next) = unit(scene, scene.eat(at, &["the"])?).filter(|(unit, _)| !unit.is_short())?;
    scene.any(next, &["before", "after"]).then_some((Amount { minutes: 0, long: Some((1, unit)), rest: None }, next))
}

/// "upcoming two weeks", "two upcoming weeks".
fn upcoming(scene: &Scene<'_>, at: usize) -> Hit<Piece> {
    let first = scene.skip(at, &["upcoming", "coming"]);
    let (n, second) = number(scene, first)?;
    let last = scene.skip(second, &["upcoming", "coming"]);
    if first == at && last == second {
        return None;
    }
    let (unit, next) = unit(scene, last).filter(|(unit, _)| !unit.is_short())?;
    let amount = Amount { minutes: 0, long: Some((n, unit)), rest: None };
    let base = match unit {
        Unit::Week => weekday::monday_of(scene.today())?,
        Unit::Month | Unit::Quarter => scene.today().first_of_month(),
        Unit::Year => scene.today().first_of_year(),
        _ => scene.today(),
    };
    moment(&amount, base.at(0, 0, 0, 0), scene.now, 1, next)
}

fn after_words(scene: &Scene<'_>, at: usize) -> Option<usize> {
    match scene.word(at) {
        "from" if scene.any(at + 1, &["now", "today"]) => Some(at + 2),
        "after" if scene.any(at + 1, &["today"]) => Some(at + 2),
        "hence" | "later" => Some(at + 1),
        _ => None,
    }
}

/// The day that a shift counts from.
fn anchor(scene: &Scene<'_>, at: usize) -> Hit<DateTime> {
    let rules = [named_day, calendar::calendar, weekday::weekday, holiday::holiday];
    let (piece, next) = rules.iter().find_map(|rule| rule(scene, at))?;
    let date = match piece.what {
        What::Date(date) => date,
        What::Weekday(day, which) => weekday::resolve(day, which, scene.today())?,
        _ => return None,
    };
    Some((date.at(0, 0, 0, 0), next))
}

fn moment(amount: &Amount, base: DateTime, now: DateTime, sign: i32, next: usize) -> Hit<Piece> {
    let moment = amount.from(base, sign)?;
    let what = if amount.is_short() { What::Moment(moment) } else { What::Date(moment.date()) };
    Some((Piece { what, firm: Firm::Sure, past: moment < now }, next))
}

/// The moment an amount of time after another, and whether the amount was one of hours or minutes; the amount is all
/// there is.
pub(crate) fn amount_after(scene: &Scene<'_>, base: DateTime) -> Option<(DateTime, bool)> {
    let (amount, next) = amount(scene, scene.skip(0, &["by", "for"]))?;
    if scene.has(scene.skip(next, &["later", "more"])) {
        return None;
    }
    Some((amount.from(base, 1)?, amount.is_short()))
}

/// A bare amount after "for" in "set a reminder for 15 minutes": only the reader of a whole phrase allows it.
pub(crate) fn bare_amount(scene: &Scene<'_>, at: usize) -> Hit<Piece> {
    let (amount, next) = amount(scene, at)?;
    moment(&amount, scene.now, scene.now, 1, next)
}
