//! Proofs that a sentence may change something: every word is accounted for ([`Understood`]), and its mood permits what
//! it leads to ([`Actions`]).
//!
//! A change that nobody requested is worse than a question. Whether one is allowed was once decided by each reader, and
//! each forgot something else: the end of a sentence, a negation, an "if". So a reader cannot make a change any more: it
//! gets the tasks of a phrase as an [`Understood`] value, and so it gets each title, date or name that enters a change.
//! They meet in [`Understood::change`], whose function is a plain one and captures nothing, and what leaves the crate is an
//! [`Actions`].
//!
//! **Invariant:** the fields of both types are private to this module, and the constructors below are all there are. Each of
//! them gets the words that its value is read out of.

use std::ops::Deref;

use jiff::civil::DateTime;
use tandem_protocol::TaskId;
use tandem_protocol::rest::NewTask;

use crate::Action;
use crate::dates::{DateInput, Draft, Mention, whole};
use crate::grammar::{Clause, ListName};
use crate::mood::Mood;
use crate::read::{at_moment, reminding};
use crate::reference::ReadContext;
use crate::reminder::ReminderWords;
use crate::text::Text;

/// A value that was read out of words of which none is left over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Understood<T>(T);

impl<T> Understood<T> {
    /// A value that a reader makes of all words of a part of a sentence.
    pub(crate) fn read<'c>(
        part: &Clause<'c>,
        cx: &ReadContext<'_>,
        reader: fn(&Clause<'c>, &ReadContext<'_>) -> Option<T>,
    ) -> Option<Self> {
        reader(part, cx).map(Self)
    }

    /// This value and another one, each read out of its own words.
    pub(crate) fn with<U>(self, other: Understood<U>) -> Understood<(T, U)> {
        Understood((self.0, other.0))
    }

    pub(crate) fn get(&self) -> &T {
        &self.0
    }
}

impl Understood<()> {
    /// Words of a closed list, which name nothing.
    pub(crate) fn of_words(_words: &Clause<'_>) -> Self {
        Self(())
    }
}

impl Understood<Draft> {
    /// A date that is all there is.
    pub(crate) fn date(input: &DateInput<'_>) -> Option<Self> {
        whole(input).filter(|draft| draft.contradiction(input.now).is_none()).map(Self)
    }

    /// A time that is all there is and that only the question "to when?" makes one: "6", "half five".
    pub(crate) fn bare_time(part: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Self> {
        let at = Text::new(&format!("at {}", part.source()));
        let time = whole(&DateInput::new(&at.tokens, cx.context.now.datetime()))?;
        let alone = time.names_time() && !time.names_day() && !time.repeats();
        (alone && time.resolve(cx.context.now.datetime()).is_some()).then_some(Self(time))
    }

    /// A date inside a sentence.
    pub(crate) fn mention(mention: &Mention) -> Self {
        Self(mention.draft.clone())
    }
}

impl Understood<ReminderWords> {
    /// A reminder that is all that a part says.
    pub(crate) fn reminder(part: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Self> {
        ReminderWords::read(&cx.dates_in(part)).map(Self)
    }
}

impl Understood<Vec<ReminderWords>> {
    /// One reminder or several that are all that a part says.
    pub(crate) fn reminders(part: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Self> {
        ReminderWords::read_all(&cx.dates_in(part)).map(Self)
    }
}

impl Understood<Option<Option<String>>> {
    /// The list that a phrase names, as a patch has it; `None` for the list of all tasks.
    pub(crate) fn list(name: &ListName, cx: &ReadContext<'_>) -> Option<Self> {
        let ListName(Some(name)) = name else { return None };
        Some(Self(Some(Some(cx.known_list(name).cloned().unwrap_or_else(|| name.clone())))))
    }
}

impl Understood<Vec<TaskId>> {
    /// The tasks that a phrase means, unless words of it fit none of them: then these words.
    pub(crate) fn tasks(ids: Vec<TaskId>, left_over: Option<String>) -> Result<Self, (Vec<TaskId>, String)> {
        match left_over {
            None => Ok(Self(ids)),
            Some(words) => Err((ids, words)),
        }
    }

