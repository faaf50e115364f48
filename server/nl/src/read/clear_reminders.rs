//! "remove all reminders", "delete my reminder", "turn off the reminders": the reminders of tasks, never the tasks.
//!
//! With the words of a task or a date such a sentence means the tasks ("cancel the reminder to call Ann"), and is read
//! elsewhere. Where no task has a reminder, the user may have meant the tasks and is asked.

use crate::action::{Field, Refusal};
use crate::grammar::{Clause, patterns};
use crate::reference::{MAX_CHOICES, ReadContext, Scope, Target};
use crate::understood::Understood;
use crate::{Action, Response};
use tandem_protocol::TaskId;
use tandem_protocol::enums::ReminderState;
use tandem_protocol::model::Task;
use tandem_protocol::rest::TaskPatch;

use super::{Outcome, series};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Bare,
}

patterns! {
    TABLE: Form {
        Bare: "remove|clear|delete|drop|cancel|erase|turn_off|switch_off|shut_off|shut_down|get_rid_of|disable|deactivate|stop|close|clean|clean_up|wipe|kill|end|unset|take_off|take_away|forget [all|any|every|both] [of] [the|my|our|these|those|that|this|its] [current|active|open|pending|existing|remaining|upcoming] reminder|reminders|reminds|alarm|alarms|notification|notifications|alert|alerts|alarms_and_reminders|reminders_and_alarms [now|again|off|away|for_it|on_it|from_it|of_it|for_that|from_that|for_now|too]",
        Bare: "turn|switch|shut|take [all|any|both] [of] [the|my|our|these|those|that|this|its] reminder|reminders|alarm|alarms|notification|notifications|alert|alerts off|away|down",
        Bare: "turn|switch|shut|take off|away|down [all|any|both] [of] [the|my|our|these|those|that|this|its] reminder|reminders|alarm|alarms|notification|notifications|alert|alerts",
        Bare: "no [more] reminders|alarms [please|for_now|now]",
    }
}

pub(super) fn read(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    TABLE.best(clause.tokens())?;
    let words = Understood::of_words(clause);
    let open: Vec<&Task> = cx.context.tasks.iter().copied().filter(|task| Scope::Open.holds(task)).collect();
    let with: Vec<TaskId> = open.iter().filter(|task| reminds(task)).map(|task| task.id).collect();
    if let Some(chosen) = cx.chosen {
        let target = Target::selected(chosen.to_vec(), &words);
        return Some(if with.is_empty() { series::delete(clause, target, cx) } else { clear(chosen, &words) });
    }
    let spoken = if cx.named.is_empty() { cx.context.last_touched } else { cx.named };
    let spoken: Vec<TaskId> = with.iter().copied().filter(|id| spoken.contains(id)).collect();
    let points = clause.has(&["that", "this", "its", "it"]);
    let all =
        clause.has(&["all", "any", "every", "both", "no"]) || (plural(clause) && !points && !clause.has(&["the"]));
    Some(match (&with[..], &spoken[..]) {
        ([], _) => without_any(&open),
        (_, [_]) if !all => clear(&spoken, &words),
        ([_], _) => clear(&with, &words),
        _ if all => clear(&with, &words),
        _ => {
            let choices = with.iter().copied().take(MAX_CHOICES).collect();
            Outcome::Ask { question: "Of which task shall I take the reminders away?".to_owned(), choices }
        }
    })
}

fn plural(clause: &Clause<'_>) -> bool {
    clause.has(&["reminders", "reminds", "alarms", "notifications", "alerts"])
}

/// Whether a reminder of the task can still ring.
fn reminds(task: &Task) -> bool {
    task.reminders.iter().any(|reminder| reminder.state != ReminderState::Done)
}

fn without_any(open: &[&Task]) -> Outcome {
    let choices: Vec<TaskId> = open.iter().map(|task| task.id).take(MAX_CHOICES).collect();
    let question = match choices.len() {
        0 => return Outcome::Respond(Response::Refused(Refusal::NotSet(Field::Reminders))),
        1 => "Your task has no reminder. Shall I delete the task?",
        _ => "None of your tasks has a reminder. Which task shall I delete?",
    };
    Outcome::Ask { question: question.to_owned(), choices }
}

fn clear(ids: &[TaskId], words: &Understood<()>) -> Outcome {
    Outcome::Act(Understood::selected(ids.to_vec(), words).act(|ids| {
        let none = || TaskPatch { reminders: Some(Vec::new()), ..TaskPatch::default() };
        let update = |id| Action::Update { id, patch: none(), add_labels: Vec::new(), remove_labels: Vec::new() };
        ids.into_iter().map(update).collect()
    }))
}
