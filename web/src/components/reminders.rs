//! The card of the reminders that ring, over every page.
//!
//! One card lists all of them. It takes the focus only while nothing else has it, so that it never interrupts typing.

use crate::text::workspace as text;
use crate::{
    components::{
        button::TextButton,
        clock::Clock,
        format,
        icon::Icon,
        menu::{Menu, MenuItem},
        shared::Shared,
    },
    platform::window,
};
use jiff::civil::{DateTime, Time, time};
use std::sync::Arc;
use tandem_protocol::{
    ReminderId, TaskId, Timestamp,
    calendar::days,
    duration::IsoDuration,
    model::Task,
    order::sort_by,
    reminder::{ReminderTimeInput, SnoozeBody},
    time::ClockTime,
};
use web_sys::Element;
use yew::prelude::*;

/// When "this evening" is.
const EVENING: Time = time(19, 0, 0, 0);

/// A reminder that has fired and waits for an answer.
#[derive(Clone, PartialEq)]
pub(crate) struct Ringing {
    pub task: Shared<Task>,
    pub reminder: ReminderId,
    pub at: Timestamp,
}

/// What the person answers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ReminderAction {
    Done(TaskId, ReminderId),
    Snooze(TaskId, ReminderId, SnoozeBody),
    /// Show the task of this number.
    Open(i64),
}

/// The reminders of these tasks that ring, oldest first.
pub(crate) fn ringing<'a>(tasks: impl Iterator<Item = &'a Arc<Task>>) -> Vec<Ringing> {
    let of = |task: &'a Arc<Task>| {
        let ring = move |at, reminder| Ringing { task: Shared::from(task), reminder, at };
        task.ringing().map(move |reminder| ring(reminder.snoozed_until.unwrap_or(reminder.fires_at), reminder.id))
    };
    let mut all: Vec<Ringing> = tasks.flat_map(of).collect();
    sort_by(&mut all, |one, other| one.at.cmp(&other.at));
    all
}

