//! Dates and times in words.
//!
//! Reading has three steps. A rule reads one piece at a place ("next Friday", "at 5", "in two hours") and returns the place
//! after it. A [`Phrase`] collects pieces that stand side by side. A [`Draft`] holds them, one slot for each kind, and
//! resolves them against the current time: "Friday at 5" is one date only when both pieces are known.
//!
//! Most words of dates are also other words ("may", "sun", "second", "5"). So each piece has a [`Confidence`], and `guard`
//! decides by it and by the words around whether the phrase is a date or part of a title.
//!
//! A rule never looks at tokens before its place, and never reads a quoted token. A date that the calendar does not have
//! is no date, and nothing is guessed in its place.

mod amount;
mod calendar;
mod clock;
mod draft;
mod find;
mod guard;
mod holiday;
pub(crate) mod lexicon;
mod numeric;
mod part;
mod period;
mod phrase;
mod range;
mod rare;
mod relative;
mod weekday;
mod zone;

use jiff::Zoned;
use jiff::civil::{Date, DateTime, Weekday};

pub(crate) use amount::amount;
pub(crate) use calendar::{month_and_day, nth};
pub(crate) use draft::{Draft, Resolved, next_month_day, whole_second};
pub(crate) use find::{Mention, contradiction, find, find_all, several_times, words_outside};
pub(crate) use numeric::ambiguous;
pub(crate) use part::named as part_named;
pub(crate) use period::rest_of_period;
pub(crate) use phrase::{Phrase, phrase, whole};
pub(crate) use rare::READ as RARE_FORMS;
pub(crate) use relative::{amount_after, amount_end, day};
pub(crate) use weekday::monday_of;
pub(crate) use zone::Home;

use crate::recurrence::Repeat;
use crate::text::Token;

/// The input of the date rules: the tokens, and the current time in the user's zone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DateInput<'a> {
    pub(crate) tokens: &'a [Token],
    pub(crate) now: DateTime,
    pub(crate) order: DayOrder,
    /// The user's zone, where times of other zones are to be understood.
    pub(crate) home: Option<Home<'a>>,
    /// The day that the user chose where a weekday and a date contradict each other.
    pub(crate) settled: Option<Date>,
}

/// Whether a date in figures ("3/4") begins with the month or with the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum DayOrder {
    /// As in the United States.
    #[default]
    MonthFirst,
    /// As nearly everywhere else.
    DayFirst,
}

impl DayOrder {
    /// The order of a language tag of BCP 47, such as a browser has: "en-US" begins with the month, "en-GB" with the day.
    #[must_use]
    pub fn of_locale(tag: &str) -> Self {
        let mut parts = tag.split(['-', '_']);
        let language = parts.next().unwrap_or_default();
        let american = match parts.find(|part| part.len() == 2) {
            Some(region) => AMERICAN.iter().any(|american| region.eq_ignore_ascii_case(american)),
            // "en" alone is what American browsers send.
            None => language.eq_ignore_ascii_case("en") || language.is_empty(),
        };
        if american { Self::MonthFirst } else { Self::DayFirst }
    }

    /// The order where a user lives, by the time zone; `None` for a zone that is of no country.
    pub(crate) fn of_zone(now: &Zoned) -> Option<Self> {
        let name = now.time_zone().iana_name()?;
        let (area, city) = name.split_once('/')?;
        match area {
            "US" => Some(Self::MonthFirst),
            "America" if crate::text::listed(NORTH_AMERICAN, city.split('/').next().unwrap_or(city)) => {
                Some(Self::MonthFirst)
            }
            "Pacific" if matches!(city, "Honolulu" | "Guam" | "Pago_Pago") => Some(Self::MonthFirst),
            "America" | "Europe" | "Africa" | "Asia" | "Australia" | "Pacific" | "Atlantic" | "Indian" => {
                Some(Self::DayFirst)
            }
            _ => None,
        }
    }
}

/// Countries and territories that write the month first.
const AMERICAN: &[&str] = &["US", "PH", "FM", "PW", "GU", "AS", "VI", "MH"];
/// Cities of the time zones of the United States.
const NORTH_AMERICAN: &str = "New_York Chicago Denver Los_Angeles Phoenix Anchorage Detroit Boise Indiana Indianapolis Kentucky Louisville \
     Menominee North_Dakota Adak Juneau Nome Sitka Metlakatla Yakutat Puerto_Rico";

impl<'a> DateInput<'a> {
    /// With the month first in dates of figures.
    pub(crate) fn new(tokens: &'a [Token], now: DateTime) -> Self {
        Self { tokens, now, order: DayOrder::MonthFirst, home: None, settled: None }
    }

