//! The pieces of a phrase together, resolved against the current time.
//!
//! People leave out what they think is obvious: the year, the month, the half of the day, the day itself. The draft keeps
//! what was said apart from what is derived, so that pieces can come in any order and in two phrases of a sentence.
//!
//! A resolved due date lies in the past only when its words name a past date or time.

mod hours;
mod resolve;

use jiff::civil::{Date, DateTime, Time, Weekday};

use super::lexicon::Unit;
use super::rare::READ;
use super::zone::Elsewhere;
use super::{Clock, Confidence, Half, Last, Part, Piece, PieceKind, Which};
use crate::recurrence::Repeat;
pub(crate) use resolve::next_month_day;
use tandem_protocol::calendar as steps;
use tandem_protocol::rest::DueInput;

/// Pieces put together; each slot once.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Draft {
    date: Option<Date>,
    weekday: Option<(Weekday, Which)>,
    month_day: Option<i8>,
    nth: Option<(i8, Weekday)>,
    week: Option<Date>,
    clock: Option<Clock>,
    part: Option<Part>,
    moment: Option<DateTime>,
    repeat: Option<Repeat>,
    /// The end of a range of days.
    last: Option<Last>,
    /// The same where first and last day were said.
    ends: Option<Last>,
    /// The end of a range of times.
    ends_at: Option<Clock>,
    /// Whether it was said that a recurrence begins on the day.
    begins: bool,
    until: Option<Date>,
    times: Option<u32>,
    span: Option<(u32, Unit)>,
    confidence: Option<Confidence>,
    past: bool,
    /// The clock of the time, when it is not the user's.
    elsewhere: Option<Elsewhere>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Resolved {
    pub(crate) due: Option<DueInput>,
    pub(crate) repeat: Option<Repeat>,
}

impl Draft {
    /// Adds a piece; `false` when it contradicts what is there. Only pieces that stand side by side may name the day twice
    /// ("Friday, 27 November").
    pub(crate) fn add(&mut self, piece: Piece, adjacent: bool) -> bool {
        let named = self.names_day();
        // Each kind of piece fills one slot. A moment ("in two hours") is a day and a time already, so it excludes both.
        let fits = match &piece.what {
            PieceKind::Date(_) => {
                // "the 31st of November" is no day.
                let alone = self.date.is_none() && self.month_day.is_none();
                alone && self.moment.is_none() && self.nth.is_none() && (adjacent || !named)
            }
            PieceKind::Weekday(..) => self.weekday.is_none() && self.moment.is_none() && (adjacent || !named),
            PieceKind::MonthDay(_) => self.month_day.is_none() && self.date.is_none() && (adjacent || !named),
            PieceKind::Nth(..) | PieceKind::Week(_) => {
                self.week.is_none() && self.nth.is_none() && (adjacent || !named)
            }
            PieceKind::Year(year) => READ && self.in_year(*year).is_some(),
            PieceKind::Zone(_) => self.clock.is_some() && self.elsewhere.is_none(),
            PieceKind::Clock(_) => self.clock.is_none() && self.moment.is_none(),
            PieceKind::Part(part) => self.part.is_none_or(|said| said == *part) && self.moment.is_none(),
            PieceKind::Moment(_) => !named && self.clock.is_none() && self.part.is_none(),
            PieceKind::Repeat(_) => self.repeat.is_none(),
            PieceKind::Last(_) => self.last.is_none(),
            PieceKind::Ends(_) => self.ends.is_none(),
            PieceKind::EndsAt(_) => self.ends_at.is_none(),
            PieceKind::Until(_) | PieceKind::Times(_) | PieceKind::For(..) => {
                self.repeat.is_some() && self.until.is_none() && self.times.is_none() && self.span.is_none()
            }
        };
        if !fits {
            return false;
        }
        // Day and time together are hardly anything but a date: "Friday 5" is a weak 5 made fair.
        let both = (named && is_time(&piece.what)) || (self.clock.is_some() && !is_time(&piece.what));
        let confidence = if both { piece.confidence.max(Confidence::Fair) } else { piece.confidence };
        self.confidence = Some(self.confidence.map_or(confidence, |before| before.max(confidence)));
        self.past |= piece.past;
        match piece.what {
            PieceKind::Date(date) => self.date = Some(date),
            PieceKind::Year(year) => self.date = self.in_year(year),
            PieceKind::Zone(elsewhere) => self.elsewhere = Some(elsewhere),
            PieceKind::Weekday(day, which) => self.weekday = Some((day, which)),
            PieceKind::MonthDay(day) => self.month_day = Some(day),
            PieceKind::Nth(nth, day) => self.nth = Some((nth, day)),
            PieceKind::Week(monday) => self.week = Some(monday),
            PieceKind::Clock(clock) => self.clock = Some(clock),
            PieceKind::Part(part) => self.part = Some(part),
            PieceKind::Moment(moment) => self.moment = Some(moment),
            PieceKind::Repeat(repeat) => self.repeat = Some(repeat),
            PieceKind::Last(last) => self.last = Some(last),
            PieceKind::Ends(last) => self.ends = Some(last),
            PieceKind::EndsAt(clock) => self.ends_at = Some(clock),
            PieceKind::Until(date) => self.until = Some(date),
            PieceKind::Times(n) => self.times = Some(n),
            PieceKind::For(n, unit) => self.span = Some((n, unit)),
        }
        true
    }

