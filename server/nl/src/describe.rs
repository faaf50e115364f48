//! Dates and rules put into words, for replies of the assistant and for the web client.
//!
//! The words are English and short, as they stand in a list. A rule is described by its canonical form, so that the same
//! rule reads the same wherever it came from.

use jiff::Zoned;
use jiff::civil::{Date, Time, Weekday};
use tandem_protocol::enums::Anchor;
use tandem_protocol::recurrence::{End, Frequency, Rule, WeekdayNumber};
use tandem_protocol::settings::DateStyle;

use crate::recurrence::{WORKING_DAYS, is_weekdays};

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A due date, such as "Fri 27 Nov, 17:00" or "Fri Nov 27, 5:00 PM". The year is left out when it is the current one.
pub fn describe_due(date: Date, time: Option<Time>, now: &Zoned, style: DateStyle) -> String {
    described(date, time, now.date(), style)
}

/// The same with the present day alone. Not by a pattern of `jiff`: the page reads lines too, and patterns are a tenth of it.
pub(crate) fn described(date: Date, time: Option<Time>, today: Date, style: DateStyle) -> String {
    let month = month_name(date.month()).unwrap_or_default();
    let day = format!("{} {}", short(date.weekday()), style.day(date.day(), month));
    let day = if date.year() == today.year() { day } else { format!("{day} {}", date.year()) };
    match time {
        Some(time) => format!("{day}, {}", style.time(time)),
        None => day,
    }
}

/// A rule in words: "Every weekday", "Monthly", "Every 3 days after completion". A rule with parts that have no words here
/// is returned as it is.
pub fn describe_rule(rule: &str, anchor: Anchor) -> String {
    match Rule::parse(rule) {
        Ok(read) if has_words(&read) => describe(&read, anchor == Anchor::Completion),
        _ => rule.to_owned(),
    }
}

// A description that left one of these out would be wrong, and the rule itself is at least exact.
fn has_words(rule: &Rule) -> bool {
    (rule.positions.is_empty() || working_day(rule).is_some())
        && rule.week_start == Weekday::Monday
        && rule.end != End::Count(0)
        && rule.month_days.iter().all(|day| *day >= -1)
        && rule.days.iter().all(|day| day.nth.is_none_or(|nth| (-1..=5).contains(&nth)))
}

/// "Every weekday", "Monthly on the 15th", "Every 2 weeks on Tue until 1 Dec 2026".
fn describe(rule: &Rule, from_completion: bool) -> String {
    let often = how_often(rule, from_completion);
    let days = on_which_days(rule).map_or(String::new(), |days| format!(" {days}"));
    let after = if from_completion { " after completion" } else { "" };
    format!("{often}{days}{after}{}", limit(rule))
}

fn limit(rule: &Rule) -> String {
    match rule.end {
        End::Count(1) => ", once".to_owned(),
        End::Count(count) => format!(", {count} times"),
        End::Until(last) => format!(" until {}", with_year(last)),
        End::Never => String::new(),
    }
}

fn how_often(rule: &Rule, from_completion: bool) -> String {
    if rule.interval == 1 {
        if is_weekdays(rule) {
            return "Every weekday".to_owned();
        }
        if rule.frequency == Frequency::Weekly && !rule.days.is_empty() {
            let name = if rule.days.len() == 1 { weekday_name } else { short };
            return format!("Every {}", joined(rule.days.iter().map(|day| name(day.weekday).to_owned())));
        }
        // "Daily after completion" would read as a fixed rhythm.
        if from_completion {
            return format!("Every {}", unit(rule.frequency));
        }
    }
    match (rule.interval, rule.frequency) {
        (1, Frequency::Minutely) => "Every minute".to_owned(),
        (1, Frequency::Hourly) => "Hourly".to_owned(),
        (1, Frequency::Daily) => "Daily".to_owned(),
        (1, Frequency::Weekly) => "Weekly".to_owned(),
        (1, Frequency::Monthly) => "Monthly".to_owned(),
        (1, Frequency::Yearly) => "Yearly".to_owned(),
        (2, frequency) => format!("Every other {}", unit(frequency)),
        (n, frequency) => format!("Every {n} {}s", unit(frequency)),
    }
}

fn unit(frequency: Frequency) -> &'static str {
    match frequency {
        Frequency::Minutely => "minute",
        Frequency::Hourly => "hour",
        Frequency::Daily => "day",
        Frequency::Weekly => "week",
        Frequency::Monthly => "month",
        Frequency::Yearly => "year",
    }
}

fn on_which_days(rule: &Rule) -> Option<String> {
    let days_are_named = rule.frequency == Frequency::Weekly && rule.interval == 1;
    let months = joined(rule.months.iter().filter_map(|month| month_name(*month)).map(str::to_owned));
    if !rule.month_days.is_empty() {
        let days = joined(rule.month_days.iter().map(|day| month_day(*day)));
        return Some(if months.is_empty() { format!("on the {days}") } else { format!("on {months} {days}") });
    }
    if let Some(place) = working_day(rule) {
        return Some(format!("on the {place} working day"));
    }
    if rule.days.is_empty() {
        return (!months.is_empty()).then(|| format!("in {months}"));
    }
    // "Every Tuesday" has the days already.
    if days_are_named {
        return None;
    }
    let days = joined(rule.days.iter().map(|day| weekday(*day)));
    Some(if months.is_empty() { format!("on {days}") } else { format!("on {days} of {months}") })
}

/// "first", when a monthly rule is the first working day of a month.
fn working_day(rule: &Rule) -> Option<String> {
    let [place] = rule.positions[..] else { return None };
    let monthly = rule.frequency == Frequency::Monthly && rule.months.is_empty() && rule.month_days.is_empty();
    let working = rule.days.len() == 5
        && rule.days.iter().zip(WORKING_DAYS).all(|(day, working)| day.weekday == working && day.nth.is_none());
    (monthly && working).then(|| match place {
        -1 => Some("last".to_owned()),
        1..=23 => Some(ordinal(place)),
        _ => None,
    })?
}

fn weekday(day: WeekdayNumber) -> String {
    match day.nth {
        None => short(day.weekday).to_owned(),
        Some(-1) => format!("the last {}", short(day.weekday)),
        Some(nth) => format!("the {} {}", ordinal(nth), short(day.weekday)),
    }
}

fn month_day(day: i8) -> String {
    if day == -1 { "last day".to_owned() } else { ordinal(day.into()) }
}

fn ordinal(n: i16) -> String {
    // 11th, 12th and 13th break the pattern of 1st, 2nd and 3rd.
    let ending = match (n % 10, n % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{n}{ending}")
}

/// The English name of a day of the week.
pub fn weekday_name(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

fn with_year(date: Date) -> String {
    format!("{} {} {}", date.day(), month_name(date.month()).unwrap_or_default(), date.year())
}

fn month_name(month: i8) -> Option<&'static str> {
    MONTHS.get(usize::try_from(month - 1).ok()?).copied()
}

/// The first three letters, which is how each English weekday is shortened.
fn short(day: Weekday) -> &'static str {
    &weekday_name(day)[..3]
}

/// "a", "a and b", "a, b and c".
fn joined(words: impl Iterator<Item = String>) -> String {
    let words: Vec<String> = words.collect();
    match words.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}
