//! Which of the waiting changes a phrase means.

use tandem_protocol::TaskId;

use crate::grammar::Clause;
use crate::reference::{Marked, Pointer, ReadContext, Risk, Scope, Target, is_one_title, pointer, resolve};

/// Some of the changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Choice {
    All,
    These(Vec<TaskId>),
    AllBut(Vec<TaskId>),
    /// Those that no other statement decides.
    Rest,
}

const ALL: &str = "all|all of them|all of it|all of these|all of those|all of the tasks|all tasks|all the tasks|all the changes|every task|\
    everything|every one|every one of them|each|each of them|both|both of them|both tasks|them|them all|them both|it|it all|that|this|those|\
    these|the lot|the tasks|the changes|the whole lot";
const REST: &str = "the rest|rest|the others|others|the other one|the other ones|the other|everything else|all others|all the others|\
    all the rest|the rest of them|the other tasks|the other task";
const EXCEPT: &str = "but|but not|but for|except|except for|excepting|excluding|besides|without|minus|apart from|other than|not|all but|save for";

/// The changes that a phrase means, when it has no other words.
pub(super) fn choice(phrase: &Clause<'_>, cx: &ReadContext<'_>, ids: &[TaskId]) -> Option<Choice> {
    let n = phrase.tokens().len();
    let is = |phrases: &str| phrase.longest_start(phrases) == Some(n);
    if is(ALL) || counts_all(phrase, ids.len()) {
        return Some(Choice::All);
    }
    if is(REST) {
        return Some(Choice::Rest);
    }
    if let Some(all) = phrase.longest_start(ALL) {
        let mut rest = phrase.part(all, n);
        if rest.word(0) == "," {
            rest = phrase.part(all + 1, n);
        }
        if let Some(except) = rest.longest_start(EXCEPT) {
            let kept = these(&rest.part(except, rest.tokens().len()), cx, ids)?;
            return Some(Choice::AllBut(kept));
        }
    }
    these(phrase, cx, ids).map(Choice::These)
}

/// The changes after "except": those that are not meant.
pub(super) fn excepted(phrase: &Clause<'_>, cx: &ReadContext<'_>, ids: &[TaskId]) -> Option<Vec<TaskId>> {
    let words = phrase.longest_start(EXCEPT)?;
    these(&phrase.part(words, phrase.tokens().len()), cx, ids)
}

/// "all four", "all 4 of them".
fn counts_all(phrase: &Clause<'_>, count: usize) -> bool {
    let numbers = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    let said = phrase.word(1);
    let number = numbers.iter().position(|name| *name == said).map(|at| at + 2).or_else(|| said.parse().ok());
    let ends = phrase.tokens().len() == 2 || (phrase.word(2) == "of" && phrase.tokens().len() == 4);
    phrase.word(0) == "all" && number == Some(count) && ends
}

/// The changes that are counted up or named.
fn these(phrase: &Clause<'_>, cx: &ReadContext<'_>, ids: &[TaskId]) -> Option<Vec<TaskId>> {
    if phrase.is_empty() {
        return None;
    }
    if let Some(pointer) = pointer(phrase) {
        return pointed(&pointer, cx, ids);
    }
    let joint = |at: usize| phrase.tokens()[at].is_any(&["and", ",", "&", "or", "nor"]);
    let n = phrase.tokens().len();
    let joints: Vec<usize> = (0..n).filter(|&at| joint(at)).collect();
    if joints.is_empty() || is_one_title(phrase, cx) {
        return named(phrase, cx);
    }
    let mut found = Vec::new();
    let mut from = 0;
    for end in joints.into_iter().chain([n]) {
        let part = Clause::new(phrase.text, phrase.from + from, phrase.from + end);
        if !part.is_empty() {
            let more = match pointer(&part) {
                Some(pointer) => pointed(&pointer, cx, ids)?,
                None => named(&part, cx)?,
            };
            found.extend(more);
        }
        from = end + 1;
    }
    (!found.is_empty()).then_some(found)
}

fn named(phrase: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Vec<TaskId>> {
    match resolve(phrase, cx, Scope::Any, Risk::Destructive) {
        Target::Tasks(found) => Some(found.get().clone()),
        _ => None,
    }
}

fn pointed(pointer: &Pointer, cx: &ReadContext<'_>, ids: &[TaskId]) -> Option<Vec<TaskId>> {
    let place = |at: i64| {
        let count = i64::try_from(ids.len()).ok()?;
        ids.get(usize::try_from(if at < 0 { count + at } else { at }).ok()?).copied()
    };
    let own =
        |number: i64| cx.context.tasks.iter().find(|task| number > 0 && task.number == number).map(|task| task.id);
    match pointer {
        Pointer::Numbers(numbers, marked) => numbers
            .iter()
            .map(|&number| match (marked, place(number - 1).filter(|_| number > 0), own(number)) {
                (Marked::Bare, Some(place), _) => Some(place),
                (Marked::Hash, _, Some(own)) => Some(own),
                // "task 2" may be the second, or the task of that number.
                (Marked::Task, Some(place), Some(own)) => (place == own).then_some(own),
                (_, place, own) => own.or(place),
            })
            .collect(),
        Pointer::Shown(at) => place(*at).map(|id| vec![id]),
        Pointer::ShownAll(places) => places.iter().map(|&at| place(at)).collect(),
        Pointer::Latest => place(-1).map(|id| vec![id]),
        Pointer::It | Pointer::Them | Pointer::Bare | Pointer::Next => (ids.len() == 1).then(|| ids.to_vec()),
    }
}
