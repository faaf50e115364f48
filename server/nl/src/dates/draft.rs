//! What the pieces of a phrase say together, resolved against the present.

use jiff::civil::{Date, DateTime, Time, Weekday};

use super::period::last_working_day;
use super::weekday::{in_week, monday_of, resolve as weekday_date};
use super::{Clock, Firm, Half, Part, Piece, What, Which};
use crate::Due;
use crate::recurrence::{ByDay, Freq, Rule};
use crate::shift;

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
    rule: Option<Rule>,
    until: Option<Date>,
    times: Option<u32>,
    firm: Option<Firm>,
    past: bool,
}

/// A draft's meaning.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Resolved {
    pub(crate) due: Option<Due>,
    pub(crate) rule: Option<Rule>,
}

impl Draft {
    /// Takes a piece in; `false` when it contradicts what is there. Only pieces that stand side by side may name the day
    /// twice ("Friday, 27 November").
    pub(crate) fn absorb(&mut self, piece: Piece, adjacent: bool) -> bool {
        let named = self.names_day();
        let fits = match &piece.what {
            What::Date(_) => self.date.is_none() && self.moment.is_none() && self.nth.is_none() && (adjacent || !named),
            What::Weekday(..) => self.weekday.is_none() && self.moment.is_none() && (adjacent || !named),
            What::MonthDay(_) => self.month_day.is_none() && self.date.is_none() && (adjacent || !named),
            What::Nth(..) | What::Week(_) => self.week.is_none() && self.nth.is_none() && (adjacent || !named),
            What::Clock(_) => self.clock.is_none() && self.moment.is_none(),
            What::Part(_) => self.part.is_none() && self.moment.is_none(),
            What::Moment(_) => !named && self.clock.is_none() && self.part.is_none(),
            What::Repeat(_) => self.rule.is_none(),
            What::Until(_) | What::Times(_) => self.rule.is_some() && self.until.is_none() && self.times.is_none(),
        };
        if !fits {
            return false;
        }
        let both = (named && is_time(&piece.what)) || (self.clock.is_some() && !is_time(&piece.what));
        let firm = if both { piece.firm.max(Firm::Fair) } else { piece.firm };
        self.firm = Some(self.firm.map_or(firm, |before| before.max(firm)));
        self.past |= piece.past;
        match piece.what {
            What::Date(date) => self.date = Some(date),
            What::Weekday(day, which) => self.weekday = Some((day, which)),
            What::MonthDay(day) => self.month_day = Some(day),
            What::Nth(nth, day) => self.nth = Some((nth, day)),
            What::Week(monday) => self.week = Some(monday),
            What::Clock(clock) => self.clock = Some(clock),
            What::Part(part) => self.part = Some(part),
            What::Moment(moment) => self.moment = Some(moment),
            What::Repeat(rule) => self.rule = Some(rule),
            What::Until(date) => self.until = Some(date),
            What::Times(n) => self.times = Some(n),
        }
        true
    }

    /// Takes another phrase of the same sentence in, when nothing is said twice.
    pub(crate) fn join(&mut self, other: &Self) -> bool {
        let twice = (self.names_day() && other.names_day())
            || (self.moment.is_some() && (other.moment.is_some() || other.names_day() || other.names_time()))
            || (other.moment.is_some() && (self.names_day() || self.names_time()))
            || (self.clock.is_some() && other.clock.is_some())
            || (self.rule.is_some() && other.rule.is_some());
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
        self.rule = self.rule.take().or_else(|| other.rule.clone());
        self.until = self.until.or(other.until);
        self.times = self.times.or(other.times);
        self.firm = self.firm.max(other.firm);
        true
    }

    pub(crate) fn names_day(&self) -> bool {
        self.date.is_some()
            || self.weekday.is_some()
            || self.month_day.is_some()
            || self.nth.is_some()
            || self.week.is_some()
    }

    pub(crate) fn names_time(&self) -> bool {
        self.clock.is_some() || self.part.is_some()
    }

    pub(crate) fn repeats(&self) -> bool {
        self.rule.is_some()
    }

    pub(crate) fn is_past(&self) -> bool {
        self.past
    }

    /// Whether nothing but a weekday was said.
    pub(crate) fn is_weekday(&self) -> bool {
        self.weekday.is_some() && self.date.is_none() && self.month_day.is_none() && !self.names_time()
    }

    pub(crate) fn firm(&self) -> Firm {
        self.firm.unwrap_or(Firm::Weak)
    }

    /// The day, without a thought for times of day and repetition.
    pub(crate) fn day(&self, now: DateTime) -> Option<Date> {
        let today = now.date();
        if let Some(date) = self.date {
            return Some(self.weekday.map_or(date, |(day, _)| agreeing_year(date, day, today)));
        }
        if let Some(monday) = self.week {
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
            let rule = Rule { by_day: vec![ByDay { nth: Some(nth), day }], ..Rule::every(1, Freq::Monthly) };
            return rule.first(today);
        }
        self.weekday.and_then(|(day, which)| weekday_date(day, which, today))
    }

