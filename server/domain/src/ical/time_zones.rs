//! The definition of a time zone (RFC 5545, 3.6.5): each change of its clocks, and the rules by which they change for ever.
//!
//! The database of zones has the changes of some years as a list, and a rule for all years after them, which jiff follows
//! without showing it. So the rule is read from the changes of years to which no list reaches: each has a weekday, and seven
//! days of which it takes the one that falls on it. What came before the rule is written one by one.
//!
//! **Invariant:** the definition has the offset of the database for every time after its start.

use super::{Writer, local};
use jiff::{
    ToSpan as _,
    civil::{Date, DateTime},
    tz::{Offset, TimeZone},
};

/// The first year to which no list of the database reaches (that of Morocco ends in 2087), and the number of years after which
/// dates fall on the same weekdays again.
const RULED: i16 = 2_101;
const CYCLE: i16 = 28;

/// Writes the zone of a name from the year before `first` on.
pub(super) fn write(out: &mut Writer, name: &str, first: Date) {
    let zone = crate::zone::stored_zone(name);
    let from = first.saturating_sub(1.year()).at(0, 0, 0, 0);
    let Ok(begin) = TimeZone::UTC.to_timestamp(from) else { return };
    let info = zone.to_offset_info(begin);
    let start = Change {
        at: from,
        from: info.offset(),
        to: info.offset(),
        summer: info.dst().is_dst(),
        name: info.abbreviation().to_owned(),
    };
    let changes = changes(&zone, begin, info.offset());
    let listed = changes.iter().take_while(|change| change.at.year() < RULED).count();
    let rules = rules(&changes[listed..]);
    // A rule begins after the last year without its change.
    let goes_on = |at: usize, rule: &Yearly<'_>| {
        let next = changes[at + 1..].iter().find(|change| rule.has(change));
        rule.has(&changes[at]) && next.is_some_and(|next| next.at.year() == changes[at].at.year() + 1)
    };
    let is_single = |at: &usize| !rules.iter().any(|rule| goes_on(*at, rule));
    let single = (0..listed).rev().find(is_single).map_or(0, |last| last + 1);
    out.line("BEGIN:VTIMEZONE");
    out.line(&format!("TZID:{name}"));
    std::iter::once(&start).chain(&changes[..single]).for_each(|change| change.write(out, None));
    for rule in &rules {
        if let Some(first) = changes[single..].iter().find(|change| rule.has(change)) {
            first.write(out, Some(rule));
        }
    }
    out.line("END:VTIMEZONE");
}

/// A change of the clocks, at a time of the clock before it.
struct Change {
    at: DateTime,
    from: Offset,
    to: Offset,
    summer: bool,
    name: String,
}

/// The changes after a time, to the end of the first cycle of years that follow the rule.
fn changes(zone: &TimeZone, begin: jiff::Timestamp, offset: Offset) -> Vec<Change> {
    let mut from = offset;
    let all = zone.following(begin).map(|change| {
        let (to, at) = (change.offset(), from.to_datetime(change.timestamp()));
        let (summer, name) = (change.dst().is_dst(), change.abbreviation().to_owned());
        Change { at, from: std::mem::replace(&mut from, to), to, summer, name }
    });
    all.take_while(|change| change.at.year() < RULED + CYCLE).collect()
}

impl Change {
    /// Whether another one does the same on another date.
    fn is_like(&self, other: &Self) -> bool {
        let what = |change: &Self| (change.at.time(), change.at.weekday(), change.from, change.to, change.summer);
        what(self) == what(other) && self.name == other.name
    }

    fn write(&self, out: &mut Writer, rule: Option<&Yearly<'_>>) {
        let kind = if self.summer { "DAYLIGHT" } else { "STANDARD" };
        out.line(&format!("BEGIN:{kind}"));
        out.line(&format!("DTSTART:{}", local(self.at)));
        if let Some(rule) = rule {
            out.line(&format!("RRULE:FREQ=YEARLY;{}", rule.days()));
        }
        out.line(&format!("TZOFFSETFROM:{}", written(self.from)));
        out.line(&format!("TZOFFSETTO:{}", written(self.to)));
        out.text("TZNAME", &self.name);
        out.line(&format!("END:{kind}"));
    }
}

/// A change of each year.
struct Yearly<'a> {
    /// One of the changes.
    like: &'a Change,
    /// The first of the seven days, of a year that is no leap year.
    first: Date,
}

/// The rules of changes of a whole cycle of years. None when they follow no such rules.
fn rules(ruled: &[Change]) -> Vec<Yearly<'_>> {
    let mut rules: Vec<Yearly<'_>> = Vec::new();
    for change in ruled {
        let day = in_plain_year(change.at.date());
        match rules.iter_mut().find(|rule| rule.like.is_like(change)) {
            Some(rule) => rule.first = rule.first.min(day),
            None => rules.push(Yearly { like: change, first: day }),
        }
    }
    let all = rules.iter().all(|rule| ruled.iter().filter(|change| rule.has(change)).count() == CYCLE as usize);
    if all { rules } else { Vec::new() }
}

/// The same day of a year that is no leap year.
fn in_plain_year(date: Date) -> Date {
    Date::constant(2_101, date.month(), date.day().min(if date.month() == 2 { 28 } else { 31 }))
}

impl Yearly<'_> {
    fn has(&self, change: &Change) -> bool {
        let days = in_plain_year(change.at.date()) - self.first;
        self.like.is_like(change) && (0..7).contains(&days.get_days())
    }

    /// The days as parts of a rule: `BYMONTH=3;BYDAY=-1SU`.
    fn days(&self) -> String {
        let last = self.first.saturating_add(6.days());
        let month = self.first.month();
        let weekday = self.like.at.strftime("%a").to_string()[..2].to_ascii_uppercase();
        if last.month() != month {
            // Counted from the end of the year, so that leap years change nothing: only February is before its 29th.
            let end = Date::constant(self.first.year(), 12, 31);
            let days: Vec<String> = (0..7)
                .map(|day| (self.first.saturating_add(day.days()) - end).get_days() - 1)
                .map(|day| day.to_string())
                .collect();
            return format!("BYYEARDAY={};BYDAY={weekday}", days.join(","));
        }
        match self.first.day() {
            1 => format!("BYMONTH={month};BYDAY=1{weekday}"),
            8 => format!("BYMONTH={month};BYDAY=2{weekday}"),
            15 => format!("BYMONTH={month};BYDAY=3{weekday}"),
            22 if last.day() < last.days_in_month() => format!("BYMONTH={month};BYDAY=4{weekday}"),
            _ if last.day() == last.days_in_month() => format!("BYMONTH={month};BYDAY=-1{weekday}"),
            first => {
                let days: Vec<String> = (first..=last.day()).map(|day| day.to_string()).collect();
                format!("BYMONTH={month};BYMONTHDAY={};BYDAY={weekday}", days.join(","))
            }
        }
    }
}

/// An offset as `+0530`, with seconds where it has some.
fn written(offset: Offset) -> String {
    let seconds = offset.seconds();
    let (sign, seconds) = (if seconds < 0 { '-' } else { '+' }, seconds.abs());
    let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if rest == 0 { format!("{sign}{hours:02}{minutes:02}") } else { format!("{sign}{hours:02}{minutes:02}{rest:02}") }
}
