//! The reminders of a task as text, as the editor shows and reads them. Pure.
//!
//! The words are those of the assistant, and read as it reads them; an amount alone is before the due date. A reminder that
//! stays in the text stays the same one, with its time zone, unless its words mean another time by now: "at 9:00" is on the day
//! on which the task is due.

use crate::{components::format, text::tasks as text};
use jiff::civil::{Date, DateTime, Time};
use tandem_protocol::{limits::MAX_REMINDERS, reminder::ReminderInput, time::ClockTime};

const MINUTES: [(i64, &str); 4] = [(7 * DAY, "week"), (DAY, "day"), (60, "hour"), (1, "min")];
const DAY: i64 = 24 * 60;
/// Days before the due date that are counted; what is earlier has its date.
const COUNTED_DAYS: i32 = 31;

/// The day and time at which a task is due.
pub(crate) type DueDay = (Date, Option<Time>);

/// The text of reminders: `at the time, 30 min before, the day before at 18:00, 27 November 2026 at 09:00`. `all_day`: the time from
/// which reminders of a day without a time count.
pub(crate) fn text_of(
    reminders: impl IntoIterator<Item = ReminderInput>,
    due: Option<DueDay>,
    all_day: Time,
) -> String {
    reminders.into_iter().map(|reminder| one(&reminder, due, all_day)).collect::<Vec<_>>().join(", ")
}

/// The text of one reminder.
pub(crate) fn one(reminder: &ReminderInput, due: Option<DueDay>, all_day: Time) -> String {
    match (&reminder.before, &reminder.at) {
        (Some(before), _) => lead(before.seconds() / 60, due, all_day),
        (None, Some(at)) => match due.map(|(day, _)| format::days_between(at.date, day)) {
            Some(days @ 0..=COUNTED_DAYS) => on_day(days, clock(at.time)),
            _ => text::date_at(at.date.day(), format::month(at.date), at.date.year(), clock(at.time)),
        },
        (None, None) => String::new(),
    }
}

/// How long before the due date, in words. A day without a time has no time to count from, so there the time of day is
/// written, but for whole days before it.
fn lead(minutes: i64, due: Option<DueDay>, all_day: Time) -> String {
    if due.is_some_and(|(_, time)| time.is_none()) && (minutes % DAY != 0 || minutes == 0) {
        let at = i64::from(all_day.hour()) * 60 + i64::from(all_day.minute()) - minutes;
        let of_day = |part: i64| i8::try_from(part).unwrap_or_default();
        let minute = at.rem_euclid(DAY);
        let time = Time::new(of_day(minute / 60), of_day(minute % 60), 0, 0).unwrap_or_default();
        return on_day(i32::try_from(-at.div_euclid(DAY)).unwrap_or_default(), clock(ClockTime(time)));
    }
    let fits = |(unit, _): &&(i64, &str)| minutes % unit == 0;
    match MINUTES.iter().find(fits).filter(|_| minutes > 0) {
        None => text::AT_THE_TIME.to_owned(),
        Some(&(unit, name)) => {
            let count = minutes / unit;
            text::time_before(count, name, count > 1 && unit >= 60)
        }
    }
}

fn on_day(before: i32, time: String) -> String {
    match before {
        0 => text::at_time(time),
        1 => text::day_before_at(time),
        days => text::days_before_at(days, time),
    }
}

/// A time as the person reads it, with its seconds where it has some.
fn clock(time: ClockTime) -> String {
    if time.0.second() == 0 { format::clock_time(time.0) } else { time.to_string() }
}

/// What the reminders of a task count from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Around {
    /// The day and time at which it is due.
    pub(super) due: Option<DueDay>,
    pub(super) repeats: bool,
    /// The time from which reminders of a day without a time count.
    pub(super) all_day: Time,
    pub(super) now: DateTime,
}

/// Reads the text. `known`: the reminders before.
///
/// # Errors
/// A sentence for the person.
pub(super) fn read(text: &str, known: &[ReminderInput], around: Around) -> Result<Vec<ReminderInput>, String> {
    let mut reminders: Vec<ReminderInput> = Vec::new();
    for words in text.split(',').map(str::trim).filter(|words| !words.is_empty()) {
        let same = |reminder: &&ReminderInput| {
            one(reminder, around.due, around.all_day) == words && !reminders.contains(reminder)
        };
        let read = match known.iter().find(same) {
            Some(same) => vec![same.clone()],
            None => read_words(words, around)?,
        };
        for reminder in read {
            if reminder.before.is_some() && around.due.is_none() {
                return Err(text::REMINDER_NEEDS_A_DATE.to_owned());
            }
            if !reminders.contains(&reminder) {
                reminders.push(reminder);
            }
        }
    }
    if reminders.len() > MAX_REMINDERS {
        return Err(text::at_most_reminders(MAX_REMINDERS));
    }
    Ok(reminders)
}

