//! Changes of a due date or recurrence: reschedule, snooze, push back, repeat, remove the date.
//!
//! Title and date stand side by side without a mark between them ("move call Ann on Friday to Monday"), so the longest date
//! at the end is the new one, and what is left names the task. A new day keeps the time of day that the task had.

use std::sync::LazyLock;

use jiff::civil::DateTime;

use crate::Action;
use crate::dates::{DateInput, Resolved, amount_after, find_all, whole};
use crate::grammar::{Clause, Table, patterns};
use crate::reference::{ReadContext, Risk, Scope, Target, group, resolve};
use crate::text::listed;
use tandem_protocol::TaskId;
use tandem_protocol::model::Due;
use tandem_protocol::rest::{DueInput, TaskPatch};

use super::{Outcome, on_target, without_noun};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DateChange {
    /// The task, then the date.
    To,
    /// The date somewhere at the end; tomorrow when there is none.
    Later,
    /// By an amount of time, from when it is due.
    By,
    /// A statement: only if it fits.
    Is,
    NoDate,
    NoRepeat,
    Repeat,
}

patterns! {
    TABLE: DateChange {
        By: "push|move|delay|postpone|shift|extend|snooze|bump|put|defer * [back|forward|out|off] by *",
        By: "push|move|delay|postpone|shift|extend|bump|put|defer [back|out|off] * by *",
        By: "push|move|shift|put * back|out *",
        To: "reschedule|move|postpone|push|delay|defer|shift|bump|snooze|extend|advance|bring|put|post_pone|carry * [back|forward|out|off|over|ahead|up] to|until|till|for|on|by *",
        To: "reschedule|postpone|push|delay|defer|shift|bump|snooze|extend|advance|bring|put|move|post_pone [back|forward|out|off|ahead|up] * to|until|till|for|on|by *",
        Later: "snooze|postpone|reschedule|defer|delay|push_back|put_off|post_pone *",
        Later: "push|put * back|off|out",
        To: "push|move|bump * *",
        To: "do|finish * instead [on] *",
        To: "make|set|change * due [on|by|for|to|at] *",
        To: "set|change|update|move|make [the] due|date|deadline|time|due_date|due_time|day of|for|on * to|as|for|at *",
        Later: "set|add|give [a|the] due_date|deadline|date [of] * to|for|on *",
        Is: "set|schedule|plan * for|to|on|at *",
        Is: "* is|are [now] due [on|by|at] *",
        Is: "* has [been] moved|postponed|rescheduled|delayed to|until *",
        NoDate: "remove|clear|delete|drop|cancel [the] due_date|deadline|date|due|time|due_dates from|of|for|on *",
        NoDate: "unschedule *",
        NoRepeat: "stop|cancel|end repeating|recurring|the_repetition_of|the_recurrence_of *",
        NoRepeat: "don't|do_not repeat * [anymore|any_more]",
        NoRepeat: "make * not|one_-_off repeat [anymore]",
        Repeat: "repeat|recur *",
        Repeat: "make|have|set|let * repeat|recur|recurring|repeating|happen *",
        Repeat: "make * *",
    }
}

pub(super) fn read(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let (how, captured) = TABLE.best(clause.tokens())?;
    let object = captured.part(clause, 0)?;
    match how {
        DateChange::NoDate => Some(to(&object, cx, &TaskPatch { due: Some(None), ..TaskPatch::default() })),
        DateChange::NoRepeat => Some(to(&object, cx, &TaskPatch { recurrence: Some(None), ..TaskPatch::default() })),
        DateChange::Repeat => repeat(clause, cx),
        DateChange::By => by(clause, &object, &captured.part(clause, 1)?, cx).or_else(|| dated(clause, cx, false)),
        DateChange::Later => dated(clause, cx, false).or_else(|| Some(tomorrow(&object, cx))),
        DateChange::To => dated(clause, cx, false),
        DateChange::Is => match dated(clause, cx, true)? {
            Outcome::Act(actions) => Some(Outcome::Act(actions)),
            _ => None,
        },
    }
}

/// Moves the tasks of a phrase.
pub(super) fn to(object: &Clause<'_>, cx: &ReadContext<'_>, patch: &TaskPatch) -> Outcome {
    // A choice that the user made overrides the phrase, and a phrase for several tasks would not look at it.
    let several = if cx.chosen.is_none() { group(object, None, cx, Scope::Open, Risk::Reversible) } else { None };
    let target = several.unwrap_or_else(|| one(object, cx));
    on_target(target, "move", |ids| ids.into_iter().map(|id| reschedule(id, patch.clone())).collect())
}

fn one(object: &Clause<'_>, cx: &ReadContext<'_>) -> Target {
    resolve(&without_noun(&without_field(object)), cx, Scope::Open, Risk::Reversible)
}

fn reschedule(id: TaskId, patch: TaskPatch) -> Action {
    // A rule belongs to the series; a date alone moves the next occurrence.
    let series = patch.recurrence.is_some();
    Action::Reschedule { id, patch, series }
}

/// "the reminder to buy milk" is "buy milk"; "the due date of task 3" is "task 3".
fn without_field<'a>(object: &Clause<'a>) -> Clause<'a> {
    static FIELDS: LazyLock<Table<()>> = LazyLock::new(|| {
        Table::new(&[
            ("[the|my] reminder|task|due_date|date|deadline|time to|for|of|about|on *", ()),
            ("everything|all|anything *", ()),
        ])
    });
    match FIELDS.best(object.tokens()).and_then(|((), captured)| captured.spans.first().copied()) {
        Some((from, to)) if !matches!(object.word(0), "everything" | "all" | "anything") => object.part(from, to),
        _ => *object,
    }
}

