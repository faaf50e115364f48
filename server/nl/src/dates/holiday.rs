//! Days with a name that people plan by.

use jiff::civil::{Date, Weekday};

use super::lexicon::year;
use super::{Confidence, DateInput, Parsed, Piece, PieceKind};
use tandem_protocol::calendar as steps;

/// How a holiday's date follows from the year.
#[derive(Debug, Clone, Copy)]
enum HolidayDate {
    Fixed(i8, i8),
    /// The n-th weekday of a month.
    Nth(i8, i8, Weekday),
    /// Days after the western Easter Sunday.
    Easter(i64),
    /// Days after the fourth Thursday of November.
    AfterThanksgiving(i64),
}

/// Longest names first, so that "Christmas Eve" is not read as "Christmas".
const HOLIDAYS: &[(&[&str], HolidayDate)] = &[
    (&["christmas", "eve"], HolidayDate::Fixed(12, 24)),
    (&["christmas", "day"], HolidayDate::Fixed(12, 25)),
    (&["christmas"], HolidayDate::Fixed(12, 25)),
    (&["xmas", "eve"], HolidayDate::Fixed(12, 24)),
    (&["xmas", "day"], HolidayDate::Fixed(12, 25)),
    (&["nye"], HolidayDate::Fixed(12, 31)),
    (&["xmas"], HolidayDate::Fixed(12, 25)),
    (&["boxing", "day"], HolidayDate::Fixed(12, 26)),
    (&["new", "year", "'s", "eve"], HolidayDate::Fixed(12, 31)),
    (&["new", "years", "eve"], HolidayDate::Fixed(12, 31)),
    (&["new", "year", "'s", "day"], HolidayDate::Fixed(1, 1)),
    (&["new", "years", "day"], HolidayDate::Fixed(1, 1)),
    (&["new", "year", "'s"], HolidayDate::Fixed(1, 1)),
    (&["new", "years"], HolidayDate::Fixed(1, 1)),
    (&["new", "year"], HolidayDate::Fixed(1, 1)),
    (&["valentine", "'s", "day"], HolidayDate::Fixed(2, 14)),
    (&["valentines", "day"], HolidayDate::Fixed(2, 14)),
    (&["valentine", "'s"], HolidayDate::Fixed(2, 14)),
    (&["patrick", "'s", "day"], HolidayDate::Fixed(3, 17)),
    (&["patricks", "day"], HolidayDate::Fixed(3, 17)),
    (&["patrick", "'s"], HolidayDate::Fixed(3, 17)),
    (&["patrick"], HolidayDate::Fixed(3, 17)),
    (&["groundhog", "day"], HolidayDate::Fixed(2, 2)),
    (&["april", "fools", "day"], HolidayDate::Fixed(4, 1)),
    (&["april", "fool", "'s", "day"], HolidayDate::Fixed(4, 1)),
    (&["cinco", "de", "mayo"], HolidayDate::Fixed(5, 5)),
    (&["juneteenth"], HolidayDate::Fixed(6, 19)),
    (&["guy", "fawkes", "day"], HolidayDate::Fixed(11, 5)),
    (&["guy", "fawkes", "night"], HolidayDate::Fixed(11, 5)),
    (&["bonfire", "night"], HolidayDate::Fixed(11, 5)),
    (&["all", "saints", "day"], HolidayDate::Fixed(11, 1)),
    (&["remembrance", "day"], HolidayDate::Fixed(11, 11)),
    (&["earth", "day"], HolidayDate::Fixed(4, 22)),
    (&["independence", "day"], HolidayDate::Fixed(7, 4)),
    (&["halloween"], HolidayDate::Fixed(10, 31)),
    (&["veterans", "day"], HolidayDate::Fixed(11, 11)),
    (&["martin", "luther", "king", "day"], HolidayDate::Nth(1, 3, Weekday::Monday)),
    (&["mlk", "day"], HolidayDate::Nth(1, 3, Weekday::Monday)),
    (&["presidents", "day"], HolidayDate::Nth(2, 3, Weekday::Monday)),
    (&["president", "'s", "day"], HolidayDate::Nth(2, 3, Weekday::Monday)),
    (&["mother", "'s", "day"], HolidayDate::Nth(5, 2, Weekday::Sunday)),
    (&["mothers", "day"], HolidayDate::Nth(5, 2, Weekday::Sunday)),
    (&["memorial", "day"], HolidayDate::Nth(5, -1, Weekday::Monday)),
    (&["father", "'s", "day"], HolidayDate::Nth(6, 3, Weekday::Sunday)),
    (&["fathers", "day"], HolidayDate::Nth(6, 3, Weekday::Sunday)),
    (&["labor", "day"], HolidayDate::Nth(9, 1, Weekday::Monday)),
    (&["columbus", "day"], HolidayDate::Nth(10, 2, Weekday::Monday)),
    (&["thanksgiving", "day"], HolidayDate::Nth(11, 4, Weekday::Thursday)),
    (&["thanksgiving"], HolidayDate::Nth(11, 4, Weekday::Thursday)),
    (&["black", "friday"], HolidayDate::AfterThanksgiving(1)),
    (&["cyber", "monday"], HolidayDate::AfterThanksgiving(4)),
    (&["shrove", "tuesday"], HolidayDate::Easter(-47)),
    (&["pancake", "day"], HolidayDate::Easter(-47)),
    (&["mardi", "gras"], HolidayDate::Easter(-47)),
    (&["maundy", "thursday"], HolidayDate::Easter(-3)),
    (&["ascension", "day"], HolidayDate::Easter(39)),
    (&["ash", "wednesday"], HolidayDate::Easter(-46)),
    (&["palm", "sunday"], HolidayDate::Easter(-7)),
    (&["good", "friday"], HolidayDate::Easter(-2)),
    (&["easter", "sunday"], HolidayDate::Easter(0)),
    (&["easter", "monday"], HolidayDate::Easter(1)),
    (&["easter"], HolidayDate::Easter(0)),
    (&["pentecost"], HolidayDate::Easter(49)),
];

