//! A command that is only its verb: "delete", "add", "move". What is missing is asked for.

use crate::grammar::Clause;
use crate::reference::{MAX_CHOICES, ReadContext, Target};
use crate::understood::Understood;
use crate::{Action, Response};
use tandem_protocol::TaskId;
use tandem_protocol::enums::TaskStatus;

use super::{Outcome, series};

pub(super) fn read(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    if clause.tokens().len() != 1 || clause.text.tokens.iter().filter(|token| !token.is_mark()).count() > 2 {
        return None;
    }
    let incomplete = |example| Some(Outcome::Respond(Response::Incomplete { example }));
    match clause.word(0) {
        "add" | "create" => Some(Outcome::AskTitle(Box::default())),
        "delete" | "remove" | "erase" => which(cx, "Which one shall I delete?", |chosen| {
            series::delete(clause, Target::selected(chosen, &Understood::of_words(clause)), cx)
        }),
        "complete" | "finish" => which(cx, "Which one is done?", |chosen| {
            let ids = Understood::selected(chosen, &Understood::of_words(clause));
            Outcome::Act(ids.act(|ids| vec![Action::Complete { ids }]))
        }),
        "move" | "reschedule" | "postpone" | "push" | "shift" => incomplete("move the report to Friday"),
        "rename" => incomplete("rename the report to “annual report”"),
        "change" | "update" | "edit" => incomplete("make the report urgent"),
        _ => None,
    }
}

/// What to do with the chosen tasks, or the question which.
fn which(cx: &ReadContext<'_>, question: &str, act: impl FnOnce(Vec<TaskId>) -> Outcome) -> Option<Outcome> {
    if let Some(chosen) = cx.chosen {
        return Some(act(chosen.to_vec()));
    }
    let open = cx.context.tasks.iter().filter(|task| task.status == TaskStatus::Open);
    let choices: Vec<TaskId> = open.map(|task| task.id).take(MAX_CHOICES).collect();
    (!choices.is_empty()).then(|| Outcome::Ask { question: question.to_owned(), choices })
}
