//! Reads a chat message: what the user wants done.

mod add;
mod add_patterns;
mod bare;
mod edit;
mod filter;
mod pick;
mod remove;
mod reschedule;
mod several;
mod show;
mod talk;
mod whole;

use crate::grammar::{Clause, split};
use crate::reference::{Mind, Target, Titles};
use crate::text::Text;
use crate::{Action, Context, Reading, Talk};

/// What `message` asks for, judged against `context`. Total: every text has a reading.
pub fn read(message: &str, context: &Context<'_>) -> Reading {
    let titles = Titles::default();
    read_with(message, &Mind::new(context, &titles))
}

/// The same with titles that may be looked at afterwards.
pub(crate) fn read_with(message: &str, mind: &Mind<'_>) -> Reading {
    let text = Text::new(message);
    pick::answer(&text, mind).unwrap_or_else(|| read_text(&text, mind))
}

/// What one clause comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    Act(Vec<Action>),
    Ask {
        question: String,
        choices: Vec<String>,
    },
    /// Asks what a task is to be called; the task so far waits.
    AskTitle(Box<crate::NewTask>),
    /// Asks whether something said in passing is to be a task.
    Propose(Box<crate::NewTask>),
    Say(Talk),
    Missing(String),
}

/// Reads a whole message: all of its clauses, or none of them.
fn outcome(text: &Text, mind: &Mind<'_>) -> Option<Outcome> {
    let all = Clause::new(text, 0, text.len());
    if all.is_empty() {
        return None;
    }
    if let Some(found) = whole::read(&all, mind) {
        return Some(found);
    }
    let clauses = split(text);
    let mut actions: Vec<Action> = Vec::new();
    let mut talk = None;
    for clause in &clauses {
        match one(clause, mind, &actions) {
            Some(Outcome::Act(more)) => actions.extend(more),
            Some(Outcome::Say(said)) if clauses.len() > 1 => talk = Some(said),
            Some(Outcome::Missing(what)) if clauses.len() > 1 => actions.push(Action::Miss { what }),
            // What is not understood in a part is not understood as a whole: perhaps the cut was wrong.
            None | Some(Outcome::AskTitle(_) | Outcome::Propose(_)) if clauses.len() > 1 => {
                return one(&all, mind, &[]);
            }
            other => return other,
        }
    }
    actions.dedup_by(|later, earlier| *later == Action::Undo && *earlier == Action::Undo);
    match &actions[..] {
        [] => talk.map(Outcome::Say),
        [Action::Miss { what }, rest @ ..] if rest.iter().all(|action| matches!(action, Action::Miss { .. })) => {
            Some(Outcome::Missing(what.clone()))
        }
        _ => Some(Outcome::Act(actions)),
    }
}

/// Reads one clause; `before` is what earlier clauses of the message do.
fn one(clause: &Clause<'_>, mind: &Mind<'_>, before: &[Action]) -> Option<Outcome> {
    let after_add = matches!(before.last(), Some(Action::Add(_)));
    // "put laundry on my to-do list" speaks of a list before it speaks of something to do.
    let first_is_put =
        matches!(clause.word(0), "add" | "put" | "include" | "insert" | "place" | "throw" | "enter" | "make" | "write");
    talk::read(clause)
        .or_else(|| if first_is_put { add::to_list(clause, mind, before) } else { None })
        .or_else(|| add::reminder(clause, mind))
        .or_else(|| if after_add { edit::new_task(clause) } else { None })
        .or_else(|| edit::read(clause, mind))
        .or_else(|| reschedule::read(clause, mind))
        .or_else(|| add::to_list(clause, mind, before))
        .or_else(|| remove::read(clause, mind, before))
        .or_else(|| show::read(clause, mind))
        .or_else(|| add::plain(clause, mind, before))
        .or_else(|| bare::read(clause, mind))
        .or_else(|| talk::loosely(clause))
}

fn read_text(text: &Text, mind: &Mind<'_>) -> Reading {
    match outcome(text, mind) {
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
        Outcome::Say(talk) => Reading::Say(talk),
        Outcome::Missing(what) => Reading::Say(Talk::NoSuchTask { what }),
    }
}

/// Turns a resolved reference into an outcome; `verb` completes "Which one shall I …?".
fn on_target(target: Target, verb: &str, act: impl FnOnce(Vec<String>) -> Vec<Action>) -> Outcome {
    match target {
        Target::Tasks(ids) => Outcome::Act(act(ids)),
        Target::OneOf(choices) if choices.len() == 1 => {
            Outcome::Ask { question: "Do you mean this one?".to_owned(), choices }
        }
        Target::OneOf(choices) => Outcome::Ask { question: format!("Which one shall I {verb}?"), choices },
        Target::Missing(what) => Outcome::Missing(what),
    }
}
