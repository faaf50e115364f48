//! Corrections of words of the request: "not work, home" after "tag it work".
//!
//! The right words take the place of the wrong ones in the request, which is read again. What it did is taken back.

use crate::Action;
use crate::grammar::{Clause, is_command};
use crate::mood::Mood;
use crate::reference::ReadContext;
use crate::text::{Text, listed};
use crate::understood::{Actions, Understood};
use tandem_protocol::TaskId;
use tandem_protocol::model::Task;

use super::{Outcome, title};
use crate::read::outcome;

/// Most words that take the place of others.
const LONGEST: usize = 5;

pub(super) fn read(wrong: &Clause<'_>, value: &Clause<'_>, tasks: &[&Task], cx: &ReadContext<'_>) -> Option<Outcome> {
    let request = Text::new(cx.request?);
    let strange = is_command(value.word(0)) || listed(title::NO_TITLE, value.word(0));
    if strange || tasks.is_empty() || value.tokens().len() > LONGEST {
        return None;
    }
    let (from, to) = words_in(&request, wrong)?;
    let sentence = format!("{} {} {}", request.slice(0, from), value.source(), request.slice(to, request.len()));
    let ids: Vec<TaskId> = tasks.iter().map(|task| task.id).collect();
    match outcome(&Text::new(&sentence), &cx.before_correction().with_choice(&ids)) {
        Some(Outcome::Permitted(actions)) if !actions.is_empty() && actions.iter().all(Action::changes) => {
            let back = Actions::permitted(Mood::Command, false, Understood::undo()).ok()?;
            Some(Outcome::Permitted(Actions::joined(vec![back, actions])))
        }
        _ => None,
    }
}

/// The only place of these words in the request.
fn words_in(request: &Text, words: &Clause<'_>) -> Option<(usize, usize)> {
    let length = words.tokens().len();
    let same = |from: &usize| (0..length).all(|at| request.tokens[from + at].word == words.word(at));
    let mut places = (0..(request.len() + 1).saturating_sub(length)).filter(same);
    let from = places.next().filter(|_| length > 0 && places.next().is_none())?;
    Some((from, from + length))
}
