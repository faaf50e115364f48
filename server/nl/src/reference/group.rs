//! Several tasks in one phrase: "all my reminders for Friday", "everything on my shopping list", "the meeting tasks".
//!
//! The words that remain without dates, lists and filler decide: none means all tasks, others filter by title. A phrase of
//! this kind that fits nothing names a missing task, so that "delete all my unicorn tasks" does not delete others.

use std::sync::LazyLock;

use crate::DueRange;
use crate::dates::{find_all, words_outside};
use crate::grammar::{Clause, ListName};
use crate::text::{WordSet, listed, words};
use tandem_protocol::TaskId;
use tandem_protocol::model::Task;

use super::{ReadContext, Risk, Scope, Target, rank};
use crate::period_filter::due_filter;

/// Words of such a phrase that do not select tasks.
static EMPTY: LazyLock<WordSet> = LazyLock::new(|| {
    words(
        "all of my our the these those every each everything any set up scheduled active current currently for on \
     from in at to that i have is are open existing future upcoming and alarms alarm now today 's rest s please \
     about with - , related content contents off done completed finished old stuff things entries events \
     appointments day calendar them due overdue",
    )
});
/// Words that mean several tasks.
const PLURALS: &str = "reminders reminds tasks todos items chores errands everything stuff \
     dos entries contents events things";

/// Words of periods. The filter by date reads them, so they do not select by title.
const PERIODS: &str = "week month weekend year this next last tonight tomorrow morning weekly daily";

/// The tasks of a phrase that means several; `None` when it means one.
pub(crate) fn group(
    phrase: &Clause<'_>,
    list: Option<ListName>,
    cx: &ReadContext<'_>,
    scope: Scope,
    risk: Risk,
) -> Option<Target> {
    let tokens = phrase.tokens();
    // "completed tasks" are done, whatever the verb of the sentence expects.
    let finished = phrase.has(&["completed", "done", "finished"]);
    let scope = if finished { Scope::Done } else { scope };
    let all = matches!(phrase.word(0), "all" | "every" | "everything" | "each" | "any");
    let plural = tokens.iter().any(|token| listed(PLURALS, &token.word)) || (finished && tokens.len() == 1);
    let pointed = super::pointer(phrase).is_some_and(|pointer| !matches!(pointer, super::Pointer::Bare));
    // "tasks 3 and 4" is resolved as a pointer; "all tasks" alone looks like one, but means all.
    if (!all && !plural) || pointed {
        return None;
    }
    let due = due_filter(phrase, cx.context.now);
    let words = words_left(phrase, cx);
    let list = list.and_then(|ListName(name)| name);
    let among: Vec<&Task> = cx
        .context
        .tasks
        .iter()
        .copied()
        .filter(|task| scope.holds(task) && within(task, due.as_ref(), cx) && on(task, list.as_deref()))
        .collect();
    let ids: Vec<TaskId> = if words.is_empty() {
        among.iter().map(|task| task.id).collect()
    } else {
        rank(&words.join(" "), &among, cx).all(risk)
    };
    if ids.is_empty() && !all && !words.is_empty() {
        // "my reminders to buy eggs" may be one task after all.
        return None;
    }
    Some(if ids.is_empty() { Target::Missing(phrase.source().to_owned()) } else { Target::Tasks(ids) })
}

/// The words of a phrase besides "all my reminders" and its dates.
fn words_left<'a>(phrase: &Clause<'a>, cx: &ReadContext<'_>) -> Vec<&'a str> {
    let empty = |word: &str| {
        EMPTY.contains(word) || listed(PLURALS, word) || crate::grammar::is_task_noun(word) || listed(PERIODS, word)
    };
    let input = cx.dates_in(phrase);
    words_outside(&input, &find_all(&input)).map(|(_, word)| word).filter(|word| !empty(word)).collect()
}

fn on(task: &Task, list: Option<&str>) -> bool {
    // A task without a list may be on the list that the user has in mind, so it is not excluded.
    list.is_none_or(|list| task.list.as_ref().is_none_or(|own| own.eq_ignore_ascii_case(list)))
}

/// Whether a task is due within the filter.
pub(crate) fn within(task: &Task, filter: Option<&DueRange>, cx: &ReadContext<'_>) -> bool {
    let now = cx.context.now.datetime();
    match (filter, &task.due) {
        (None, _) | (Some(DueRange::None), None) => true,
        (Some(DueRange::Between(first, last)), Some(due)) => (*first..=*last).contains(&due.date),
        (Some(DueRange::Overdue), Some(due)) => match due.time {
            Some(time) => due.date.to_datetime(time) < now,
            None => due.date < now.date(),
        },
        _ => false,
    }
}
