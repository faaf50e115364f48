//! What the mood of a clause leaves of its meaning.

use crate::grammar::Clause;
use crate::mood::{Mood, Unreal};
use crate::reference::{ReadContext, is_titled};
use crate::understood::Actions;
use crate::{Action, Response};

use super::{Outcome, happened};

/// Words of a sentence that is no command, but means that something is to go.
const DROPPED: &[&str] = &["longer", "anymore"];

/// What the mood of a clause leaves of its meaning.
pub(super) fn in_mood(clause: &Clause<'_>, cx: &ReadContext<'_>, found: Outcome) -> Option<Outcome> {
    let mood = clause.mood;
    let refused = match found {
        Outcome::Act(actions) => match Actions::permitted(mood, cx.chosen.is_some(), actions) {
            Ok(actions) => return Some(Outcome::Permitted(actions)),
            Err(actions) => actions,
        },
        // Nothing is looked for, and nothing asked, for a change that was not requested.
        Outcome::Ask { .. }
        | Outcome::AskExtent { .. }
        | Outcome::AskTitle(_)
        | Outcome::AskDue(_)
        | Outcome::AskWhen(_)
        | Outcome::AskTime(_)
        | Outcome::AskEither(_)
        | Outcome::AskWithout(_)
        | Outcome::AskUncounted(..)
        | Outcome::AskOrder(..)
        | Outcome::AskDay(..)
        | Outcome::AskAll(_)
        | Outcome::AskRemind(_)
            if matches!(mood, Mood::Unreal(_)) =>
        {
            let Mood::Unreal(why) = mood else { return None };
            return Some(Outcome::Respond(Response::NotAsked(why)));
        }
        // "I should buy milk" when that is a task already.
        Outcome::Propose(tasks) if tasks.iter().any(|task| is_titled(&task.title, cx)) => match mood {
            Mood::Unreal(why) => return Some(Outcome::Respond(Response::NotAsked(why))),
            _ => return Some(Outcome::Propose(tasks)),
        },
        // "I no longer need the milk" names what is to go, although there is none.
        Outcome::Missing(_) if matches!(mood, Mood::Unreal(Unreal::Negated)) && clause.has(DROPPED) => {
            return Some(found);
        }
        Outcome::Missing(_) if matches!(mood, Mood::Unreal(_) | Mood::Done) => return None,
        other => return Some(other),
    };
    let only = match &refused.get()[..] {
        [Action::Complete { ids } | Action::Delete { ids } | Action::Reopen { ids }] => &ids[..],
        [Action::Update { id, .. } | Action::Reschedule { id, .. } | Action::Skip { id }] => std::slice::from_ref(id),
        _ => &[],
    };
    let ask = |question: &str| Some(Outcome::Ask { question: question.to_owned(), choices: only.to_vec() });
    match (mood, &refused.get()[..], only) {
        // "is the report done?" is answered by the task.
        (Mood::Unreal(Unreal::Question), [Action::Complete { .. } | Action::Reopen { .. }], [id]) => {
            happened::state_of(*id, cx)
        }
        (Mood::Unreal(Unreal::Unsure), [Action::Delete { .. }], [_]) => ask("Shall I delete this task?"),
        (Mood::Unreal(Unreal::Unsure), [Action::Complete { .. }], [_]) => ask("Shall I mark this task as done?"),
        (Mood::Unreal(Unreal::Unsure), _, [_]) => ask("Shall I change this task?"),
        // "I don't need milk any more" is no command, but it may well mean one.
        (Mood::Unreal(Unreal::Negated | Unreal::Stated), [Action::Delete { .. }], [_])
            if clause.has(&["anymore", "longer", "more", "remind", "go", "need", "want"]) =>
        {
            ask("Shall I delete this task?")
        }
        // "don't remind me about the report".
        (Mood::Unreal(Unreal::Negated), [Action::Update { .. }], [_]) if clause.has(&["remind", "reminding"]) => {
            ask("Shall I take its reminder away?")
        }
        // "my shopping list needs butter".
        (Mood::Unreal(Unreal::Stated), [Action::Add(task)], _)
            if clause.has(&["needs", "lacks", "missing", "misses"]) =>
        {
            Some(Outcome::Propose(vec![task.clone()]))
        }
        // "I need to do the laundry today" may be worth a task.
        (Mood::Unreal(Unreal::Intended), [Action::Add(task)], _) => Some(Outcome::Propose(vec![task.clone()])),
        (Mood::Unreal(why), ..) => Some(Outcome::Respond(Response::NotAsked(why))),
        (_, [Action::Add(task)], _) => Some(Outcome::Propose(vec![task.clone()])),
        _ => Some(Outcome::Respond(Response::NotAsked(Unreal::Intended))),
    }
}
