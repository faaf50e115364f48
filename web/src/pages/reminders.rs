//! The reminders that ring: the card, and the notification of a hidden page. And the number on the icon.

use crate::{
    components::{
        clock::Clock,
        reminders::{ReminderAction, ReminderCard, Ringing, ringing, when},
        tasks::counts,
    },
    hooks::{go, use_clock, use_engine, use_hidden, use_task_index, use_tasks, use_threads},
    platform::notification,
    state::route::Route,
};
use tandem_protocol::{
    ReminderId,
    live::{
        Command,
        command::{ReminderAck, ReminderSnooze},
    },
};
use yew::prelude::*;

/// The reminders that ring now.
#[hook]
pub(crate) fn use_ringing() -> Vec<Ringing> {
    ringing(use_task_index().iter())
}

/// Sets the number on the icon to that of overdue tasks and unread replies, as the service worker does (`PushPayload::badge`).
#[hook]
fn use_badge(clock: &Clock) {
    let (tasks, threads) = (use_tasks(), use_threads());
    let overdue = counts(tasks.tasks.iter(), clock).overdue;
    let unread = threads.entries.iter().map(|entry| usize::try_from(entry.conversation.unread).unwrap_or(0));
    use_effect_with(overdue + unread.sum::<usize>(), |count| {
        notification::set_badge(*count);
        || notification::set_badge(0)
    });
}

/// Draws the card, and shows a notification of each reminder that begins to ring while the page is hidden.
#[component]
pub(crate) fn Reminders() -> Html {
    let (engine, clock, hidden) = (use_engine(), use_clock(), use_hidden());
    let ringing = use_ringing();
    let known = use_mut_ref(Vec::<ReminderId>::new);
    {
        let clock = clock.clone();
        use_effect_with((ringing.clone(), hidden), move |(ringing, hidden)| {
            let now: Vec<ReminderId> = ringing.iter().map(|ring| ring.reminder).collect();
            let before = known.replace(now.clone());
            // On this device what another one has answered is gone, too.
            for gone in before.iter().filter(|id| !now.contains(id)) {
                notification::close(&gone.to_string());
            }
            for ring in ringing.iter().filter(|ring| *hidden && !before.contains(&ring.reminder)) {
                let path = Route::Task(ring.task.number).to_string();
                notification::notify(&ring.reminder.to_string(), &ring.task.title, &when(ring, &clock), &path);
            }
        });
    }
    use_badge(&clock);
    let on = Callback::from(move |action| {
        let command = match action {
            ReminderAction::Open(number) => return go(Route::Task(number)),
            ReminderAction::Done(task, reminder_id) => {
                Command::ReminderAck(ReminderAck { task_id: task.into(), reminder_id })
            }
            ReminderAction::Snooze(task, reminder_id, body) => Command::ReminderSnooze(ReminderSnooze {
                task_id: task.into(),
                reminder_id,
                duration: body.duration,
                until: body.until,
            }),
        };
        engine.submit(command);
    });
    html! { <ReminderCard {ringing} {clock} {on} /> }
}
