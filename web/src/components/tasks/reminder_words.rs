//! The reminders of a task as text, as the editor shows and reads them. Pure.
//!
//! Times are read as the assistant reads them, and an amount is before the due date. A reminder that stays in the text stays the same one, with its time zone.

use crate::text::tasks as text;
use jiff::civil::{Date, DateTime, Time, time};
use tandem_protocol::{duration::IsoDuration, limits::MAX_REMINDERS, reminder::ReminderInput, time::IsoDate};

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

/// How long before the due date, in words.
pub(crate) fn lead(minutes: i64) -> String {
    let fits = |(unit, _): &&(i64, &str)| minutes % unit == 0;
    match MINUTES.iter().find(fits).filter(|_| minutes > 0) {
        None => text::AT_THE_TIME.to_owned(),
        Some(&(unit, name)) => {
            let count = minutes / unit;
            text::time_before(count, name, count > 1 && unit > 60)
        }
    }
}

/// What the reminders of a task count from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Around {
    /// The day and time at which it is due.
    pub(super) due: Option<(Date, Option<Time>)>,
    pub(super) repeats: bool,
    pub(super) now: DateTime,
}

/// Reads the text. `known`: the reminders before.
///
/// # Errors
/// A sentence for the person.
pub(super) fn read(text: &str, known: &[ReminderInput], around: Around) -> Result<Vec<ReminderInput>, String> {
    let mut reminders = Vec::new();
    for words in text.split(',').map(str::trim).filter(|words| !words.is_empty()) {
        let same = known.iter().find(|reminder| one(reminder) == words).cloned();
        let reminder = match same {
            Some(same) => same,
            None => read_one(&words.to_ascii_lowercase(), around).ok_or_else(|| text::USE_A_REMINDER.to_owned())?,
        };
        if reminder.before.is_some() && around.due.is_none() {
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

fn read_one(words: &str, around: Around) -> Option<ReminderInput> {
    if words == text::AT_THE_TIME || matches!(words, "when due" | "on time") {
        return Some(ReminderInput::before(IsoDuration::zero()));
    }
    if let Some(minutes) = minutes(words.strip_suffix("before").unwrap_or(words).trim()) {
        return Some(ReminderInput::before(IsoDuration::minutes(minutes)));
    }
    let time = tandem_nl::read_reminder_time(words, around.now)?;
    time.reminder(around.due, around.repeats, MORNING, around.now)
}

/// The time from which reminders of a day without a time count.
const MORNING: Time = time(9, 0, 0, 0);

/// `30 min`, `2h`, `a day`.
fn minutes(words: &str) -> Option<i64> {
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
    use tandem_protocol::{reminder::ReminderTimeInput, time::ClockTime};

    const DUE: Around = Around {
        due: Some((date(2026, 11, 27), Some(time(15, 0, 0, 0)))),
        repeats: false,
        now: jiff::civil::datetime(2026, 11, 23, 10, 0, 0, 0),
    };

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
    fn times_are_read_as_the_assistant_does() {
        for (text, read) in [
            ("at 9:00", "2026-11-27 09:00"),
            ("at noon", "2026-11-27 12:00"),
            ("9am", "2026-11-27 09:00"),
            ("an hour before", "1 h before"),
            ("tomorrow at 8:30", "2026-11-24 08:30"),
            ("when due", "at the time"),
        ] {
            assert_eq!(again(text).as_deref(), Ok(read), "{text}");
        }
        let each = read("at noon", &[], Around { repeats: true, ..DUE });
        assert_eq!(each.map(text_of).as_deref(), Ok("3 h before"));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for text in ["soon", "before", "25:00", "2026-02-30 09:00", "99999999999999999999 min", "5 years before"] {
            assert!(again(text).is_err(), "{text}");
        }
        let undated = Around { due: None, ..DUE };
        assert!(read("30 min", &[], undated).is_err());
        assert_eq!(read("09:00", &[], undated).map(text_of).as_deref(), Ok("2026-11-24 09:00"), "the next one");
        let many: Vec<String> = (1..=11).map(|minutes| format!("{minutes} min")).collect();
        assert_eq!(again(&many.join(",")), Err("At most 10 reminders.".to_owned()));
    }

    #[test]
    fn one_that_stays_keeps_its_zone() {
        let at = ReminderTimeInput {
            date: date(2026, 11, 26),
            time: ClockTime(time(9, 0, 30, 0)),
            time_zone: Some("Asia/Tokyo".into()),
        };
        let known = [ReminderInput::at(at)];
        let text = format!("{}, 1 h before", text_of(known.clone()));
        assert_eq!(read(&text, &known, DUE).unwrap()[0], known[0]);
    }
}
