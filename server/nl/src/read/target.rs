//! A resolved reference as the meaning of a clause: a change of its tasks, or a question about them.

use crate::Action;
use crate::grammar::{Clause, is_task_noun};
use crate::reference::{ReadContext, Risk, Scope, Target, group, pointer, resolve_each};
use crate::understood::Understood;
use tandem_protocol::TaskId;

use super::Outcome;

/// "the milk task" is "milk"; "task 3" stays.
pub(super) fn without_noun<'a>(object: &Clause<'a>) -> Clause<'a> {
    let tokens = object.tokens();
    let n = tokens.len();
    let noun = n > 1 && is_task_noun(&tokens[n - 1].word) && pointer(object).is_none();
    let article = usize::from(n > 1 && tokens[0].is_any(&["the", "my"]) && noun);
    if noun && n - 1 > article { object.part(article, n - 1) } else { *object }
}

/// Whether a phrase says that it means several: "everything due today".
pub(super) fn is_set(object: &Clause<'_>) -> bool {
    matches!(object.word(0), "all" | "every" | "everything" | "each") && pointer(object).is_none()
}

/// The tasks of a phrase for a set ("all work tasks"), which has only open ones, or those that it names one by one.
pub(super) fn set_or_each(object: &Clause<'_>, cx: &ReadContext<'_>) -> Target {
    let set = if cx.chosen.is_none() { group(object, None, cx, Scope::Open, Risk::Reversible) } else { None };
    set.unwrap_or_else(|| resolve_each(&without_noun(object), cx, Scope::Any, Risk::Reversible))
}

/// Turns a resolved reference into an outcome; `verb` completes "Which one shall I …?".
pub(super) fn on_target(target: Target, verb: &str, act: fn(Vec<TaskId>) -> Vec<Action>) -> Outcome {
    match target {
        Target::Tasks(ids) => Outcome::Act(ids.act(act)),
        unclear => unclear_target(unclear, verb),
    }
}

/// The same for a change to a value.
pub(super) fn change_target<V>(
    target: Target,
    verb: &str,
    value: &Understood<V>,
    cx: &ReadContext<'_>,
    change: fn(Vec<TaskId>, &V, &ReadContext<'_>) -> Vec<Action>,
) -> Outcome {
    match target {
        Target::Tasks(ids) => Outcome::Act(ids.change(value, cx, change)),
        unclear => unclear_target(unclear, verb),
    }
}

/// The question about a reference that is not clear.
fn unclear_target(target: Target, verb: &str) -> Outcome {
    match target {
        Target::Tasks(ids) => Outcome::Ask { question: "Do you mean these?".to_owned(), choices: ids.get().clone() },
        Target::Doubtful(choices, words) => {
            let which = if choices.len() == 1 { "this one" } else { "these" };
            let request = match verb.split_once(" as ") {
                Some((verb, state)) => format!("{verb} {which} as {state}"),
                None => format!("{verb} {which}"),
            };
            Outcome::Ask { question: format!("I did not understand “{words}”. Shall I {request}?"), choices }
        }
        Target::OneOf(choices) if choices.len() == 1 => {
            Outcome::Ask { question: "Do you mean this one?".to_owned(), choices }
        }
        Target::OneOf(choices) => Outcome::Ask { question: format!("Which one shall I {verb}?"), choices },
        Target::Missing(what) => Outcome::Missing(what),
    }
}