    /// The same day of another year.
    fn in_year(&self, year: i16) -> Option<Date> {
        self.date.and_then(|date| Date::new(year, date.month(), date.day()).ok())
    }

    /// Adds another phrase of the same sentence, unless something would be named twice.
    pub(crate) fn join(&mut self, other: &Self) -> bool {
        // A sentence may give day and time apart ("at 5 call Ann tomorrow"), but two days mean two things.
        let twice = (self.names_day() && other.names_day() && !self.is_week_of(other))
            || (self.moment.is_some() && (other.moment.is_some() || other.names_day() || other.names_time()))
            || (other.moment.is_some() && (self.names_day() || self.names_time()))
            || (self.clock.is_some() && other.clock.is_some())
            || (self.repeat.is_some() && other.repeat.is_some());
        if twice {
            return false;
        }
        self.date = self.date.or(other.date);
        self.weekday = self.weekday.or(other.weekday);
        self.month_day = self.month_day.or(other.month_day);
        self.nth = self.nth.or(other.nth);
        self.week = self.week.or(other.week);
        self.clock = self.clock.or(other.clock);
        self.part = self.part.or(other.part);
        self.moment = self.moment.or(other.moment);
        self.repeat = self.repeat.take().or_else(|| other.repeat.clone());
        self.last = self.last.or(other.last);
        self.ends = self.ends.or(other.ends);
        self.ends_at = self.ends_at.or(other.ends_at);
        self.begins |= other.begins;
        self.until = self.until.or(other.until);
        self.times = self.times.or(other.times);
        self.span = self.span.or(other.span);
        self.elsewhere = self.elsewhere.take().or_else(|| other.elsewhere.clone());
        self.confidence = self.confidence.max(other.confidence);
        true
    }

    /// Whether it names a week alone, and the other one a weekday: "next week, perhaps on Wednesday".
    fn is_week_of(&self, other: &Self) -> bool {
        let week = self.week.is_some() && self.weekday.is_none() && self.date.is_none();
        week && matches!(other.weekday, Some((_, Which::Coming))) && other.is_weekday() && other.week.is_none()
    }

    pub(crate) fn names_day(&self) -> bool {
        self.date.is_some()
            || self.weekday.is_some()
            || self.month_day.is_some()
            || self.nth.is_some()
            || self.week.is_some()
    }

    /// The day that is named is the first of a recurrence, even if it is a whole period.
    pub(crate) fn begin(&mut self) {
        self.begins = true;
    }

    pub(crate) fn begins(&self) -> bool {
        self.begins
    }

    /// The same at the time of day of another.
    pub(crate) fn at_time_of(&self, other: &Self) -> Self {
        Self { clock: other.clock, part: other.part, ..self.clone() }
    }

    /// An hour that may be in either half of the day, in the half of another time. In the evening from eight on few things
    /// are due, so such an hour stays open.
    pub(crate) fn in_half_of(&self, time: Time) -> Self {
        let (half, hours) = if time.hour() >= 12 { (Half::Pm, 1..8) } else { (Half::Am, time.hour().min(7) - 1..12) };
        let clock = self.clock.map(|clock| match clock.half {
            None if hours.contains(&clock.hour) && self.part.is_none() => Clock { half: Some(half), ..clock },
            _ => clock,
        });
        Self { clock, ..self.clone() }
    }

