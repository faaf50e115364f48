//! Rules put into words.

use jiff::civil::{Date, Weekday};

use super::{ByDay, Freq, Rule};

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// "Every weekday", "Monthly on the 15th", "Every 2 weeks on Tue until 1 Dec 2026".
pub(crate) fn say(rule: &Rule, from_completion: bool) -> String {
    let often = how_often(rule, from_completion);
    let days = on_which_days(rule).map_or(String::new(), |days| format!(" {days}"));
    let after = if from_completion { " after completion" } else { "" };
    format!("{often}{days}{after}{}", limit(rule))
}

fn limit(rule: &Rule) -> String {
    match (rule.count, rule.until) {
        (Some(1), _) => ", once".to_owned(),
        (Some(count), _) => format!(", {count} times"),
        (None, Some(until)) => format!(" until {}", with_year(until)),
        (None, None) => String::new(),
    }
}

fn how_often(rule: &Rule, from_completion: bool) -> String {
    if rule.interval == 1 {
        if rule.is_weekdays() {
            return "Every weekday".to_owned();
        }
        if rule.freq == Freq::Weekly && !rule.by_day.is_empty() {
            return format!("Every {}", joined(rule.by_day.iter().map(|by| long_or_short(by.day, rule.by_day.len()))));
        }
        if from_completion {
            return format!("Every {}", unit(rule.freq));
        }
    }
    match (rule.interval, rule.freq) {
        (1, Freq::Minutely) => "Every minute".to_owned(),
        (1, Freq::Hourly) => "Hourly".to_owned(),
        (1, Freq::Daily) => "Daily".to_owned(),
        (1, Freq::Weekly) => "Weekly".to_owned(),
        (1, Freq::Monthly) => "Monthly".to_owned(),
        (1, Freq::Yearly) => "Yearly".to_owned(),
        (2, freq) => format!("Every other {}", unit(freq)),
        (n, freq) => format!("Every {n} {}s", unit(freq)),
    }
}

fn unit(freq: Freq) -> &'static str {
    match freq {
        Freq::Minutely => "minute",
        Freq::Hourly => "hour",
        Freq::Daily => "day",
        Freq::Weekly => "week",
        Freq::Monthly => "month",
        Freq::Yearly => "year",
    }
}

fn on_which_days(rule: &Rule) -> Option<String> {
    let weekly_said = rule.freq == Freq::Weekly && rule.interval == 1;
    let months = joined(
        rule.by_month
            .iter()
            .filter_map(|m| usize::try_from(*m - 1).ok())
            .filter_map(|m| MONTHS.get(m))
            .map(|m| (*m).to_owned()),
    );
    if !rule.by_month_day.is_empty() {
        let days = joined(rule.by_month_day.iter().map(|day| month_day(*day)));
        return Some(if months.is_empty() { format!("on the {days}") } else { format!("on {months} {days}") });
    }
    if rule.by_day.is_empty() {
        return (!months.is_empty()).then(|| format!("in {months}"));
    }
    if weekly_said {
        return None;
    }
    let days = joined(rule.by_day.iter().map(|by| by_day(*by)));
    Some(if months.is_empty() { format!("on {days}") } else { format!("on {days} of {months}") })
}

fn by_day(by: ByDay) -> String {
    match by.nth {
        None => short(by.day).to_owned(),
        Some(-1) => format!("the last {}", short(by.day)),
        Some(nth) => format!("the {} {}", ordinal(nth), short(by.day)),
    }
}

fn month_day(day: i8) -> String {
    if day == -1 { "last day".to_owned() } else { ordinal(day) }
}

fn ordinal(n: i8) -> String {
    let ending = match (n % 10, n % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{n}{ending}")
}

fn long_or_short(day: Weekday, how_many: usize) -> String {
    let long = match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    };
    if how_many == 1 { long.to_owned() } else { short(day).to_owned() }
}

/// `1 Dec 2026`.
fn with_year(date: Date) -> String {
    let month = usize::try_from(date.month() - 1).ok().and_then(|month| MONTHS.get(month)).copied().unwrap_or_default();
    format!("{} {month} {}", date.day(), date.year())
}

fn short(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Mon",
        Weekday::Tuesday => "Tue",
        Weekday::Wednesday => "Wed",
        Weekday::Thursday => "Thu",
        Weekday::Friday => "Fri",
        Weekday::Saturday => "Sat",
        Weekday::Sunday => "Sun",
    }
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
