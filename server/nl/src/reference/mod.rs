//! Which tasks a phrase means: by number, by the list last shown, by what was last touched, by words of the title.
//!
//! Titles are free text and people quote them loosely, so words are ranked and not compared. A ranking leads to a task only
//! when it is good enough and ahead of the next one; the threshold is higher when something would be deleted. Otherwise the
//! user chooses.
//!
//! A phrase that points at a task never falls back to words: "task 99" does not mean a task about 99 bottles.

mod by_words;
mod context;
mod group;
mod left_over;
mod matching;
mod pointed;
mod pointer;
mod sets;
mod target;
mod titles;

pub(crate) use by_words::{date_anywhere, is_one_title, is_titled, names_one, pick_among};
pub(crate) use context::{Extent, ReadContext};
pub(crate) use group::{group, within};
pub(crate) use matching::rank;
pub(crate) use pointer::{Marked, Pointer, pointer};
pub(crate) use sets::{has_exception, parts};
pub(crate) use target::Target;
pub(crate) use titles::Titles;

use crate::grammar::{Clause, ListName};
use crate::understood::Understood;
use by_words::{by_words, one_of};
use tandem_protocol::TaskId;
use tandem_protocol::enums::TaskStatus;
use tandem_protocol::model::Task;
use target::Found;

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

/// Most tasks that one phrase names by their titles.
const MAX_PARTS: usize = 8;

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

/// Resolves a phrase that may name several tasks: "the report and the dentist". All of them have to be clear.
pub(crate) fn resolve_each(phrase: &Clause<'_>, cx: &ReadContext<'_>, scope: Scope, risk: Risk) -> Target {
    let whole = || resolve(phrase, cx, scope, risk);
    if cx.chosen.is_some() || pointer(phrase).is_some() || is_one_title(phrase, cx) {
        return whole();
    }
    let mut all: Option<Understood<Vec<TaskId>>> = None;
    let parts = parts(phrase);
    // "the report to Monday and the dentist" is half of another sentence.
    let moved = parts.iter().any(|part| part.has(&["to", "until", "till"]));
    if moved || parts.len() < 2 || parts.len() > MAX_PARTS {
        return whole();
    }
    for part in parts {
        match (all.take(), resolve(&part, cx, scope, risk)) {
            (None, Target::Tasks(ids)) => all = Some(ids),
            (Some(before), Target::Tasks(ids)) => all = Some(before.merge(ids)),
            // "call Ann and Bob" may be one title, of which a part by itself says nothing.
            (None, _) => return whole(),
            (Some(_), unclear) => return unclear,
        }
    }
    all.map_or_else(whole, Target::Tasks)
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
