//! Which tasks a phrase means: by number, by the list last shown, by what was last touched, by words of the title.
//!
//! Titles are free text and people quote them loosely, so words are ranked and not compared. A ranking leads to a task only
//! when it is good enough and ahead of the next one; the threshold is higher when something would be deleted. Otherwise the
//! user chooses.
//!
//! A phrase that points at a task never falls back to words: "task 99" does not mean a task about 99 bottles.

mod group;
mod matching;
mod pointer;
mod titles;

pub(crate) use group::{group, within};
pub(crate) use matching::rank;
pub(crate) use pointer::{Pointer, pointer};
pub(crate) use titles::Titles;

use crate::Context;
use crate::dates::{DateInput, find_all, words_outside};
use crate::grammar::{Clause, is_task_noun};
use crate::quick_add::parse_task;
use tandem_protocol::TaskId;
use tandem_protocol::enums::TaskStatus;
use tandem_protocol::model::Task;
use tandem_protocol::rest::NewTask;

/// What a sentence is read against: the context, and the tasks that were chosen in answer to a question.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReadContext<'a> {
    pub(crate) context: &'a Context<'a>,
    /// The answer to "which one?": then every reference means these.
    pub(crate) chosen: Option<&'a [TaskId]>,
    /// The titles of the context's tasks.
    pub(crate) titles: &'a Titles,
}

impl<'a> ReadContext<'a> {
    pub(crate) fn new(context: &'a Context<'a>, titles: &'a Titles) -> Self {
        Self { context, chosen: None, titles }
    }

    pub(crate) fn without_choice(self) -> Self {
        Self { chosen: None, ..self }
    }

    /// The sentence before, with the answer to its question.
    pub(crate) fn with_choice(self, chosen: &'a [TaskId]) -> Self {
        Self { chosen: Some(chosen), ..self }
    }

    pub(crate) fn task(&self, id: TaskId) -> Option<&'a Task> {
        self.context.tasks.iter().copied().find(|task| task.id == id)
    }

    /// The name of a list as the user's tasks have it, whatever its case in the message.
    pub(crate) fn known_list(&self, name: &str) -> Option<&'a String> {
        let mut lists = self.context.tasks.iter().filter_map(|task| task.list.as_ref());
        lists.find(|list| list.eq_ignore_ascii_case(name))
    }

    pub(crate) fn dates_in<'c>(&self, clause: &Clause<'c>) -> DateInput<'c> {
        DateInput { tokens: clause.tokens(), now: self.context.now.datetime() }
    }

    /// A clause as the line of a new task.
    pub(crate) fn new_task(&self, clause: &Clause<'_>) -> NewTask {
        parse_task(clause.text, clause.from, clause.to, self.context.now.datetime())
    }
}

/// Which tasks may be meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    Open,
    Done,
    Any,
}

impl Scope {
    pub(crate) fn holds(self, task: &Task) -> bool {
        match self {
            Self::Open => task.status == TaskStatus::Open,
            Self::Done => task.status == TaskStatus::Done,
            Self::Any => true,
        }
    }
}

/// What a wrong match would cost; it decides how good a match has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Risk {
    /// The change is seen easily and can be undone.
    Reversible,
    /// The task disappears from the lists.
    Destructive,
}

/// The tasks a phrase means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// These tasks, at least one.
    Tasks(Vec<TaskId>),
    /// One of these, at most five; the user has to choose.
    OneOf(Vec<TaskId>),
    /// No task is like it; the words that were looked for.
    Missing(String),
}

/// Most choices in one question.
pub(crate) const MAX_CHOICES: usize = 5;

/// Resolves a phrase to one task, or to those that were counted up.
pub(crate) fn resolve(phrase: &Clause<'_>, cx: &ReadContext<'_>, scope: Scope, risk: Risk) -> Target {
    // The question was about this phrase: to rank it again would only lead to the same question.
    if let Some(chosen) = cx.chosen {
        return Target::Tasks(chosen.to_vec());
    }
    let context = cx.context;
    let words = phrase.source().to_owned();
    match pointer(phrase) {
        Some(Pointer::Numbers(numbers)) => by_numbers(&numbers, context, words),
        Some(Pointer::Shown(place)) => by_place(place, context, scope, words),
        Some(Pointer::Touched) => by_touch(context, scope, words),
        Some(Pointer::Latest) => latest(context, scope, words),
        Some(Pointer::Bare) => only_one(context, scope, words),
        None => by_words(phrase, cx, scope, risk, words),
    }
}

fn by_numbers(numbers: &[i64], context: &Context<'_>, words: String) -> Target {
    let mut ids = Vec::new();
    for number in numbers {
        let by_number = context.tasks.iter().find(|task| task.number == *number).map(|task| task.id);
        let by_place = || usize::try_from(*number - 1).ok().and_then(|place| context.shown.get(place)).copied();
        // The number of a task stays the same, its place in a list changes with each reply; so the number wins.
        match by_number.or_else(by_place) {
            Some(id) if !ids.contains(&id) => ids.push(id),
            Some(_) => {}
            None => return Target::Missing(words),
        }
    }
    if ids.is_empty() { Target::Missing(words) } else { Target::Tasks(ids) }
}

