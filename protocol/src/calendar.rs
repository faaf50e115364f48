//! Calendar steps: the day that is a number of days, months or minutes from another.
//!
//! Plain arithmetic on whole numbers instead of jiff's spans: the spans know every unit and rounding, and with their
//! error messages they weigh more in the browser than all rules for dates together.
//!
//! A step that leaves the years of [`Date`] (-9999 to 9999) is `None`, never a panic.

use jiff::civil::{Date, DateTime, Weekday};

/// The days of the week from Monday, the first day of the week in ISO 8601.
pub const WEEKDAYS: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

// Years are counted from 1 March, so that the leap day is the last day of its year.
/// Days from 1 March of the year 0 to 1 January 1970.
const DAYS_TO_1970: i64 = 719_468;
/// Days in 400 years, after which the calendar repeats.
const CYCLE_DAYS: i64 = 146_097;
const DAY_MINUTES: i64 = 24 * 60;

/// The day `n` days later, or earlier when negative.
pub fn days(date: Date, n: i64) -> Option<Date> {
    from_number(number_of(date).checked_add(n)?)
}

/// The same day `n` months later, or the last one of that month when it is shorter.
pub fn months(date: Date, n: i64) -> Option<Date> {
    let count = (i64::from(date.year()) * 12 + i64::from(date.month()) - 1).checked_add(n)?;
    let year = i16::try_from(count.div_euclid(12)).ok()?;
    let month = i8::try_from(count.rem_euclid(12) + 1).ok()?;
    let last = Date::new(year, month, 1).ok()?.days_in_month();
    Date::new(year, month, date.day().min(last)).ok()
}

/// The same clock time `n` days later.
pub fn days_at(at: DateTime, n: i64) -> Option<DateTime> {
    Some(days(at.date(), n)?.to_datetime(at.time()))
}

/// The clock time `n` minutes later; seconds stay.
pub fn minutes(at: DateTime, n: i64) -> Option<DateTime> {
    let of_day = i64::from(at.hour()) * 60 + i64::from(at.minute());
    let count = of_day.checked_add(n)?;
    let date = days(at.date(), count.div_euclid(DAY_MINUTES))?;
    let of_day = count.rem_euclid(DAY_MINUTES);
    let (hour, minute) = (i8::try_from(of_day / 60).ok()?, i8::try_from(of_day % 60).ok()?);
    DateTime::new(date.year(), date.month(), date.day(), hour, minute, at.second(), at.subsec_nanosecond()).ok()
}

/// Days from one day to another, negative when the other is earlier.
pub fn days_between(from: Date, to: Date) -> i64 {
    number_of(to) - number_of(from)
}

/// Days since 1970, by Howard Hinnant's `days_from_civil` (<https://howardhinnant.github.io/date_algorithms.html>).
fn number_of(date: Date) -> i64 {
    let (month, day) = (i64::from(date.month()), i64::from(date.day()));
    let year = i64::from(date.year()) - i64::from(month <= 2);
    // Euclidean, so that years before 0 are counted from the start of their cycle, too.
    let of_cycle = year.rem_euclid(400);
    // From March on the lengths of months repeat every five (31, 30, 31, 30, 31: 153 days), so one division counts them.
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year.div_euclid(400) * CYCLE_DAYS + of_cycle * 365 + of_cycle / 4 - of_cycle / 100 + of_year - DAYS_TO_1970
}

/// The day of such a number, by `civil_from_days` of the same author.
fn from_number(number: i64) -> Option<Date> {
    let shifted = number.checked_add(DAYS_TO_1970)?;
    let of_cycle = shifted.rem_euclid(CYCLE_DAYS);
    let year = (of_cycle - of_cycle / 1_460 + of_cycle / 36_524 - of_cycle / 146_096) / 365;
    let of_year = of_cycle - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + shifted.div_euclid(CYCLE_DAYS) * 400 + i64::from(month <= 2);
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::{Span, civil::date};
    use proptest::prelude::*;

    fn any_date() -> impl Strategy<Value = Date> {
        (-9999_i16..=9999, 1_i8..=12, 1_i8..=31)
            .prop_filter_map("a day of the calendar", |(year, month, day)| Date::new(year, month, day).ok())
    }

    proptest! {
        #[test]
        fn steps_lead_where_jiffs_spans_lead(from in any_date(), n in -100_000_i32..100_000, hour in 0_i8..24, minute in 0_i8..60) {
            prop_assert_eq!(days(from, n.into()), from.checked_add(Span::new().days(n)).ok());
            prop_assert_eq!(months(from, n.into()), from.checked_add(Span::new().months(n)).ok());
            let at = from.at(hour, minute, 7, 0);
            prop_assert_eq!(minutes(at, n.into()), at.checked_add(Span::new().minutes(n)).ok());
            prop_assert_eq!(days_at(at, n.into()), at.checked_add(Span::new().days(n)).ok());
        }
    }

    #[test]
    fn days_are_counted_in_both_directions() {
        assert_eq!(days_between(date(2026, 2, 28), date(2026, 3, 1)), 1);
        assert_eq!(days_between(date(2026, 1, 1), date(2024, 1, 1)), -731);
    }

    #[test]
    fn a_short_month_ends_earlier() {
        assert_eq!(months(date(2026, 1, 31), 1), Some(date(2026, 2, 28)));
        assert_eq!(months(date(2024, 2, 29), 12), Some(date(2025, 2, 28)));
        assert_eq!(days(date(9999, 12, 31), 1), None);
    }
}
