//! The tasks that a phrase means by words of their titles, perhaps with the date that they are due.

use crate::dates::{Confidence, DateInput, Mention, Phrase, find_all, phrase as date_phrase, words_outside};
use crate::grammar::{Clause, is_task_noun};
use crate::period_filter::due_filter;
use tandem_protocol::TaskId;
use tandem_protocol::model::Task;

use super::target::Found;
use super::{MAX_CHOICES, ReadContext, Risk, Scope, rank, within};

/// The only one of these tasks, or a choice among them; `None` when there is none.
pub(super) fn one_of(tasks: &[&Task]) -> Option<Found> {
    match tasks {
        [] => None,
        [task] => Some(Found::Tasks(vec![task.id])),
        many => Some(Found::OneOf(many.iter().take(MAX_CHOICES).map(|task| task.id).collect())),
    }
}

/// By the words of the title. A date in the phrase may be part of the title, or the due date of the task.
pub(super) fn by_words(phrase: &Clause<'_>, cx: &ReadContext<'_>, scope: Scope, risk: Risk, words: String) -> Found {
    let context = cx.context;
    let on =
        |task: &&Task| cx.list.is_none_or(|list| task.list.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(list)));
    let candidates: Vec<&Task> = context.tasks.iter().copied().filter(|task| scope.holds(task)).filter(on).collect();
    let input = cx.dates_in(phrase);
    let mut mentions = find_all(&input);
    let whole = rank(&words, &candidates, cx);
    // "the 5pm one": before a noun a date is none of a new task, but of one that exists it may be.
    if mentions.is_empty() && whole.is_empty() {
        mentions = date_anywhere(&input);
    }
    let Some(mention) = mentions.first() else { return whole.decide(risk, words) };
    // "Plan Friday" is a title with a date in it, whatever else is due on Friday.
    if whole.is_exact() {
        return whole.decide(risk, words);
    }
    let rest = words_outside(&input, &mentions).map(|(_, word)| word);
    let rest = rest.filter(|word| *word != "'s" && !is_task_noun(word)).collect::<Vec<_>>().join(" ");
    // "the dentist on Friday" may be a title or a title and a date. The best evidence is tried first: the words without
    // the date among the tasks that are due then, after that the words alone.
    let resolved = mention.draft.resolve(context.now.datetime()).and_then(|r| r.due);
    let range = due_filter(phrase, context.now);
    let at_that_time: Vec<&Task> = candidates
        .iter()
        .copied()
        .filter(|task| match (&resolved, &task.due) {
            (Some(want), Some(have)) if mention.draft.names_day() => {
                want.date == have.date || (range.is_some() && within(task, range.as_ref(), cx))
            }
            (Some(want), Some(have)) => want.time.is_some() && want.time == have.time,
            _ => false,
        })
        .collect();
    if !has_content(&rest) {
        return one_of(&at_that_time).unwrap_or_else(|| whole.decide(risk, words));
    }
    match rank(&rest, &at_that_time, cx).decide(risk, words.clone()) {
        Found::Missing(_) => match rank(&rest, &candidates, cx).decide(risk, words.clone()) {
            Found::Missing(_) => whole.decide(risk, words),
            found => found,
        },
        found => found,
    }
}

/// Whether one title has all the words of a phrase, so that an "and" in it belongs to that title.
pub(crate) fn is_one_title(phrase: &Clause<'_>, cx: &ReadContext<'_>) -> bool {
    rank(phrase.source(), cx.context.tasks, cx).covers()
}

/// Whether a task is called exactly so.
pub(crate) fn is_titled(title: &str, cx: &ReadContext<'_>) -> bool {
    rank(title, cx.context.tasks, cx).is_exact()
}

/// Whether a phrase has words of some title, enough of them to be about it.
pub(crate) fn names_one(phrase: &Clause<'_>, cx: &ReadContext<'_>) -> bool {
    !rank(phrase.source(), cx.context.tasks, cx).is_empty()
}

/// One of the choices, by the words of its title.
pub(crate) fn pick_among(phrase: &Clause<'_>, cx: &ReadContext<'_>, choices: &[TaskId]) -> Option<Vec<TaskId>> {
    let words = phrase.source().to_owned();
    let candidates: Vec<&Task> = cx.context.tasks.iter().copied().filter(|task| choices.contains(&task.id)).collect();
    match rank(&words, &candidates, cx).decide(Risk::Reversible, words) {
        Found::Tasks(ids) => Some(ids),
        _ => None,
    }
}

/// The first phrase that can be read as a day or a time, wherever it stands. A lone number is no time: "three".
pub(crate) fn date_anywhere(input: &DateInput<'_>) -> Vec<Mention> {
    let read = |start: usize| Some((start, date_phrase(input, start)?));
    let certain = |read: &Phrase| read.draft.names_day() || read.opening > Confidence::Weak;
    let found = (0..input.tokens.len()).filter_map(read);
    let found = found.into_iter().find(|(_, read)| certain(read) && read.draft.resolve(input.now).is_some());
    found.map(|(start, read)| Mention { start, end: read.end, draft: read.draft }).into_iter().collect()
}

/// Whether anything but articles and task nouns is left.
fn has_content(words: &str) -> bool {
    const TIMES: &[&str] =
        &["morning", "afternoon", "evening", "night", "weekend", "week", "today", "set", "due", "o'clock"];
    words.split(' ').any(|word| !word.is_empty() && !crate::text::STOP_WORDS.contains(word) && !TIMES.contains(&word))
}
