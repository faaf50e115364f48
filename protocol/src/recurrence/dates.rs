//! The dates of a rule: period by period, each day of a period that fits, then the positions that are kept.

use super::{End, Frequency, Rule, WeekdayNumber};
use crate::calendar;
use jiff::civil::Date;

/// A rule that has no date for this long is taken to have none any more. It bounds every search: the 29th of February
/// on a Monday comes every 28 years, 40 over a skipped leap day.
pub(super) const HORIZON_YEARS: i64 = 100;
/// Days to look through for a start: the 29th of February can be eight years away.
const MAX_DAYS_TO_START: usize = 366 * 8 + 2;

impl Rule {
    /// The first day from `from` on that can be a start of the rule: it fits the rule's lists, whatever the
    /// interval is. `None` when the rule has ended by then, or no day of the next eight years fits.
    pub fn first_start(&self, from: Date) -> Option<Date> {
        // The interval has no effect here: it is counted from the start that this search is for.
        let last = match self.end {
            End::Count(0) => return None,
            End::Never | End::Count(_) => Date::MAX,
            End::Until(date) => date,
        };
        let days = std::iter::successors(Some(from), |date| date.tomorrow().ok());
        days.take(MAX_DAYS_TO_START).take_while(|date| *date <= last).find(|date| self.can_start(*date))
    }

    fn can_start(&self, date: Date) -> bool {
        let pattern = Pattern::new(self, date);
        // Only a rule with positions depends on the other days of the period.
        pattern.fits(date)
            && (self.positions.is_empty()
                || self.period(date, 0).is_some_and(|period| self.kept(pattern.dates(period)).contains(&date)))
    }

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
        // DTSTART is the first instance also when it does not fit the rule (RFC 5545, 3.8.5.3), and counts for COUNT.
        std::iter::once(start).chain(later).take(count).take_while(move |date| *date <= last)
    }

    /// The index of the rule's last period that begins at or before `date`, 0 for dates before the start.
    fn periods_until(&self, start: Date, date: Date) -> i64 {
        let days = calendar::days_between(start, date).max(0);
        let months = (i64::from(date.year()) - i64::from(start.year())) * 12 + i64::from(date.month())
            - i64::from(start.month());
        let units = match self.frequency {
            Frequency::Minutely | Frequency::Hourly | Frequency::Daily => days,
            Frequency::Weekly => days / 7,
            Frequency::Monthly => months,
            Frequency::Yearly => i64::from(date.year()) - i64::from(start.year()),
        };
        // Rounded down: a period too early only costs a look at its dates, one too late would lose them.
        units.max(0) / i64::from(self.interval)
    }

    /// The period of this index, the one that holds the start having 0. `None` beyond the end of the calendar.
    fn period(&self, start: Date, index: i64) -> Option<Period> {
        let units = index.checked_mul(i64::from(self.interval))?;
        match self.frequency {
            // A task cannot have the first two. Counted as daily they still have dates, which a reader of rules may need.
            Frequency::Minutely | Frequency::Hourly | Frequency::Daily => {
                let day = calendar::days(start, units)?;
                Some(Period { first: day, last: day })
            }
            Frequency::Weekly => {
                // Where the week starts decides which days fall into the same period when the interval is larger than one.
                let into_week = i64::from(start.weekday().since(self.week_start));
                let first = calendar::days(start, units.checked_mul(7)?.checked_sub(into_week)?)?;
                Some(Period { first, last: calendar::days(first, 6)? })
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

/// The days from `first` to `last`, both included.
#[derive(Clone, Copy)]
struct Period {
    first: Date,
    last: Date,
}

/// Which days of a period fit: by the rule's lists, and by the start where the rule has none.
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
        // What a rule leaves open is taken from DTSTART (RFC 5545, 3.3.10).
        if rule.month_days.is_empty() && rule.days.is_empty() {
            match rule.frequency {
                Frequency::Minutely | Frequency::Hourly | Frequency::Daily => {}
                Frequency::Weekly => pattern.days.push(start.weekday().into()),
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
        // A period without such a day has no date: "monthly on the 31st" skips short months and does not move to their end.
        let days = std::iter::successors(Some(period.first), |date| date.tomorrow().ok());
        days.take_while(|date| *date <= period.last).filter(|date| self.fits(*date)).collect()
    }

    fn fits(&self, date: Date) -> bool {
        // The last day of a month is -1, whatever its length.
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
