//! The tasks that a pointing phrase means: by the number of a task, by a place in the list that was printed last, or as
//! "it".
//!
//! A figure that was printed before a task is what the user read, so a bare "2" counts in the list that was shown last, and
//! is the number of a task only without such a list. "task 2" may be either: where they differ the user chooses.

use tandem_protocol::TaskId;
use tandem_protocol::model::Task;

use super::{Found, MAX_CHOICES, Marked, Pointer, ReadContext, Scope, one_of};
use crate::Context;

pub(super) fn find(pointer: &Pointer, cx: &ReadContext<'_>, scope: Scope, words: String) -> Found {
    let context = cx.context;
    match pointer {
        // Read again, the list is that of the question, and these are the tasks that the numbers meant.
        Pointer::Numbers(numbers, _) if cx.again && numbers.len() > 1 && numbers.len() == context.shown.len() => {
            Found::Tasks(context.shown.to_vec())
        }
        Pointer::Numbers(numbers, marked) => by_numbers(numbers, *marked, context, words),
        Pointer::Shown(place) => by_place(*place, context, scope, words),
        Pointer::ShownAll(places) => by_places(places, context, scope, words),
        Pointer::It => by_touch(cx, scope, false, words),
        Pointer::Them => by_touch(cx, scope, true, words),
        Pointer::Latest => latest(context, scope, words),
        Pointer::Next => next(context, scope, words),
        Pointer::Bare => only_one(context, scope, words),
    }
}

/// Whether a phrase counts in a list that was not shown, or means the newest of tasks that nobody spoke of.
pub(super) fn is_guess(pointer: &Pointer, cx: &ReadContext<'_>) -> bool {
    match pointer {
        Pointer::Shown(_) => cx.context.shown.is_empty(),
        Pointer::Latest => cx.context.shown.is_empty() && cx.context.last_touched.is_empty() && cx.named.is_empty(),
        _ => false,
    }
}

fn by_numbers(numbers: &[i64], marked: Marked, context: &Context<'_>, words: String) -> Found {
    let mut ids = Vec::new();
    for number in numbers {
        let by_number = context.tasks.iter().find(|task| task.number == *number).map(|task| task.id);
        let by_place = usize::try_from(*number - 1).ok().and_then(|place| context.shown.get(place)).copied();
        let found = match (marked, by_number, by_place) {
            (Marked::Task, Some(number), Some(place)) if number != place => return Found::OneOf(vec![place, number]),
            (Marked::Bare, ..) => by_place.or(by_number),
            _ => by_number.or(by_place),
        };
        match found {
            Some(id) if !ids.contains(&id) => ids.push(id),
            Some(_) => {}
            None => return Found::Missing(words),
        }
    }
    if ids.is_empty() { Found::Missing(words) } else { Found::Tasks(ids) }
}

/// A place of the list last shown, from 0; negative from the end.
fn by_place(place: i64, context: &Context<'_>, scope: Scope, words: String) -> Found {
    let open: Vec<TaskId> = context.tasks.iter().filter(|task| scope.holds(task)).map(|task| task.id).collect();
    let list = if context.shown.is_empty() { &open[..] } else { context.shown };
    let index = if place < 0 { i64::try_from(list.len()).unwrap_or(0) + place } else { place };
    match usize::try_from(index).ok().and_then(|index| list.get(index)) {
        Some(id) => Found::Tasks(vec![*id]),
        None => Found::Missing(words),
    }
}

/// Several places; all of them have to be there.
fn by_places(places: &[i64], context: &Context<'_>, scope: Scope, words: String) -> Found {
    let mut ids = Vec::new();
    for place in places {
        match by_place(*place, context, scope, String::new()) {
            Found::Tasks(found) => ids.extend(found),
            _ => return Found::Missing(words),
        }
    }
    ids.dedup();
    Found::Tasks(ids)
}

/// "it" is the newest thing named: in this message, then in the last reply. "them" may be several.
fn by_touch(cx: &ReadContext<'_>, scope: Scope, several: bool, words: String) -> Found {
    let context = cx.context;
    let known = |id: &TaskId| context.tasks.iter().any(|task| task.id == *id);
    let newest = if cx.named.is_empty() { context.last_touched } else { cx.named };
    let touched: Vec<TaskId> = newest.iter().copied().filter(known).collect();
    match (touched.len(), context.shown) {
        // "both" after a change of one: the newest other one may be meant, too.
        (1, _) if several && words.to_lowercase().contains("both") => {
            let other = context.tasks.iter().filter(|task| scope.holds(task) && task.id != touched[0]);
            Found::OneOf(other.max_by_key(|task| task.number).map(|task| task.id).into_iter().chain(touched).collect())
        }
        (1, _) => Found::Tasks(touched),
        (2.., _) if several => Found::Tasks(touched),
        (2.., _) => Found::OneOf(touched.into_iter().take(MAX_CHOICES).collect()),
        // "it" after a list of one task means that task, although nothing was changed.
        (0, [only]) => Found::Tasks(vec![*only]),
        (0, []) => only_one(context, scope, words),
        // "move both to Friday" after a list of two, "delete them" after any.
        (0, shown) if several && !cx.again && (shown.len() == 2 || !words.to_lowercase().contains("both")) => {
            Found::Tasks(shown.iter().copied().filter(known).collect())
        }
        (0, shown) => Found::OneOf(shown.iter().copied().filter(known).take(MAX_CHOICES).collect()),
    }
}

/// The task that was touched last, else the one with the highest number.
fn latest(context: &Context<'_>, scope: Scope, words: String) -> Found {
    if let Some(id) = context.last_touched.last() {
        return Found::Tasks(vec![*id]);
    }
    match context.tasks.iter().filter(|task| scope.holds(task)).max_by_key(|task| task.number) {
        Some(task) => Found::Tasks(vec![task.id]),
        None => Found::Missing(words),
    }
}

/// The open task that is due next.
fn next(context: &Context<'_>, scope: Scope, words: String) -> Found {
    let now = context.now.datetime();
    let due = |task: &&&Task| {
        let due = task.due.as_ref()?;
        let moment = due.date.to_datetime(due.time.unwrap_or(jiff::civil::Time::MAX));
        (moment >= now).then_some(moment)
    };
    let ahead = context.tasks.iter().filter(|task| scope.holds(task)).filter(|task| due(task).is_some());
    match ahead.min_by_key(due) {
        Some(task) => Found::Tasks(vec![task.id]),
        None => Found::Missing(words),
    }
}

/// "my reminder": clear only when there is one.
fn only_one(context: &Context<'_>, scope: Scope, words: String) -> Found {
    let open: Vec<&Task> = context.tasks.iter().copied().filter(|task| scope.holds(task)).collect();
    one_of(&open).unwrap_or(Found::Missing(words))
}
