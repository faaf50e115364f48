//! The dates of a rule: period by period, each day of a period that fits, then the positions that are kept.

use super::{End, Frequency, Rule, WeekdayNumber};
use jiff::{
    SignedDuration,
    civil::{Date, Weekday},
};

/// A rule that has no date for this long is taken to have none any more. It bounds every search: the 29th of February
/// on a Monday comes every 28 years, 40 over a skipped leap day.
pub(super) const HORIZON_YEARS: i16 = 100;

impl Rule {
    /// The rule's dates in order, beginning with `start` and skipping to the period that holds `from`, up to `horizon`.
    pub(super) fn dates(&self, start: Date, from: Date, horizon: Date) -> impl Iterator<Item = Date> {
        let pattern = Pattern::new(self, start);
        let first = self.periods_until(start, from);
        let later = (first..)
            .map_while(move |index| self.period(start, index).filter(|period| period.first <= horizon))
            .flat_map(move |period| self.kept(pattern.dates(period)))
            .filter(move |date| *date > start);
        let (count, last) = match self.end {
            End::Never => (usize::MAX, Date::MAX),
            End::Count(count) => (usize::try_from(count).unwrap_or(usize::MAX), Date::MAX),
            End::Until(date) => (usize::MAX, date),
        };
        std::iter::once(start).chain(later).take(count).take_while(move |date| *date <= last)
    }

    /// The index of the rule's last period that begins at or before `date`, 0 for dates before the start.
    fn periods_until(&self, start: Date, date: Date) -> i64 {
        let days = (date.duration_since(start).as_hours() / 24).max(0);
        let months = (i64::from(date.year()) - i64::from(start.year())) * 12 + i64::from(date.month())
            - i64::from(start.month());
        let units = match self.frequency {
            Frequency::Daily => days,
            Frequency::Weekly => days / 7,
            Frequency::Monthly => months,
            Frequency::Yearly => i64::from(date.year()) - i64::from(start.year()),
        };
        units.max(0) / i64::from(self.interval)
    }

    /// The period of this index, the one that holds the start having 0. `None` beyond the end of the calendar.
    fn period(&self, start: Date, index: i64) -> Option<Period> {
        let units = index.checked_mul(i64::from(self.interval))?;
        match self.frequency {
            Frequency::Daily => {
                let day = plus_days(start, units)?;
                Some(Period { first: day, last: day })
            }
            Frequency::Weekly => {
                let into_week = i64::from(start.weekday().since(self.week_start));
                let first = plus_days(start, units.checked_mul(7)?.checked_sub(into_week)?)?;
                Some(Period { first, last: plus_days(first, 6)? })
            }
            Frequency::Monthly => {
                let months = i64::from(start.month()) - 1 + units;
                let year = i16::try_from(i64::from(start.year()) + months.div_euclid(12)).ok()?;
                let first = Date::new(year, i8::try_from(months.rem_euclid(12) + 1).ok()?, 1).ok()?;
                Some(Period { first, last: first.last_of_month() })
            }
            Frequency::Yearly => {
                let year = i16::try_from(i64::from(start.year()) + units).ok()?;
                let first = Date::new(year, 1, 1).ok()?;
                Some(Period { first, last: first.last_of_year() })
            }
        }
    }

    /// Of the dates of one period those at the rule's positions; all without positions.
    fn kept(&self, dates: Vec<Date>) -> Vec<Date> {
        if self.positions.is_empty() {
            return dates;
        }
        let len = i64::try_from(dates.len()).unwrap_or(i64::MAX);
        let is_kept = |at: i64| self.positions.iter().any(|n| i64::from(*n) == at + 1 || i64::from(*n) == at - len);
        (0..).zip(dates).filter(|(at, _)| is_kept(*at)).map(|(_, date)| date).collect()
    }
}

/// Days from one to another, both included.
#[derive(Clone, Copy)]
struct Period {
    first: Date,
    last: Date,
}

/// Which days of a period fit: the rule's lists, with what the rule leaves open taken from the start.
struct Pattern {
    months: Vec<i8>,
    month_days: Vec<i8>,
    days: Vec<WeekdayNumber>,
    /// Whether the n-th weekday is counted in the year; else in the month.
    counts_in_year: bool,
}

impl Pattern {
    fn new(rule: &Rule, start: Date) -> Self {
        let mut pattern = Self {
            months: rule.months.clone(),
            month_days: rule.month_days.clone(),
            days: rule.days.clone(),
            counts_in_year: rule.frequency == Frequency::Yearly && rule.months.is_empty(),
        };
        if rule.month_days.is_empty() && rule.days.is_empty() {
            match rule.frequency {
                Frequency::Daily => {}
                Frequency::Weekly => pattern.days.push(WeekdayNumber { weekday: start.weekday(), nth: None }),
                Frequency::Monthly => pattern.month_days.push(start.day()),
                Frequency::Yearly => {
                    pattern.month_days.push(start.day());
                    if rule.months.is_empty() {
                        pattern.months.push(start.month());
                    }
                }
            }
        }
        pattern
    }

    fn dates(&self, period: Period) -> Vec<Date> {
        let days = std::iter::successors(Some(period.first), |date| date.tomorrow().ok());
        days.take_while(|date| *date <= period.last).filter(|date| self.fits(*date)).collect()
    }

    fn fits(&self, date: Date) -> bool {
        let of_end = date.day() - date.days_in_month() - 1;
        (self.months.is_empty() || self.months.contains(&date.month()))
            && (self.month_days.is_empty() || self.month_days.iter().any(|day| [date.day(), of_end].contains(day)))
            && (self.days.is_empty() || self.days.iter().any(|day| self.is_weekday(date, *day)))
    }

    fn is_weekday(&self, date: Date, wanted: WeekdayNumber) -> bool {
        let (before, all) = if self.counts_in_year {
            (date.day_of_year() - 1, date.days_in_year())
        } else {
            (i16::from(date.day()) - 1, i16::from(date.days_in_month()))
        };
        let after = all - before - 1;
        date.weekday() == wanted.weekday
            && wanted.nth.is_none_or(|nth| nth == before / 7 + 1 || nth == -(after / 7 + 1))
    }
}

fn plus_days(date: Date, days: i64) -> Option<Date> {
    let duration = SignedDuration::from_secs(days.checked_mul(24 * 60 * 60)?);
    date.checked_add(duration).ok()
}

/// Weekdays in the order of RFC 5545's examples.
pub(super) const WEEKDAYS: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];
