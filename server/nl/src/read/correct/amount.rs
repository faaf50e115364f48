//! Corrections of an amount: "no, two hours" after "an hour later", "no, 30 minutes" after "in 20 minutes".
//!
//! The amount takes the place of the one in the request, which is read again. What was moved by the old amount is moved by the
//! difference, since the task has gone on.

use crate::Action;
use crate::dates::amount_end;
use crate::grammar::Clause;
use crate::mood::Mood;
use crate::reference::ReadContext;
use crate::text::Text;
use crate::understood::{Actions, Understood};
use jiff::civil::DateTime;
use tandem_protocol::TaskId;
use tandem_protocol::model::Task;
use tandem_protocol::rest::{DueInput, TaskPatch};

use super::{LATER, Outcome, new_due, permitted};
use crate::read::outcome;

pub(super) fn read(value: &Clause<'_>, tasks: &[&Task], cx: &ReadContext<'_>) -> Option<Outcome> {
    let [task] = tasks else { return None };
    // "make that two hours before", after "remind me an hour before the dentist".
    let before = value.tokens().last().is_some_and(|token| token.is_any(&["before", "beforehand"]));
    let value = &if before { value.part(0, value.tokens().len() - 1) } else { *value };
    if !new_due::is_amount(&cx.dates_in(value), cx.context.now.datetime()) {
        return None;
    }
    let again = Text::new(&with_amount(value, cx)?);
    let fresh = cx.before_correction();
    let ids = [task.id];
    let of = |text: &Text, cx: &ReadContext<'_>| match outcome(text, cx) {
        Some(Outcome::Permitted(actions)) => Some(actions),
        _ => None,
    };
    let actions = of(&again, &fresh.with_choice(&ids)).filter(|actions| actions.len() == 1)?;
    match &actions[..] {
        [Action::Add(_)] if !before => moved(value, tasks, cx, |value, cx| {
            let again = Text::new(&with_amount(value, cx)?);
            let Some(Outcome::Permitted(actions)) = outcome(&again, &cx.before_correction()) else {
                return None;
            };
            match &actions[..] {
                [Action::Add(task)] => task.due.clone(),
                _ => None,
            }
        }),
        [Action::Reschedule { .. }] if !before => moved(value, tasks, cx, by_difference),
        [Action::Remind { .. } | Action::Snooze { .. }] => {
            let back = Actions::permitted(Mood::Command, false, Understood::undo()).ok()?;
            Some(Outcome::Permitted(Actions::joined(vec![back, actions])))
        }
        _ => None,
    }
}

/// The request with the amount in the place of its only one.
fn with_amount(value: &Clause<'_>, cx: &ReadContext<'_>) -> Option<String> {
    let request = Text::new(cx.request?);
    let all = Clause::new(&request, 0, request.len());
    let input = cx.dates_in(&all);
    let (from, to) = (0..all.tokens().len()).find_map(|at| Some((at, amount_end(&input, at)?)))?;
    let unique = (to..all.tokens().len()).all(|at| amount_end(&input, at).is_none());
    let value = match value.tokens().last() {
        Some(last) if last.is_any(LATER) => value.part(0, value.tokens().len() - 1),
        _ => *value,
    };
    unique.then(|| {
        format!(
            "{} {} {}",
            request.slice(0, all.from + from),
            value.source(),
            request.slice(all.from + to, request.len())
        )
    })
}

/// The due date after the new amount, counted from before the old one.
fn by_difference(value: &Clause<'_>, cx: &ReadContext<'_>) -> Option<DueInput> {
    let fresh = cx.before_correction();
    let [id] = fresh.context.last_touched else { return None };
    let had = fresh.task(*id)?.due.as_ref()?;
    let now = had.date.to_datetime(had.time.unwrap_or_default());
    let after = |request: &str| -> Option<DateTime> {
        let ids = [*id];
        let Some(Outcome::Permitted(actions)) = outcome(&Text::new(request), &fresh.with_choice(&ids)) else {
            return None;
        };
        let [Action::Reschedule { patch: TaskPatch { due: Some(Some(due)), .. }, .. }] = &actions[..] else {
            return None;
        };
        Some(due.date.to_datetime(due.time.unwrap_or_default()))
    };
    let (once, again) = (after(cx.request?)?, after(&with_amount(value, cx)?)?);
    let due = again.checked_sub(now.until(once).ok()?).ok()?;
    Some(DueInput { time: had.time.map(|_| due.time()), ..DueInput::on(due.date()) })
}

/// Moves the task to a date that follows from the amount.
fn moved(
    value: &Clause<'_>,
    tasks: &[&Task],
    cx: &ReadContext<'_>,
    due: fn(&Clause<'_>, &ReadContext<'_>) -> Option<DueInput>,
) -> Option<Outcome> {
    let due = Understood::read(value, cx, due)?;
    permitted(tasks, &due, cx, |ids, due, _| {
        let patch = TaskPatch { due: Some(Some(due.clone())), ..TaskPatch::default() };
        let reschedule = |id: TaskId| Action::Reschedule { id, patch: patch.clone(), series: false };
        ids.into_iter().map(reschedule).collect()
    })
}
