//! The first day of a rule.

use jiff::civil::Date;

use super::{ByDay, Rule};

/// Days to look through for a first occurrence: a leap day can be eight years off.
const HORIZON_DAYS: usize = 366 * 8 + 2;

impl Rule {
    /// The first day from `from` on (included) that the rule allows; `None` when it has ended, or never happens.
    pub(crate) fn first(&self, from: Date) -> Option<Date> {
        let mut day = from;
        for _ in 0..HORIZON_DAYS {
            if self.until.is_some_and(|until| day > until) {
                return None;
            }
            if self.allows(day) {
                return Some(day);
            }
            day = day.tomorrow().ok()?;
        }
        None
    }

    fn allows(&self, day: Date) -> bool {
        let month = self.by_month.is_empty() || self.by_month.contains(&day.month());
        let in_month = self.by_month_day.is_empty()
            || self.by_month_day.contains(&day.day())
            || (self.by_month_day.contains(&-1) && day.day() == day.days_in_month());
        let weekday = self.by_day.is_empty() || self.by_day.iter().any(|by| by.allows(day));
        month && in_month && weekday
    }
}

impl ByDay {
    fn allows(self, day: Date) -> bool {
        let nth = match self.nth {
            None => true,
            Some(-1) => day.day() + 7 > day.days_in_month(),
            Some(nth) => (day.day() - 1) / 7 + 1 == nth,
        };
        nth && day.weekday() == self.day
    }
}

#[cfg(test)]
mod tests {
    use crate::recurrence::Rule;
    use jiff::civil::date;

    fn first(rule: &str) -> Option<jiff::civil::Date> {
        rule.parse::<Rule>().ok()?.first(date(2026, 11, 23))
    }

    #[test]
    fn the_first_day_counts_today() {
        assert_eq!(first("FREQ=WEEKLY;BYDAY=MO"), Some(date(2026, 11, 23)));
        assert_eq!(first("FREQ=MONTHLY;BYDAY=3FR"), Some(date(2026, 12, 18)));
        assert_eq!(first("FREQ=MONTHLY;BYMONTHDAY=-1"), Some(date(2026, 11, 30)));
        assert_eq!(first("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"), Some(date(2028, 2, 29)));
    }

    #[test]
    fn a_rule_that_has_ended_has_no_first_day() {
        assert_eq!(first("FREQ=DAILY;UNTIL=20261101"), None);
        assert_eq!(first("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), None);
    }
}
