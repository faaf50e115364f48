//! Corrections of what the last request made: "no, Thursday", "make that 6pm", "not tomorrow, Monday", "I meant Bill".
//!
//! A correction names only what changes, so it is read against the tasks that the last reply changed, and keeps the rest of
//! them. It differs from a refusal ("no") and from a new request by its opening and by a value that is all there is.
//!
//! **Invariant:** without such an opening nothing is a correction.

use crate::Action;
use crate::grammar::{Clause, is_command};
use crate::mood::Mood;
use crate::reference::ReadContext;
use crate::text::{Kind, listed};
use crate::understood::{Actions, Understood};
use tandem_protocol::TaskId;
use tandem_protocol::model::Task;
use tandem_protocol::rest::TaskPatch;

use super::Outcome;
use super::new_due::{self, Half};

/// Most tasks that a correction changes.
const MOST_TASKS: usize = 10;
/// Openings of a correction.
const OPENINGS: &str = "no|nope|no ,|nope ,|sorry|sorry ,|oops|oops ,|wait|wait ,|no wait|no wait ,|no , wait ,|actually|actually ,|\
    i mean|i meant|no , i meant|no i meant|no , i mean|sorry , i meant|make that|make it|no , make it|no , make that|\
    change that to|change it to|i said|no , i said|rather|better|correction :|correction|i meant to say|oh no ,|oh ,|\
    actually make it|actually make that|actually , make it|actually , make that|actually i meant|that should be|it should be|\
    should be|that was meant to be|set it to|set that to|move that to|no , on|no , at|ah no ,";

pub(super) fn read(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let tasks: Vec<&Task> = cx.context.last_touched.iter().filter_map(|id| cx.task(*id)).collect();
    if tasks.is_empty() || tasks.len() > MOST_TASKS {
        return None;
    }
    let whole_clause = Clause { from: clause.start, ..*clause };
    let (value, opened) = value(&whole_clause)?;
    if !opened || value.is_empty() || value.tokens().len() > 8 {
        return None;
    }
    let (wrong, value) = contrast(&value);
    by_date(&value, &tasks, cx).or_else(|| by_name(wrong.as_ref(), &value, &tasks, cx))
}

/// What stands after the opening, without "instead" at the end.
fn value<'a>(clause: &Clause<'a>) -> Option<(Clause<'a>, bool)> {
    let opening = clause.longest_start(OPENINGS).unwrap_or(0);
    let n = clause.tokens().len();
    let instead = n > 1 && clause.tokens()[n - 1].is_any(&["instead", "rather"]);
    let end = if instead { n - 1 } else { n };
    let negated =
        clause.word(opening) == "not" || clause.tokens().windows(2).any(|pair| pair[0].is(",") && pair[1].is("not"));
    (opening < end).then(|| {
        (Clause::new(clause.text, clause.from + opening, clause.from + end), opening > 0 || instead || negated)
    })
}

/// "not tomorrow, Monday", "Monday, not tomorrow": what was wrong, and what is right.
fn contrast<'a>(value: &Clause<'a>) -> (Option<Clause<'a>>, Clause<'a>) {
    let tokens = value.tokens();
    let part = |from: usize, to: usize| Clause::new(value.text, value.from + from, value.from + to);
    let comma = tokens.iter().position(|token| token.is_any(&[",", "but"]));
    match comma {
        Some(at) if value.word(0) == "not" => (Some(part(1, at)), part(at + 1, tokens.len())),
        Some(at) if value.word(at + 1) == "not" => (Some(part(at + 2, tokens.len())), part(0, at)),
        _ => match tokens.iter().position(|token| token.is("not")) {
            Some(at) if at > 0 => (Some(part(at + 1, tokens.len())), part(0, at)),
            _ => (None, *value),
        },
    }
}

/// Another date, or the other half of it.
fn by_date(value: &Clause<'_>, tasks: &[&Task], cx: &ReadContext<'_>) -> Option<Outcome> {
    let now = cx.context.now.datetime();
    // "make it an hour later" counts from the task's own time, which another reader does.
    if value.tokens().last()?.is_any(&["later", "earlier", "sooner", "back", "forward", "ahead"]) {
        return None;
    }
    let date = Understood::date(&cx.dates_in(value)).or_else(|| Understood::bare_time(value, cx))?;
    let fits = |task: &&Task| new_due::patch(date.get(), Some(task), Half { forward: false }, now).is_some();
    if !tasks.iter().all(fits) {
        return None;
    }
    permitted(tasks, &date, cx, |ids, draft, cx| {
        let moved = |id: TaskId| {
            let patch = new_due::patch(draft, cx.task(id), Half { forward: false }, cx.context.now.datetime())?;
            let series = patch.recurrence.is_some();
            Some(Action::Reschedule { id, patch, series })
        };
        ids.into_iter().filter_map(moved).collect()
    })
}

/// Another name in the title: "not Bob, Bill", "I meant Bill".
fn by_name(wrong: Option<&Clause<'_>>, value: &Clause<'_>, tasks: &[&Task], cx: &ReadContext<'_>) -> Option<Outcome> {
    let [task] = tasks else { return None };
    let tokens = value.tokens();
    let plain = tokens.len() <= 3 && tokens.iter().all(|token| token.kind == Kind::Word) && !is_command(value.word(0));
    if !plain || listed("it that this never nothing yes no ok", value.word(0)) {
        return None;
    }
    let right = Understood::read(value, cx, |value, _| Some(value.source().to_owned()))?;
    let wrong = match wrong {
        Some(wrong) => Understood::read(wrong, cx, |wrong, _| Some(Some(wrong.source().to_owned())))?,
        // Without the wrong name it is the only other name of the title.
        None if tokens.iter().all(|token| token.capital) => Understood::read(value, cx, |_, _| Some(None))?,
        None => return None,
    };
    let names = wrong.with(right);
    renamed(task, names.get())?;
    permitted(tasks, &names, cx, |ids, names, cx| {
        let update = |id: TaskId| {
            let patch = TaskPatch { title: Some(renamed(cx.task(id)?, names)?), ..TaskPatch::default() };
            Some(Action::Update { id, patch, add_labels: Vec::new(), remove_labels: Vec::new() })
        };
        ids.into_iter().filter_map(update).collect()
    })
}

/// The title of a task with another name in the place of the wrong one, or of the only one that it has.
fn renamed(task: &Task, (wrong, right): &(Option<String>, String)) -> Option<String> {
    let wrong = wrong.as_deref().or_else(|| only_name(&task.title))?.to_lowercase();
    let at = task.title.to_lowercase().find(&wrong)?;
    Some(format!("{}{right}{}", task.title.get(..at)?, task.title.get(at + wrong.len()..)?))
}

/// The only word of a title with a capital, besides its first.
fn only_name(title: &str) -> Option<&str> {
    let mut names = title.split(' ').skip(1).filter(|word| word.chars().next().is_some_and(char::is_uppercase));
    let name = names.next()?;
    names.next().is_none().then_some(name)
}

/// The change of the last tasks. The opening of a correction says that it is to be changed, so it has the mood of a command.
fn permitted<V>(
    tasks: &[&Task],
    value: &Understood<V>,
    cx: &ReadContext<'_>,
    change: fn(Vec<TaskId>, &V, &ReadContext<'_>) -> Vec<Action>,
) -> Option<Outcome> {
    let ids = Understood::selected(tasks.iter().map(|task| task.id).collect(), value);
    let found = ids.change(value, cx, change);
    Actions::permitted(Mood::Command, false, found).ok().map(Outcome::Permitted)
}
