//! The pieces of a phrase together, resolved against the current time.
//!
//! People leave out what they think is obvious: the year, the month, the half of the day, the day itself. The draft keeps
//! what was said apart from what is derived, so that pieces can come in any order and in two phrases of a sentence.
//!
//! A resolved due date lies in the past only when its words name a past date or time.

use jiff::civil::{Date, DateTime, Time, Weekday};

use super::lexicon::Unit;
use super::period::last_working_day;
use super::weekday::{in_week, monday_of, resolve as weekday_date};
use super::{Clock, Confidence, Half, Last, Part, Piece, PieceKind, Which};
use crate::recurrence::{Repeat, names_days, nth_weekday};
use tandem_protocol::calendar as steps;
use tandem_protocol::recurrence::{End, Frequency, Rule};
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
    /// Whether it was said that a recurrence begins on the day.
    begins: bool,
    until: Option<Date>,
    times: Option<u32>,
    span: Option<(u32, Unit)>,
    confidence: Option<Confidence>,
    past: bool,
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
                self.date.is_none() && self.moment.is_none() && self.nth.is_none() && (adjacent || !named)
            }
            PieceKind::Weekday(..) => self.weekday.is_none() && self.moment.is_none() && (adjacent || !named),
            PieceKind::MonthDay(_) => self.month_day.is_none() && self.date.is_none() && (adjacent || !named),
            PieceKind::Nth(..) | PieceKind::Week(_) => {
                self.week.is_none() && self.nth.is_none() && (adjacent || !named)
            }
            PieceKind::Clock(_) => self.clock.is_none() && self.moment.is_none(),
            PieceKind::Part(part) => self.part.is_none_or(|said| said == *part) && self.moment.is_none(),
            PieceKind::Moment(_) => !named && self.clock.is_none() && self.part.is_none(),
            PieceKind::Repeat(_) => self.repeat.is_none(),
            PieceKind::Last(_) => self.last.is_none(),
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
            PieceKind::Weekday(day, which) => self.weekday = Some((day, which)),
            PieceKind::MonthDay(day) => self.month_day = Some(day),
            PieceKind::Nth(nth, day) => self.nth = Some((nth, day)),
            PieceKind::Week(monday) => self.week = Some(monday),
            PieceKind::Clock(clock) => self.clock = Some(clock),
            PieceKind::Part(part) => self.part = Some(part),
            PieceKind::Moment(moment) => self.moment = Some(moment),
            PieceKind::Repeat(repeat) => self.repeat = Some(repeat),
            PieceKind::Last(last) => self.last = Some(last),
            PieceKind::Until(date) => self.until = Some(date),
            PieceKind::Times(n) => self.times = Some(n),
            PieceKind::For(n, unit) => self.span = Some((n, unit)),
        }
        true
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
        self.begins |= other.begins;
        self.until = self.until.or(other.until);
        self.times = self.times.or(other.times);
        self.span = self.span.or(other.span);
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

    /// Whether its weekday is that day of the month within a month from now.
    pub(crate) fn day_is_near(&self, day: i8, now: DateTime) -> bool {
        let date = next_month_day(day, self.weekday.map(|(day, _)| day), now.date());
        date.is_some_and(|date| steps::days(now.date(), 31).is_some_and(|last| date <= last))
    }

    pub(crate) fn confidence(&self) -> Confidence {
        self.confidence.unwrap_or(Confidence::Weak)
    }

    /// The day, whatever time of day and recurrence were named. The most exact of the pieces decides.
    pub(crate) fn day(&self, now: DateTime) -> Option<Date> {
        let today = now.date();
        if let Some(date) = self.date {
            return Some(self.weekday.map_or(date, |(day, _)| agreeing_year(date, day, today)));
        }
        if let Some(monday) = self.week {
            // "Wednesday of next week" names a day; "this week" alone means until its last working day.
            return match self.weekday {
                Some((day, _)) => in_week(day, monday),
                None if monday == monday_of(today)? => Some(last_working_day(today, in_week(Weekday::Sunday, monday)?)),
                None => Some(monday),
            };
        }
        if let Some(day) = self.month_day {
            return next_month_day(day, self.weekday.map(|(day, _)| day), today);
        }
        if let Some((nth, day)) = self.nth {
            let rule = Rule { days: vec![nth_weekday(nth, day)], ..Rule::every(1, Frequency::Monthly) };
            return rule.first_start(today);
        }
        self.weekday.and_then(|(day, which)| weekday_date(day, which, today))
    }

    /// The due date and recurrence that were meant; `None` when there is no such date.
    pub(crate) fn resolve(&self, now: DateTime) -> Option<Resolved> {
        if let Some(repeat) = &self.repeat {
            return self.resolve_repeat(repeat.clone(), now);
        }
        if let Some(moment) = self.moment {
            return Some(Resolved { due: Some(minute(moment)?), repeat: None });
        }
        let named = if self.names_day() { Some(self.day(now)?) } else { None };
        let due = self.at_time(named, now)?;
        Some(Resolved { due: Some(due), repeat: None })
    }

    /// The time of day on a day, or on the next day that it comes when none was named.
    fn at_time(&self, named: Option<Date>, now: DateTime) -> Option<DueInput> {
        let today = now.date();
        let day = named.unwrap_or(today);
        let Some((hour, time)) = self.time(day, named.is_some(), now) else {
            return named.map(DueInput::on);
        };
        // Midnight ends its day, and "Friday night at 2" is a Saturday on the calendar.
        let day = if hour == 24
            || (self.part == Some(Part::Night) && hour < 5 && self.clock.is_some_and(|c| c.half.is_none()))
        {
            steps::days(day, 1)?
        } else {
            day
        };
        // A time alone is today's while it lies ahead, and tomorrow's afterwards.
        let over = day.to_datetime(time) <= now;
        if named.is_none() && over {
            return Some(DueInput::at(steps::days(today, 1)?, time));
        }
        // "this morning" in the afternoon: the day is still meant, its default time is not.
        if self.clock.is_none() && self.repeat.is_none() && over && day == today {
            return Some(DueInput::on(day));
        }
        Some(DueInput::at(day, time))
    }

    /// The hour (24 for midnight at the day's end) and the time.
    fn time(&self, day: Date, day_named: bool, now: DateTime) -> Option<(i8, Time)> {
        let (hour, minute) = match self.clock {
            Some(clock) => (hour(clock, self.part, day, day_named, self.repeat.is_none(), now), clock.minute),
            None => (default_hour(self.part?), 0),
        };
        Some((hour, Time::new(hour % 24, minute, 0, 0).ok()?))
    }

    fn resolve_repeat(&self, mut repeat: Repeat, now: DateTime) -> Option<Resolved> {
        let rule = &mut repeat.rule;
        self.name_days(rule);
        let (from, last) = self.stretch(rule, now).unwrap_or((None, None));
        rule.end = match (self.times, self.until.or(last)) {
            (Some(times), _) => End::Count(times),
            (None, Some(last)) => End::Until(last),
            (None, None) => End::Never,
        };
        // Tasks do not recur within a day. The rule is returned all the same, so that the server refuses it with its reason.
        if rule.frequency.is_within_day() {
            let unit = if rule.frequency == Frequency::Hourly { 60 } else { 1 };
            let minutes = i64::from(rule.interval).checked_mul(unit)?;
            let first = steps::minutes(self.moment.unwrap_or(now), minutes)?;
            return Some(Resolved { due: Some(minute(first)?), repeat: Some(repeat) });
        }
        // "every 2 weeks starting Thursday": the named day is where the search begins.
        let start = from.or(self.moment.map(DateTime::date)).or_else(|| self.day(now)).unwrap_or(now.date());
        let first = rule.first_start(start.max(now.date()))?;
        // "for 4 weeks" counts from the first date, which is in the first of these weeks.
        if let (Some((n, unit)), End::Never) = (self.span, rule.end) {
            rule.end = End::Until(unit.after_day(first, n.into())?.yesterday().ok()?);
        }
        let due = self.at_time(Some(first), now)?;
        // A series must not begin with an occurrence that has passed: "every day at 8" said at ten begins tomorrow.
        let over = due.time.is_some_and(|time| due.date.to_datetime(time) <= now);
        let due = if over { self.at_time(Some(rule.first_start(steps::days(first, 1)?)?), now)? } else { due };
        Some(Resolved { due: Some(due), repeat: Some(repeat) })
    }

    /// The first and the last day of the range in which a rule recurs: "from 1 to 10 December", "this week", "in January".
    fn stretch(&self, rule: &mut Rule, now: DateTime) -> Option<(Option<Date>, Option<Date>)> {
        let today = now.date();
        if let (Some(monday), None, false) = (self.week, self.weekday, self.begins) {
            let sunday = in_week(Weekday::Sunday, monday)?;
            return Some((Some(monday.max(today)), Some(sunday)));
        }
        match (self.last?, self.weekday, self.date) {
            // "every day from Monday to Friday" is a rule of days, and so is "every weekday from Monday to Friday".
            (Last::Weekday(last), Some((first, _)), _) => {
                if rule.frequency == Frequency::Daily && rule.interval == 1 {
                    let days: Vec<Weekday> = (0..=first.until(last)).map(|n| first.wrapping_add(n)).collect();
                    *rule = Rule::weekly(&days);
                }
                Some((Some(today), None))
            }
            // A period that is going on is named by its last day.
            (Last::Day(last), _, Some(date)) if date == last => Some((Some(today), Some(last))),
            // "starting next month" names the beginning alone; "from 1 to 10 December" both.
            (Last::Day(last), _, Some(date)) => {
                let month = date.first_of_month() == date && date.last_of_month() == last;
                Some((None, (!(self.begins && month)).then_some(last)))
            }
            (Last::Day(last), ..) => Some((None, (last >= today).then_some(last))),
            _ => None,
        }
    }

    /// Completes a rule without days: "weekly" and "Wednesday" together are weekly on Wednesday.
    fn name_days(&self, rule: &mut Rule) {
        // The days of the rule itself are more specific than a weekday elsewhere in the sentence.
        if names_days(rule) {
            return;
        }
        match rule.frequency {
            Frequency::Weekly => rule.days = self.weekday.iter().map(|(day, _)| (*day).into()).collect(),
            Frequency::Monthly => {
                rule.month_days = self.month_day.into_iter().collect();
                rule.days = self.nth.iter().map(|(nth, day)| nth_weekday(*nth, *day)).collect();
            }
            _ => {}
        }
    }
}

