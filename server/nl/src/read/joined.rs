//! Two requests that share their verb or their task: "move the report to Monday and the dentist to Tuesday", "make the
//! passport urgent and move it to Friday", "set the rent to high priority and due Friday".
//!
//! Where a sentence is cut cannot be decided by its words alone, so this is tried only for one that has no clear meaning as
//! a whole: each half has to be understood by itself, the second with the words that it shares.
//!
//! **Invariant:** both halves are done, or none.

use crate::grammar::{Clause, is_command, is_task_verb, list_phrase};
use crate::reference::ReadContext;
use crate::text::{Text, listed};
use crate::understood::Actions;
use crate::{Action, Response};

use super::{Outcome, look_only, named_in, one, outcome};

/// Places at which the second half may begin that are tried.
const MAX_JOINTS: usize = 4;

pub(super) fn read(text: &Text, cx: &ReadContext<'_>) -> Option<Outcome> {
    let whole = Clause::new(text, 0, text.len());
    if cx.chosen.is_some() || !is_command(whole.word(0)) {
        return None;
    }
    let joints =
        (whole.from + 2..whole.to.saturating_sub(1)).filter(|&at| text.tokens[at].is_any(&["and", ",", ";", "then"]));
    joints.take(MAX_JOINTS).find_map(|at| halves(&whole, at, cx))
}

/// The actions of both halves, when each of them is clear.
fn halves(whole: &Clause<'_>, at: usize, cx: &ReadContext<'_>) -> Option<Outcome> {
    let (left, right) = (Clause::new(whole.text, whole.from, at), Clause::new(whole.text, at + 1, whole.to));
    if right.is_empty() {
        return None;
    }
    let Some(Outcome::Permitted(first)) = one(&left, cx, &[], &[]) else { return None };
    let named = named_in(&first);
    if named.is_empty() || !first.iter().all(Action::changes) {
        return None;
    }
    let cx = cx.with_named(&named);
    let (verb, rest) = (whole.word(0), right.source());
    let shared = if is_command(right.word(0)) {
        vec![rest.to_owned()]
    } else {
        vec![format!("{verb} {rest}"), format!("{verb} it {rest}"), format!("make it {rest}")]
    };
    let second = shared.iter().find_map(|sentence| match outcome(&Text::new(sentence), &cx) {
        Some(Outcome::Permitted(more)) if more.iter().all(changes_a_task) => Some(more),
        _ => None,
    });
    second.map(|second| Outcome::Permitted(Actions::joined(vec![first, second])))
}

/// "add milk to the groceries list and stamps to errands": things for two lists, the verb said once. What follows the
/// first list is no part of a title, so it is understood or nothing is done.
pub(super) fn on_two_lists(text: &Text, cx: &ReadContext<'_>) -> Option<Outcome> {
    let whole = Clause::new(text, 0, text.len());
    let tokens = whole.tokens();
    if !listed("add put write", whole.word(0)) || cx.chosen.is_some() {
        return None;
    }
    let to = |at: &usize| tokens[*at].is_any(&["to", "on", "onto", "in"]);
    let (at, end) = (2..tokens.len()).filter(to).find_map(|at| Some((at, list_phrase(tokens, at + 1)?.1)))?;
    let rest = whole.part(end, tokens.len());
    let opening =
        rest.longest_start("and|, and|and then|, and then|, then|then").filter(|words| *words < rest.tokens().len())?;
    let second = rest.part(opening, rest.tokens().len());
    let Some(Outcome::Permitted(first)) = one(&Clause::new(text, whole.from, whole.from + end), cx, &[], &[]) else {
        return None;
    };
    let n = second.tokens().len();
    let words = second.source();
    let own = matches!(second.word(0), "remind") || is_command(second.word(0)) || is_task_verb(second.word(0));
    let list = (1..n).rev().take(LONGEST_LIST).find(|&at| second.tokens()[at].is_any(&["to", "on", "onto"]));
    let sentence = match list {
        _ if own => words.to_owned(),
        None if n > LONGEST_LIST || second.has(&["for", "because", "so"]) => return None,
        None => format!("{} {words} {}", whole.word(0), whole.part(at, end).source()),
        Some(_) if second.has(&["list"]) => format!("{} {words}", whole.word(0)),
        Some(_) => format!("{} {words} list", whole.word(0)),
    };
    match outcome(&Text::new(&sentence), cx) {
        Some(Outcome::Permitted(second)) => Some(Outcome::Permitted(Actions::joined(vec![first, second]))),
        Some(Outcome::Missing(what)) => {
            let missing = look_only(Action::NoSuchTask { what })?;
            Some(Outcome::Permitted(Actions::joined(vec![first, missing])))
        }
        _ => Some(Outcome::Respond(Response::NotUnderstood { words: words.to_owned() })),
    }
}

/// Most words of a list with what leads to it.
const LONGEST_LIST: usize = 5;

/// Whether it changes a task that there is. A new one has a title, in which anything fits.
fn changes_a_task(action: &Action) -> bool {
    action.changes() && !matches!(action, Action::Add(_) | Action::Undo)
}
