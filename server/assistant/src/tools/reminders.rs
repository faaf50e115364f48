//! Reminders in arguments, in words or ISO 8601, and in answers.

use super::{ToolError, args, dates};
use jiff::{Zoned, civil};
use tandem_nl::ReminderWords;
use tandem_protocol::{
    enums::ReminderState,
    model::Task,
    reminder::{Reminder, ReminderInput, ReminderTimeInput},
    rest::NewTask,
    settings::DateStyle,
    time::ClockTime,
};

/// What stands for the user's time of day, at which a task without a date reminds.
pub(crate) const USUAL: &str = "at the usual time";

/// How the words for a reminder end that rings.
pub(crate) const HAS_FIRED: &str = ", has fired";

/// What the schemas of tools say about reminders.
pub(super) const DESCRIPTION: &str = "When to remind the user, each in words (\"30 minutes before\", \"when it is due\", \"at 9:00\" \
    on the day it is due, \"the day before at 6pm\", \"tomorrow at 9am\") or ISO 8601 (PT30M before the due date, or \
    2026-12-01T09:00). A due date gets one by itself; an empty list is none.";

/// The reminders that a call names, before the due date is known. `usual`: the user's time of day.
pub(super) fn words(texts: &[String], now: &Zoned, usual: civil::Time) -> Result<Vec<ReminderWords>, ToolError> {
    let mut all = Vec::new();
    for text in texts.iter().filter(|text| !args::means_none(text)) {
        dates::contradiction(text, now)?;
        match exact(text, now, usual).or_else(|| tandem_nl::parse_reminders(text, now)) {
            Some(words) => all.extend(words),
            None => return Err(not_a_time(text)),
        }
    }
    Ok(all)
}

/// Sets the reminders of a new task.
pub(super) fn set(
    task: &mut NewTask,
    words: &[ReminderWords],
    now: &Zoned,
    usual: civil::Time,
) -> Result<(), ToolError> {
    if task.due.is_none() && words.iter().any(ReminderWords::needs_due) {
        return Err(without_due());
    }
    ReminderWords::set(words, task, usual, now.datetime());
    Ok(())
}

/// The reminders of a task with this due date.
pub(super) fn of_due(
    words: &[ReminderWords],
    due: Option<(civil::Date, Option<civil::Time>)>,
    repeats: bool,
    now: &Zoned,
    usual: civil::Time,
) -> Result<Vec<ReminderInput>, ToolError> {
    let rule = |word: &ReminderWords| word.reminder(due, repeats, usual, now.datetime()).ok_or_else(without_due);
    words.iter().map(rule).collect()
}

/// A time by itself; of a day, the user's time of day.
pub(super) fn time(text: &str, now: &Zoned, usual: civil::Time) -> Result<ReminderTimeInput, ToolError> {
    dates::contradiction(text, now)?;
    let at = dates::due(text, now).ok().flatten().ok_or_else(|| not_a_time(text))?;
    Ok(ReminderTimeInput { date: at.date, time: ClockTime(at.time.unwrap_or(usual)), time_zone: at.time_zone })
}

/// A date and time in ISO 8601, with seconds where it has some, or the user's time of day.
fn exact(text: &str, now: &Zoned, usual: civil::Time) -> Option<Vec<ReminderWords>> {
    let at = if text.trim().eq_ignore_ascii_case(USUAL) {
        let today = now.date();
        if usual > now.time() { today.to_datetime(usual) } else { today.tomorrow().ok()?.to_datetime(usual) }
    } else {
        dates::moment(text.trim(), now)?
    };
    let time = at.time().with().subsec_nanosecond(0).build().ok()?;
    Some(vec![ReminderWords::exactly(at.date(), time)])
}

fn not_a_time(text: &str) -> ToolError {
    ToolError::validation(format!("{text:?} is not a time that I understand.")).hint(
        "Use words such as \"30 minutes before\", \"at 9:00\" or \"tomorrow at 9am\", or ISO 8601: PT30M, 2026-12-01T09:00.",
    )
}

fn without_due() -> ToolError {
    ToolError::validation("A reminder before the due date needs a due date.")
        .hint("Give due, or a reminder with its own day such as \"tomorrow at 9am\".")
}

