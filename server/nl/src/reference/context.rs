//! What a sentence is read against, with the names that the user's tasks have.

use crate::Context;
use crate::dates::{DateInput, DayOrder, Home};
use crate::grammar::Clause;
use crate::quick_add::{LineReading, parse_task};
use crate::spoken;
use crate::work;
use jiff::civil::Date;
use strsim::osa_distance;
use tandem_protocol::TaskId;
use tandem_protocol::model::Task;
use tandem_protocol::rest::NewTask;

use super::Titles;

/// Steps of reading a stretch of a sentence as a task, besides those of its dates.
const NEW_TASK_COST: u32 = 60;

/// What a sentence is read against: the context, and the tasks that were chosen in answer to a question.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReadContext<'a> {
    pub(crate) context: &'a Context<'a>,
    /// The answer to "which one?": then every reference means these.
    pub(crate) chosen: Option<&'a [TaskId]>,
    /// The message before, when the reply to it changed something. None while that message itself is read again: a correction
    /// is about one request, and that about nothing before it.
    pub(crate) request: Option<&'a str>,
    /// Whether the message is read again, because its question is answered: the choices of the question are shown.
    pub(crate) again: bool,
    /// The answer to "this time or always?".
    pub(crate) extent: Option<Extent>,
    /// The tasks that earlier clauses of the same message named: "it" is one of these before any other.
    pub(crate) named: &'a [TaskId],
    /// The order of day and month in figures, where it is known.
    pub(crate) order: Option<DayOrder>,
    /// The day that was chosen where a weekday and a date contradict each other.
    pub(crate) day: Option<Date>,
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
            request: context.request,
            again: false,
            extent: None,
            named: &[],
            order: DayOrder::of_zone(context.now),
            day: None,
            list: None,
            titles,
        }
    }

    pub(crate) fn without_choice(self) -> Self {
        Self { chosen: None, ..self }
    }

    /// For the request that a correction is about, as it was read then.
    pub(crate) fn before_correction(self) -> Self {
        Self { chosen: None, named: &[], request: None, ..self }
    }

    /// The sentence before, whose question is answered now.
    pub(crate) fn again(self) -> Self {
        Self { again: true, ..self }
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

    pub(crate) fn dates_in<'c>(&self, clause: &Clause<'c>) -> DateInput<'c>
    where
        'a: 'c,
    {
        DateInput {
            order: self.order.unwrap_or_default(),
            home: Home::of(self.context.now),
            settled: self.day,
            ..DateInput::new(clause.tokens(), self.context.now.datetime())
        }
    }

    /// A clause as the line of a new task.
    pub(crate) fn new_task(&self, clause: &Clause<'_>) -> NewTask {
        self.new_task_without(clause, (0, 0))
    }

    /// The same without some words of the clause, by their places in it.
    pub(crate) fn new_task_without(&self, clause: &Clause<'_>, words: (usize, usize)) -> NewTask {
        work::spend(NEW_TASK_COST);
        let mut found = NewTask::default();
        let mut cut = spoken::fields(clause, &mut found);
        if words.0 < words.1 {
            cut.push(words);
        }
        let now = self.context.now;
        let (order, home) = (self.order.unwrap_or_default(), Home::of(now));
        let reading = LineReading {
            now: now.datetime(),
            order,
            home,
            settled: self.day,
            all_day: self.context.all_day,
            kept: &[],
        };
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