    /// Takes an hour for one of 24: "9 and 21:00".
    pub(crate) fn in_24_hours(&self) -> Self {
        let clock = self.clock.map(|clock| Clock { half: clock.half.or(Some(Half::Whole)), ..clock });
        Self { clock, ..self.clone() }
    }

    /// Whether its hour is after noon, counted from midnight: "21:00".
    pub(crate) fn counts_24_hours(&self) -> bool {
        self.clock.is_some_and(|clock| clock.half == Some(Half::Whole) && clock.hour > 12 && clock.hour < 24)
    }

    /// A part of the day, as "every evening" has it.
    pub(crate) fn of_part(part: Part) -> Self {
        Self { part: Some(part), confidence: Some(Confidence::Sure), ..Self::default() }
    }

    /// Takes an hour that may be in either half of the day for one of this part: "dinner at 7".
    pub(crate) fn suppose(&mut self, part: Part) {
        let open = self.part.is_none() && self.clock.is_some_and(|clock| clock.half.is_none() && clock.hour >= 5);
        if open {
            self.part = Some(part);
        }
    }

    /// The last day of a period that was named as a whole.
    pub(crate) fn last_day(&self) -> Option<Date> {
        match self.last? {
            Last::Day(day) => Some(day),
            Last::Weekday(_) => None,
        }
    }

    /// Whether it is a range that is no part of a rule.
    pub(crate) fn is_range(&self) -> bool {
        self.repeat.is_none() && (self.ends.is_some() || self.ends_at.is_some())
    }

    /// Whether a recurrence has an end.
    pub(crate) fn is_limited(&self) -> bool {
        self.until.is_some() || self.times.is_some() || self.span.is_some()
    }

    pub(crate) fn names_time(&self) -> bool {
        self.clock.is_some() || self.part.is_some()
    }

    /// The same on a day, where only a time was named.
    pub(crate) fn on(&self, day: Date) -> Self {
        Self { date: Some(day), ..self.clone() }
    }

    /// The moment, where one was said that counts from now: "in two hours". It is never before that, and within a second.
    pub(crate) fn exact_moment(&self) -> Option<DateTime> {
        let moment = self.moment.filter(|_| self.repeat.is_none() && self.elsewhere.is_none())?;
        whole_second(moment)
    }

    pub(crate) fn repeats(&self) -> bool {
        self.repeat.is_some()
    }

    pub(crate) fn is_past(&self) -> bool {
        self.past
    }

    /// Whether nothing but a weekday was named.
    pub(crate) fn is_weekday(&self) -> bool {
        self.weekday.is_some() && self.date.is_none() && self.month_day.is_none() && !self.names_time()
    }

    /// Whether nothing but a day of the month was named.
    pub(crate) fn is_month_day(&self) -> bool {
        self.month_day.is_some() && self.weekday.is_none() && self.date.is_none() && !self.names_time()
    }

    /// Whether its weekday is that day of the month within a month from now.
    pub(crate) fn day_is_near(&self, day: i8, now: DateTime) -> bool {
        let date = next_month_day(day, self.weekday.map(|(day, _)| day), now.date());
        date.is_some_and(|date| steps::days(now.date(), 31).is_some_and(|last| date <= last))
    }

    pub(crate) fn confidence(&self) -> Confidence {
        self.confidence.unwrap_or(Confidence::Weak)
    }
}

/// The moment itself, or the next full second.
pub(crate) fn whole_second(moment: DateTime) -> Option<DateTime> {
    let (moment, second) = match (moment.subsec_nanosecond(), moment.second()) {
        (0, second) => (moment, second),
        (_, 59) => (steps::minutes(moment, 1)?, 0),
        (_, second) => (moment, second + 1),
    };
    Some(moment.date().to_datetime(Time::new(moment.hour(), moment.minute(), second, 0).ok()?))
}

fn is_time(what: &PieceKind) -> bool {
    matches!(what, PieceKind::Clock(_) | PieceKind::Part(_) | PieceKind::EndsAt(_))
}
