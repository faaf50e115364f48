//! Times on another clock: "3pm EST", "11:00 GMT+2", "9:30 Pacific time".
//!
//! Such a time is resolved on that clock, where "at 9" is the next nine, and then put on the user's. Names of cities would need
//! a time zone database, so they stay text. Where the user's zone is not known, a time with a zone stays text as a whole.

use jiff::Zoned;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use tandem_protocol::rest::DueInput;

use super::lexicon::number;
use super::{Confidence, DateInput, Parsed, Piece, PieceKind};

/// The user's zone. Without the feature `all-dates` there is none, so that the compiler leaves out all that follows from it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Home<'a> {
    zone: &'a TimeZone,
    #[cfg(not(feature = "all-dates"))]
    none: std::convert::Infallible,
}

impl<'a> Home<'a> {
    pub(crate) fn of(now: &'a Zoned) -> Option<Self> {
        let zone = Some(now.time_zone()).filter(|_| cfg!(feature = "all-dates"))?;
        #[cfg(feature = "all-dates")]
        return Some(Self { zone });
        #[cfg(not(feature = "all-dates"))]
        None.map(|none| Self { zone, none })
    }
}

/// Another clock, and the user's.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Elsewhere {
    zone: TimeZone,
    home: TimeZone,
    #[cfg(not(feature = "all-dates"))]
    none: std::convert::Infallible,
}

impl Elsewhere {
    /// What the other clock shows when the user's shows this.
    pub(super) fn there(&self, now: DateTime) -> Option<DateTime> {
        Some(now.to_zoned(self.home.clone()).ok()?.with_time_zone(self.zone.clone()).datetime())
    }

    /// A time of the other clock on the user's; a day without a time is the same everywhere.
    pub(super) fn here(&self, due: DueInput) -> Option<DueInput> {
        let Some(time) = due.time else { return Some(due) };
        let there = due.date.to_datetime(time).to_zoned(self.zone.clone()).ok()?;
        let here = there.with_time_zone(self.home.clone()).datetime();
        Some(DueInput::at(here.date(), here.time()))
    }
}

/// The zone after a time.
pub(super) fn zone(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    let home = input.home?;
    let start = input.skip(at, &["("]);
    let (zone, next) = numeric(input, start)
        .or_else(|| named(input, start))
        .or_else(|| of_place(input, start))
        .or_else(|| of_user(input, start, home))?;
    let next = if start > at { input.skip(next, &[")"]) } else { next };
    let elsewhere = Elsewhere {
        zone,
        home: home.zone.clone(),
        #[cfg(not(feature = "all-dates"))]
        none: home.none,
    };
    Some((Piece::new(PieceKind::Zone(elsewhere), Confidence::Sure), next))
}

/// "my time", "our time" and "local time" are the zone of the user.
fn of_user(input: &DateInput<'_>, at: usize, home: Home<'_>) -> Parsed<TimeZone> {
    let end = input.eat(at + 1, &["time"]).filter(|_| input.any(at, &["my", "our", "local"]))?;
    Some((home.zone.clone(), end))
}

/// "UTC+02:45", "gmt-5", "+0200", "Z".
fn numeric(input: &DateInput<'_>, at: usize) -> Parsed<TimeZone> {
    if input.word(at) == "z" && input.glued(at) {
        return Some((TimeZone::UTC, at + 1));
    }
    let universal = input.any(at, &["utc", "gmt"]);
    let sign_at = if universal { at + 1 } else { at };
    let sign = match input.word(sign_at) {
        "+" => 1,
        "-" if universal => -1,
        _ if universal => return Some((TimeZone::UTC, at + 1)),
        _ => return None,
    };
    let figures = input.word(sign_at + 1);
    let (n, end) = number(input, sign_at + 1).filter(|_| input.glued(sign_at + 1))?;
    let (hours, minutes, next) = match (figures.len(), input.word(end)) {
        (4, _) => (n / 100, n % 100, end),
        (_, ":") => {
            let (minutes, next) = number(input, end + 1)?;
            (n, minutes, next)
        }
        // "at 5 +2" may be anything.
        _ if universal => (n, 0, end),
        _ => return None,
    };
    let seconds = sign * i32::try_from(hours * 3600 + minutes * 60).ok()?;
    let plain = hours <= 14 && minutes < 60 && figures.bytes().all(|b| b.is_ascii_digit());
    // "GMT+0100 (CET)" names it twice.
    let twice = (input.word(next) == "(").then(|| named(input, next + 1)).flatten();
    let next = twice.map_or(next, |(_, end)| input.skip(end, &[")"]));
    Some((TimeZone::fixed(Offset::from_seconds(seconds).ok().filter(|_| plain)?), next))
}

