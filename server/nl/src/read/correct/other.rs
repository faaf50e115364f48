//! Corrections that name another task: "no, I meant the rent", "not that one, the report".
//!
//! The request before is taken back and done to the task that was meant. It is read again with that task in the place of
//! every reference, as with the answer to "which one?". A correction may also name those of several tasks that were meant.

use crate::Action;
use crate::grammar::Clause;
use crate::mood::Mood;
use crate::reference::{ReadContext, Risk, Scope, Target, resolve};
use crate::text::Text;
use crate::understood::{Actions, Understood};
use tandem_protocol::TaskId;
use tandem_protocol::model::Task;

use super::{Outcome, not_understood, title};
use crate::read::{named_by, named_in, outcome, pick};

pub(super) fn read(value: &Clause<'_>, tasks: &[&Task], cx: &ReadContext<'_>) -> Option<Outcome> {
    let request = Text::new(cx.request?);
    if value.mood != Mood::Command && !matches!(value.mood, Mood::Unreal(_)) {
        return None;
    }
    let fresh = cx.before_correction();
    let Target::Tasks(meant) = resolve(value, &fresh, Scope::Any, Risk::Destructive) else { return None };
    let [id] = meant.get()[..] else { return None };
    if tasks.iter().any(|task| task.id == id) {
        return None;
    }
    let chosen = [id];
    let again = outcome(&request, &fresh.with_choice(&chosen));
    match again {
        Some(Outcome::Permitted(actions)) if is_about(&actions, id) => {
            let back = Actions::permitted(Mood::Command, false, Understood::undo()).ok()?;
            Some(Outcome::Permitted(Actions::joined(vec![back, actions])))
        }
        _ => Some(not_understood(value)),
    }
}

/// Whether actions change one task and nothing else.
fn is_about(actions: &Actions, id: TaskId) -> bool {
    !actions.is_empty()
        && actions
            .iter()
            .all(|action| action.changes() && !matches!(action, Action::Add(_)) && named_by(action) == [id])
}

/// "no, only the flour", after several tasks: the request is taken back and done to these alone.
pub(super) fn only(value: &Clause<'_>, tasks: &[&Task], cx: &ReadContext<'_>) -> Option<Outcome> {
    let n = value.tokens().len();
    let just = value.text.tokens[value.start..value.from].iter().any(|token| token.is("just"));
    let led = usize::from(value.word(0) == "only");
    let ends = usize::from(n > 1 && value.word(n - 1) == "only");
    if !(just || led + ends == 1) || n == led + ends || tasks.len() < 2 {
        return None;
    }
    let words = value.part(led, n - ends);
    let all: Vec<TaskId> = tasks.iter().map(|task| task.id).collect();
    let meant = pick::pointed(&words, cx, &all).or_else(|| pick::by_words(&words, cx, &all))?;
    if meant.len() == all.len() {
        return None;
    }
    let (request, fresh) = (Text::new(cx.request?), cx.before_correction());
    let added = match outcome(&request, &fresh) {
        Some(Outcome::Permitted(actions)) => {
            let places: Vec<usize> = (0..all.len()).filter(|&at| meant.contains(&all[at])).collect();
            actions.additions_at(&places, all.len())
        }
        _ => None,
    };
    let again = added.or_else(|| match outcome(&request, &fresh.with_choice(&meant)) {
        Some(Outcome::Permitted(actions)) if meant.iter().all(|id| named_in(&actions).contains(id)) => Some(actions),
        _ => None,
    })?;
    let about = named_in(&again).iter().all(|id| meant.contains(id)) && again.iter().all(Action::changes);
    let back = Actions::permitted(Mood::Command, false, Understood::undo()).ok()?;
    about.then(|| Outcome::Permitted(Actions::joined(vec![back, again])))
}

/// "no, not the bread", after several tasks: the one that was not meant is to go, and the user is asked.
pub(super) fn without(wrong: &Clause<'_>, tasks: &[&Task], cx: &ReadContext<'_>) -> Option<Outcome> {
    let ask = |id| Some(Outcome::Ask { question: "Shall I delete this task?".to_owned(), choices: vec![id] });
    match tasks {
        [task] if cx.chosen.is_some() => {
            let ids = Understood::selected(vec![task.id], &Understood::of_words(wrong));
            let found = ids.act(|ids| vec![Action::Delete { ids }]);
            return Actions::permitted(Mood::Command, true, found).ok().map(Outcome::Permitted);
        }
        [task] if cx.again => return ask(task.id),
        _ if tasks.len() < 2 || !title::was_added(cx) => return None,
        _ => {}
    }
    let chosen: Vec<TaskId> = tasks.iter().map(|task| task.id).collect();
    let [id] = crate::reference::pick_among(wrong, cx, &chosen)?[..] else { return None };
    ask(id)
}
