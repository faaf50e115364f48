//! Several requests in one message, one on each line: "add milk⏎remind me to call Ann at 5".
//!
//! Lines are lost when a text becomes tokens, and so would be the request on the second one: it would end up in the title
//! of the first. So a message in which more than one line begins like a request is read line by line.
//!
//! **Invariant:** all of the lines are done, or none. The one that was not understood is named.

use crate::Response;
use crate::grammar::{Clause, explicit, is_command};
use crate::mood::Mood;
use crate::reference::ReadContext;
use crate::text::Text;
use crate::understood::Actions;
use tandem_protocol::rest::NewTask;

use super::{Outcome, bare, named_in, outcome, spelling};

/// Most lines that are read as requests.
const MOST_LINES: usize = 20;

pub(super) fn read(message: &str, cx: &ReadContext<'_>) -> Option<Outcome> {
    let lines: Vec<&str> =
        message.lines().map(str::trim).filter(|line| !line.is_empty()).take(MOST_LINES + 1).collect();
    if !(2..=MOST_LINES).contains(&lines.len()) {
        return None;
    }
    let texts: Vec<Text> = lines.iter().map(|line| spelling::corrected(Text::new(line))).collect();
    if texts.iter().filter(|text| is_request(text)).count() < 2 {
        return notes(&texts, cx);
    }
    let mut done: Vec<Actions> = Vec::new();
    for (line, text) in lines.into_iter().zip(&texts) {
        let named = done.last().map(|actions| named_in(actions)).unwrap_or_default();
        match outcome(text, &cx.with_named(&named)) {
            Some(Outcome::Permitted(more)) => done.push(more),
            Some(Outcome::Respond(Response::Greeting | Response::Thanks | Response::Goodbye)) => {}
            Some(refused @ (Outcome::Respond(_) | Outcome::Missing(_))) => return Some(refused),
            _ => return Some(Outcome::Respond(Response::NotUnderstood { words: line.to_owned() })),
        }
    }
    Some(Outcome::Permitted(Actions::joined(done)))
}

/// Whether a line begins like a request, and is no second half of the line before.
fn is_request(text: &Text) -> bool {
    let clause = Clause::new(text, 0, text.len());
    is_command(clause.word(0)) || explicit(&clause)
}

/// "milk⏎eggs": lines that are nothing but the names of tasks. Nobody asked for them to be added, so the user is asked.
fn notes(lines: &[Text], cx: &ReadContext<'_>) -> Option<Outcome> {
    let note = |text: &Text| -> Option<Vec<NewTask>> {
        let clause = Clause::new(text, 0, text.len());
        if clause.mood != Mood::Command {
            return None;
        }
        bare::tasks(&clause, cx)
    };
    let all: Option<Vec<Vec<NewTask>>> = lines.iter().map(note).collect();
    Some(Outcome::Propose(all?.concat()))
}
