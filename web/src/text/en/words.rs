//! Dates, numbers and other words that all screens use.

use std::fmt::Display;

pub(crate) const JANUARY: &str = "January";
pub(crate) const FEBRUARY: &str = "February";
pub(crate) const MARCH: &str = "March";
pub(crate) const APRIL: &str = "April";
pub(crate) const MAY: &str = "May";
pub(crate) const JUNE: &str = "June";
pub(crate) const JULY: &str = "July";
pub(crate) const AUGUST: &str = "August";
pub(crate) const SEPTEMBER: &str = "September";
pub(crate) const OCTOBER: &str = "October";
pub(crate) const NOVEMBER: &str = "November";
pub(crate) const DECEMBER: &str = "December";
pub(crate) const YESTERDAY: &str = "Yesterday";
pub(crate) const TODAY: &str = "Today";
pub(crate) const TOMORROW: &str = "Tomorrow";
pub(crate) const NONE: &str = "None";
pub(crate) const LOW: &str = "Low";
pub(crate) const MEDIUM: &str = "Medium";
pub(crate) const HIGH: &str = "High";
pub(crate) const URGENT: &str = "Urgent";
pub(crate) const OPENAI: &str = "OpenAI";
pub(crate) const GEMINI: &str = "Gemini";
pub(crate) const BUILT_IN_ASSISTANT: &str = "Built-in assistant";
pub(crate) const ASSISTANT: &str = "Assistant";
pub(crate) const GOOD_MORNING: &str = "Good morning.";
pub(crate) const GOOD_AFTERNOON: &str = "Good afternoon.";
pub(crate) const GOOD_EVENING: &str = "Good evening.";
pub(crate) const TODAY_WITHIN: &str = "today";
pub(crate) const YESTERDAY_WITHIN: &str = "yesterday";

pub(crate) fn month_and_year(month: impl Display, year: impl Display) -> String {
    format!("{month} {year}")
}

pub(crate) fn yesterday(day: impl Display) -> String {
    format!("Yesterday, {day}")
}

pub(crate) fn today(day: impl Display) -> String {
    format!("Today, {day}")
}

pub(crate) fn seconds_and_tenths(seconds: impl Display, tenths: impl Display) -> String {
    format!("{seconds}.{tenths} s")
}

pub(crate) fn seconds(seconds: impl Display) -> String {
    format!("{seconds} s")
}

pub(crate) fn minutes(minutes: impl Display) -> String {
    format!("{minutes} min")
}

/// A number with its noun: `1 task`, `3 tasks`.
fn count(number: usize, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}

pub(crate) fn tasks(number: usize) -> String {
    count(number, "task")
}

pub(crate) fn devices(number: usize) -> String {
    count(number, "device")
}

pub(crate) fn changes(number: usize) -> String {
    count(number, "change")
}

pub(crate) fn actions(number: usize) -> String {
    count(number, "action")
}

pub(crate) fn new_messages(number: usize) -> String {
    count(number, "new message")
}

pub(crate) fn tokens(number: usize) -> String {
    count(number, "token")
}

pub(crate) fn whole_minutes(number: usize) -> String {
    count(number, "minute")
}

pub(crate) fn replies(number: usize) -> String {
    let noun = if number == 1 { "reply" } else { "replies" };
    format!("{number} {noun}")
}
