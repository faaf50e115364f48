//! Corrections of a title: "not Bob, Bill", "I meant Bill", "no wait, oat milk", "no, email Bob", "call it groceries".
//!
//! The right words replace those of the title that they resemble: the name that was said to be wrong, the only other name,
//! or the words that both have.

use crate::Action;
use crate::grammar::{Clause, is_command, is_task_verb};
use crate::reference::ReadContext;
use crate::text::{Kind, Text, listed};
use crate::understood::Understood;
use tandem_protocol::TaskId;
use tandem_protocol::model::Task;
use tandem_protocol::rest::TaskPatch;

use super::{Outcome, permitted};
use crate::read::outcome;

/// Most words of what takes the place of others.
const LONGEST: usize = 5;
/// The same where none of them is a word of the title.
const MOST_NEW: usize = 3;

pub(super) fn read(
    wrong: Option<&Clause<'_>>,
    value: &Clause<'_>,
    tasks: &[&Task],
    made: bool,
    cx: &ReadContext<'_>,
) -> Option<Outcome> {
    let [task] = tasks else { return None };
    let tokens = value.tokens();
    let words = tokens.iter().all(|token| matches!(token.kind, Kind::Word | Kind::Number));
    if !words || tokens.len() > LONGEST || is_command(value.word(0)) || listed(NO_TITLE, value.word(0)) {
        return None;
    }
    let right = Understood::read(value, cx, |value, _| Some(value.source().to_owned()))?;
    let names = match wrong {
        Some(wrong) => Understood::read(wrong, cx, |wrong, _| Some(Some(wrong.source().to_owned())))?,
        None => Understood::read(value, cx, |_, _| Some(None))?,
    }
    .with(right);
    // "make it longer" has no word of the title: it may be about anything.
    let shares = wrong.is_some() || words_of(value.source()).iter().any(|word| words_of(&task.title).contains(word));
    let strange = tokens.len() > MOST_NEW || tokens.iter().any(|token| token.kind == Kind::Number);
    if !shares && (made || strange) {
        return None;
    }
    renamed(task, names.get(), was_added(cx))?;
    permitted(tasks, &names, cx, |ids, names, cx| {
        let update = |id: TaskId| {
            let patch = TaskPatch { title: Some(renamed(cx.task(id)?, names, was_added(cx))?), ..TaskPatch::default() };
            Some(Action::Update { id, patch, add_labels: Vec::new(), remove_labels: Vec::new() })
        };
        ids.into_iter().filter_map(update).collect()
    })
}

/// "call it groceries": a new title, right after a change.
pub(super) fn named(value: &Clause<'_>, tasks: &[&Task], cx: &ReadContext<'_>) -> Option<Outcome> {
    let [_] = tasks else { return None };
    let opening = value.longest_start("call it|call that|call this|name it|title it")?;
    let n = value.tokens().len();
    if cx.request.is_none() || opening == n {
        return None;
    }
    let title = Understood::read(&value.part(opening, n), cx, |title, _| Some(crate::title::finish(title.source())))?;
    permitted(tasks, &title, cx, |ids, title, _| {
        let patch = TaskPatch { title: Some(title.clone()), ..TaskPatch::default() };
        let update =
            |id| Action::Update { id, patch: patch.clone(), add_labels: Vec::new(), remove_labels: Vec::new() };
        ids.into_iter().map(update).collect()
    })
}

/// First words of answers that are no title.
pub(super) const NO_TITLE: &str = "it that this them never nothing yes no ok okay leave keep forget stop the my done undo wrong thanks please all both only just";

/// Whether the last request made the task.
pub(super) fn was_added(cx: &ReadContext<'_>) -> bool {
    let Some(request) = cx.request else { return false };
    let text = Text::new(request);
    matches!(outcome(&text, &cx.before_correction()), Some(Outcome::Permitted(actions)) if actions.iter().all(|action| matches!(action, Action::Add(_))))
}

/// The title of a task with the right words in it; `None` when it is not clear where.
fn renamed(task: &Task, (wrong, right): &(Option<String>, String), added: bool) -> Option<String> {
    let title = &task.title;
    if let Some(wrong) = wrong.as_deref() {
        return replaced(title, &wrong.to_lowercase(), right);
    }
    let capital = right.split(' ').all(|word| word.starts_with(char::is_uppercase));
    if let Some(name) = only_name(title).filter(|_| capital) {
        return replaced(title, &name.to_lowercase(), right);
    }
    if !added {
        return None;
    }
    let (old, new) = (words_of(title), words_of(right));
    let shared = |word: &String| new.contains(word);
    let first = old.iter().position(shared);
    // "email Bob" after "call Bob".
    let verbs =
        old.first().is_some_and(|word| is_task_verb(word)) && new.first().is_some_and(|word| is_task_verb(word));
    match first {
        Some(_) if verbs => Some(right.clone()),
        // The words that both have, in a row: "milk" and "oat milk".
        Some(first) => {
            let count = old[first..].iter().take_while(|word| shared(word)).count();
            let run: Vec<&str> = title.split(' ').skip(first).take(count).collect();
            replaced(title, &run.join(" ").to_lowercase(), right)
        }
        None if old.len() == 1 => Some(right.clone()),
        None => None,
    }
}

fn words_of(text: &str) -> Vec<String> {
    text.split(' ').map(|word| word.trim_end_matches("'s").to_lowercase()).collect()
}

/// The title with other words in the place of these, in lower case; as long as the letters keep their places.
fn replaced(title: &str, wrong: &str, right: &str) -> Option<String> {
    let at = title.to_lowercase().find(wrong).filter(|_| !wrong.is_empty())?;
    let (before, after) = (title.get(..at)?, title.get(at + wrong.len()..)?);
    let name = title.get(at..)?.starts_with(char::is_uppercase) && at > 0;
    let right = if name { capital(right) } else { right.to_owned() };
    Some(format!("{before}{right}{after}"))
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The only word of a title with a capital, besides its first.
fn only_name(title: &str) -> Option<&str> {
    let mut names = title.split(' ').skip(1).filter(|word| word.chars().next().is_some_and(char::is_uppercase));
    let name = names.next()?;
    names.next().is_none().then_some(name)
}
