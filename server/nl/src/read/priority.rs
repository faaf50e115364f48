//! The priority of a task: set to a level that is named, or by one step.

use crate::Action;
use crate::grammar::Clause;
use crate::quick_add::{priority_digit, priority_word};
use crate::reference::{ReadContext, Risk, Scope, resolve};
use crate::understood::Understood;
use tandem_protocol::TaskId;
use tandem_protocol::enums::{Priority, WireEnum as _};
use tandem_protocol::rest::TaskPatch;

use super::{Outcome, change_target, set_or_each, without_noun};

/// "high", "high priority", "p1", "urgent".
pub(super) fn priority_in(value: &Clause<'_>, _: &ReadContext<'_>) -> Option<Priority> {
    let words: Vec<String> = value
        .source()
        .to_lowercase()
        .split([' ', '-'])
        .filter(|w| !matches!(*w, "priority" | "a" | "very" | "top"))
        .map(str::to_owned)
        .collect();
    match &words[..] {
        [word] => priority_word(word).or_else(|| priority_digit(word.strip_prefix('p')?)),
        _ => None,
    }
}

/// The first word that names a priority.
pub(super) fn named_priority(value: &Clause<'_>) -> Option<Priority> {
    value.tokens().iter().find_map(|token| priority_word(&token.word).or_else(|| priority_digit(&token.word)))
}

pub(super) fn set_priority(
    object: &Clause<'_>,
    cx: &ReadContext<'_>,
    priority: &Understood<Priority>,
    sure: bool,
) -> Option<Outcome> {
    let found = change_target(set_or_each(object, cx), "change", priority, cx, |ids, priority, _| {
        let patch = TaskPatch { priority: Some(*priority), ..TaskPatch::default() };
        let update =
            |id| Action::Update { id, patch: patch.clone(), add_labels: Vec::new(), remove_labels: Vec::new() };
        ids.into_iter().map(update).collect()
    });
    match found {
        Outcome::Act(actions) => Some(Outcome::Act(actions)),
        // "the door is important" need not be about a task at all.
        _ if !sure => None,
        other => Some(other),
    }
}

pub(super) fn step_priority(object: &Clause<'_>, cx: &ReadContext<'_>, up: &Understood<bool>) -> Option<Outcome> {
    let target = resolve(&without_noun(object), cx, Scope::Open, Risk::Reversible);
    let found = change_target(target, "change", up, cx, |ids, up, cx| {
        let next = |id: &TaskId| {
            let task = cx.task(*id)?;
            let at = Priority::ALL.iter().position(|step| *step == task.priority)?;
            Priority::ALL.get(if *up { at + 1 } else { at.checked_sub(1)? }).copied()
        };
        let step = |id: TaskId| {
            let patch = TaskPatch { priority: Some(next(&id)?), ..TaskPatch::default() };
            Some(Action::Update { id, patch, add_labels: Vec::new(), remove_labels: Vec::new() })
        };
        ids.into_iter().filter_map(step).collect()
    });
    // A task of the highest priority cannot be raised.
    (!matches!(&found, Outcome::Act(actions) if actions.get().is_empty())).then_some(found)
}