/// The reminders of a task in words, the next one first; those that were answered are left out.
pub(super) fn describe(task: &Task, now: &Zoned) -> Vec<String> {
    let mut shown: Vec<&Reminder> =
        task.reminders.iter().filter(|reminder| reminder.state != ReminderState::Done).collect();
    shown.sort_by_key(|reminder| reminder.next().unwrap_or(reminder.fires_at));
    shown.into_iter().map(|reminder| in_words(reminder, now)).collect()
}

pub(super) fn in_words(reminder: &Reminder, now: &Zoned) -> String {
    let at = reminder.next().unwrap_or(reminder.fires_at).to_jiff().to_zoned(now.time_zone().clone());
    let at = tandem_nl::describe_due(at.date(), Some(at.time()), now, DateStyle::default());
    match reminder.state {
        ReminderState::Pending | ReminderState::Snoozed | ReminderState::Done => at,
        ReminderState::Fired => format!("{at}{HAS_FIRED}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Zoned {
        "2026-11-23T10:30[Europe/Berlin]".parse().unwrap()
    }

    /// The reminders of a task that is due on 2 December at three, or on that day.
    fn rules(text: &str, timed: bool, repeats: bool) -> String {
        let usual = civil::time(9, 0, 0, 0);
        let words = words(&[text.to_owned()], &now(), usual).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        let due = (civil::date(2026, 12, 2), timed.then_some(civil::time(15, 0, 0, 0)));
        let rules = of_due(&words, Some(due), repeats, &now(), usual).unwrap();
        let rule = |rule: &ReminderInput| match (&rule.before, &rule.at) {
            (Some(before), _) => before.to_string(),
            (None, Some(at)) => format!("{}T{}", at.date, at.time),
            (None, None) => "nothing".to_owned(),
        };
        rules.iter().map(rule).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn durations_are_before_the_due_date() {
        for (text, before) in [
            ("PT30M", "PT30M"),
            ("p1d", "P1D"),
            ("30 minutes before", "PT30M"),
            ("an hour before", "PT1H"),
            ("a day before it is due", "P1D"),
            ("two days earlier", "P2D"),
            ("when it is due", "PT0S"),
            ("half an hour before", "PT30M"),
            ("1 week before", "P7D"),
            ("10 minutes in advance", "PT10M"),
            ("the day before", "P1D"),
        ] {
            assert_eq!(rules(text, true, false), before, "{text}");
        }
    }

    #[test]
    fn a_time_alone_is_on_the_day_of_the_due_date() {
        for (text, at) in [
            ("at 9:00", "2026-12-02T09:00"),
            ("at noon", "2026-12-02T12:00"),
            ("the day before at 6pm", "2026-12-01T18:00"),
            ("two days before at noon", "2026-11-30T12:00"),
            ("the evening before", "2026-12-01T18:00"),
            ("an hour before and at noon", "PT1H 2026-12-02T12:00"),
            ("in the morning", "2026-12-02T09:00"),
        ] {
            assert_eq!(rules(text, true, false), at, "{text}");
        }
        assert_eq!(rules("at 7:00", false, false), "2026-12-02T07:00");
    }

    #[test]
    fn of_a_task_that_repeats_a_time_of_the_day_is_one_of_each_day() {
        assert_eq!(rules("at noon", true, true), "PT3H");
        assert_eq!(rules("at 7:00", false, true), "PT2H");
        assert_eq!(rules("the day before at 6pm", false, true), "PT15H");
    }

    #[test]
    fn other_texts_are_times_with_their_own_day() {
        for (text, at) in [
            ("tomorrow at 9am", "2026-11-24T09:00"),
            ("2026-12-01T08:15", "2026-12-01T08:15"),
            ("2026-12-01T08:15:30", "2026-12-01T08:15:30"),
            ("friday", "2026-11-27T09:00"),
            (USUAL, "2026-11-24T09:00"),
        ] {
            assert_eq!(rules(text, true, false), at, "{text}");
        }
        let usual = civil::time(9, 0, 0, 0);
        assert!(words(&["whenever".to_owned()], &now(), usual).is_err());
        assert!(words(&["friday the 3rd at 9".to_owned()], &now(), usual).is_err(), "3 December is a Thursday");
        let before = words(&["an hour before".to_owned()], &now(), usual).unwrap();
        assert!(of_due(&before, None, false, &now(), usual).is_err());
    }
}
