//! Tasks that are moved by an amount of time: "push the report back by two days", "an hour later".

use crate::action::Refusal;
use crate::grammar::Clause;
use crate::reference::ReadContext;
use crate::text::listed;
use crate::understood::Understood;
use crate::{Action, Response};
use tandem_protocol::TaskId;
use tandem_protocol::rest::TaskPatch;

use super::new_date::BETWEEN;
use super::reschedule::{after_verb, reschedule, targets};
use super::{Outcome, change_target, new_due, series};

/// "push the report back by two days".
pub(super) fn by(
    clause: &Clause<'_>,
    object: &Clause<'_>,
    amount: &Clause<'_>,
    back: bool,
    cx: &ReadContext<'_>,
) -> Option<Outcome> {
    let now = cx.context.now.datetime();
    let input = cx.dates_in(amount);
    if !new_due::is_amount(&input, now) {
        return None;
    }
    // "bring the meeting forward by an hour" and "move it up an hour" are an hour earlier.
    let back = back || (clause.has(&["forward", "ahead", "up"]) && clause.word(0) != "push");
    let amount = Understood::read(amount, cx, |amount, _| Some(*amount))?;
    let sign = if back {
        Understood::read(clause, cx, |_, _| Some(true))
    } else {
        Understood::read(clause, cx, |_, _| Some(false))
    };
    let target = targets(object, cx);
    let extent = series::extent_of_move(clause, object, cx);
    if let Some(question) = series::unclear_move(extent, &target, cx) {
        return Some(question);
    }
    let cx = &ReadContext { extent, ..*cx };
    let found = change_target(target, "move", &amount.with(sign?), cx, |ids, (amount, back), cx| {
        let input = cx.dates_in(amount);
        let moved = |id: TaskId| {
            let task = cx.task(id)?;
            let due = new_due::shifted(&input, task.due.as_ref()?, *back)?;
            let extent = cx.extent.filter(|_| task.recurrence.is_some());
            Some(reschedule(id, TaskPatch { due: Some(Some(due)), ..TaskPatch::default() }, extent))
        };
        // All of them or none.
        ids.into_iter().map(moved).collect::<Option<Vec<Action>>>().unwrap_or_default()
    });
    Some(match found {
        Outcome::Act(actions) if actions.get().is_empty() => {
            Outcome::Respond(Response::Refused(Refusal::NothingToCountFrom))
        }
        found => found,
    })
}

/// "make the meeting an hour later": the shortest task that leaves nothing but an amount and the last word.
pub(super) fn shifted(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let tokens = clause.tokens();
    let n = tokens.len();
    let last = tokens.last()?;
    let first = after_verb(clause);
    // "push back the report two days" has the amount at the end.
    let end = if last.is_any(&["later", "earlier", "sooner", "back", "forward", "ahead"]) { n - 1 } else { n };
    // "push the report two days" is an amount, too; "set it for two days" is a date.
    if end == n && first < 2 && !listed("push postpone delay defer snooze shift bump move extend bring", clause.word(0))
    {
        return None;
    }
    let back = last.is_any(&["earlier", "sooner"]);
    // "move the report up an hour": the word between is part of neither.
    let task_end = |at: usize| {
        if at > first + 1 && tokens[at - 1].is_any(&["up", "forward", "ahead", "back", "by"]) { at - 1 } else { at }
    };
    (first + 1..end).find_map(|at| by(clause, &clause.part(first, task_end(at)), &clause.part(at, end), back, cx))
}

/// The task of "push the report back".
pub(super) fn before_particle<'a>(clause: &Clause<'a>) -> Clause<'a> {
    let end = clause.tokens().len();
    let last = clause.tokens().last().is_some_and(|token| token.is_any(BETWEEN));
    clause.part(after_verb(clause), if last { end - 1 } else { end })
}
