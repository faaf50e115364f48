//! Reminders of tasks that exist: "remind me an hour before the dentist", "snooze that for an hour".
//!
//! To snooze a task that has no reminder moves its date, which is another reader's. "That" is the task whose reminder has
//! fired last, because it is what the user sees at that moment.

use crate::Action;
use crate::grammar::{Clause, patterns};
use crate::phrase::{parse_due, parse_duration};
use crate::reference::{Pointer, ReadContext, Risk, Scope, Target, pointer, resolve};
use crate::understood::Understood;
use tandem_protocol::TaskId;
use tandem_protocol::duration::IsoDuration;
use tandem_protocol::model::Task;
use tandem_protocol::reminder::ReminderInput;
use tandem_protocol::rest::NewTask;

use super::{Outcome, without_noun};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// The task, then how long or until when.
    Snooze,
    /// How long or until when.
    SnoozeThat,
    /// How long before a task.
    Before,
    /// A task, then how long before it.
    BeforeIt,
}

patterns! {
    TABLE: Form {
        Snooze: "snooze * for|until|till|by *",
        SnoozeThat: "snooze [for|until|till|by] *",
        Before: "remind me|us [again] * before *",
        Before: "set|add [a|another|the] reminder [for] * before *",
        BeforeIt: "remind me|us [again] about|of|for * before",
        BeforeIt: "set|add|create|make [me] [a|another|the] reminder for|about|of|to|on * before",
    }
}

pub(super) fn read(clause: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Outcome> {
    let (form, captured) = TABLE.best(clause.tokens())?;
    let first = captured.part(clause, 0)?;
    Some(Outcome::Act(match form {
        Form::SnoozeThat => of_ringing(cx)?.change(&Understood::read(&first, cx, until)?, cx, snooze),
        Form::Snooze => {
            let until = Understood::read(&captured.part(clause, 1)?, cx, until)?;
            let named = |task: &Task| task.ringing().next().is_some();
            let ids = if points_at_one(&first) { of_ringing(cx)? } else { of(&first, cx, named)? };
            ids.change(&until, cx, snooze)
        }
        Form::BeforeIt => {
            let (task, amount) = (1..first.tokens().len()).find_map(|at| {
                let amount = first.part(at, first.tokens().len());
                parse_duration(amount.source()).map(|_| (first.part(0, at), amount))
            })?;
            let before = Understood::read(&amount, cx, minutes)?;
            of(&task, cx, |task| task.due.is_some())?.change(&before, cx, remind)
        }
        Form::Before => {
            let before = Understood::read(&first, cx, minutes)?;
            of(&captured.part(clause, 1)?, cx, |task| task.due.is_some())?.change(&before, cx, remind)
        }
    }))
}

#[expect(clippy::ptr_arg, reason = "the form of a change of a value that was read")]
fn snooze(ids: Vec<TaskId>, until: &String, _: &ReadContext<'_>) -> Vec<Action> {
    ids.into_iter().map(|id| Action::Snooze { id, until: until.clone() }).collect()
}

/// Reminders `before` minutes ahead of the due date.
fn remind(ids: Vec<TaskId>, before: &IsoDuration, _: &ReadContext<'_>) -> Vec<Action> {
    ids.into_iter().map(|id| Action::Remind { id, before: before.clone() }).collect()
}

/// How long, or until when, in ISO 8601.
fn until(words: &Clause<'_>, cx: &ReadContext<'_>) -> Option<String> {
    let text = words.source();
    let length = || parse_duration(text).map(|minutes| IsoDuration::minutes(minutes).to_string());
    length().or_else(|| parse_due(text, cx.context.now).map(|due| due.to_iso()))
}

fn minutes(words: &Clause<'_>, _: &ReadContext<'_>) -> Option<IsoDuration> {
    parse_duration(words.source()).map(IsoDuration::minutes)
}

fn points_at_one(object: &Clause<'_>) -> bool {
    matches!(pointer(object), Some(Pointer::It | Pointer::Bare | Pointer::Latest))
}

/// The task whose reminder has fired last and waits for an answer.
fn of_ringing(cx: &ReadContext<'_>) -> Option<Understood<Vec<TaskId>>> {
    let last = |task: &&Task| task.ringing().map(|reminder| reminder.fires_at).max();
    let task = cx.context.tasks.iter().copied().filter(|task| last(task).is_some()).max_by_key(last)?;
    Understood::tasks(vec![task.id], None).ok()
}

/// The one task that a phrase names, if it fits.
fn of(object: &Clause<'_>, cx: &ReadContext<'_>, fits: impl Fn(&Task) -> bool) -> Option<Understood<Vec<TaskId>>> {
    let Target::Tasks(ids) = resolve(&without_noun(object), cx, Scope::Open, Risk::Reversible) else { return None };
    let [id] = ids.get()[..] else { return None };
    cx.task(id).is_some_and(fits).then_some(ids)
}

/// A task that was asked for as a reminder has one, whatever the settings say.
pub(super) fn with_reminder(mut task: NewTask) -> NewTask {
    if task.due.is_some() {
        task.reminders = Some(vec![ReminderInput::before(IsoDuration::zero())]);
    }
    task
}