fn is_time(what: &PieceKind) -> bool {
    matches!(what, PieceKind::Clock(_) | PieceKind::Part(_))
}

fn minute(moment: DateTime) -> Option<DueInput> {
    let time = Time::new(moment.hour(), moment.minute(), 0, 0).ok()?;
    Some(DueInput::at(moment.date(), time))
}

/// A date without a year is the next one, unless the weekday beside it fits this year's.
fn agreeing_year(date: Date, weekday: Weekday, today: Date) -> Date {
    match Date::new(today.year(), date.month(), date.day()) {
        Ok(this_year) if date.weekday() != weekday && this_year.weekday() == weekday => this_year,
        _ => date,
    }
}

/// The next such day of a month, on that weekday when one was named.
fn next_month_day(day: i8, weekday: Option<Weekday>, today: Date) -> Option<Date> {
    let first = today.first_of_month();
    // In seven years each day of a month has been every weekday.
    (0..84)
        .filter_map(|months| {
            let month = steps::months(first, months)?;
            Date::new(month.year(), month.month(), day).ok()
        })
        .find(|date| *date >= today && weekday.is_none_or(|weekday| date.weekday() == weekday))
}

/// When a part of the day begins for a task.
fn default_hour(part: Part) -> i8 {
    match part {
        Part::Morning => 9,
        Part::Noon => 12,
        Part::Afternoon => 15,
        Part::Evening => 18,
        Part::Night => 20,
    }
}

