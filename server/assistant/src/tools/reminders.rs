//! Reminders in arguments, in words or ISO 8601, and in answers.

use super::{ToolError, args, dates};
use jiff::{Zoned, civil};
use tandem_protocol::{
    duration::IsoDuration,
    enums::ReminderState,
    model::Task,
    reminder::{Reminder, ReminderInput, ReminderTimeInput},
    time::ClockTime,
};

/// The clock time of a day that is named without one.
const MORNING: civil::Time = civil::time(9, 0, 0, 0);

/// What the schemas of tools say about reminders.
pub(super) const DESCRIPTION: &str = "When to remind the user, each in words (\"30 minutes before\", \"when it is due\", \"tomorrow \
    at 9am\") or ISO 8601 (PT30M before the due date, or 2026-12-01T09:00). A due date gets one by \
    itself; an empty list is none.";

/// The reminders that a call names, all of them.
pub(super) fn read(texts: &[String], now: &Zoned) -> Result<Vec<ReminderInput>, ToolError> {
    texts.iter().filter(|text| !args::means_none(text)).map(|text| one(text, now)).collect()
}

fn one(text: &str, now: &Zoned) -> Result<ReminderInput, ToolError> {
    if let Some(before) = before(text) {
        return Ok(ReminderInput::before(before));
    }
    time(text, now).map(ReminderInput::at)
}

/// A time by itself.
pub(super) fn time(text: &str, now: &Zoned) -> Result<ReminderTimeInput, ToolError> {
    let refused = || {
        ToolError::validation(format!("{text:?} is not a time that I understand.")).hint(
            "Use words such as \"30 minutes before\" or \"tomorrow at 9am\", or ISO 8601: PT30M, 2026-12-01T09:00.",
        )
    };
    let at = dates::due(text, now).ok().flatten().ok_or_else(refused)?;
    Ok(ReminderTimeInput { date: at.date, time: ClockTime(at.time.unwrap_or(MORNING)), time_zone: at.time_zone })
}

/// A time before the due date: an ISO 8601 duration, the due date itself, or words such as "an hour before".
fn before(text: &str) -> Option<IsoDuration> {
    let text = text.trim();
    if let Ok(duration) = text.to_ascii_uppercase().parse() {
        return Some(duration);
    }
    let lower = text.to_lowercase();
    if ["when it is due", "when due", "at the due time", "on time", "at due time", "when it's due"].contains(&&*lower) {
        return Some(IsoDuration::zero());
    }
    let end =
        ["before it is due", "before due", "before the due date", "before the due time", "before", "earlier", "ahead"];
    let amount = end.iter().find_map(|end| lower.strip_suffix(end))?;
    tandem_nl::parse_duration(amount).map(IsoDuration::minutes)
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
    let at = tandem_nl::describe_due(at.date(), Some(at.time()), now);
    match reminder.state {
        ReminderState::Pending | ReminderState::Snoozed | ReminderState::Done => at,
        ReminderState::Fired => format!("{at}, has fired"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Zoned {
        "2026-11-23T10:30[Europe/Berlin]".parse().unwrap()
    }

    fn as_json(text: &str) -> String {
        let input = one(text, &now()).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        serde_json::to_string(&input).unwrap()
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
        ] {
            assert_eq!(as_json(text), format!(r#"{{"before":"{before}"}}"#), "{text}");
        }
    }

    #[test]
    fn other_texts_are_times() {
        for (text, date, time) in [
            ("tomorrow at 9am", "2026-11-24", "09:00"),
            ("2026-12-01T08:15", "2026-12-01", "08:15"),
            ("friday", "2026-11-27", "09:00"),
        ] {
            assert_eq!(as_json(text), format!(r#"{{"at":{{"date":"{date}","time":"{time}"}}}}"#), "{text}");
        }
        assert!(one("whenever", &now()).is_err());
    }
}
