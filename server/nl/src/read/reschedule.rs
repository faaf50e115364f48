//! Changes of a due date or recurrence: reschedule, snooze, push back, repeat, remove the date.
//!
//! Title and date stand side by side without a mark between them ("move call Ann on Friday to Monday"), so the longest date
//! at the end is the new one, and what is left names the task. Half a date keeps the other half of the task's
//! (`new_due`).

use std::sync::LazyLock;

use crate::dates::{Draft, find_all};
use crate::describe::describe_due;
use crate::grammar::{Clause, Table, patterns};
use crate::reference::{Extent, ReadContext, Risk, Scope, Target, group, pointer, resolve_each};
use crate::text::{Kind, listed};
use tandem_protocol::TaskId;
use tandem_protocol::rest::TaskPatch;

use super::by_amount::{before_particle, by, shifted};
use super::new_date::{BETWEEN, after_joint, at_the_end, bare_hour};
use super::new_due::{self, Half};
use crate::action::Refusal;
use crate::understood::Understood;
use crate::{Action, Response};

use super::{Outcome, change_target, happened, on_target, series, without_noun};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DateChange {
    /// The task, then the date.
    To,
    /// The date, then the task.
    DateFirst,
    /// The task, then the date, with the field between them.
    DateLast,
    /// The date somewhere at the end, if there is one.
    Later,
    /// By an amount of time, from when it is due.
    By,
    /// The same with the amount before the last word: "an hour later".
    Shift,
    /// A statement: only if it fits.
    Is,
    /// A statement that asks for nothing: "the report is on Friday".
    States,
    NoDate,
    NoRepeat,
    Repeat,
}