/// A holiday, with a year or the next one to come. Weak: "Christmas presents" is no date.
pub(crate) fn holiday(input: &DateInput<'_>, at: usize) -> Parsed<Piece> {
    let start = input.skip(at, &["this", "next", "the"]);
    let start = match input.word(start) {
        // A saint needs the title: "Patrick" is a friend.
        "st" | "saint" => input.skip(start + 1, &["."]),
        _ if input.word(start).starts_with("patrick") => return None,
        _ => start,
    };
    let (rule, next) = HOLIDAYS.iter().find_map(|(words, rule)| Some((*rule, input.eat(start, words)?)))?;
    if let Some((year, end)) = year(input, input.skip(next, &[","])) {
        return Some((Piece::new(PieceKind::Date(date(rule, year)?), Confidence::Sure), end));
    }
    let today = input.today();
    // A holiday that has passed this year is the one of next year.
    let coming = [today.year(), today.year().checked_add(1)?];
    let date = coming.into_iter().filter_map(|year| date(rule, year)).find(|date| *date >= today)?;
    Some((Piece::new(PieceKind::Date(date), Confidence::Weak), next))
}

fn date(rule: HolidayDate, year: i16) -> Option<Date> {
    match rule {
        HolidayDate::Fixed(month, day) => Date::new(year, month, day).ok(),
        HolidayDate::Nth(month, n, day) => Date::new(year, month, 1).ok()?.nth_weekday_of_month(n, day).ok(),
        HolidayDate::Easter(days) => steps::days(easter(year)?, days),
        HolidayDate::AfterThanksgiving(days) => {
            steps::days(Date::new(year, 11, 1).ok()?.nth_weekday_of_month(4, Weekday::Thursday).ok()?, days)
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
