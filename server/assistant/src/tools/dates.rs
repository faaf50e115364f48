//! Parses the dates and recurrences in arguments: ISO 8601, RRULE or English, in the user's time zone.

use super::{ToolError, args};
use jiff::{Zoned, civil};
use tandem_domain::zone;
use tandem_protocol::{
    model::Due,
    recurrence::Rule,
    rest::{DueInput, RecurrenceInput},
    settings::DateStyle,
};
use tandem_service::Moment;

/// A recurrence, and its first date where that is known.
pub(super) type Repetition = (RecurrenceInput, Option<DueInput>);

pub(super) fn now(at: &impl Moment) -> Zoned {
    zone::local(at.now(), at.zone())
}

/// A due date; `None` when the text means that there is none.
pub(super) fn due(text: &str, now: &Zoned) -> Result<Option<DueInput>, ToolError> {
    if args::means_none(text) {
        return Ok(None);
    }
    contradiction(text, now)?;
    let (date, time) = iso(text.trim(), now)
        .or_else(|| tandem_nl::parse_due(text, now).map(|due| (due.date, due.time)))
        .ok_or_else(|| {
            ToolError::validation(format!("due {text:?} is not a date that I understand."))
                .hint("Use words such as \"tomorrow at 5pm\", or ISO 8601 such as 2026-12-01 or 2026-12-01T09:00.")
        })?;
    Ok(Some(DueInput { date, time, time_zone: None }))
}

/// Refuses a text whose weekday and date are two days. The one that was meant cannot be known, and either may be wrong.
pub(super) fn contradiction(text: &str, now: &Zoned) -> Result<(), ToolError> {
    let Some((named, date)) = tandem_nl::contradicting_days(text, now) else { return Ok(()) };
    let (said, is) = (tandem_nl::weekday_name(named.weekday()), tandem_nl::weekday_name(date.weekday()));
    let day = tandem_nl::describe_due(date, None, now, DateStyle::default());
    Err(ToolError::validation(format!("{text:?} contradicts itself: {day} is a {is}, not a {said}."))
        .hint(format!("Give one of the two, {named} or {date}.")))
}

/// A date, a local date and time, or an instant with an offset, which is converted to the zone of `now`.
fn iso(text: &str, now: &Zoned) -> Option<(civil::Date, Option<civil::Time>)> {
    // As a date and time it would be valid, too, with a midnight that was not given.
    if text.len() == 10 {
        return text.parse().ok().map(|date| (date, None));
    }
    let local = moment(text, now)?;
    Some((local.date(), Some(to_minute(local.time()))))
}

/// A local date and time in ISO 8601, or an instant with an offset on the clock of `now`.
pub(super) fn moment(text: &str, now: &Zoned) -> Option<civil::DateTime> {
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        return Some(instant.to_zoned(now.time_zone().clone()).datetime());
    }
    if text.len() == 10 { None } else { text.parse().ok() }
}

fn to_minute(time: civil::Time) -> civil::Time {
    civil::time(time.hour(), time.minute(), 0, 0)
}

/// A recurrence with its first date, where one is known; `None` when the text means that there is none.
pub(super) fn recurrence(text: &str, now: &Zoned) -> Result<Option<Repetition>, ToolError> {
    if args::means_none(text) {
        return Ok(None);
    }
    let (recurrence, first) = tandem_nl::parse_recurrence(text, now).ok_or_else(|| not_a_repetition(text))?;
    if let Err(refusal) = Rule::for_task(&recurrence.rule) {
        return Err(ToolError::validation(sentence(&refusal.to_string()))
            .hint("Use a repetition by days, weeks, months or years, or leave recurrence out."));
    }
    Ok(Some((recurrence, first)))
}

/// The due date that an optional argument sets, as in a patch: absent keeps it, null removes it.
#[expect(clippy::option_option, reason = "three cases, as JSON has them: absent, null, a value")]
pub(super) fn due_patch(text: Option<Option<String>>, now: &Zoned) -> Result<Option<Option<DueInput>>, ToolError> {
    text.map(|text| text.map_or(Ok(None), |text| due(&text, now))).transpose()
}

/// The recurrence that an optional argument sets; cases as in [`due_patch`].
#[expect(clippy::option_option, reason = "three cases, as JSON has them: absent, null, a value")]
pub(super) fn recurrence_patch(
    text: Option<Option<String>>,
    now: &Zoned,
) -> Result<Option<Option<Repetition>>, ToolError> {
    text.map(|text| text.map_or(Ok(None), |text| recurrence(&text, now))).transpose()
}

fn not_a_repetition(text: &str) -> ToolError {
    ToolError::validation(format!("recurrence {text:?} is not a repetition that I understand."))
        .hint("Use words such as \"every other Tuesday\", or an RRULE such as FREQ=WEEKLY;BYDAY=TU.")
}

/// A message as a sentence: with a capital and a full stop.
fn sentence(refusal: &str) -> String {
    let mut chars = refusal.chars();
    let first = chars.next().map(char::to_uppercase).into_iter().flatten();
    first.chain(chars).chain(['.']).collect()
}

/// A due date in words, such as "Fri 27 Nov, 17:00".
pub(super) fn describe(due: &Due, now: &Zoned) -> String {
    tandem_nl::describe_due(due.date, due.time, now, DateStyle::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_days_in_one_date_are_refused_by_their_names() {
        let now: Zoned = "2026-11-23T10:30[Europe/Berlin]".parse().unwrap();
        for (text, said) in [
            ("monday the 8th", "Tue 8 Dec is a Tuesday, not a Monday"),
            ("Friday, 5 December at 9am", "Sat 5 Dec is a Saturday, not a Friday"),
            ("wed 12/3/2026", ""),
        ] {
            let Err(error) = due(text, &now) else { panic!("{text}") };
            assert!(error.message.contains(said), "{error:?}");
        }
        for text in ["tuesday the 8th", "monday", "the 8th", "2026-12-08"] {
            assert!(due(text, &now).unwrap().is_some(), "{text}");
        }
    }
}