fn read_words(words: &str, around: Around) -> Result<Vec<ReminderInput>, String> {
    let read = |words: &str| tandem_nl::read_reminders(words, around.now);
    // An amount alone would be one from now on.
    let all = read(&text::before(words)).or_else(|| read(words)).ok_or_else(|| text::USE_A_REMINDER.to_owned())?;
    let rule = |word: &tandem_nl::ReminderWords| word.reminder(around.due, around.repeats, around.all_day, around.now);
    all.iter().map(|word| rule(word).ok_or_else(|| text::REMINDER_NEEDS_A_DATE.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, time};
    use tandem_protocol::reminder::ReminderTimeInput;

    const NINE: Time = time(9, 0, 0, 0);
    const DUE: Around = Around {
        due: Some((date(2026, 11, 27), Some(time(15, 0, 0, 0)))),
        repeats: false,
        all_day: NINE,
        now: jiff::civil::datetime(2026, 11, 23, 10, 0, 0, 0),
    };
    /// On a day without a time, again and again.
    const DAYS: Around = Around { due: Some((date(2026, 11, 27), None)), repeats: true, ..DUE };

    fn shown(text: &str, around: Around) -> Result<String, String> {
        read(text, &[], around).map(|all| text_of(all, around.due, around.all_day))
    }

    fn again(text: &str) -> Result<String, String> {
        shown(text, DUE)
    }

    #[test]
    fn what_is_shown_is_read_again() {
        for text in [
            "at the time",
            "30 min before",
            "2 hours before",
            "1 day before, 2 weeks before",
            "at 09:00",
            "the day before at 18:00",
            "3 days before at 12:30",
            "24 December 2026 at 09:00",
            "2 January 2028 at 07:15",
            "",
        ] {
            assert_eq!(again(text).as_deref(), Ok(text));
        }
        assert_eq!(shown("at the time", DAYS).as_deref(), Ok("at 09:00"));
        for text in
            ["at 09:00", "at 08:00", "at 18:00", "the day before at 18:00", "2 days before at 12:00", "1 day before"]
        {
            assert_eq!(shown(text, DAYS).as_deref(), Ok(text));
            let later = Around { all_day: time(10, 30, 0, 0), ..DAYS };
            assert_eq!(shown(text, later).as_deref(), Ok(text));
        }
    }

    #[test]
    fn shorter_words_are_understood() {
        assert_eq!(again("30m, 90 minutes,1 Day").as_deref(), Ok("30 min before, 90 min before, 1 day before"));
        assert_eq!(again("an hour, a week before, 9:00").as_deref(), Ok("1 hour before, 1 week before, at 09:00"));
        assert_eq!(again("1h, 60 min").as_deref(), Ok("1 hour before"), "the same is one");
    }

    #[test]
    fn the_words_of_the_assistant_are_understood() {
        for (text, read) in [
            ("at 9:00", "at 09:00"),
            ("at noon", "at 12:00"),
            ("9am", "at 09:00"),
            ("an hour before", "1 hour before"),
            ("an hour before and at noon", "1 hour before, at 12:00"),
            ("the day before at 6pm", "the day before at 18:00"),
            ("the evening before", "the day before at 18:00"),
            ("tomorrow at 8:30", "3 days before at 08:30"),
            ("when due", "at the time"),
            ("PT45M", "45 min before"),
        ] {
            assert_eq!(again(text).as_deref(), Ok(read), "{text}");
        }
        assert_eq!(shown("at noon", Around { repeats: true, ..DUE }).as_deref(), Ok("3 hours before"));
        let rules =
            |text: &str| read(text, &[], DAYS).unwrap().into_iter().map(|rule| rule.before.map(|it| it.to_string()));
        assert_eq!(rules("the day before at 6pm").collect::<Vec<_>>(), [Some("PT15H".to_owned())]);
        assert_eq!(
            rules("at 18:00").collect::<Vec<_>>(),
            [None],
            "a time of the day, which goes along with the series"
        );
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for text in ["soon", "before", "25:00", "2026-02-30 09:00", "99999999999999999999 min", "5 years before"] {
            assert!(again(text).is_err(), "{text}");
        }
        let undated = Around { due: None, ..DUE };
        assert!(read("30 min", &[], undated).is_err());
        assert!(read("the day before at 6pm", &[], undated).is_err());
        assert_eq!(shown("09:00", undated).as_deref(), Ok("24 November 2026 at 09:00"), "the next one");
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
        let text = format!("{}, 1 hour before", text_of(known.clone(), DUE.due, NINE));
        assert!(text.starts_with("the day before at 09:00:30"), "{text}");
        assert_eq!(read(&text, &known, DUE).unwrap()[0], known[0]);
        let moved = Around { due: Some((date(2026, 11, 30), None)), ..DUE };
        let all = read("the day before at 09:00", &known, moved).unwrap();
        assert_eq!(all[0].at.as_ref().unwrap().date, date(2026, 11, 29), "it is of the day before the new one");
    }
}
