//! Which tasks are deleted, completed or reopened: one by its words, several that are named, all of a day or a list.

use std::sync::LazyLock;

use crate::dates::{find_all, words_outside};
use crate::grammar::{Clause, ListName, Table, list_phrase};
use crate::period_filter::due_filter;
use crate::reference::{
    ReadContext, Risk, Scope, Target, group, has_exception, is_one_title, pointer, resolve, resolve_on, within,
};
use crate::text::listed;
use crate::understood::Understood;
use crate::{Action, DueRange};
use tandem_protocol::TaskId;
use tandem_protocol::model::Task;

use super::{Outcome, on_target};

/// One task by its words, or all that a phrase covers.
pub(super) fn many_or_one(
    object: &Clause<'_>,
    list: Option<&ListName>,
    cx: &ReadContext<'_>,
    scope: Scope,
    risk: Risk,
) -> Target {
    if cx.chosen.is_none() {
        if let Some(whole) = whole_list(object, cx, scope) {
            return whole;
        }
        if let Some(target) = group(object, list.cloned(), cx, scope, risk).or_else(|| whole_day(object, cx, scope)) {
            return target;
        }
    }
    let pointed = cx.chosen.is_none() && pointer(object).is_some();
    resolve_on(&if pointed { *object } else { named(object) }, list, cx, scope, risk)
}

/// "clear tomorrow": all that is due on a day, when nothing else is named.
fn whole_day(object: &Clause<'_>, cx: &ReadContext<'_>, scope: Scope) -> Option<Target> {
    let date = Understood::date(&cx.dates_in(object))?;
    let draft = date.get();
    if !draft.names_day() || draft.names_time() {
        return None;
    }
    let day = draft.day(cx.context.now.datetime())?;
    let due = DueRange::Between(day, day);
    let due_then = |task: &&Task| scope.holds(task) && task.due.is_some() && within(task, Some(&due), cx);
    let ids: Vec<TaskId> = cx.context.tasks.iter().copied().filter(due_then).map(|task| task.id).collect();
    (!ids.is_empty()).then(|| Target::selected(ids, &date))
}

/// The tasks of "milk and call Bob", when no task is called that as a whole.
pub(super) fn parts<'a>(object: &Clause<'a>, cx: &ReadContext<'_>) -> Vec<Clause<'a>> {
    let joint = |at: &usize| object.tokens()[*at].is_any(&["and", ",", "&"]);
    let pointed = pointer(object).is_some();
    let between = object.has(&["between"]) && due_filter(object, cx.context.now).is_some();
    if pointed
        || between
        || has_exception(object)
        || matches!(object.word(0), "all" | "every" | "everything")
        || is_one_title(object, cx)
    {
        return vec![*object];
    }
    let mut parts = Vec::new();
    // "both the milk and the rent".
    let mut from = usize::from(object.word(0) == "both");
    for at in (0..object.tokens().len()).filter(joint) {
        parts.push(Clause::new(object.text, object.from + from, object.from + at));
        from = at + 1;
    }
    parts.push(Clause::new(object.text, object.from + from, object.to));
    parts.retain(|part| !part.is_empty());
    parts
}

/// Applies the action to several tasks. A task that is missing is reported; one that is unclear leads to a question
/// first, which `verb` completes.
pub(super) fn each(
    object: &Clause<'_>,
    cx: &ReadContext<'_>,
    (verb, risk): (&str, Risk),
    act: impl FnOnce(Understood<Vec<TaskId>>) -> Outcome,
) -> Outcome {
    let mut found: Option<Understood<Vec<TaskId>>> = None;
    let mut missing = Vec::new();
    for part in parts(object, cx) {
        // An answer resolves the part that was unclear; the other parts keep their meaning.
        let own = resolve(&named(&part), &cx.without_choice(), Scope::Open, risk);
        let unclear = matches!(own, Target::OneOf(_) | Target::Doubtful(..));
        let target = if unclear && cx.chosen.is_some() { resolve(&part, cx, Scope::Open, risk) } else { own };
        match target {
            Target::Tasks(ids) => {
                found = Some(match found {
                    Some(before) => before.merge(ids),
                    None => ids,
                });
            }
            Target::Missing(what) => missing.extend(Understood::look(Action::NoSuchTask { what })),
            unclear => return on_target(unclear, verb, |_| Vec::new()),
        }
    }
    match found {
        None => Outcome::Missing(object.source().to_owned()),
        // Half of what was said is not done without a question.
        Some(ids) if !missing.is_empty() && cx.chosen.is_none() => {
            let question = "I found no task for a part of that. Shall I go on with the others?".to_owned();
            Outcome::Ask { question, choices: ids.get().clone() }
        }
        Some(ids) => match act(ids) {
            Outcome::Act(actions) => Outcome::Act(missing.into_iter().fold(actions, Understood::and)),
            asked => asked,
        },
    }
}

/// "my to-do list": every task on it.
fn whole_list(object: &Clause<'_>, cx: &ReadContext<'_>, scope: Scope) -> Option<Target> {
    let selection = Understood::read(object, cx, list_and_days)?;
    let (name, due) = selection.get();
    let on_list = |task: &&Task| {
        scope.holds(task)
            && within(task, due.as_ref(), cx)
            && name.as_ref().is_none_or(|name| task.list.as_ref().is_some_and(|list| list.eq_ignore_ascii_case(name)))
    };
    let ids: Vec<TaskId> = cx.context.tasks.iter().copied().filter(on_list).map(|task| task.id).collect();
    Some(if ids.is_empty() { Target::Missing(object.source().to_owned()) } else { Target::selected(ids, &selection) })
}

/// The list and the days of "my shopping list for tomorrow", when it says nothing else.
fn list_and_days(object: &Clause<'_>, cx: &ReadContext<'_>) -> Option<(Option<String>, Option<DueRange>)> {
    let (ListName(name), next) = list_phrase(object.tokens(), 0)?;
    let rest = object.part(next, object.tokens().len());
    if rest.is_empty() {
        // "clear my calendar" without a day would delete everything.
        return (!matches!(object.word(next - 1), "calendar" | "schedule")).then_some((name, None));
    }
    let due = due_filter(&rest, cx.context.now)?;
    let input = cx.dates_in(&rest);
    let small =
        "for of on in to from until till through between and this next the rest week month weekend year today due 's";
    let read = words_outside(&input, &find_all(&input)).all(|(_, word)| listed(small, word));
    read.then_some((name, Some(due)))
}

/// What names the task in "my reminder to call Ann", "the meeting task", "the event called 'Party'".
pub(super) fn named<'a>(object: &Clause<'a>) -> Clause<'a> {
    static NAMES: LazyLock<Table<()>> = LazyLock::new(|| {
        Table::new(&[
            (
                "[the|my|that|this|a|our] [weekly|daily|monthly] reminder|reminders|remind|reminds|task|todo|item|event|to_do|chore [for_me] to|for|about|of|on|regarding|that|called|named|titled|saying *",
                (),
            ),
            // "the reminder that you set for the dentist".
            (
                "[the|my|that|this|a|our] reminder|task|todo|item|event|alarm [that|which] i|you|we|i've|you've|i_have|you_have [just|already] set|made|created|added|have|had|put|scheduled|gave|got [up|in|down] [for_me] to|for|about|of|on|regarding *",
                (),
            ),
            ("[the|my|that|this|a|our] * reminder|task|todo|to_do|to_-_do|item|chore|event", ()),
        ])
    });
    NAMES.best(object.tokens()).and_then(|((), captured)| captured.part(object, 0)).unwrap_or(*object)
}
