//! A second request after "add …": "add bread and delete milk".
//!
//! Titles have "and" in them, so where a message is cut cannot be decided by its words alone ("add bread and update firmware"
//! is one task). It is cut where the words after the "and" are a request about tasks that there are.

use crate::Action;
use crate::grammar::{Clause, is_command};
use crate::reference::ReadContext;
use crate::text::listed;

use super::{Outcome, by_intent};

/// Verbs of a second request.
const VERBS: &str =
    "delete remove erase cancel move reschedule postpone push snooze complete mark finish tick check rename";
/// Those that count after words that are no command or only name a reminder: "remind me to call Bob and delete the milk".
const AFTER_A_TITLE: &str = "delete erase reschedule postpone rename mark untick uncheck reopen";
/// Those that follow a new title, with "it" after them: "rename milk to oat milk and move it to Monday".
const OF_IT: &str = "move reschedule postpone mark complete delete label tag make set";
/// Those that hardly begin a title: with no such task the user is asked.
const NO_TITLE: &str = "delete erase move reschedule postpone rename mark";
/// Places at which a request may begin that are tried.
const MAX_JOINTS: usize = 4;

/// The clauses, those cut in two that add a task and then ask for something else.
pub(super) fn apart<'a>(clauses: Vec<Clause<'a>>, cx: &ReadContext<'_>) -> Vec<Clause<'a>> {
    let cut = |clause: Clause<'a>| {
        let joint = seconds(&clause).find(|(_, second)| is_request(second, cx));
        match joint {
            Some((at, second)) => vec![Clause::new(clause.text, clause.start, at), second],
            None => vec![clause],
        }
    };
    clauses.into_iter().flat_map(cut).collect()
}

/// Whether it adds a task whose title ends in what sounds like a request.
pub(super) fn is_doubtful(clause: &Clause<'_>) -> bool {
    listed("add create put insert", clause.word(0))
        && seconds(clause).any(|(_, second)| listed(NO_TITLE, second.word(0)))
}

/// Where a second request may begin in a clause that adds a task, as a place of the text, with what follows.
fn seconds<'a>(clause: &Clause<'a>) -> impl Iterator<Item = (usize, Clause<'a>)> {
    let verbs = match clause.word(0) {
        "add" | "create" | "put" | "insert" => VERBS,
        "rename" | "retitle" => OF_IT,
        first if first == "remind" || !is_command(first) => AFTER_A_TITLE,
        _ => "",
    };
    let (text, from, to) = (clause.text, clause.from, clause.to);
    let joints = (from + 1..to).filter(move |&at| text.tokens[at].is_any(&["and", ",", "then"]));
    joints
        .map(move |at| (at, Clause::new(text, at + 1, to)))
        .filter(move |(_, second)| second.tokens().len() > 1 && listed(verbs, second.word(0)))
        .filter(move |(_, second)| verbs != OF_IT || matches!(second.word(1), "it" | "that"))
        .take(MAX_JOINTS)
}

fn is_request(second: &Clause<'_>, cx: &ReadContext<'_>) -> bool {
    match by_intent(second, &cx.without_choice(), &[]) {
        Some(Outcome::Act(actions)) => !actions.get().iter().any(|action| matches!(action, Action::Add(_))),
        Some(Outcome::Ask { .. } | Outcome::AskExtent { .. }) => true,
        _ => false,
    }
}
