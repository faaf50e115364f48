//! "Remind me in two hours": the task is due at a minute, its reminder rings at the second.
//!
//! **Invariant:** a reminder that was asked for after an amount of time rings neither before it nor more than a second later.

use crate::action::Action;
use crate::dates::find_all;
use crate::grammar::Clause;
use crate::reference::ReadContext;
use crate::text::Text;
use jiff::civil::DateTime;
use tandem_protocol::reminder::{ReminderInput, ReminderTimeInput};
use tandem_protocol::rest::NewTask;
use tandem_protocol::time::ClockTime;

use super::Outcome;

/// What was read in a text, with the reminders of new tasks at the moments that the text counts from now.
pub(super) fn exact(found: Outcome, text: &Text, cx: &ReadContext<'_>) -> Outcome {
    match found {
        Outcome::Permitted(actions)
            if actions.iter().any(|action| matches!(action, Action::Add(task) if rings(task))) =>
        {
            Outcome::Permitted(actions.at_moments(&moments(text, cx)))
        }
        Outcome::Propose(mut tasks) if tasks.iter().any(rings) => {
            let moments = moments(text, cx);
            for task in &mut tasks {
                at_moment(task, &moments);
            }
            Outcome::Propose(tasks)
        }
        Outcome::AskTitle(mut task) if rings(&task) => {
            at_moment(&mut task, &moments(text, cx));
            Outcome::AskTitle(task)
        }
        other => other,
    }
}

/// Whether one of its reminders rings at its due time, as one that counts from now does.
fn rings(task: &NewTask) -> bool {
    let timed = task.due.as_ref().is_some_and(|due| due.time.is_some());
    timed && task.recurrence.is_none() && task.reminders.iter().flatten().any(is_when_due)
}

fn is_when_due(reminder: &ReminderInput) -> bool {
    reminder.before.as_ref().is_some_and(|before| before.seconds() == 0)
}

fn moments(text: &Text, cx: &ReadContext<'_>) -> Vec<DateTime> {
    let all = Clause::new(text, 0, text.len());
    find_all(&cx.dates_in(&all)).iter().filter_map(|mention| mention.draft.exact_moment()).collect()
}

/// Sets the reminder of a task that is due in the minute of one of the moments to that moment. On a full minute they are one,
/// and the reminder goes on to count from the due date.
pub(crate) fn at_moment(task: &mut NewTask, moments: &[DateTime]) {
    let Some(due) = task.due.as_ref().filter(|_| rings(task)) else { return };
    let in_minute = |moment: &&DateTime| {
        let time = moment.time();
        moment.date() == due.date
            && due.time.is_some_and(|due| (due.hour(), due.minute()) == (time.hour(), time.minute()))
    };
    let Some(moment) = moments.iter().find(in_minute).filter(|moment| moment.second() > 0) else { return };
    let at = ReminderTimeInput { date: moment.date(), time: ClockTime(moment.time()), time_zone: None };
    for reminder in task.reminders.iter_mut().flatten().filter(|reminder| is_when_due(reminder)) {
        *reminder = ReminderInput::at(at.clone());
    }
}
