//! Days with a name that people plan by.

use jiff::civil::{Date, Weekday};

use super::lexicon::year;
use super::{Confidence, DateInput, Parsed, Piece, PieceKind};
use tandem_protocol::calendar as steps;

/// How a holiday's date follows from the year.
#[derive(Debug, Clone, Copy)]
enum Rule {
    Fixed(i8, i8),
    /// The n-th weekday of a month.
    Nth(i8, i8, Weekday),
    /// Days after the western Easter Sunday.
    Easter(i64),
    /// The Friday after the fourth Thursday of November.
    BlackFriday,
}

/// Longest names first, so that "Christmas Eve" is not read as "Christmas".
const HOLIDAYS: &[(&[&str], Rule)] = &[
    (&["christmas", "eve"], Rule::Fixed(12, 24)),
    (&["christmas", "day"], Rule::Fixed(12, 25)),
    (&["christmas"], Rule::Fixed(12, 25)),
    (&["xmas"], Rule::Fixed(12, 25)),
    (&["boxing", "day"], Rule::Fixed(12, 26)),
    (&["new", "year", "'s", "eve"], Rule::Fixed(12, 31)),
    (&["new", "years", "eve"], Rule::Fixed(12, 31)),
    (&["new", "year", "'s", "day"], Rule::Fixed(1, 1)),
    (&["new", "years", "day"], Rule::Fixed(1, 1)),
    (&["new", "year", "'s"], Rule::Fixed(1, 1)),
    (&["new", "years"], Rule::Fixed(1, 1)),
    (&["new", "year"], Rule::Fixed(1, 1)),
    (&["valentine", "'s", "day"], Rule::Fixed(2, 14)),
    (&["valentines", "day"], Rule::Fixed(2, 14)),
    (&["valentine", "'s"], Rule::Fixed(2, 14)),
    (&["st", "patrick", "'s", "day"], Rule::Fixed(3, 17)),
    (&["saint", "patrick", "'s", "day"], Rule::Fixed(3, 17)),
    (&["earth", "day"], Rule::Fixed(4, 22)),
    (&["independence", "day"], Rule::Fixed(7, 4)),
    (&["halloween"], Rule::Fixed(10, 31)),
    (&["veterans", "day"], Rule::Fixed(11, 11)),
    (&["martin", "luther", "king", "day"], Rule::Nth(1, 3, Weekday::Monday)),
    (&["mlk", "day"], Rule::Nth(1, 3, Weekday::Monday)),
    (&["mother", "'s", "day"], Rule::Nth(5, 2, Weekday::Sunday)),
    (&["mothers", "day"], Rule::Nth(5, 2, Weekday::Sunday)),
    (&["memorial", "day"], Rule::Nth(5, -1, Weekday::Monday)),
    (&["father", "'s", "day"], Rule::Nth(6, 3, Weekday::Sunday)),
    (&["fathers", "day"], Rule::Nth(6, 3, Weekday::Sunday)),
    (&["labor", "day"], Rule::Nth(9, 1, Weekday::Monday)),
    (&["columbus", "day"], Rule::Nth(10, 2, Weekday::Monday)),
    (&["thanksgiving", "day"], Rule::Nth(11, 4, Weekday::Thursday)),
    (&["thanksgiving"], Rule::Nth(11, 4, Weekday::Thursday)),
    (&["black", "friday"], Rule::BlackFriday),
    (&["ash", "wednesday"], Rule::Easter(-46)),
    (&["palm", "sunday"], Rule::Easter(-7)),
    (&["good", "friday"], Rule::Easter(-2)),
    (&["easter", "sunday"], Rule::Easter(0)),
    (&["easter", "monday"], Rule::Easter(1)),
    (&["easter"], Rule::Easter(0)),
    (&["pentecost"], Rule::Easter(49)),
];

/// A holiday, with a year or the next one to come. Weak: "Christmas presents" is no date.
pub(crate) fn holiday(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    let start = input.skip(at, &["this", "next", "the"]);
    let (rule, next) = HOLIDAYS.iter().find_map(|(words, rule)| Some((*rule, input.eat(start, words)?)))?;
    if let Some((year, end)) = year(input, input.skip(next, &[","])) {
        return Some((Piece::new(PieceKind::Date(date(rule, year)?), Confidence::Sure), end));
    }
    let today = input.today();
    let coming = [today.year(), today.year().checked_add(1)?];
    let date = coming.into_iter().filter_map(|year| date(rule, year)).find(|date| *date >= today)?;
    Some((Piece::new(PieceKind::Date(date), Confidence::Weak), next))
}

fn date(rule: Rule, year: i16) -> Option<Date> {
    match rule {
        Rule::Fixed(month, day) => Date::new(year, month, day).ok(),
        Rule::Nth(month, n, day) => Date::new(year, month, 1).ok()?.nth_weekday_of_month(n, day).ok(),
        Rule::Easter(days) => steps::days(easter(year)?, days),
        Rule::BlackFriday => {
            steps::days(Date::new(year, 11, 1).ok()?.nth_weekday_of_month(4, Weekday::Thursday).ok()?, 1)
        }
    }
}

/// Easter Sunday of the Gregorian calendar: the Sunday after the ecclesiastical full moon, by Butcher's rule (1876).
fn easter(year: i16) -> Option<Date> {
    let year_number = i32::from(year);
    let golden = year_number % 19;
    let (century, of_century) = (year_number / 100, year_number % 100);
    let moon_correction = (8 * century + 13) / 25;
    let epact = (19 * golden + century - century / 4 - moon_correction + 15) % 30;
    let to_sunday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - epact - of_century % 4) % 7;
    let late = (golden + 11 * epact + 19 * to_sunday) / 433;
    let days = epact + to_sunday - 7 * late;
    let month = (days + 90) / 25;
    let day = (days + 33 * month + 19) % 32;
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::easter;
    use jiff::civil::date;

    #[test]
    fn easter_falls_where_the_calendar_says() {
        assert_eq!(easter(2024), Some(date(2024, 3, 31)));
        assert_eq!(easter(2025), Some(date(2025, 4, 20)));
        assert_eq!(easter(2026), Some(date(2026, 4, 5)));
    }
}
