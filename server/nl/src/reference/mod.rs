//! Which tasks a phrase means: by number, by the list last shown, by what was last touched, by words of the title.
//!
//! Titles are free text and people quote them loosely, so words are ranked and not compared. A ranking leads to a task only
//! when it is good enough and ahead of the next one; the threshold is higher when something would be deleted. Otherwise the
//! user chooses.
//!
//! A phrase that points at a task never falls back to words: "task 99" does not mean a task about 99 bottles.

mod group;
mod left_over;
mod matching;
mod pointed;
mod pointer;
mod sets;
mod titles;

pub(crate) use group::{group, within};
pub(crate) use matching::rank;
pub(crate) use pointer::{Marked, Pointer, pointer};
#[cfg(test)]
pub(crate) use titles::FUEL;
pub(crate) use titles::Titles;

use crate::Context;
use crate::dates::{DateInput, DayOrder, Mention, find_all, phrase as date_phrase, words_outside};
use crate::grammar::{Clause, ListName, is_task_noun};
use crate::period_filter::due_filter;
use crate::quick_add::{LineReading, parse_task};
use crate::spoken;
use crate::understood::Understood;
use strsim::osa_distance;
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
    /// The answer to "this time or always?".
    pub(crate) extent: Option<Extent>,
    /// The tasks that earlier clauses of the same message named: "it" is one of these before any other.
    pub(crate) named: &'a [TaskId],
    /// The order of day and month in figures, where it is known.
    pub(crate) order: Option<DayOrder>,
    /// The list that the task is on, when it was named: others are not looked at.
    pub(crate) list: Option<&'a str>,
    /// The titles of the context's tasks.
    pub(crate) titles: &'a Titles,
}

/// Whether a change is to one occurrence of a task that repeats, or to all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    Occurrence,
    Series,
}

impl<'a> ReadContext<'a> {
    pub(crate) fn new(context: &'a Context<'a>, titles: &'a Titles) -> Self {
        Self {
            context,
            chosen: None,
            extent: None,
            named: &[],
            order: DayOrder::of_zone(context.now),
            list: None,
            titles,
        }
    }

    pub(crate) fn without_choice(self) -> Self {
        Self { chosen: None, ..self }
    }

    /// The sentence before, with the answer to its question.
    pub(crate) fn with_choice(self, chosen: &'a [TaskId]) -> Self {
        Self { chosen: Some(chosen), ..self }
    }

    pub(crate) fn with_named(self, named: &'a [TaskId]) -> Self {
        Self { named, ..self }
    }

    pub(crate) fn task(&self, id: TaskId) -> Option<&'a Task> {
        self.context.tasks.iter().copied().find(|task| task.id == id)
    }

    /// The name of a list as the user's tasks have it, whatever its case in the message, perhaps misspelt there.
    pub(crate) fn known_list(&self, name: &str) -> Option<&'a String> {
        known_name(&self.context.tasks.iter().filter_map(|task| task.list.as_ref()), name)
    }

    /// The name of a label as the user's tasks have it, whatever its case in the message.
    pub(crate) fn known_label(&self, name: &str) -> Option<String> {
        known_name(&self.context.tasks.iter().flat_map(|task| &task.labels), name).cloned()
    }

    pub(crate) fn dates_in<'c>(&self, clause: &Clause<'c>) -> DateInput<'c> {
        DateInput {
            order: self.order.unwrap_or_default(),
            ..DateInput::new(clause.tokens(), self.context.now.datetime())
        }
    }

    /// A clause as the line of a new task.
    pub(crate) fn new_task(&self, clause: &Clause<'_>) -> NewTask {
        self.new_task_without(clause, (0, 0))
    }

    /// The same without some words of the clause, by their places in it.
    pub(crate) fn new_task_without(&self, clause: &Clause<'_>, words: (usize, usize)) -> NewTask {
        let mut found = NewTask::default();
        let mut cut = spoken::fields(clause, &mut found);
        if words.0 < words.1 {
            cut.push(words);
        }
        let reading =
            LineReading { now: self.context.now.datetime(), order: self.order.unwrap_or_default(), kept: &[] };
        parse_task(clause.text, clause.from, clause.to, &reading, &mut cut, &mut found);
        found
    }
}

/// The name that is equal but for its case, else the only one that differs by one letter, or by two of many.
fn known_name<'n>(names: &(impl Iterator<Item = &'n String> + Clone), name: &str) -> Option<&'n String> {
    let name = name.to_lowercase();
    if let Some(same) = names.clone().find(|known| known.to_lowercase() == name) {
        return Some(same);
    }
    let allowed = match name.chars().count() {
        0..=3 => return None,
        4..=7 => 1,
        _ => 2,
    };
    let near = |known: &&String| {
        known.len().abs_diff(name.len()) <= allowed
            && known.to_lowercase().chars().next() == name.chars().next()
            && osa_distance(&known.to_lowercase(), &name) <= allowed
    };
    let first = names.clone().find(near)?;
    names.clone().filter(near).all(|other| other == first).then_some(first)
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
    Tasks(Understood<Vec<TaskId>>),
    /// These, if some words of the phrase are left out, as they were written.
    Doubtful(Vec<TaskId>, String),
    /// One of these, at most five; the user has to choose.
    OneOf(Vec<TaskId>),
    /// No task is like it; the words that were looked for.
    Missing(String),
}

/// The tasks that fit a phrase best, before its words are accounted for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Found {
    Tasks(Vec<TaskId>),
    OneOf(Vec<TaskId>),
    Missing(String),
}

