//! One occurrence of a task that repeats, or the whole series.
//!
//! "Cancel the team meeting this week" is about one meeting, "cancel the weekly team meeting" about all of them, and "cancel
//! the team meeting" may be either: then the user is asked, because a series that is gone is missed only weeks later.

use crate::Action;
use crate::dates::find_all;
use crate::grammar::Clause;
use crate::reference::{Extent, ReadContext, Target};
use tandem_protocol::TaskId;

use crate::understood::Understood;

use super::{Outcome, change_target};

/// Words that mean every occurrence.
const SERIES: &str = "series always forever permanently completely altogether repeating recurring weekly daily monthly yearly \
     annual entirely future anymore";
/// Words that may mean every occurrence, or several tasks: "all my tasks for Wednesday".
const ALL: &str = "all every everything whole each";

/// What a sentence says about the extent of its change; `None` when it says nothing.
pub(super) fn extent(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Extent> {
    let pair =
        |first: &str, second: &str| clause.tokens().windows(2).any(|words| words[0].is(first) && words[1].is(second));
    if clause.has_listed(SERIES) || pair("for", "good") {
        return Some(Extent::Series);
    }
    let once = clause.has(&["once", "skip"])
        || ["time", "one", "occurrence", "instance"]
            .iter()
            .any(|noun| pair("this", noun) || pair("next", noun) || pair("just", noun));
    let dated =
        find_all(&cx.dates_in(clause)).iter().any(|mention| mention.draft.names_day() && !mention.draft.repeats());
    if once || dated {
        return Some(Extent::Occurrence);
    }
    clause.has_listed(ALL).then_some(Extent::Series)
}

/// Deletes tasks; of those that repeat, what was said.
pub(super) fn delete(clause: &Clause<'_>, target: Target, cx: &ReadContext<'_>) -> Outcome {
    let repeats = |id: TaskId| cx.task(id).is_some_and(|task| task.recurrence.is_some());
    let extent = cx.extent.or_else(|| extent(clause, cx));
    if let (None, Target::Tasks(_), Some(id)) = (extent, &target, target.only())
        && repeats(id)
    {
        let question = "This task repeats. Shall I delete all of it, or skip it this time only?".to_owned();
        return Outcome::AskExtent { question, id };
    }
    let Some(said) = Understood::read(clause, cx, |clause, cx| Some(cx.extent.or_else(|| self::extent(clause, cx))))
    else {
        return Outcome::Missing(clause.source().to_owned());
    };
    change_target(target, "delete", &said, cx, |ids, extent, cx| {
        let repeats = |id: TaskId| cx.task(id).is_some_and(|task| task.recurrence.is_some());
        let (skipped, deleted): (Vec<TaskId>, Vec<TaskId>) =
            ids.into_iter().partition(|id| *extent == Some(Extent::Occurrence) && repeats(*id));
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
