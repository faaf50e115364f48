//! Reads a chat message: what the user wants to be done.
//!
//! A message is first read as the answer to an open question, then as a whole, then clause by clause. For each clause the
//! readers of this module are tried in a fixed order, from the most specific intent to the least (`one`).
//!
//! The message is understood as a whole or not at all: when one of its clauses has no reading, nothing of it is done.
//! A weak match changes nothing; it leads to a question.

mod add;
mod add_patterns;
mod answer;
mod combined;
mod edit;
mod filter;
mod plain_task;
mod remove;
mod reschedule;
mod several;
mod show;
mod talk;

use crate::grammar::{Clause, is_task_noun, split};
use crate::reference::{ReadContext, Target, Titles, pointer};
use crate::text::Text;
use crate::{Action, Context, Reading, Response};
use tandem_protocol::TaskId;
use tandem_protocol::rest::NewTask;

/// The meaning of `message` in `context`. Every text has one, if only [`Reading::Unknown`].
pub fn read(message: &str, context: &Context<'_>) -> Reading {
    let titles = Titles::default();
    read_with(message, &ReadContext::new(context, &titles))
}

/// As [`read`], for tests that look at the steps taken.
pub(crate) fn read_with(message: &str, cx: &ReadContext<'_>) -> Reading {
    let text = Text::new(message);
    answer::read(&text, cx).unwrap_or_else(|| read_text(&text, cx))
}

/// The meaning of one clause.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    Act(Vec<Action>),
    Ask {
        question: String,
        choices: Vec<TaskId>,
    },
    /// The title of the task is missing: the user is asked for it, and the task waits.
    AskTitle(Box<NewTask>),
    /// The user is asked whether this is to be a task.
    Propose(Box<NewTask>),
    Respond(Response),
    Missing(String),
}

/// Reads a whole message: all of its clauses, or none of them.
fn outcome(text: &Text, cx: &ReadContext<'_>) -> Option<Outcome> {
    let all = Clause::new(text, 0, text.len());
    if all.is_empty() {
        return None;
    }
    if let Some(found) = combined::read(&all, cx) {
        return Some(found);
    }
    // Sentences whose clauses depend on each other were read as a whole above; these stand by themselves.
    let clauses = split(text);
    let mut actions: Vec<Action> = Vec::new();
    let mut talk = None;
    for clause in &clauses {
        match one(clause, cx, &actions) {
            Some(Outcome::Act(more)) => actions.extend(more),
            Some(Outcome::Respond(said)) if clauses.len() > 1 => talk = Some(said),
            Some(Outcome::Missing(what)) if clauses.len() > 1 => actions.push(Action::NoSuchTask { what }),
            // One clause without a reading: perhaps the cut was wrong, so the message is read as one clause.
            None | Some(Outcome::AskTitle(_) | Outcome::Propose(_)) if clauses.len() > 1 => {
                return one(&all, cx, &[]);
            }
            other => return other,
        }
    }
    // "undo that, please undo" is one undo.
    actions.dedup_by(|later, earlier| *later == Action::Undo && *earlier == Action::Undo);
    match &actions[..] {
        [] => talk.map(Outcome::Respond),
        [Action::NoSuchTask { what }, rest @ ..]
            if rest.iter().all(|action| matches!(action, Action::NoSuchTask { .. })) =>
        {
            Some(Outcome::Missing(what.clone()))
        }
        _ => Some(Outcome::Act(actions)),
    }
}

/// Reads one clause; `before` is what earlier clauses of the message do.
fn one(clause: &Clause<'_>, cx: &ReadContext<'_>, before: &[Action]) -> Option<Outcome> {
    let after_add = matches!(before.last(), Some(Action::Add(_)));
    // "put laundry on my to-do list" has "to do" in it, but it is a list that is meant.
    let first_is_put =
        matches!(clause.word(0), "add" | "put" | "include" | "insert" | "place" | "throw" | "enter" | "make" | "write");
    // The order matters: a clause often fits several readers, and the first one wins.
    talk::read(clause)
        .or_else(|| if first_is_put { add::to_list(clause, cx, before) } else { None })
        .or_else(|| add::reminder(clause, cx))
        .or_else(|| if after_add { edit::new_task(clause) } else { None })
        .or_else(|| edit::read(clause, cx))
        .or_else(|| reschedule::read(clause, cx))
        .or_else(|| add::to_list(clause, cx, before))
        .or_else(|| remove::read(clause, cx, before))
        .or_else(|| show::read(clause, cx))
        .or_else(|| add::plain(clause, cx, before))
        .or_else(|| plain_task::read(clause, cx))
        .or_else(|| talk::loosely(clause))
}

fn read_text(text: &Text, cx: &ReadContext<'_>) -> Reading {
    match outcome(text, cx) {
        Some(found) => finish(found),
        None => Reading::Unknown { hint: HINT.to_owned() },
    }
}

const HINT: &str = "Try “add buy milk tomorrow at 5pm”, “show my tasks” or “mark task 3 as done”.";

fn finish(outcome: Outcome) -> Reading {
    let ask = |question: String| Reading::Ask { question, choices: Vec::new() };
    match outcome {
        Outcome::Act(actions) => Reading::Act(actions),
        Outcome::Ask { question, choices } => Reading::Ask { question, choices },
        Outcome::AskTitle(_) => ask("What should the task be called?".to_owned()),
        Outcome::Propose(task) => ask(format!("Shall I add “{}” as a task?", task.title)),
        Outcome::Respond(talk) => Reading::Respond(talk),
        Outcome::Missing(what) => Reading::Respond(Response::NoSuchTask { what }),
    }
}

/// "the milk task" is "milk"; "task 3" stays.
fn without_noun<'a>(object: &Clause<'a>) -> Clause<'a> {
    let tokens = object.tokens();
    let n = tokens.len();
    let noun = n > 1 && is_task_noun(&tokens[n - 1].word) && pointer(object).is_none();
    let article = usize::from(n > 1 && tokens[0].is_any(&["the", "my"]) && noun);
    if noun && n - 1 > article { object.part(article, n - 1) } else { *object }
}

/// Turns a resolved reference into an outcome; `verb` completes "Which one shall I …?".
fn on_target(target: Target, verb: &str, act: impl FnOnce(Vec<TaskId>) -> Vec<Action>) -> Outcome {
    match target {
        Target::Tasks(ids) => Outcome::Act(act(ids)),
        Target::OneOf(choices) if choices.len() == 1 => {
            Outcome::Ask { question: "Do you mean this one?".to_owned(), choices }
        }
        Target::OneOf(choices) => Outcome::Ask { question: format!("Which one shall I {verb}?"), choices },
        Target::Missing(what) => Outcome::Missing(what),
    }
}