/// A place of the list last shown, from 0; negative from the end.
fn by_place(place: i64, context: &Context<'_>, scope: Scope, words: String) -> Target {
    let open: Vec<TaskId> = context.tasks.iter().filter(|task| scope.holds(task)).map(|task| task.id).collect();
    let list = if context.shown.is_empty() { &open[..] } else { context.shown };
    let index = if place < 0 { i64::try_from(list.len()).unwrap_or(0) + place } else { place };
    match usize::try_from(index).ok().and_then(|index| list.get(index)) {
        Some(id) => Target::Tasks(vec![*id]),
        None => Target::Missing(words),
    }
}

fn by_touch(context: &Context<'_>, scope: Scope, words: String) -> Target {
    let known = |id: &TaskId| context.tasks.iter().any(|task| task.id == *id);
    let touched: Vec<TaskId> = context.last_touched.iter().copied().filter(known).collect();
    // "it" after a list of one task means that task, although nothing was changed.
    match (touched.is_empty(), context.shown) {
        (false, _) => Target::Tasks(touched),
        (true, [only]) => Target::Tasks(vec![*only]),
        _ => only_one(context, scope, words),
    }
}

/// The task that was touched last, else the one with the highest number.
fn latest(context: &Context<'_>, scope: Scope, words: String) -> Target {
    if let Some(id) = context.last_touched.last() {
        return Target::Tasks(vec![*id]);
    }
    match context.tasks.iter().filter(|task| scope.holds(task)).max_by_key(|task| task.number) {
        Some(task) => Target::Tasks(vec![task.id]),
        None => Target::Missing(words),
    }
}

/// "my reminder": clear only when there is one.
fn only_one(context: &Context<'_>, scope: Scope, words: String) -> Target {
    let open: Vec<&Task> = context.tasks.iter().copied().filter(|task| scope.holds(task)).collect();
    one_of(&open).unwrap_or(Target::Missing(words))
}

/// The only one of these tasks, or a choice among them; `None` when there is none.
fn one_of(tasks: &[&Task]) -> Option<Target> {
    match tasks {
        [] => None,
        [task] => Some(Target::Tasks(vec![task.id])),
        many => Some(Target::OneOf(many.iter().take(MAX_CHOICES).map(|task| task.id).collect())),
    }
}

/// By the words of the title. A date in the phrase may be part of the title, or the due date of the task.
fn by_words(phrase: &Clause<'_>, cx: &ReadContext<'_>, scope: Scope, risk: Risk, words: String) -> Target {
    let context = cx.context;
    let candidates: Vec<&Task> = context.tasks.iter().copied().filter(|task| scope.holds(task)).collect();
    let input = cx.dates_in(phrase);
    let mentions = find_all(&input);
    let whole = rank(&words, &candidates, cx);
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
    let at_that_time: Vec<&Task> = candidates
        .iter()
        .copied()
        .filter(|task| match (&resolved, &task.due) {
            (Some(want), Some(have)) if mention.draft.names_day() => want.date == have.date,
            (Some(want), Some(have)) => want.time.is_some() && want.time == have.time,
            _ => false,
        })
        .collect();
    if !has_content(&rest) {
        return one_of(&at_that_time).unwrap_or_else(|| whole.decide(risk, words));
    }
    match rank(&rest, &at_that_time, cx).decide(risk, words.clone()) {
        Target::Missing(_) => match rank(&rest, &candidates, cx).decide(risk, words.clone()) {
            Target::Missing(_) => whole.decide(risk, words),
            found => found,
        },
        found => found,
    }
}

/// Whether one title has all the words of a phrase, so that an "and" in it belongs to that title.
pub(crate) fn is_one_title(phrase: &Clause<'_>, cx: &ReadContext<'_>) -> bool {
    rank(phrase.source(), cx.context.tasks, cx).covers()
}

/// One of the choices, by the words of its title.
pub(crate) fn pick_among(phrase: &Clause<'_>, cx: &ReadContext<'_>, choices: &[TaskId]) -> Target {
    let words = phrase.source().to_owned();
    let candidates: Vec<&Task> = cx.context.tasks.iter().copied().filter(|task| choices.contains(&task.id)).collect();
    rank(&words, &candidates, cx).decide(Risk::Reversible, words)
}

/// Whether anything but articles and task nouns is left.
fn has_content(words: &str) -> bool {
    const TIMES: &[&str] = &["morning", "afternoon", "evening", "night", "weekend", "week", "today", "set", "due"];
    words.split(' ').any(|word| !word.is_empty() && !crate::text::STOP_WORDS.contains(word) && !TIMES.contains(&word))
}
