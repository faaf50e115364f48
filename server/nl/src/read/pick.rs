//! Which of some tasks an answer or a correction means: "the first two", "B", "the one on Thursday", "Ann and Cid".
//!
//! The tasks were shown, so what is enough to tell them apart is enough to name one: a letter, or the day on which it is due.
//!
//! **Invariant:** each word for a task fits exactly one of them.

use crate::dates::words_outside;
use crate::grammar::Clause;
use crate::reference::{Pointer, ReadContext, date_anywhere, parts, pick_among, pointer};
use crate::text::listed;
use crate::{Context, work};
use tandem_protocol::TaskId;

/// Words before what is not meant.
pub(super) const EXCEPTIONS: &[&str] = &["but", "except", "besides", "excluding", "without"];

/// Which of the choices an answer points at.
pub(super) fn pointed(clause: &Clause<'_>, cx: &ReadContext<'_>, choices: &[TaskId]) -> Option<Vec<TaskId>> {
    let context = cx.context;
    let clause = without_yes_or_no(clause);
    let all = ["all", "both", "every", "everything", "each"];
    if clause.word(0) == "both" && choices.len() != 2 {
        return None;
    }
    if all.contains(&clause.word(0)) && clause.tokens().len() <= 3 && !clause.has(EXCEPTIONS) {
        return Some(choices.to_vec());
    }
    // "all but the milk", "everything except 2".
    if let Some(at) = clause.tokens().iter().position(|token| token.is_any(EXCEPTIONS)).filter(|at| *at > 0)
        && all.contains(&clause.word(0))
    {
        let rest = clause.part(at + 1, clause.tokens().len());
        let kept = work::deeper(|| pointed(&rest, cx, choices)).or_else(|| by_words(&rest, cx, choices))?;
        return Some(choices.iter().copied().filter(|id| !kept.contains(id)).collect());
    }
    if clause.has(&["other"]) && clause.tokens().len() <= 4 {
        let [first, second] = choices else { return None };
        // "the other one" means the one that was not changed last.
        let rejected = context.last_touched.contains(second);
        return Some(vec![if rejected { *first } else { *second }]);
    }
    match pointer(&clause)? {
        Pointer::Numbers(numbers, _) => numbers.iter().map(|n| by_number(*n, context, choices)).collect(),
        Pointer::ShownAll(places) => places.iter().map(|place| by_place(*place, choices)).collect(),
        Pointer::Shown(place) => by_place(place, choices).map(|id| vec![id]),
        Pointer::Latest => choices.last().map(|id| vec![*id]),
        Pointer::It | Pointer::Them | Pointer::Bare | Pointer::Next => (choices.len() == 1).then(|| choices.to_vec()),
    }
}

/// A place among the choices, from 0; negative from the end.
fn by_place(place: i64, choices: &[TaskId]) -> Option<TaskId> {
    let count = i64::try_from(choices.len()).ok()?;
    let index = if place < 0 { count + place } else { place };
    choices.get(usize::try_from(index).ok()?).copied()
}

/// A number in an answer counts the choices; a larger one is a task's own number.
fn by_number(number: i64, context: &Context<'_>, choices: &[TaskId]) -> Option<TaskId> {
    let place = usize::try_from(number - 1).ok().and_then(|place| choices.get(place));
    let own =
        || context.tasks.iter().find(|task| task.number == number && choices.contains(&task.id)).map(|task| task.id);
    place.copied().or_else(own)
}

/// Without the words of an answer before what it names.
pub(super) fn without_yes_or_no<'a>(clause: &Clause<'a>) -> Clause<'a> {
    let lead = clause
        .tokens()
        .iter()
        .take_while(|token| {
            token.is_any(&["yes", "no", "yeah", "nope", ",", "i", "mean", "meant", "it's", "just", "delete", "do"])
        })
        .count();
    if lead < clause.tokens().len() { clause.part(lead, clause.tokens().len()) } else { *clause }
}

/// Words around those that name one of the choices.
const AROUND: &str = "the one ones task with about called named for on at due is that by from 's and";

/// The choices that words name: their titles, a word of one title alone, or the day on which they are due.
pub(super) fn by_words(clause: &Clause<'_>, cx: &ReadContext<'_>, choices: &[TaskId]) -> Option<Vec<TaskId>> {
    let one = |part: &Clause<'_>| {
        by_own_word(part, cx, choices).or_else(|| pick_among(part, cx, choices)).or_else(|| by_day(part, cx, choices))
    };
    if let Some(found) = one(clause) {
        return Some(found);
    }
    let parts = parts(clause);
    let mut found: Vec<TaskId> = Vec::new();
    for part in parts.iter().filter(|_| parts.len() > 1) {
        found.extend(one(part)?.into_iter().filter(|id| !found.contains(id)).collect::<Vec<_>>());
    }
    (!found.is_empty()).then_some(found)
}

/// "B", where one title has that word: it tells "report A" and "report B" apart, whatever weight it has in a sentence.
fn by_own_word(clause: &Clause<'_>, cx: &ReadContext<'_>, choices: &[TaskId]) -> Option<Vec<TaskId>> {
    let words: Vec<&str> = clause.tokens().iter().map(|token| token.word.as_str()).collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !listed(AROUND, word)).collect();
    let has = |id: &&TaskId| {
        let title = cx.task(**id).map(|task| task.title.to_lowercase()).unwrap_or_default();
        let own: Vec<&str> = title.split(|c: char| !c.is_alphanumeric()).collect();
        words.iter().all(|word| own.contains(word))
    };
    let mut found = choices.iter().filter(has);
    let only = found.next().filter(|_| !words.is_empty() && found.next().is_none())?;
    Some(vec![*only])
}

/// "the one on Thursday", "the 5pm one".
pub(super) fn by_day(clause: &Clause<'_>, cx: &ReadContext<'_>, choices: &[TaskId]) -> Option<Vec<TaskId>> {
    // "the one on Thursday" is not Thursday at one.
    let led = clause.longest_start("the one|the ones|that one|one|ones").unwrap_or(0);
    let clause = clause.part(led, clause.tokens().len());
    let input = cx.dates_in(&clause);
    let mentions = date_anywhere(&input);
    let draft = &mentions.first()?.draft;
    if !words_outside(&input, &mentions).all(|(_, word)| listed(AROUND, word)) {
        return None;
    }
    let want = draft.resolve(cx.context.now.datetime())?.due?;
    let due_then = |id: &&TaskId| {
        cx.task(**id).and_then(|task| task.due.as_ref()).is_some_and(|due| {
            (!draft.names_day() || due.date == want.date) && (!draft.names_time() || due.time == want.time)
        })
    };
    let mut found = choices.iter().filter(due_then);
    let only = found.next().filter(|_| found.next().is_none())?;
    Some(vec![*only])
}
