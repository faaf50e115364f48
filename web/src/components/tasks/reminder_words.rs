//! The reminders of a task as text, as the editor shows and reads them, and quick add in part. Pure.
//!
//! A reminder that stays in the text stays the same one, with its time zone.

use crate::text::tasks as text;
use jiff::civil::Date;
use tandem_protocol::{
    duration::IsoDuration,
    limits::MAX_REMINDERS,
    reminder::{ReminderInput, ReminderTimeInput},
    time::{ClockTime, IsoDate, parse_clock, parse_date},
};

const MINUTES: [(i64, &str); 4] = [(7 * 24 * 60, "week"), (24 * 60, "day"), (60, "h"), (1, "min")];

/// The text of reminders: `at the time, 30 min before, 2026-11-27 09:00`.
pub(crate) fn text_of(reminders: impl IntoIterator<Item = ReminderInput>) -> String {
    reminders.into_iter().map(|reminder| one(&reminder)).collect::<Vec<_>>().join(", ")
}

fn one(reminder: &ReminderInput) -> String {
    match (&reminder.before, &reminder.at) {
        (Some(before), _) => lead(before.seconds() / 60),
        (None, Some(at)) => format!("{} {}", IsoDate(at.date), at.time),
        (None, None) => String::new(),
    }
}

fn lead(minutes: i64) -> String {
    let fits = |(unit, _): &&(i64, &str)| minutes % unit == 0;
    match MINUTES.iter().find(fits).filter(|_| minutes > 0) {
        None => text::AT_THE_TIME.to_owned(),
        Some(&(unit, name)) => {
            let count = minutes / unit;
            text::time_before(count, name, count > 1 && unit > 60)
        }
    }
}

/// Reads the text. `known`: the reminders before; `due`: the day of the task, to which a time alone belongs.
///
/// # Errors
/// A sentence for the person.
pub(super) fn read(text: &str, known: &[ReminderInput], due: Option<Date>) -> Result<Vec<ReminderInput>, String> {
    let mut reminders = Vec::new();
    for words in text.split(',').map(str::trim).filter(|words| !words.is_empty()) {
        let same = known.iter().find(|reminder| one(reminder) == words).cloned();
        let reminder = same
            .or_else(|| read_one(&words.to_ascii_lowercase(), due))
            .ok_or_else(|| text::USE_A_REMINDER.to_owned())?;
        if reminder.before.is_some() && due.is_none() {
            return Err(text::REMINDER_NEEDS_A_DATE.to_owned());
        }
        if !reminders.contains(&reminder) {
            reminders.push(reminder);
        }
    }
    if reminders.len() > MAX_REMINDERS {
        return Err(text::at_most_reminders(MAX_REMINDERS));
    }
    Ok(reminders)
}

fn read_one(words: &str, due: Option<Date>) -> Option<ReminderInput> {
    if words == text::AT_THE_TIME || matches!(words, "when due" | "on time") {
        return Some(ReminderInput::before(IsoDuration::zero()));
    }
    let (date, time) = match words.split_once(' ') {
        Some((date, time)) if parse_date(date).is_some() => (parse_date(date), time.trim()),
        _ => (due, words),
    };
    if let Some((date, time)) = date.zip(clock(time)) {
        return Some(ReminderInput::at(ReminderTimeInput { date, time: ClockTime(time), time_zone: None }));
    }
    minutes(words.strip_suffix("before").unwrap_or(words).trim())
        .map(|minutes| ReminderInput::before(IsoDuration::minutes(minutes)))
}

/// `09:00`, and `9:00` for it.
pub(crate) fn clock(text: &str) -> Option<jiff::civil::Time> {
    if text.len() == 4 { parse_clock(&format!("0{text}")) } else { parse_clock(text) }
}

/// `30 min`, `2h`, `a day`.
pub(crate) fn minutes(words: &str) -> Option<i64> {
    let digits = words.bytes().take_while(u8::is_ascii_digit).count();
    let (count, unit) = words.split_at(digits);
    let (count, unit) = match (count.parse().ok(), unit.trim()) {
        (None, unit) => (1, unit.strip_prefix("a ").or_else(|| unit.strip_prefix("an "))?),
        (Some(count), unit) => (count, unit),
    };
    let unit = match unit {
        "m" | "min" | "mins" | "minute" | "minutes" => 1,
        "h" | "hr" | "hour" | "hours" => 60,
        "d" | "day" | "days" => 24 * 60,
        "w" | "week" | "weeks" => 7 * 24 * 60,
        _ => return None,
    };
    i64::checked_mul(count, unit).filter(|minutes| *minutes <= 366 * 24 * 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const DUE: Option<Date> = Some(date(2026, 11, 27));

    fn again(text: &str) -> Result<String, String> {
        read(text, &[], DUE).map(text_of)
    }

    #[test]
    fn what_is_shown_is_read_again() {
        for text in
            ["at the time", "30 min before", "2 h before", "1 day before, 2 weeks before", "2026-11-26 09:00", ""]
        {
            assert_eq!(again(text).as_deref(), Ok(text));
        }
    }

    #[test]
    fn shorter_words_are_understood() {
        assert_eq!(again("30m, 90 minutes,1 Day").as_deref(), Ok("30 min before, 90 min before, 1 day before"));
        assert_eq!(again("an hour, a week before, 9:00").as_deref(), Ok("1 h before, 1 week before, 2026-11-27 09:00"));
        assert_eq!(again("1h, 60 min").as_deref(), Ok("1 h before"), "the same is one");
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for text in ["soon", "before", "25:00", "2026-02-30 09:00", "99999999999999999999 min", "5 years before"] {
            assert!(again(text).is_err(), "{text}");
        }
        assert!(read("30 min", &[], None).is_err());
        assert!(read("9:00", &[], None).is_err(), "no day to which the time belongs");
        let many: Vec<String> = (1..=11).map(|minutes| format!("{minutes} min")).collect();
        assert_eq!(again(&many.join(",")), Err("At most 10 reminders.".to_owned()));
    }

    #[test]
    fn one_that_stays_keeps_its_zone() {
        let at = ReminderTimeInput {
            date: date(2026, 11, 26),
            time: ClockTime(jiff::civil::time(9, 0, 30, 0)),
            time_zone: Some("Asia/Tokyo".into()),
        };
        let known = [ReminderInput::at(at)];
        let text = format!("{}, 1 h before", text_of(known.clone()));
        assert_eq!(read(&text, &known, DUE).unwrap()[0], known[0]);
    }
}
