//! One occurrence of a task that repeats, or the whole series.
//!
//! "Cancel the team meeting this week" is about one meeting, "cancel the weekly team meeting" about all of them, and "cancel
//! the team meeting" may be either: then the user is asked, because a series that is gone is missed only weeks later.

use crate::action::Refusal;
use crate::dates::find_all;
use crate::grammar::Clause;
use crate::period_filter::{counted_days_end, due_filter};
use crate::reference::{Extent, ReadContext, Target};
use crate::text::listed;
use crate::{Action, DueRange, Response};
use jiff::civil::Date;
use tandem_protocol::TaskId;
use tandem_protocol::model::Task;
use tandem_protocol::recurrence::Rule;

use crate::understood::Understood;

use super::{Outcome, change_target};

/// Words that mean every occurrence.
const SERIES: &str = "series always forever permanently completely altogether repeating recurring weekly daily monthly yearly \
     annual entirely future anymore";
/// Words that may mean every occurrence, or several tasks: "all my tasks for Wednesday".
const ALL: &str = "all every everything whole each";

/// What a sentence says about the extent of its change; `None` when it says nothing.
pub(super) fn extent(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Extent> {
    let dated = || {
        let input = cx.dates_in(clause);
        let counted = (0..clause.tokens().len()).any(|at| counted_days_end(&input, at).is_some());
        counted || find_all(&input).iter().any(|mention| mention.draft.names_day() && !mention.draft.repeats())
    };
    said(clause)
        .or_else(|| dated().then_some(Extent::Occurrence))
        .or_else(|| clause.has_listed(ALL).then_some(Extent::Series))
}

/// What it says in words, whatever dates it has.
fn said(clause: &Clause<'_>) -> Option<Extent> {
    if clause.has_listed(SERIES) || pair(clause, "for", "good") {
        return Some(Extent::Series);
    }
    let nouns = ["time", "one", "occurrence", "instance"];
    let this = |noun: &&str| ["this", "next", "just"].iter().any(|word| pair(clause, word, noun));
    (clause.has(&["once", "skip"]) || nouns.iter().any(this)).then_some(Extent::Occurrence)
}

fn pair(clause: &Clause<'_>, first: &str, second: &str) -> bool {
    clause.tokens().windows(2).any(|words| words[0].is(first) && words[1].is(second))
}

/// A change without "from now on" at its end; `None` for another sentence.
pub(super) fn without_from_now_on<'a>(clause: &Clause<'a>) -> Option<Clause<'a>> {
    let states = pair(clause, "is", "due") || pair(clause, "are", "due");
    let changes = states || listed("change move reschedule make set update shift put push", clause.word(0));
    let n = clause.tokens().len();
    let ends = |phrase: &str| {
        let count = phrase.split(' ').count();
        n > count && clause.part(n - count, n).longest_start(phrase) == Some(count)
    };
    let phrase =
        ["from now on", "from here on", "going forward", "every time", "each time"].into_iter().find(|p| ends(p))?;
    changes.then(|| clause.part(0, n - phrase.split(' ').count()))
}

/// The extent of a move: the new date says nothing about it, the words for the task may.
pub(super) fn extent_of_move(clause: &Clause<'_>, object: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Extent> {
    cx.extent.or_else(|| said(clause)).or_else(|| extent(object, cx))
}

/// Whether a clause is about the next occurrence only: "this week", "this time", "tomorrow".
pub(super) fn is_once(clause: &Clause<'_>) -> bool {
    let this = |noun: &&str| pair(clause, "this", noun) || pair(clause, "next", noun);
    said(clause) == Some(Extent::Occurrence)
        || ["week", "month", "weekend"].iter().any(this)
        || clause.has(&["today", "tonight", "tomorrow"])
}

fn repeats(id: TaskId, cx: &ReadContext<'_>) -> bool {
    cx.task(id).is_some_and(|task| task.recurrence.is_some())
}

/// The question about the extent of a move, when a task repeats and nothing was said about it.
pub(super) fn unclear_move(extent: Option<Extent>, target: &Target, cx: &ReadContext<'_>) -> Option<Outcome> {
    let Target::Tasks(ids) = target else { return None };
    if extent.is_some() || !ids.get().iter().any(|id| repeats(*id, cx)) {
        return None;
    }
    let (what, it) = repeating(ids.get(), cx);
    let question = format!("{what}. Shall I move all of {it}, or this time only?");
    Some(Outcome::AskExtent { question, ids: ids.get().clone() })
}