    /// The lower-case word at a place; empty past the end.
    pub(crate) fn word(&self, at: usize) -> &'a str {
        self.tokens.get(at).map_or("", |token| token.word.as_str())
    }

    /// Whether the word at a place is one of these.
    pub(crate) fn any(&self, at: usize, words: &[&str]) -> bool {
        self.tokens.get(at).is_some_and(|token| token.is_any(words))
    }

    /// Whether the token at a place follows the one before without a space.
    pub(crate) fn glued(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.glued)
    }

    /// The place after these words, if they stand here.
    pub(crate) fn eat(&self, at: usize, words: &[&str]) -> Option<usize> {
        words.iter().enumerate().all(|(i, word)| self.word(at + i) == *word).then_some(at + words.len())
    }

    /// The place after one of these words, or this place when none stands here.
    pub(crate) fn skip(&self, at: usize, words: &[&str]) -> usize {
        if self.any(at, words) { at + 1 } else { at }
    }

    pub(crate) fn today(&self) -> Date {
        self.now.date()
    }

    /// The next such day from today on; for 29 February the next year that has one.
    fn upcoming(&self, month: i8, day: i8) -> Option<Date> {
        let today = self.today();
        let mut days = (0..=8).filter_map(|years| Date::new(today.year().checked_add(years)?, month, day).ok());
        days.find(|date| *date >= today)
    }

    /// Whether a token stands at this place.
    pub(crate) fn has(&self, at: usize) -> bool {
        at < self.tokens.len()
    }
}

/// What a rule read, and the place after it; `None` when the rule does not apply.
pub(crate) type Parsed<T> = Option<(T, usize)>;

/// How certain it is that a piece is a date, by its words alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Confidence {
    /// A word that is more often something else ("may", "sun", "5"): needs a preposition, and an end of the phrase.
    Weak,
    /// A date word that is also part of names ("Friday"): needs an end of the phrase.
    Fair,
    /// It cannot be anything else ("tomorrow at 5pm", "in two hours", "2026-12-01").
    Sure,
}

/// Which one of the weekdays of that name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    /// The first after today.
    Coming,
    /// Today or the first after it.
    This,
    /// The one of next week.
    Next,
    /// The last before today.
    Last,
}

/// A time of day as it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Clock {
    pub(crate) hour: i8,
    pub(crate) minute: i8,
    /// `None`: neither morning nor afternoon was given.
    pub(crate) half: Option<Half>,
}

/// Which half of the day an hour is in, or that it needs none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Half {
    Am,
    Pm,
    /// The hour was given in 24-hour form.
    Whole,
}

/// A part of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Morning,
    Noon,
    Afternoon,
    Evening,
    Night,
}

/// The meaning of one piece.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum PieceKind {
    Date(Date),
    /// A weekday, its week not settled.
    Weekday(Weekday, Which),
    /// A day of a month that was not named.
    MonthDay(i8),
    /// "second Tuesday", its month not named.
    Nth(i8, Weekday),
    /// A week, by its Monday.
    Week(Date),
    /// A time of day.
    Clock(Clock),
    /// A part of the day.
    Part(Part),
    /// The year of a day that was named without one.
    Year(i16),
    /// The clock that a time of day is of.
    Zone(zone::Elsewhere),
    /// A minute, counted from now.
    Moment(DateTime),
    Repeat(Repeat),
    /// The end of a range of days, which counts for a recurrence only.
    Last(Last),
    /// The last day of a range that was said by its first and last one.
    Ends(Last),
    /// The end of a range of times.
    EndsAt(Clock),
    /// The last day of a recurrence.
    Until(Date),
    /// For how long a recurrence goes on, counted from its first date.
    For(u32, lexicon::Unit),
    /// How many times a recurrence happens.
    Times(u32),
}

/// Whether words here can only be a time of day: "at 7", "7am", "morning".
pub(crate) fn names_time(input: &DateInput<'_>, at: usize) -> bool {
    let start = input.skip(at, &["at", "@"]);
    let clock = clock::clock(input, start).is_some_and(|(piece, _)| start > at || piece.confidence > Confidence::Weak);
    clock || part_named(input.word(at)).is_some()
}

/// The last day of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Last {
    Day(Date),
    /// "Monday to Friday", of no certain week.
    Weekday(Weekday),
}

/// A piece of a date phrase.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Piece {
    pub(crate) what: PieceKind,
    pub(crate) confidence: Confidence,
    /// Whether it lies in the past by its words ("yesterday"): such a piece is no due date inside a sentence.
    pub(crate) past: bool,
}

impl Piece {
    pub(crate) fn new(what: PieceKind, confidence: Confidence) -> Self {
        Self { what, confidence, past: false }
    }

    pub(crate) fn past(what: PieceKind) -> Self {
        Self { what, confidence: Confidence::Sure, past: true }
    }
}