    /// The tasks that a value selects, which is all that their phrase says.
    pub(crate) fn selected<V>(ids: Vec<TaskId>, _by: &Understood<V>) -> Self {
        Self(ids)
    }

    /// These tasks but some.
    pub(crate) fn without(mut self, some: &[TaskId]) -> Self {
        self.0.retain(|id| !some.contains(id));
        self
    }

    /// A change of these tasks that needs nothing else.
    pub(crate) fn act(self, change: fn(Vec<TaskId>) -> Vec<Action>) -> Understood<Vec<Action>> {
        Understood(change(self.0))
    }

    /// A change of these tasks to a value.
    pub(crate) fn change<V>(
        self,
        value: &Understood<V>,
        cx: &ReadContext<'_>,
        change: fn(Vec<TaskId>, &V, &ReadContext<'_>) -> Vec<Action>,
    ) -> Understood<Vec<Action>> {
        Understood(change(self.0, &value.0, cx))
    }

    /// These tasks and more, each once.
    pub(crate) fn merge(mut self, more: Self) -> Self {
        let new: Vec<TaskId> = more.0.into_iter().filter(|id| !self.0.contains(id)).collect();
        self.0.extend(new);
        self
    }
}

impl Understood<Vec<Action>> {
    /// New tasks: what is no field is the title, so no word can be left over.
    pub(crate) fn additions(tasks: Vec<NewTask>) -> Self {
        Self(tasks.into_iter().map(Action::Add).collect())
    }

    /// An undo, whose patterns have no capture.
    pub(crate) fn undo() -> Self {
        Self(vec![Action::Undo])
    }

    /// An action that changes nothing may guess; `None` for one that does.
    pub(crate) fn look(action: Action) -> Option<Self> {
        (!action.changes()).then(|| Self(vec![action]))
    }

    pub(crate) fn and(mut self, more: Self) -> Self {
        self.0.extend(more.0);
        self
    }
}

/// Actions that a message asks for: understood to the last word, in a mood that permits them. At least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actions(Vec<Action>);

impl Actions {
    /// The actions, or what was understood when the mood forbids one of them. What the user chose in answer to a
    /// question was agreed to, whatever the mood of the first message.
    pub(crate) fn permitted(
        mood: Mood,
        chosen: bool,
        found: Understood<Vec<Action>>,
    ) -> Result<Self, Understood<Vec<Action>>> {
        if chosen || found.0.iter().all(|action| mood.permits(action)) { Ok(Self(found.0)) } else { Err(found) }
    }

    /// What was proposed to the user, who agreed.
    pub(crate) fn agreed(found: Understood<Vec<Action>>) -> Self {
        Self(found.0)
    }

    /// The same with reminders that the sentence sets besides; `more`: besides those that it has set already. `None` when
    /// they count from a date that is not there, or belong to nothing that is done.
    pub(crate) fn reminding(
        self,
        words: &Understood<Vec<ReminderWords>>,
        more: bool,
        cx: &ReadContext<'_>,
    ) -> Option<Self> {
        reminding(self.0, &words.0, more, cx).map(Self)
    }

    /// The same with the reminders of new tasks to the second, at moments that were said.
    pub(crate) fn at_moments(mut self, moments: &[DateTime]) -> Self {
        for action in &mut self.0 {
            if let Action::Add(task) = action {
                at_moment(task, moments);
            }
        }
        self
    }

    /// Some of these additions, by their places; `None` unless they are so many, and nothing else.
    pub(crate) fn additions_at(self, places: &[usize], count: usize) -> Option<Self> {
        let only = self.0.len() == count && self.0.iter().all(|action| matches!(action, Action::Add(_)));
        let kept = self.0.into_iter().enumerate().filter(|(at, _)| places.contains(at));
        only.then(|| Self(kept.map(|(_, action)| action).collect()))
    }

    pub(crate) fn joined(parts: Vec<Self>) -> Self {
        Self(parts.into_iter().flat_map(|part| part.0).collect())
    }

    #[must_use]
    pub fn into_vec(self) -> Vec<Action> {
        self.0
    }
}

impl Deref for Actions {
    type Target = [Action];

    fn deref(&self) -> &[Action] {
        &self.0
    }
}

impl IntoIterator for Actions {
    type Item = Action;
    type IntoIter = std::vec::IntoIter<Action>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
