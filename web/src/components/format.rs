//! Dates, times and numbers as text.
//!
//! Pure: the current date is an argument. Names of days and months are written out here, because jiff's formatter
//! supports fifty directives, which would weigh as much as all components.

use jiff::civil::{Date, DateTime, Time};
use tandem_nl::weekday_name;
use tandem_protocol::{enums::Priority, model::Due};

/// A time of day: `09:05`.
pub(crate) fn clock_time(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

/// A day: `Fri 27 Nov`, with the year only when it is not the current one.
pub(crate) fn day(date: Date, today: Date) -> String {
    format!("{} {}", short(weekday_name(date.weekday())), day_of_year(date, today))
}

/// A day without its weekday: `27 Nov`, with the year only when it is not the current one.
fn day_of_year(date: Date, today: Date) -> String {
    with_year(format!("{} {}", date.day(), short(month(date))), date, today)
}

fn with_year(words: String, date: Date, today: Date) -> String {
    if date.year() == today.year() { words } else { format!("{words} {}", date.year()) }
}

fn month(date: Date) -> &'static str {
    match date.month() {
        1 => "January",
        2 => "February",
        3 => "March",
        4 => "April",
        5 => "May",
        6 => "June",
        7 => "July",
        8 => "August",
        9 => "September",
        10 => "October",
        11 => "November",
        _ => "December",
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
        -1 => "Yesterday".to_owned(),
        0 => "Today".to_owned(),
        1 => "Tomorrow".to_owned(),
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
    let day = with_year(format!("{} {} {}", weekday_name(date.weekday()), date.day(), month(date)), date, today);
    match days_between(today, date) {
        -1 => format!("Yesterday, {day}"),
        0 => format!("Today, {day}"),
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
        0 => "today".to_owned(),
        1 => "yesterday".to_owned(),
        _ => day(at.date(), today),
    };
    with_time(day, Some(at.time()))
}

/// A duration: `0.4 s`, `12 s`, `2 min`.
pub(crate) fn duration(millis: u64) -> String {
    match millis {
        0..10_000 => format!("{}.{} s", millis / 1000, millis % 1000 / 100),
        10_000..120_000 => format!("{} s", millis / 1000),
        _ => format!("{} min", millis / 60_000),
    }
}

/// A running duration in whole seconds: `6 s`, `2 min`. Tenths would flicker.
pub(crate) fn seconds(millis: i64) -> String {
    match millis / 1000 {
        seconds @ ..120 => format!("{seconds} s"),
        seconds => format!("{} min", seconds / 60),
    }
}

/// A number with its noun: `1 task`, `3 tasks`.
pub(crate) fn count(number: usize, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}

pub(crate) fn priority(priority: Priority) -> &'static str {
    match priority {
        Priority::None => "None",
        Priority::Low => "Low",
        Priority::Medium => "Medium",
        Priority::High => "High",
        Priority::Urgent => "Urgent",
    }
}

/// The product name of a provider: `OpenAI`.
pub(crate) fn provider(name: &str) -> &str {
    match name {
        "openai" => "OpenAI",
        "gemini" => "Gemini",
        "builtin" => "Built-in assistant",
        // No reply has named its provider yet.
        "" => "Assistant",
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
        5..12 => "Good morning.",
        12..18 => "Good afternoon.",
        _ => "Good evening.",
    }
}

#[cfg(test)]
mod tests {
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