/// Says which of some tasks repeat, and a word for them.
fn repeating(ids: &[TaskId], cx: &ReadContext<'_>) -> (String, &'static str) {
    let titles: Vec<&str> =
        ids.iter().filter(|id| repeats(**id, cx)).filter_map(|id| cx.task(*id)).map(|task| &task.title[..]).collect();
    match &titles[..] {
        _ if ids.len() == 1 => ("This task repeats".to_owned(), "it"),
        [title] => (format!("“{title}” repeats"), "it"),
        _ => (format!("{} of these tasks repeat", titles.len()), "them"),
    }
}

/// The refusal of a change to one occurrence of something that only the series has.
pub(super) fn whole_series(clause: &Clause<'_>, target: &Target, cx: &ReadContext<'_>) -> Option<Outcome> {
    let Target::Tasks(ids) = target else { return None };
    let refused = is_once(clause) && ids.get().iter().any(|id| repeats(*id, cx));
    refused.then_some(Outcome::Respond(Response::Refused(Refusal::WholeSeries)))
}

/// The refusal to skip what a sentence names, when that is not exactly the next occurrence of a task that repeats.
pub(super) fn inexact(clause: &Clause<'_>, target: &Target, cx: &ReadContext<'_>) -> Option<Outcome> {
    let ids = match target {
        Target::Tasks(ids) => ids.get().clone(),
        other => other.only().into_iter().collect(),
    };
    let next = ids.into_iter().find_map(|id| {
        let task = cx.task(id)?;
        let several = counts_several(clause).then(|| task.recurrence.as_ref().and(task.due.as_ref())).flatten();
        several.map(|due| due.date).or_else(|| other_days(clause, task, cx))
    })?;
    Some(Outcome::Respond(Response::Refused(Refusal::OnlyNext(next))))
}

/// "the next two meetings".
pub(super) fn counts_several(clause: &Clause<'_>) -> bool {
    let input = crate::dates::DateInput::new(clause.tokens(), jiff::civil::DateTime::default());
    (0..clause.tokens().len()).any(|at| {
        clause.word(at) == "next"
            && crate::dates::lexicon::number(&input, at + 1)
                .is_some_and(|(n, next)| n > 1 && crate::dates::lexicon::unit(&input, next).is_none())
    })
}

/// The next occurrence of a task that repeats, when a sentence names other days, or more than one of its days.
fn other_days(clause: &Clause<'_>, task: &Task, cx: &ReadContext<'_>) -> Option<Date> {
    let (recurrence, due) = (task.recurrence.as_ref()?, task.due.as_ref()?);
    let DueRange::Between(first, last) = due_filter(clause, cx.context.now)? else { return None };
    let exact = (first..=last).contains(&due.date) && {
        let next = Rule::parse(&recurrence.rule).ok().and_then(|rule| {
            rule.next_after(recurrence.start.unwrap_or(due.date), task.occurrence.unwrap_or(due.date))
        });
        next.is_none_or(|next| next > last)
    };
    (!exact).then_some(due.date)
}

/// Deletes tasks; of those that repeat, what was said.
pub(super) fn delete(clause: &Clause<'_>, target: Target, cx: &ReadContext<'_>) -> Outcome {
    let several = || counts_several(clause).then_some(Extent::Occurrence);
    let extent = cx.extent.or_else(|| extent(clause, cx)).or_else(several);
    if extent == Some(Extent::Occurrence)
        && let Some(refused) = inexact(clause, &target, cx)
    {
        return refused;
    }
    if let (None, Target::Tasks(ids)) = (extent, &target)
        && ids.get().iter().any(|id| repeats(*id, cx))
    {
        let (what, it) = repeating(ids.get(), cx);
        let question = format!("{what}. Shall I delete all of {it}, or skip {it} this time only?");
        return Outcome::AskExtent { question, ids: ids.get().clone() };
    }
    let Some(said) = Understood::read(clause, cx, |clause, cx| Some(cx.extent.or_else(|| self::extent(clause, cx))))
    else {
        return Outcome::Missing(clause.source().to_owned());
    };
    change_target(target, "delete", &said, cx, |ids, extent, cx| {
        let (skipped, deleted): (Vec<TaskId>, Vec<TaskId>) =
            ids.into_iter().partition(|id| *extent == Some(Extent::Occurrence) && repeats(*id, cx));
        let mut actions: Vec<Action> = skipped.into_iter().map(|id| Action::Skip { id }).collect();
        if !deleted.is_empty() {
            actions.push(Action::Delete { ids: deleted });
        }
        actions
    })
}

/// The answer to "all of it, or this time only?".
pub(super) fn answer(clause: &Clause<'_>) -> Option<Extent> {
    if clause.tokens().len() > 8 {
        return None;
    }
    if clause.has_listed("skip once occurrence just only next today tonight tomorrow") || clause.has(&["this"]) {
        return Some(Extent::Occurrence);
    }
    (clause.has_listed(SERIES) || clause.has_listed(ALL)).then_some(Extent::Series)
}