    /// The date and rule that were meant; `None` when there is no such date.
    pub(crate) fn resolve(&self, now: DateTime) -> Option<Resolved> {
        if let Some(rule) = &self.rule {
            return self.resolve_rule(rule.clone(), now);
        }
        if let Some(moment) = self.moment {
            return Some(Resolved { due: Some(minute(moment)?), rule: None });
        }
        let named = if self.names_day() { Some(self.day(now)?) } else { None };
        let due = self.at_time(named, now)?;
        Some(Resolved { due: Some(due), rule: None })
    }

    /// The time of day on a day, or on the next day that it comes when none was named.
    fn at_time(&self, named: Option<Date>, now: DateTime) -> Option<Due> {
        let today = now.date();
        let day = named.unwrap_or(today);
        let Some((hour, time)) = self.time(day, named.is_some(), now) else {
            return named.map(Due::on);
        };
        let day = if hour == 24
            || (self.part == Some(Part::Night) && hour < 5 && self.clock.is_some_and(|c| c.half.is_none()))
        {
            shift::days(day, 1)?
        } else {
            day
        };
        let over = day.to_datetime(time) <= now;
        if named.is_none() && over {
            return Some(Due::at(shift::days(today, 1)?, time));
        }
        if self.clock.is_none() && self.rule.is_none() && over && day == today {
            return Some(Due::on(day));
        }
        Some(Due::at(day, time))
    }

    /// The hour (24 for midnight at the day's end) and the time.
    fn time(&self, day: Date, day_named: bool, now: DateTime) -> Option<(i8, Time)> {
        let (hour, minute) = match self.clock {
            Some(clock) => (hour(clock, self.part, day, day_named, self.rule.is_none(), now), clock.minute),
            None => (default_hour(self.part?), 0),
        };
        Some((hour, Time::new(hour % 24, minute, 0, 0).ok()?))
    }

    fn resolve_rule(&self, mut rule: Rule, now: DateTime) -> Option<Resolved> {
        self.name_days(&mut rule);
        rule.until = rule.until.or(self.until);
        rule.count = rule.count.or(self.times);
        if matches!(rule.freq, Freq::Minutely | Freq::Hourly) {
            let unit = if rule.freq == Freq::Hourly { 60 } else { 1 };
            let minutes = i64::from(rule.interval).checked_mul(unit)?;
            let first = shift::minutes(self.moment.unwrap_or(now), minutes)?;
            return Some(Resolved { due: Some(minute(first)?), rule: Some(rule) });
        }
        let start = self.moment.map(DateTime::date).or_else(|| self.day(now)).unwrap_or(now.date());
        let first = rule.first(start.max(now.date()))?;
        let due = self.at_time(Some(first), now)?;
        let over = due.time.is_some_and(|time| due.date.to_datetime(time) <= now);
        let due = if over { self.at_time(Some(rule.first(shift::days(first, 1)?)?), now)? } else { due };
        Some(Resolved { due: Some(due), rule: Some(rule) })
    }

    /// "weekly" and "Wednesday" say together on which day.
    fn name_days(&self, rule: &mut Rule) {
        if rule.names_days() {
            return;
        }
        match rule.freq {
            Freq::Weekly => rule.by_day = self.weekday.iter().map(|(day, _)| ByDay { nth: None, day: *day }).collect(),
            Freq::Monthly => {
                rule.by_month_day = self.month_day.into_iter().collect();
                rule.by_day = self.nth.iter().map(|(nth, day)| ByDay { nth: Some(*nth), day: *day }).collect();
            }
            _ => {}
        }
    }
}

fn is_time(what: &What) -> bool {
    matches!(what, What::Clock(_) | What::Part(_))
}

fn minute(moment: DateTime) -> Option<Due> {
    let time = Time::new(moment.hour(), moment.minute(), 0, 0).ok()?;
    Some(Due::at(moment.date(), time))
}

/// A date without a year is the next one, unless the weekday beside it says that this year's was meant.
fn agreeing_year(date: Date, weekday: Weekday, today: Date) -> Date {
    match Date::new(today.year(), date.month(), date.day()) {
        Ok(this_year) if date.weekday() != weekday && this_year.weekday() == weekday => this_year,
        _ => date,
    }
}

/// The next such day of a month, on that weekday when one was named.
fn next_month_day(day: i8, weekday: Option<Weekday>, today: Date) -> Option<Date> {
    let first = today.first_of_month();
    (0..84)
        .filter_map(|months| in_month(shift::months(first, months)?, day))
        .find(|date| *date >= today && weekday.is_none_or(|weekday| date.weekday() == weekday))
}

/// A day of the month that another day is in.
fn in_month(date: Date, day: i8) -> Option<Date> {
    Date::new(date.year(), date.month(), day).ok()
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
        _ if day_named => pm,
        _ => {
            if (1..=6).contains(&am) {
                pm
            } else {
                am
            }
        }
    }
}