/// The hour of 0 to 24 that was meant; `soon`: today it is the next one to come, which a repetition is not about.
fn hour(clock: Clock, part: Option<Part>, day: Date, day_named: bool, soon: bool, now: DateTime) -> i8 {
    let (am, pm) = (clock.hour % 12, clock.hour % 12 + 12);
    // The half of the day that was said decides, then the part of the day, then what is likely.
    match (clock.half, part) {
        (Some(Half::Whole), _) => clock.hour,
        (Some(Half::Am), _) | (None, Some(Part::Morning)) => am,
        (None, Some(Part::Night)) if am == 0 => 24,
        (None, Some(Part::Night)) if am < 5 => am,
        (Some(Half::Pm), _) | (None, Some(_)) => pm,
        (None, None) if soon && day == now.date() => next_of(am, pm, clock.minute, day_named, now),
        // Nobody plans for six in the morning without saying so, nor for seven in the evening.
        (None, None) if (1..=6).contains(&am) => pm,
        (None, None) if am == 0 => 12,
        (None, None) => am,
    }
}

/// Today, an hour without its half is the next one to come.
fn next_of(am: i8, pm: i8, minute: i8, day_named: bool, now: DateTime) -> i8 {
    let ahead = |hour: i8| (hour, minute) > (now.hour(), now.minute());
    match (ahead(am), ahead(pm)) {
        (true, _) if am > 0 => am,
        (_, true) => pm,
        // Both are over. With the day named it is still today; otherwise it is tomorrow, where the likely half counts.
        _ if day_named || (1..=6).contains(&am) => pm,
        _ => am,
    }
}