patterns! {
    TABLE: DateChange {
        By: "push|move|delay|postpone|shift|extend|snooze|bump|put|defer|bring * [back|forward|out|off|up|ahead] by *",
        By: "push|move|delay|postpone|shift|extend|bump|put|defer [back|out|off] * by *",
        By: "push|move|shift|put * back|out *",
        Shift: "push|move|make|start|delay|set|shift|reschedule|bring|postpone|do|put * later|earlier|sooner|back|forward|ahead",
        Shift: "push|move|delay|shift|reschedule|bring|postpone|put back|forward|ahead|up *",
        Shift: "push|move|shift|bring|pull * forward|ahead *",
        To: "reschedule|move|postpone|push|delay|defer|shift|bump|snooze|extend|advance|bring|put|post_pone|carry|switch * [back|forward|out|off|over|ahead|up] to|until|till|for|on|by *",
        To: "reschedule|postpone|push|delay|defer|shift|bump|snooze|extend|advance|bring|put|move|post_pone [back|forward|out|off|ahead|up] * to|until|till|for|on|by *",
        Later: "snooze|postpone|reschedule|defer|delay|push_back|put_off|post_pone *",
        Later: "push|put * back|off|out",
        To: "push|move|bump * *",
        To: "do|finish * instead [on] *",
        To: "make|set|change * due [on|by|for|to|at] *",
        To: "set|change|update|move|make [the] due|date|deadline|time|due_date|due_time|day of|for|on * to|as|for|at *",
        To: "set|change|update|move [the|my] * due_date|deadline|date to|as|for *",
        DateFirst: "set|add|give|put [a|the] due_date|deadline|date|due of|for * to|for|on *",
        DateLast: "give|set * a|the due_date|deadline|date|due_time of|for|on *",
        To: "set|add|give [a|the] due_date|deadline|date * to|for|on *",
        Is: "set|schedule|plan * for|to|on|at *",
        Is: "* is|are [now] due [on|by|at] *",
        Is: "* has [been] moved|postponed|rescheduled|delayed to|until *",
        States: "* is|are|'s [now|actually] [on|at|for|by] *",
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
        DateChange::NoDate => {
            let none =
                Understood::read(clause, cx, |_, _| Some(TaskPatch { due: Some(None), ..TaskPatch::default() }))?;
            Some(to(&object, cx, &none))
        }
        DateChange::NoRepeat => {
            let none = |_: &Clause<'_>, _: &ReadContext<'_>| {
                Some(TaskPatch { recurrence: Some(None), ..TaskPatch::default() })
            };
            Some(to(&object, cx, &Understood::read(clause, cx, none)?))
        }
        DateChange::Repeat => repeat(clause, cx),
        DateChange::By => {
            let back = clause.has(&["earlier", "sooner"]);
            let amount = captured.part(clause, 1)?;
            // "push it by 2" does not say two of what.
            if amount.tokens().len() == 1 && amount.tokens()[0].kind == Kind::Number {
                return Some(Outcome::Respond(Response::NotUnderstood { words: format!("by {}", amount.source()) }));
            }
            by(clause, &object, &captured.part(clause, 1)?, back, cx).or_else(|| dated(clause, cx, false))
        }
        DateChange::Shift => shifted(clause, cx).or_else(|| dated(clause, cx, false)).or_else(|| {
            let pushed = matches!(clause.word(0), "push" | "put" | "postpone" | "delay");
            pushed.then(|| to_when(&before_particle(clause), cx))
        }),
        DateChange::DateFirst => {
            date_first(&object, &captured.part(clause, 1)?, cx).or_else(|| dated(clause, cx, false))
        }
        DateChange::DateLast => date_first(&captured.part(clause, 1)?, &object, cx),
        DateChange::Later => {
            let moved = shifted(clause, cx).or_else(|| dated(clause, cx, false));
            moved.or_else(|| {
                Some(if clause.word(0) == "snooze" { not_ringing(&object, cx) } else { to_when(&object, cx) })
            })
        }
        DateChange::To => shifted(clause, cx).or_else(|| dated(clause, cx, false)).or_else(|| {
            let object = clause.part(1, clause.tokens().len());
            let known = clause.word(0) == "move" && matches!(targets(&object, cx), Target::Tasks(_));
            known.then(|| to_when(&object, cx))
        }),
        // "the report is due on Friday" states it.
        DateChange::Is if listed("is are has", clause.word(object.tokens().len())) && pointer(&object).is_none() => {
            let words = clause.part(captured.spans.last()?.0, clause.tokens().len());
            stated(clause, &object, &words, cx)
        }
        DateChange::Is => match dated(clause, cx, true)? {
            Outcome::Act(actions) => Some(Outcome::Act(actions)),
            asked @ Outcome::AskExtent { .. } => Some(asked),
            _ => None,
        },
        DateChange::States => stated(clause, &object, &captured.part(clause, 1)?, cx),
    }
}

/// Moves the tasks of a phrase.
fn to(object: &Clause<'_>, cx: &ReadContext<'_>, patch: &Understood<TaskPatch>) -> Outcome {
    change_target(targets(object, cx), "move", patch, cx, |ids, patch, _| {
        ids.into_iter().map(|id| reschedule(id, patch.clone(), None)).collect()
    })
}

/// "reschedule the dentist": the user is asked for the date.
fn to_when(object: &Clause<'_>, cx: &ReadContext<'_>) -> Outcome {
    match targets(object, cx) {
        Target::Tasks(ids) => Outcome::AskWhen(ids.get().clone()),
        unclear => on_target(unclear, "move", |_| Vec::new()),
    }
}

/// "snooze the report": only a reminder that rings can be snoozed, and how far the task is to move was not said.
fn not_ringing(object: &Clause<'_>, cx: &ReadContext<'_>) -> Outcome {
    let points = pointer(object).is_some();
    match targets(object, cx) {
        Target::Tasks(_) if !points => {
            Outcome::Respond(Response::Refused(Refusal::NothingToSnooze { what: object.source().to_owned() }))
        }
        Target::Missing(_) if !points => Outcome::Missing(object.source().to_owned()),
        _ => Outcome::Respond(Response::Refused(Refusal::NotRinging)),
    }
}

