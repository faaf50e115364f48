//! Dates, times and numbers as text.
//!
//! Pure but for [`Style`], which is set once when the page starts: the current date is an argument. Names of days and months are written out here, because jiff's formatter
//! supports fifty directives, which would weigh as much as all components.

use crate::text::words as text;
use jiff::civil::{Date, DateTime, Time, Weekday};
use std::cell::Cell;
use tandem_nl::weekday_name;
use tandem_protocol::{enums::Priority, model::Due, settings::DateStyle};

/// How dates and times are written, by the language of the browser or the choice of the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Style {
    pub dates: DateStyle,
    pub first_weekday: Weekday,
}

impl Style {
    /// As in most of the world.
    pub(crate) const COMMON: Self =
        Self { dates: DateStyle { twelve_hours: false, month_first: false }, first_weekday: Weekday::Monday };
}

thread_local! {
    // Every component shows dates, and none of them should have to be given the style.
    static STYLE: Cell<Style> = const { Cell::new(Style::COMMON) };
}

pub(crate) fn style() -> Style {
    STYLE.get()
}

/// Sets the style of everything that is drawn from now on.
pub(crate) fn set_style(style: Style) {
    STYLE.set(style);
}

/// A time of day as a time input takes it, whatever the person reads: `09:05`.
pub(crate) fn input_time(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

/// A time of day: `17:00`, or `5:00 PM`.
pub(crate) fn clock_time(time: Time) -> String {
    style().dates.time(time)
}

/// A day: `Fri 27 Nov` or `Fri, Nov 27`, with the year only when it is not the current one.
pub(crate) fn day(date: Date, today: Date) -> String {
    weekday_and(short(weekday_name(date.weekday())), &day_of_year(date, today))
}

fn weekday_and(weekday: &str, day: &str) -> String {
    if style().dates.month_first { format!("{weekday}, {day}") } else { format!("{weekday} {day}") }
}

/// A day without its weekday: `27 Nov` or `Nov 27`, with the year only when it is not the current one.
fn day_of_year(date: Date, today: Date) -> String {
    day_in(short(month(date)), date, today)
}

fn day_in(month: &str, date: Date, today: Date) -> String {
    let style = style().dates;
    let words = style.day(date.day(), month);
    let comma = if style.month_first { "," } else { "" };
    if date.year() == today.year() { words } else { format!("{words}{comma} {}", date.year()) }
}

/// A date and time in full, for files and tooltips: `Fri 27 Nov 2026, 17:00`.
pub(crate) fn full(at: DateTime) -> String {
    // No year is the current one.
    with_time(day(at.date(), Date::MIN), Some(at.time()))
}

/// The name of the month.
pub(crate) fn month(date: Date) -> &'static str {
    match date.month() {
        1 => text::JANUARY,
        2 => text::FEBRUARY,
        3 => text::MARCH,
        4 => text::APRIL,
        5 => text::MAY,
        6 => text::JUNE,
        7 => text::JULY,
        8 => text::AUGUST,
        9 => text::SEPTEMBER,
        10 => text::OCTOBER,
        11 => text::NOVEMBER,
        _ => text::DECEMBER,
    }
}

/// The first three letters. All names are ASCII and at least that long.
fn short(name: &'static str) -> &'static str {
    // All names are ASCII, so this cuts no character.
    name.get(..3).unwrap_or(name)
}

/// A day relative to today: `Yesterday`, `Today`, `Tomorrow`, else as [`day`].
pub(crate) fn near_day(date: Date, today: Date) -> String {
    match days_between(today, date) {
        -1 => text::YESTERDAY.to_owned(),
        0 => text::TODAY.to_owned(),
        1 => text::TOMORROW.to_owned(),
        _ => day(date, today),
    }
}

/// A due date in full: `Fri 27 Nov, 17:00`.
pub(crate) fn due(due: &Due, today: Date) -> String {
    with_time(day(due.date, today), due.time)
}

/// Appends the time of day, if there is one.
pub(crate) fn with_time(day: String, time: Option<Time>) -> String {
    match time {
        Some(time) => format!("{day}, {}", clock_time(time)),
        None => day,
    }
}

/// The heading between the messages of two days: `Today, Monday 23 November`.
pub(crate) fn day_heading(date: Date, today: Date) -> String {
    let day = weekday_and(weekday_name(date.weekday()), &day_in(month(date), date, today));
    match days_between(today, date) {
        -1 => text::yesterday(&day),
        0 => text::today(&day),
        _ => day,
    }
}

/// A point in time in as few characters as possible: `09:05`, `Thu`, `12 Oct`, `12 Oct 2025`.
pub(crate) fn short_moment(at: DateTime, today: Date) -> String {
    match days_between(at.date(), today) {
        // Yesterday and today have a heading, so the time is enough.
        ..=1 => clock_time(at.time()),
        2..=7 => short(weekday_name(at.weekday())).to_owned(),
        _ => day_of_year(at.date(), today),
    }
}

/// A point in time with its time of day: `today, 08:02`, `Thu 19 Nov, 21:40`.
pub(crate) fn moment(at: DateTime, today: Date) -> String {
    let day = match days_between(at.date(), today) {
        0 => text::TODAY_WITHIN.to_owned(),
        1 => text::YESTERDAY_WITHIN.to_owned(),
        _ => day(at.date(), today),
    };
    with_time(day, Some(at.time()))
}

/// A duration: `0.4 s`, `12 s`, `2 min`.
pub(crate) fn duration(millis: u64) -> String {
    match millis {
        0..10_000 => text::seconds_and_tenths(millis / 1000, millis % 1000 / 100),
        10_000..120_000 => text::seconds(millis / 1000),
        _ => text::minutes(millis / 60_000),
    }
}

/// A running duration in whole seconds: `6 s`, `2 min`. Tenths would flicker.
pub(crate) fn seconds(millis: i64) -> String {
    match millis / 1000 {
        seconds @ ..120 => text::seconds(seconds),
        seconds => text::minutes(seconds / 60),
    }
}

pub(crate) fn priority(priority: Priority) -> &'static str {
    match priority {
        Priority::None => text::NONE,
        Priority::Low => text::LOW,
        Priority::Medium => text::MEDIUM,
        Priority::High => text::HIGH,
        Priority::Urgent => text::URGENT,
    }
}