/// When the task is due, else when the reminder was to ring.
pub(crate) fn when(ring: &Ringing, clock: &Clock) -> String {
    match ring.task.due.as_ref().map(|due| clock.due(due)) {
        Some(due) => text::due_at(format::with_time(format::near_day(due.date, clock.today()), due.time)),
        None => text::reminder_of(format::moment(clock.local(ring.at), clock.today())),
    }
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct ReminderCardProps {
    pub ringing: Vec<Ringing>,
    pub clock: Clock,
    pub on: Callback<ReminderAction>,
}

/// The alert dialog `Reminders`, with `Done`, `Snooze` and `Open` for each.
#[component]
pub(crate) fn ReminderCard(props: &ReminderCardProps) -> Html {
    let card = use_node_ref();
    {
        let card = card.clone();
        use_effect_with(props.ringing.len(), move |_| {
            if let Some(card) = card.cast::<Element>().filter(|_| window::focus_is_lost()) {
                window::focus_element(&card);
            }
        });
    }
    if props.ringing.is_empty() {
        return Html::default();
    }
    html! {
        <section ref={card} class="ring" role="alertdialog" aria-label={text::REMINDERS} tabindex="-1">
            <ul>{ for props.ringing.iter().map(|ring| item(ring, props)) }</ul>
        </section>
    }
}

fn item(ring: &Ringing, props: &ReminderCardProps) -> Html {
    let Ringing { task, reminder, .. } = ring;
    let (id, number, reminder) = (task.id, task.number, *reminder);
    let snooze = |(text, body): (&'static str, SnoozeBody)| {
        let on = props.on.reform(move |()| ReminderAction::Snooze(id, reminder, body.clone()));
        MenuItem::new(Icon::Clock, text, on)
    };
    let items: Vec<MenuItem> =
        choices(props.clock.local_now(), props.clock.all_day()).into_iter().map(snooze).collect();
    html! {
        <li key={reminder.to_string()}>
            { Icon::Bell.html() }
            <p><b dir="auto">{ task.title.clone() }</b><small>{ when(ring, &props.clock) }</small></p>
            <div class="acts">
                { TextButton::new(text::OPEN, props.on.reform(move |()| ReminderAction::Open(number))).html() }
                <Menu label={text::SNOOZE} class="text-btn" button={html! { { text::SNOOZE } }} {items} />
                { TextButton::new(text::DONE, props.on.reform(move |()| ReminderAction::Done(id, reminder))).accent().html() }
            </div>
        </li>
    }
}

/// How long a reminder can be put off, from now; tomorrow at the user's time of day.
fn choices(now: DateTime, all_day: Time) -> Vec<(&'static str, SnoozeBody)> {
    let wait = |minutes| SnoozeBody { duration: Some(IsoDuration::minutes(minutes)), until: None };
    let until = |date, time| SnoozeBody {
        duration: None,
        until: Some(ReminderTimeInput { date, time: ClockTime(time), time_zone: None }),
    };
    let mut choices = vec![("10 minutes", wait(10)), ("1 hour", wait(60))];
    if now.time() < EVENING {
        choices.push((text::THIS_EVENING, until(now.date(), EVENING)));
    }
    choices.extend(days(now.date(), 1).map(|tomorrow| (text::TOMORROW, until(tomorrow, all_day))));
    choices
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        components::tests::drawn,
        testing::{clock, id, now, task},
    };
    use jiff::civil::date;
    use tandem_protocol::{
        enums::{ReminderState, TaskStatus},
        reminder::Reminder,
    };

    fn reminded(number: i64, title: &str, minutes_ago: i64, state: ReminderState) -> Arc<Task> {
        let reminder = Reminder {
            id: ReminderId(id(u128::from(number.unsigned_abs()))),
            before: None,
            at: None,
            state,
            fires_at: now().plus_millis(-minutes_ago * 60_000),
            snoozed_until: None,
        };
        Arc::new(Task { reminders: vec![reminder], ..task(number, title) })
    }

    #[test]
    fn what_rings_is_listed_oldest_first() {
        let mut done = Task::clone(&reminded(4, "done", 1, ReminderState::Fired));
        done.status = TaskStatus::Done;
        let tasks = [
            reminded(1, "new", 1, ReminderState::Fired),
            reminded(2, "later", -5, ReminderState::Pending),
            reminded(3, "old", 9, ReminderState::Fired),
            Arc::new(done),
        ];
        let titles: Vec<String> = ringing(tasks.iter()).into_iter().map(|ring| ring.task.title.clone()).collect();
        assert_eq!(titles, ["old", "new"]);
    }

    #[test]
    fn the_evening_is_offered_until_it_has_begun() {
        let names = |hour: i8| {
            let now = date(2026, 11, 23).at(hour, 30, 0, 0);
            choices(now, time(7, 30, 0, 0)).into_iter().map(|(name, _)| name).collect::<Vec<_>>()
        };
        assert_eq!(names(9), ["10 minutes", "1 hour", "This evening", "Tomorrow"]);
        assert_eq!(names(19), ["10 minutes", "1 hour", "Tomorrow"]);
        let tomorrow = choices(date(2026, 12, 31).at(20, 0, 0, 0), time(7, 30, 0, 0)).pop().unwrap().1.until.unwrap();
        assert_eq!((tomorrow.date, tomorrow.time), (date(2027, 1, 1), ClockTime(time(7, 30, 0, 0))));
    }

    #[test]
    fn the_card_says_what_and_when_and_is_not_there_without_reminders() {
        let props = |ringing| ReminderCardProps { ringing, clock: clock(), on: Callback::noop() };
        let tasks = [reminded(1, "Call Ann", 1, ReminderState::Fired)];
        let card = drawn::<ReminderCard>(props(ringing(tasks.iter())));
        for part in
            ["role=\"alertdialog\"", "aria-label=\"Reminders\"", "Call Ann", "Reminder of today, 09:30", "Snooze"]
        {
            assert!(card.contains(part), "{part} in {card}");
        }
        assert!(!drawn::<ReminderCard>(props(Vec::new())).contains("alertdialog"));
    }
}
