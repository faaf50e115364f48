//! The tasks that a phrase means, before and after its words are accounted for.

use crate::grammar::Clause;
use crate::understood::Understood;
use tandem_protocol::TaskId;

use super::{ReadContext, left_over};

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
pub(super) enum Found {
    Tasks(Vec<TaskId>),
    OneOf(Vec<TaskId>),
    Missing(String),
}

impl Found {
    /// Accounts for the words of the phrase.
    pub(super) fn close(self, phrase: &Clause<'_>, cx: &ReadContext<'_>) -> Target {
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
    pub(super) fn guessed(self) -> Self {
        match self {
            Self::Tasks(ids) => Self::OneOf(ids),
            other => other,
        }
    }

    /// The same for a phrase that points at its tasks, which has no other words.
    pub(super) fn pointed(self) -> Target {
        match self {
            Self::Tasks(ids) => Target::of(ids, None),
            Self::OneOf(choices) => Target::OneOf(choices),
            Self::Missing(words) => Target::Missing(words),
        }
    }
}

impl Target {
    pub(super) fn of(ids: Vec<TaskId>, left_over: Option<String>) -> Self {
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
    pub(super) fn words(&self) -> Option<&str> {
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