/// The product name of a provider: `OpenAI`.
pub(crate) fn provider(name: &str) -> &str {
    match name {
        "openai" => text::OPENAI,
        "gemini" => text::GEMINI,
        "builtin" => text::BUILT_IN_ASSISTANT,
        // No reply has named its provider yet.
        "" => text::ASSISTANT,
        other => other,
    }
}

/// Days from `from` to `to`, negative when `to` is earlier.
pub(crate) fn days_between(from: Date, to: Date) -> i32 {
    // jiff's calendar spans fewer than eight million days.
    i32::try_from(tandem_protocol::calendar::days_between(from, to)).unwrap_or(i32::MAX)
}

/// A greeting by the hour of the reader's time zone.
pub(crate) fn greeting(hour: i8) -> &'static str {
    match hour {
        5..12 => text::GOOD_MORNING,
        12..18 => text::GOOD_AFTERNOON,
        _ => text::GOOD_EVENING,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn dates_and_times_are_written_as_the_person_is_used_to() {
        let at = date(2026, 11, 27).at(17, 0, 0, 0);
        assert_eq!((clock_time(at.time()), full(at)), ("17:00".into(), "Fri 27 Nov 2026, 17:00".into()));
        let dates = DateStyle { twelve_hours: true, month_first: true };
        set_style(Style { dates, first_weekday: Weekday::Sunday });
        assert_eq!(full(at), "Fri, Nov 27, 2026, 5:00 PM");
        assert_eq!(day_heading(at.date(), at.date()), "Today, Friday, November 27");
        assert_eq!(clock_time(time(0, 5, 0, 0)), "12:05 AM");
        assert_eq!(clock_time(time(12, 0, 0, 0)), "12:00 PM");
        // The other tests of this thread.
        set_style(Style::COMMON);
    }

    use super::*;
    use jiff::civil::{date, time};

    const TODAY: Date = date(2026, 11, 23);

    #[test]
    fn a_day_names_its_year_only_when_it_is_another() {
        assert_eq!(day(date(2026, 11, 27), TODAY), "Fri 27 Nov");
        assert_eq!(day(date(2027, 2, 23), TODAY), "Tue 23 Feb 2027");
    }

    #[test]
    fn days_near_today_have_names() {
        assert_eq!(near_day(date(2026, 11, 22), TODAY), "Yesterday");
        assert_eq!(near_day(TODAY, TODAY), "Today");
        assert_eq!(near_day(date(2026, 11, 24), TODAY), "Tomorrow");
        assert_eq!(near_day(date(2026, 11, 25), TODAY), "Wed 25 Nov");
    }

    #[test]
    fn a_due_date_includes_its_time_if_it_has_one() {
        let due_at = Due { date: date(2026, 12, 1), time: Some(time(9, 0, 0, 0)), time_zone: "UTC".into() };
        assert_eq!(due(&due_at, TODAY), "Tue 1 Dec, 09:00");
        assert_eq!(due(&Due { time: None, ..due_at }, TODAY), "Tue 1 Dec");
    }

    #[test]
    fn times_in_lists_are_as_short_as_possible() {
        assert_eq!(short_moment(date(2026, 11, 23).at(7, 58, 0, 0), TODAY), "07:58");
        assert_eq!(short_moment(date(2026, 11, 22).at(21, 14, 0, 0), TODAY), "21:14");
        assert_eq!(short_moment(date(2026, 11, 20).at(12, 0, 0, 0), TODAY), "Fri");
        assert_eq!(short_moment(date(2026, 10, 12).at(12, 0, 0, 0), TODAY), "12 Oct");
        assert_eq!(short_moment(date(2025, 10, 12).at(12, 0, 0, 0), TODAY), "12 Oct 2025");
    }

    #[test]
    fn days_of_a_conversation_have_headings() {
        assert_eq!(day_heading(TODAY, TODAY), "Today, Monday 23 November");
        assert_eq!(day_heading(date(2026, 11, 22), TODAY), "Yesterday, Sunday 22 November");
        assert_eq!(day_heading(date(2025, 1, 5), TODAY), "Sunday 5 January 2025");
    }

    #[test]
    fn durations_lose_their_tenths_when_they_no_longer_matter() {
        assert_eq!(duration(90), "0.0 s");
        assert_eq!(duration(1_449), "1.4 s");
        assert_eq!(duration(12_900), "12 s");
        assert_eq!(duration(130_000), "2 min");
        assert_eq!(seconds(6_900), "6 s");
        assert_eq!(seconds(120_000), "2 min");
    }
}