/// The verb, the task, and a date at the end.
fn dated(clause: &Clause<'_>, cx: &ReadContext<'_>, exact: bool) -> Option<Outcome> {
    let now = cx.context.now.datetime();
    let (object_end, Resolved { due, repeat }) = after_joint(clause, now).or_else(|| at_the_end(clause, now, exact))?;
    let first = after_verb(clause);
    let object_end = (first + 1..=object_end).rev().find(|&end| !clause.tokens()[end - 1].is_any(BETWEEN))?;
    let object = clause.part(first, object_end);
    let due = Some(keep_time(due, &object, cx));
    let recurrence = repeat.as_ref().map(|repeat| Some(repeat.into()));
    Some(to(&object, cx, &TaskPatch { due, recurrence, ..TaskPatch::default() }))
}

/// Small words between a task and its new date.
const BETWEEN: &[&str] = &[
    "to", "until", "till", "for", "back", "forward", "out", "off", "over", "ahead", "due", "is", "are", "up", "as",
    "be", "instead",
];

/// "… to Friday": where the small word stands, and the date after it.
fn after_joint(clause: &Clause<'_>, now: DateTime) -> Option<(usize, Resolved)> {
    let tokens = clause.tokens();
    (2..tokens.len()).filter(|&at| tokens[at - 1].is_any(&["to", "until", "till", "for", "on", "by"])).find_map(|at| {
        let draft = whole(&DateInput { tokens: &tokens[at..], now })?;
        Some((at - 1, draft.resolve(now)?))
    })
}

/// Without such a word: the shortest task that leaves nothing but a date.
fn at_the_end(clause: &Clause<'_>, now: DateTime, exact: bool) -> Option<(usize, Resolved)> {
    let tokens = clause.tokens();
    (2..tokens.len()).find_map(|at| {
        let rest = &tokens[at..];
        let start = rest.iter().position(|token| !token.is_any(BETWEEN))?;
        if exact && start == 0 && !rest[0].is_any(&["on", "at", "by"]) {
            return None;
        }
        let draft = whole(&DateInput { tokens: &rest[start..], now })?;
        Some((at, draft.resolve(now)?))
    })
}

/// Verbs of these patterns that are no commands elsewhere: "plan the party" is a task.
const VERBS: &str = "defer shift bump extend advance bring schedule plan post carry do unschedule";

/// Where the task begins: after "move", "push back", "post pone"; at the start of a statement.
fn after_verb(clause: &Clause<'_>) -> usize {
    match (clause.word(0), clause.word(1)) {
        ("push" | "put" | "bring" | "move", "back" | "off" | "forward" | "out" | "up") | ("post", "pone") => 2,
        (verb, _) => usize::from(crate::grammar::is_command(verb) || listed(VERBS, verb)),
    }
}

/// A new day keeps the time of day that the task had.
fn keep_time(due: Option<DueInput>, object: &Clause<'_>, cx: &ReadContext<'_>) -> Option<DueInput> {
    let due = due?;
    let Some(id) = one(object, cx).only() else { return Some(due) };
    let had = cx.task(id).and_then(|task| task.due.as_ref()?.time);
    Some(DueInput { time: due.time.or(had), ..due })
}

/// "push the report back by two days".
fn by(clause: &Clause<'_>, object: &Clause<'_>, amount: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let now = cx.context.now.datetime();
    let input = cx.dates_in(amount);
    amount_after(&input, now)?;
    // "bring the meeting forward by an hour" would be an earlier date, which is left to the other readings.
    if clause.has(&["forward", "earlier", "ahead"]) && clause.word(0) != "push" {
        return None;
    }
    Some(on_target(one(object, cx), "move", |ids| {
        ids.into_iter()
            .filter_map(|id| {
                let due = later(&input, cx.task(id).and_then(|task| task.due.as_ref()), now)?;
                Some(reschedule(id, TaskPatch { due: Some(Some(due)), ..TaskPatch::default() }))
            })
            .collect()
    }))
}

/// The due date so much later; a day without a time stays one unless hours were added.
fn later(input: &DateInput<'_>, had: Option<&Due>, now: DateTime) -> Option<DueInput> {
    let base = match had {
        Some(Due { date, time: Some(time), .. }) => date.to_datetime(*time),
        Some(Due { date, time: None, .. }) => date.at(0, 0, 0, 0),
        None => now,
    };
    let (moment, counts_minutes) = amount_after(input, base)?;
    let had_time = had.is_some_and(|due| due.time.is_some());
    let time = moment.time().with().second(0).subsec_nanosecond(0).build().ok()?;
    Some(if counts_minutes || had_time { DueInput::at(moment.date(), time) } else { DueInput::on(moment.date()) })
}

/// "snooze it": to tomorrow, at the same time of day.
fn tomorrow(object: &Clause<'_>, cx: &ReadContext<'_>) -> Outcome {
    let due = cx.context.now.date().tomorrow().ok().map(DueInput::on);
    let due = keep_time(due, object, cx);
    to(object, cx, &TaskPatch { due: Some(due), ..TaskPatch::default() })
}

/// "repeat task 3 every week", "make the report weekly".
fn repeat(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let mention =
        find_all(&cx.dates_in(clause)).into_iter().find(|mention| mention.draft.repeats() && mention.start > 0)?;
    let Resolved { due, repeat } = mention.draft.resolve(cx.context.now.datetime())?;
    let rule = (&repeat?).into();
    let end = (1..mention.start).rev().find(|&i| {
        !clause.tokens()[i].is_any(&["repeat", "recur", "recurring", "repeating", "happen", "for", "on", "a"])
    })? + 1;
    let object = clause.part(1, end);
    Some(to(&object, cx, &TaskPatch { due: Some(due), recurrence: Some(Some(rule)), ..TaskPatch::default() }))
}