impl Found {
    /// Accounts for the words of the phrase.
    fn close(self, phrase: &Clause<'_>, cx: &ReadContext<'_>) -> Target {
        match self {
            Self::Tasks(ids) => {
                let left_over = left_over::left_over(phrase, &ids, cx);
                Target::of(ids, left_over)
            }
            // Not good enough to act on; what does not fit is named.
            Self::OneOf(choices) if choices.len() == 1 => match left_over::left_over(phrase, &choices, cx) {
                Some(words) => Target::Doubtful(choices, words),
                None => Target::OneOf(choices),
            },
            other => other.pointed(),
        }
    }

    /// The same as a choice of the user's.
    fn guessed(self) -> Self {
        match self {
            Self::Tasks(ids) => Self::OneOf(ids),
            other => other,
        }
    }

    /// The same for a phrase that points at its tasks, which has no other words.
    fn pointed(self) -> Target {
        match self {
            Self::Tasks(ids) => Target::of(ids, None),
            Self::OneOf(choices) => Target::OneOf(choices),
            Self::Missing(words) => Target::Missing(words),
        }
    }
}

impl Target {
    fn of(ids: Vec<TaskId>, left_over: Option<String>) -> Self {
        match Understood::tasks(ids, left_over) {
            Ok(ids) => Self::Tasks(ids),
            Err((ids, words)) => Self::Doubtful(ids, words),
        }
    }

    /// The tasks that a value selects, which is all that their phrase says.
    pub(crate) fn selected<V>(ids: Vec<TaskId>, by: &Understood<V>) -> Self {
        Self::Tasks(Understood::selected(ids, by))
    }

    /// The same tasks, when the sentence has other words that were not understood.
    pub(crate) fn doubted(self, words: &str) -> Self {
        match self {
            Self::Tasks(ids) => Self::Doubtful(ids.get().clone(), words.to_owned()),
            other => other,
        }
    }

    /// The words that were not understood.
    fn words(&self) -> Option<&str> {
        match self {
            Self::Doubtful(_, words) | Self::Missing(words) => Some(words),
            Self::Tasks(_) | Self::OneOf(_) => None,
        }
    }

    /// The one task that is meant, in doubt too.
    pub(crate) fn only(&self) -> Option<TaskId> {
        match self {
            Self::Tasks(ids) => match &ids.get()[..] {
                [id] => Some(*id),
                _ => None,
            },
            Self::Doubtful(ids, _) if ids.len() == 1 => ids.first().copied(),
            _ => None,
        }
    }
}

/// Most choices in one question.
pub(crate) const MAX_CHOICES: usize = 5;

/// Resolves a phrase to one task, or to those that were counted up.
pub(crate) fn resolve(phrase: &Clause<'_>, cx: &ReadContext<'_>, scope: Scope, risk: Risk) -> Target {
    // The question was about this phrase: to rank it again would only lead to the same question.
    if let Some(chosen) = cx.chosen {
        return Target::of(chosen.to_vec(), None);
    }
    if let Some(target) = sets::without(phrase, cx, scope, risk) {
        return target;
    }
    let words = phrase.source().to_owned();
    match pointer(phrase) {
        Some(pointer) => {
            let found = pointed::find(&pointer, cx, scope, words);
            // "my last reminder", with no list in sight: a guess that is asked about before something is deleted.
            if risk == Risk::Destructive && pointed::is_guess(&pointer, cx) { found.guessed() } else { found }.pointed()
        }
        None => by_words(phrase, cx, scope, risk, words).close(phrase, cx),
    }
}

/// Resolves a phrase to a task of a list that was named. A task that is elsewhere only is asked about.
pub(crate) fn resolve_on(
    phrase: &Clause<'_>,
    list: Option<&ListName>,
    cx: &ReadContext<'_>,
    scope: Scope,
    risk: Risk,
) -> Target {
    let anywhere = || resolve(phrase, cx, scope, risk);
    let Some(ListName(Some(name))) = list else { return anywhere() };
    let Some(name) = cx.known_list(name).filter(|_| pointer(phrase).is_none() && cx.chosen.is_none()) else {
        return anywhere();
    };
    match resolve(phrase, &ReadContext { list: Some(name), ..*cx }, scope, risk) {
        found @ Target::Tasks(_) => found,
        unclear => match anywhere() {
            elsewhere @ Target::Tasks(_) => elsewhere.doubted(&format!("on the list {name}")),
            other => {
                if matches!(unclear, Target::Missing(_)) {
                    other
                } else {
                    unclear
                }
            }
        },
    }
}

/// The only one of these tasks, or a choice among them; `None` when there is none.
fn one_of(tasks: &[&Task]) -> Option<Found> {
    match tasks {
        [] => None,
        [task] => Some(Found::Tasks(vec![task.id])),
        many => Some(Found::OneOf(many.iter().take(MAX_CHOICES).map(|task| task.id).collect())),
    }
}

/// By the words of the title. A date in the phrase may be part of the title, or the due date of the task.
fn by_words(phrase: &Clause<'_>, cx: &ReadContext<'_>, scope: Scope, risk: Risk, words: String) -> Found {
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

/// The first phrase that can be read as a day or a time, wherever it stands.
pub(crate) fn date_anywhere(input: &DateInput<'_>) -> Vec<Mention> {
    let read = |start: usize| Some((start, date_phrase(input, start)?));
    let found = (0..input.tokens.len()).filter_map(read).find(|(_, read)| read.draft.resolve(input.now).is_some());
    found.map(|(start, read)| Mention { start, end: read.end, draft: read.draft }).into_iter().collect()
}

/// Whether anything but articles and task nouns is left.
fn has_content(words: &str) -> bool {
    const TIMES: &[&str] =
        &["morning", "afternoon", "evening", "night", "weekend", "week", "today", "set", "due", "o'clock"];
    words.split(' ').any(|word| !word.is_empty() && !crate::text::STOP_WORDS.contains(word) && !TIMES.contains(&word))
}
