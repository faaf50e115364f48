//! The reminders that ring: the card, the notification of a hidden page, and the number on the icon.

use crate::{
    components::reminders::{ReminderAction, ReminderCard, Ringing, ringing, when},
    hooks::{go, use_clock, use_engine, use_hidden, use_task_index},
    platform::notification::{self, Shown},
    state::route::Route,
};
use litemap::LiteMap;
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

/// Draws the card, and shows a notification of each reminder that begins to ring while the page is hidden.
#[component]
pub(crate) fn Reminders() -> Html {
    let (engine, clock, hidden) = (use_engine(), use_clock(), use_hidden());
    let ringing = use_ringing();
    let known = use_mut_ref(LiteMap::<ReminderId, Option<Shown>>::new);
    {
        let clock = clock.clone();
        use_effect_with((ringing.clone(), hidden), move |(ringing, hidden)| {
            let mut known = known.borrow_mut();
            // Dropping a notification closes it: on this device what another one has answered is gone, too.
            known.retain(|id, _| ringing.iter().any(|ring| ring.reminder == *id));
            for ring in ringing {
                if !known.contains_key(&ring.reminder) {
                    let shown = if *hidden { notify(ring, &when(ring, &clock)) } else { None };
                    known.insert(ring.reminder, shown);
                }
            }
            notification::set_badge(ringing.len());
        });
    }
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

fn notify(ring: &Ringing, text: &str) -> Option<Shown> {
    let number = ring.task.number;
    let pressed = Callback::from(move |()| go(Route::Task(number)));
    notification::show(&ring.reminder.to_string(), &ring.task.title, text, pressed)
}
