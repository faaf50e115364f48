//! The date and the recurrence that a draft means at a moment.

use jiff::civil::{Date, DateTime, Time, Weekday};

use super::hours::{default_hour, hour};
use super::{Draft, Resolved};
use crate::dates::period::last_working_day;
use crate::dates::weekday::{in_week, monday_of, resolve as weekday_date};
use crate::dates::{Clock, Half, Last, Part};
use crate::recurrence::{Repeat, names_days, nth_weekday};
use tandem_protocol::calendar as steps;
use tandem_protocol::recurrence::{End, Frequency, Rule};
use tandem_protocol::rest::DueInput;

impl Draft {
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

    /// The end of the range that begins at a due date, its day and its time as far as they were said. Days of a rule have none,
    /// since they are its first and last.
    pub(crate) fn end(&self, due: &DueInput) -> Option<(Option<Date>, Option<Time>)> {
        let day = match self.ends.filter(|_| self.repeat.is_none()) {
            Some(Last::Day(day)) => Some(day),
            Some(Last::Weekday(day)) => due.date.nth_weekday(1, day).ok(),
            None => None,
        };
        let day = day.filter(|day| *day > due.date);
        if let (Some(elsewhere), Some(clock)) = (&self.elsewhere, self.ends_at) {
            let begins = elsewhere.there(due.date.to_datetime(due.time?))?;
            let here = elsewhere.here(DueInput::at(begins.date(), end_of(clock, begins.time())?))?;
            return Some((Some(here.date).filter(|day| *day > due.date), here.time));
        }
        let time = self.ends_at.and_then(|clock| end_of(clock, due.time?));
        (day.is_some() || time.is_some()).then_some((day, time))
    }

    /// The days that its weekday and its date name, when they are two: "Monday the 8th", where the 8th is a Tuesday. Of the
    /// days of a month the next two count.
    pub(crate) fn contradiction(&self, now: DateTime) -> Option<(Date, Date)> {
        let (weekday, _) = self.weekday.filter(|_| self.repeat.is_none() && self.week.is_none())?;
        let today = now.date();
        let date = match (self.date, self.month_day) {
            (Some(date), _) => agreeing_year(date, weekday, today),
            (None, Some(day)) => {
                let next = next_month_day(day, None, today)?;
                let second = next_month_day(day, None, next.tomorrow().ok()?)?;
                if second.weekday() == weekday { second } else { next }
            }
            (None, None) => return None,
        };
        // Later in the year the weekday may be that of another year.
        if date.weekday() == weekday || date > steps::days(today, 183)? {
            return None;
        }
        // The nearer of the two days of that name.
        let ahead = i64::from(date.weekday().until(weekday).rem_euclid(7));
        let near = if ahead > 3 { ahead - 7 } else { ahead };
        let named = steps::days(date, near).filter(|named| *named >= today).or_else(|| steps::days(date, ahead))?;
        Some((named, date))
    }

    /// Takes a day for the one that is meant, where its weekday and its date contradict each other.
    pub(crate) fn settle(&mut self, day: Date, now: DateTime) {
        if self.contradiction(now).is_some() {
            (self.date, self.weekday, self.month_day) = (Some(day), None, None);
        }
    }

    /// The due date and recurrence that were meant; `None` when there is no such date.
    pub(crate) fn resolve(&self, now: DateTime) -> Option<Resolved> {
        let Some(elsewhere) = &self.elsewhere else {
            return self.resolve_at(now);
        };
        let Resolved { due, repeat } = self.resolve_at(elsewhere.there(now)?)?;
        let due = due?;
        let here = elsewhere.here(due.clone())?;
        // The days of a rule are those of one clock: "every Monday at 9pm PST" is a Tuesday in Europe.
        (repeat.is_none() || here.date == due.date).then_some(Resolved { due: Some(here), repeat })
    }

    fn resolve_at(&self, now: DateTime) -> Option<Resolved> {
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
            // "yearly in October" begins in it, and has no end.
            (Last::Day(last), _, Some(date)) if rule.frequency == Frequency::Yearly && last.month() == date.month() => {
                Some((Some(date), None))
            }
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

/// The time at which a range ends: of an hour that may be in either half of the day, the first after its beginning.
fn end_of(clock: Clock, begins: Time) -> Option<Time> {
    let (am, pm) = (clock.hour % 12, clock.hour % 12 + 12);
    let at = |hour: i8| Time::new(hour % 24, clock.minute, 0, 0).ok();
    match clock.half {
        Some(Half::Whole) => at(clock.hour),
        Some(Half::Am) => at(am),
        Some(Half::Pm) => at(pm),
        None => at(am).filter(|time| *time > begins).or_else(|| at(pm)),
    }
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
pub(crate) fn next_month_day(day: i8, weekday: Option<Weekday>, today: Date) -> Option<Date> {
    let first = today.first_of_month();
    // In seven years each day of a month has been every weekday.
    (0..84)
        .filter_map(|months| {
            let month = steps::months(first, months)?;
            Date::new(month.year(), month.month(), day).ok()
        })
        .find(|date| *date >= today && weekday.is_none_or(|weekday| date.weekday() == weekday))
}