/// "EST", "CET", "Pacific time".
fn named(input: &DateInput<'_>, at: usize) -> Parsed<TimeZone> {
    if let Some(minutes) = fixed(input.word(at)) {
        return Some((TimeZone::fixed(Offset::from_seconds(minutes * 60).ok()?), at + 1));
    }
    let (rule, short) = match input.word(at) {
        word @ ("et" | "eastern") => ("EST5EDT,M3.2.0,M11.1.0", word == "et"),
        word @ ("ct" | "central") => ("CST6CDT,M3.2.0,M11.1.0", word == "ct"),
        word @ ("mt" | "mountain") => ("MST7MDT,M3.2.0,M11.1.0", word == "mt"),
        word @ ("pt" | "pacific") => ("PST8PDT,M3.2.0,M11.1.0", word == "pt"),
        _ => return None,
    };
    let time = input.eat(input.skip(at + 1, &["standard", "daylight"]), &["time"]);
    // "et al" and "Central Station" are no zones.
    let ends = input.tokens.get(at + 1).is_none_or(|token| token.is_mark() && !token.glued);
    let alone = if short { input.tokens[at].capital } else { ends };
    Some((TimeZone::posix(rule).ok()?, time.or(alone.then_some(at + 1))?))
}

/// "London time", "my time": the zone of a place or of its people. Rules and no data base: what a summer time is changes
/// less often than a program.
fn of_place(input: &DateInput<'_>, at: usize) -> Parsed<TimeZone> {
    const EUROPE: &str = "CET-1CEST,M3.5.0,M10.5.0/3";
    let second = input.eat(at, &["new", "york"]).or_else(|| input.eat(at, &["hong", "kong"]));
    let next = second.unwrap_or(at + 1);
    let end = input.eat(next, &["time"])?;
    let rule = match input.word(at) {
        "london" | "uk" | "british" | "irish" | "dublin" => "GMT0BST,M3.5.0/1,M10.5.0",
        "berlin" | "german" | "germany" | "paris" | "french" | "madrid" | "rome" | "amsterdam" | "vienna"
        | "zurich" | "brussels" | "european" => EUROPE,
        "new" | "ny" | "nyc" | "boston" | "toronto" => "EST5EDT,M3.2.0,M11.1.0",
        "chicago" | "dallas" | "texas" => "CST6CDT,M3.2.0,M11.1.0",
        "denver" => "MST7MDT,M3.2.0,M11.1.0",
        "la" | "california" | "seattle" => "PST8PDT,M3.2.0,M11.1.0",
        "sydney" | "melbourne" => "AEST-10AEDT,M10.1.0,M4.1.0/3",
        "tokyo" | "japan" | "japanese" => "JST-9",
        "india" | "indian" | "mumbai" | "delhi" => "IST-5:30",
        "singapore" | "beijing" | "china" | "hong" => "<+08>-8",
        _ => return None,
    };
    Some((TimeZone::posix(rule).ok()?, end))
}

/// Whether a word names a zone.
pub(super) fn is_zone(name: &str) -> bool {
    fixed(name).is_some()
}

/// Minutes east of UTC of a short name that is always the same.
fn fixed(name: &str) -> Option<i32> {
    Some(match name {
        "utc" | "gmt" => 0,
        "edt" => -4 * 60,
        "est" | "cdt" => -5 * 60,
        "cst" | "mdt" => -6 * 60,
        "mst" | "pdt" => -7 * 60,
        "pst" => -8 * 60,
        "bst" | "cet" => 60,
        "cest" => 2 * 60,
        "ist" => 5 * 60 + 30,
        "jst" => 9 * 60,
        "aest" => 10 * 60,
        _ => return None,
    })
}
