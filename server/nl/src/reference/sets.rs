//! Sets with an exception: "everything except the milk", "all but the second one", "all my tasks for today but the report".
//!
//! **Invariant:** what is excepted has to be found, else the whole phrase names nothing: an exception that was not
//! understood would be deleted with the rest.

use super::{Pointer, ReadContext, Risk, Scope, Target, group, pointer, resolve};
use crate::grammar::Clause;
use tandem_protocol::TaskId;

/// The place of the word that excepts, and the place after it.
fn exception(phrase: &Clause<'_>) -> Option<(usize, usize)> {
    let n = phrase.tokens().len();
    (1..n).find_map(|at| {
        let next = match phrase.word(at) {
            "except" | "excluding" | "besides" | "excepting" | "minus" | "without" => at + 1,
            "but" if phrase.word(at + 1) != "not" => at + 1,
            "but" => at + 2,
            "apart" | "aside" if phrase.word(at + 1) == "from" => at + 2,
            "other" if phrase.word(at + 1) == "than" => at + 2,
            _ => return None,
        };
        let next = if phrase.word(next) == "for" { next + 1 } else { next };
        (next < n).then_some((at, next))
    })
}

/// Whether a phrase means all of something: only then can a part of it be excepted.
fn means_all(phrase: &Clause<'_>) -> bool {
    matches!(phrase.word(0), "all" | "every" | "everything" | "each" | "any")
        || phrase
            .tokens()
            .last()
            .is_some_and(|token| token.is_any(&["tasks", "reminders", "todos", "them", "ones", "items"]))
        || matches!(pointer(phrase), Some(Pointer::Numbers(numbers, _)) if numbers.len() > 1)
}

/// Whether a phrase is a set with an exception, which is read as a whole.
pub(crate) fn has_exception(phrase: &Clause<'_>) -> bool {
    exception(phrase).is_some_and(|(at, _)| means_all(&phrase.part(0, at)))
}

/// The tasks of a set without its exception; `None` when the phrase has none.
pub(super) fn without(phrase: &Clause<'_>, cx: &ReadContext<'_>, scope: Scope, risk: Risk) -> Option<Target> {
    let (at, next) = exception(phrase)?;
    let set = phrase.part(0, at);
    if !means_all(&set) {
        return None;
    }
    let rest = phrase.part(next, phrase.tokens().len());
    // An exception of an exception is nobody's sentence, and a row of them would be read as often as it has parts.
    if exception(&rest).is_some() {
        return Some(Target::Missing(phrase.source().to_owned()));
    }
    let Target::Tasks(all) = group(&set, None, cx, scope, risk).unwrap_or_else(|| resolve(&set, cx, scope, risk))
    else {
        return Some(Target::Missing(phrase.source().to_owned()));
    };
    let mut kept: Vec<TaskId> = Vec::new();
    for part in parts(&rest) {
        match resolve(&part, cx, Scope::Any, risk) {
            Target::Tasks(ids) => kept.extend(ids.get()),
            Target::Missing(what) => return Some(Target::Missing(what)),
            unclear => return Some(Target::Missing(unclear.words().unwrap_or_else(|| part.source()).to_owned())),
        }
    }
    let left = all.without(&kept);
    Some(if left.get().is_empty() { Target::Missing(phrase.source().to_owned()) } else { Target::Tasks(left) })
}

/// The parts of a row: "the milk and the report".
pub(crate) fn parts<'a>(phrase: &Clause<'a>) -> Vec<Clause<'a>> {
    let mut parts = Vec::new();
    // "both the milk and the rent".
    let mut from = usize::from(phrase.word(0) == "both");
    let n = phrase.tokens().len();
    for at in 0..=n {
        if at == n || phrase.tokens()[at].is_any(&["and", ",", "or", "&"]) {
            parts.push(Clause::new(phrase.text, phrase.from + from, phrase.from + at));
            from = at + 1;
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}