pub(super) fn targets(object: &Clause<'_>, cx: &ReadContext<'_>) -> Target {
    // A choice that the user made overrides the phrase, and a phrase for several tasks would not look at it.
    let several = if cx.chosen.is_none() { group(object, None, cx, Scope::Open, Risk::Reversible) } else { None };
    several.unwrap_or_else(|| one(object, cx))
}

fn one(object: &Clause<'_>, cx: &ReadContext<'_>) -> Target {
    resolve_each(&without_noun(&without_field(object)), cx, Scope::Open, Risk::Reversible)
}

pub(super) fn reschedule(id: TaskId, patch: TaskPatch, extent: Option<Extent>) -> Action {
    // A rule belongs to the series; a date alone moves the next occurrence, unless the user said otherwise.
    let series = patch.recurrence.is_some() || extent == Some(Extent::Series);
    Action::Reschedule { id, patch, series }
}

/// "the reminder to buy milk" is "buy milk"; "the due date of task 3" is "task 3".
fn without_field<'a>(object: &Clause<'a>) -> Clause<'a> {
    static FIELDS: LazyLock<Table<()>> = LazyLock::new(|| {
        Table::new(&[
            ("[the|my] reminder|task|due_date|date|deadline|time to|for|of|about|on *", ()),
            ("[the|my] * 's due_date|date|deadline|due|time|day", ()),
            ("[the|my] * due_date|deadline|due", ()),
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
    let (object_end, date) =
        after_joint(clause, cx).or_else(|| bare_hour(clause, cx)).or_else(|| at_the_end(clause, exact, cx))?;
    let first = after_verb(clause);
    let object_end = (first + 1..=object_end).rev().find(|&end| !clause.tokens()[end - 1].is_any(BETWEEN))?;
    Some(on_date(clause, &clause.part(first, object_end), date, cx))
}

/// "set a deadline of Dec 21 for the passport".
fn date_first(date: &Clause<'_>, object: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let found = Understood::date(&cx.dates_in(date))?;
    found.get().resolve(cx.context.now.datetime())?;
    Some(on_date(date, object, found, cx))
}

/// Moves what a phrase means to a date; of a task that repeats, one occurrence or all.
pub(super) fn on_date(
    clause: &Clause<'_>,
    object: &Clause<'_>,
    date: Understood<Draft>,
    cx: &ReadContext<'_>,
) -> Outcome {
    let (target, draft) = (targets(object, cx), date.get());
    if draft.is_range() && matches!(target, Target::Tasks(_)) {
        return Outcome::Respond(Response::Refused(Refusal::NoEnd));
    }
    let extent = series::extent_of_move(clause, object, cx);
    if let (false, Some(question)) = (draft.repeats(), series::unclear_move(extent, &target, cx)) {
        return question;
    }
    let forward = listed(PUSHING, clause.word(0));
    if let (true, Some(id)) = (forward && cx.chosen.is_none(), target.only())
        && new_due::goes_back(draft, cx.task(id), cx.context.now.datetime())
    {
        let question = "It is due later than that already. Shall I move it to an earlier date?".to_owned();
        return Outcome::Ask { question, choices: vec![id] };
    }
    let now = cx.context.now.datetime();
    let over = |id: TaskId| {
        let patch = new_due::patch(draft, cx.task(id), Half { forward: false }, now)?;
        patch.due?.map(|due| due.date < now.date())
    };
    if let (true, Some(id)) = (cx.chosen.is_none() && !draft.repeats(), target.only())
        && over(id) == Some(true)
    {
        let question = "That day is over. Shall I move this one there all the same?".to_owned();
        return Outcome::Ask { question, choices: vec![id] };
    }
    let whole = Understood::read(clause, cx, |clause, _| Some(*clause));
    let (Some(clause), Some(object)) = (whole, Understood::read(object, cx, |object, _| Some(*object))) else {
        return Outcome::Missing(object.source().to_owned());
    };
    change_target(target, "move", &date.with(clause.with(object)), cx, |ids, (draft, (clause, object)), cx| {
        let extent = series::extent_of_move(clause, object, cx);
        let moved = |id: TaskId| {
            let (task, half) = (cx.task(id), Half { forward: listed(PUSHING, clause.word(0)) });
            let patch = new_due::patch(draft, task, half, cx.context.now.datetime())?;
            Some(reschedule(id, patch, extent.filter(|_| task.is_some_and(|task| task.recurrence.is_some()))))
        };
        ids.into_iter().filter_map(moved).collect()
    })
}

/// Verbs that move to a later date only.
const PUSHING: &str = "push postpone delay defer snooze put bump";

/// Verbs of these patterns that are no commands elsewhere: "plan the party" is a task.
const VERBS: &str = "defer shift bump switch extend advance bring schedule plan post carry do unschedule start";

/// Where the task begins: after "move", "push back", "post pone"; at the start of a statement.
pub(super) fn after_verb(clause: &Clause<'_>) -> usize {
    match (clause.word(0), clause.word(1)) {
        ("push" | "put" | "bring" | "move", "back" | "off" | "forward" | "out" | "up") | ("post", "pone") => 2,
        (verb, _) => usize::from(crate::grammar::is_command(verb) || listed(VERBS, verb)),
    }
}

/// "the report is on Friday": no request, but a date for a task that there is, so the move is proposed.
fn stated(clause: &Clause<'_>, object: &Clause<'_>, words: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let now = cx.context.now.datetime();
    let led = listed("on at for by", clause.word(clause.tokens().len() - words.tokens().len() - 1));
    let date = Understood::date(&cx.dates_in(words)).or_else(|| Understood::bare_time(words, cx).filter(|_| led))?;
    let target = targets(object, cx);
    let (Target::Tasks(_), Some(id), false) = (&target, target.only(), date.get().repeats()) else { return None };
    let task = cx.task(id);
    if cx.chosen.is_some() {
        return Some(on_date(clause, object, date, cx));
    }
    let due = new_due::patch(date.get(), task, Half { forward: false }, now)?.due??;
    let same = task.and_then(|task| task.due.as_ref()).is_some_and(|had| had.date == due.date && had.time == due.time);
    let question =
        format!("Shall I move this one to {}?", describe_due(due.date, due.time, cx.context.now, cx.context.style));
    if same {
        // "rent is due tomorrow", and it is.
        return happened::state_of(id, cx);
    }
    // Of a task that repeats that is the question.
    match on_date(clause, object, date, cx) {
        extent @ Outcome::AskExtent { .. } => Some(extent),
        _ => Some(Outcome::Ask { question, choices: vec![id] }),
    }
}

/// What is certain to be about a task: "make dinner at 7" is not.
fn only_known(found: Outcome) -> Option<Outcome> {
    matches!(found, Outcome::Act(_) | Outcome::AskExtent { .. }).then_some(found)
}

/// "repeat task 3 every week", "make the report weekly".
fn repeat(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let now = cx.context.now.datetime();
    let rule = find_all(&cx.dates_in(clause)).into_iter().find(|mention| mention.draft.repeats() && mention.start > 0);
    let Some(mention) = rule else {
        // "make the report tomorrow", "make the report 9:30".
        return if clause.word(0) == "make" { only_known(dated(clause, cx, false)?) } else { None };
    };
    mention.draft.resolve(now)?;
    let end = (1..mention.start).rev().find(|&i| {
        !clause.tokens()[i].is_any(&["repeat", "recur", "recurring", "repeating", "happen", "for", "on", "a"])
    })? + 1;
    let rest = clause.part(mention.end, clause.tokens().len());
    let target = targets(&clause.part(1, end), cx);
    // "… every year for the visa": what follows the rule was not read.
    let target = if rest.is_empty() || cx.chosen.is_some() { target } else { target.doubted(rest.source()) };
    Some(change_target(target, "change", &Understood::mention(&mention), cx, |ids, draft, cx| {
        let now = cx.context.now.datetime();
        let patch = |id: TaskId| new_due::patch(draft, cx.task(id), Half { forward: false }, now);
        ids.into_iter().filter_map(|id| Some(reschedule(id, patch(id)?, None))).collect()
    }))
}
