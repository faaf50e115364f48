//! The new due date of a task that is moved: what was said, completed by what the task has.
//!
//! People say the half that changes. "To Friday" keeps the time of day, "to 3pm" keeps the day, "an hour later" counts from
//! its time, "every year" keeps the date as the first one. What lies in the past is not kept.

use jiff::civil::DateTime;

use crate::dates::{DateInput, Draft, Resolved, amount_after};
use tandem_protocol::calendar as steps;
use tandem_protocol::model::{Due, Task};
use tandem_protocol::rest::{DueInput, TaskPatch};

/// How the half that was not said is completed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Half {
    /// The task is pushed: a weekday is one after its date.
    pub(super) forward: bool,
}

/// The patch that moves a task to a date; `None` when there is no such date.
pub(super) fn patch(draft: &Draft, task: Option<&Task>, half: Half, now: DateTime) -> Option<TaskPatch> {
    let had = task.and_then(|task| task.due.as_ref());
    if draft.repeats() {
        let Resolved { due, repeat } = draft.resolve(now)?;
        // The task's own date begins the series when the rule names no day.
        let named = draft.names_day() || crate::recurrence::names_days(&repeat.as_ref()?.rule);
        let kept = had.filter(|due| !named && !draft.names_time() && due.date >= now.date()).map(input);
        let due = kept.or_else(|| Some(with_time(due?, had)));
        return Some(TaskPatch {
            due: Some(due),
            recurrence: Some(repeat.as_ref().map(Into::into)),
            ..TaskPatch::default()
        });
    }
    let due = date(draft, had, half, now)?;
    Some(TaskPatch { due: Some(Some(due)), ..TaskPatch::default() })
}

fn date(draft: &Draft, had: Option<&Due>, half: Half, now: DateTime) -> Option<DueInput> {
    let Some(had) = had else { return draft.resolve(now)?.due };
    // "to 6" of a task at 5pm is 6pm.
    let draft = &had.time.filter(|_| !draft.names_day()).map_or_else(|| draft.clone(), |time| draft.in_half_of(time));
    let plain = draft.resolve(now)?.due?;
    if draft.names_day() {
        let due = with_time(plain, Some(had));
        let back = half.forward && draft.is_weekday() && due.date <= had.date;
        let weeks = if back { i64::from((had.date - due.date).get_days()) / 7 + 1 } else { 0 };
        return Some(DueInput { date: steps::days(due.date, weeks * 7)?, ..due });
    }
    if !draft.names_time() {
        return Some(plain);
    }
    // A time alone: on its day, unless that would be over.
    let kept = draft.on(had.date).resolve(now)?.due?;
    let ahead = kept.time.is_some_and(|time| kept.date.to_datetime(time) > now);
    Some(if ahead { kept } else { plain })
}

fn input(due: &Due) -> DueInput {
    DueInput { time: due.time, ..DueInput::on(due.date) }
}

/// A new day keeps the time of day that the task had.
fn with_time(due: DueInput, had: Option<&Due>) -> DueInput {
    DueInput { time: due.time.or(had.and_then(|had| had.time)), ..due }
}

/// Whether a task that is pushed to a date would be due earlier than it is.
pub(super) fn goes_back(draft: &Draft, task: Option<&Task>, now: DateTime) -> bool {
    let had = task.and_then(|task| task.due.as_ref());
    let (Some(had), false) = (had, draft.repeats()) else { return false };
    date(draft, Some(had), Half { forward: true }, now).is_some_and(|due| due.date < had.date)
}

/// The due date so much later or earlier; `None` without one, and for hours without a time of day: nothing is counted from
/// the current time.
pub(super) fn shifted(input: &DateInput<'_>, had: &Due, back: bool) -> Option<DueInput> {
    let sign = if back { -1 } else { 1 };
    let Some(time) = had.time else {
        let (moment, counts_minutes) = amount_after(input, had.date.at(0, 0, 0, 0), sign)?;
        return (!counts_minutes).then(|| DueInput::on(moment.date()));
    };
    let (moment, _) = amount_after(input, had.date.to_datetime(time), sign)?;
    let time = moment.time().with().second(0).subsec_nanosecond(0).build().ok()?;
    Some(DueInput::at(moment.date(), time))
}

/// Whether the words are an amount of time, and nothing else.
pub(super) fn is_amount(input: &DateInput<'_>, now: DateTime) -> bool {
    amount_after(input, now, 1).is_some()
}
