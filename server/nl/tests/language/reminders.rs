//! Reminders: of new tasks, before a task that exists, and snoozing one that has fired.

use tandem_nl::{Action, Context, Reading, read};
use tandem_protocol::{
    ReminderId, TaskId, Timestamp,
    enums::ReminderState,
    model::Task,
    reminder::{Reminder, ReminderInput},
};
use uuid::Uuid;

use crate::support::{changes_nothing, id, monday, one, tasks};

/// A reminder that fired at a second of that morning.
fn fired(second: i64) -> Reminder {
    Reminder {
        id: ReminderId(Uuid::from_u128(1)),
        before: Some("PT0S".parse().expect("a duration")),
        at: None,
        state: ReminderState::Fired,
        fires_at: Timestamp::from_millis(second * 1_000),
        snoozed_until: None,
    }
}

/// The user's tasks; reminders of the plumber and, before it, of the groceries have fired.
fn ringing() -> Vec<Task> {
    let mut tasks = tasks();
    tasks[0].reminders = vec![fired(10)];
    tasks[4].reminders = vec![fired(20)];
    tasks
}

fn reading(message: &str, tasks: &[Task], last_touched: &[TaskId]) -> Reading {
    let tasks: Vec<&Task> = tasks.iter().collect();
    read(message, &Context { now: &monday(), tasks: &tasks, shown: &[], last_touched, previous: None, request: None })
}

fn actions(message: &str) -> Vec<Action> {
    match reading(message, &ringing(), &[id(1)]) {
        Reading::Act(actions) => actions.into_vec(),
        other => panic!("{message:?} was read as {other:?}"),
    }
}

#[test]
fn a_task_that_is_asked_for_as_a_reminder_has_one() {
    for message in ["remind me to call Zoe tomorrow at 5pm", "set a reminder for tomorrow at 5pm to call Zoe"] {
        let task = one(message);
        assert_eq!(task.reminders, Some(vec![ReminderInput::before("PT0S".parse().unwrap())]), "{message}");
    }
    assert_eq!(one("remind me to call Zoe").reminders, Some(vec![ReminderInput::default()]), "at the usual time");
    assert_eq!(one("add call Zoe tomorrow at 5pm").reminders, None, "the settings decide");
}

#[test]
fn a_reminder_is_set_before_a_task_that_exists() {
    for (message, before) in [
        ("remind me an hour before the team meeting", "PT1H"),
        ("remind me 30 minutes before the plumber", "PT30M"),
        ("please remind me two days before task 5", "P2D"),
        ("set a reminder 10 minutes before the team meeting", "PT10M"),
    ] {
        let id = if message.contains("meeting") { id(2) } else { id(5) };
        let reminder = ReminderInput::before(before.parse().unwrap());
        let expected = Action::Remind { id, reminder };
        assert_eq!(actions(message), [expected], "{message}");
    }
}

#[test]
fn what_is_before_a_meal_is_a_new_reminder() {
    let found = actions("remind me to wash before dinner");
    assert!(matches!(&found[..], [Action::Add(_)]), "{found:?}");
}

#[test]
fn a_reminder_that_has_fired_is_snoozed() {
    for (message, until) in [
        ("snooze that for an hour", "PT1H"),
        ("snooze it for 10 minutes", "PT10M"),
        ("snooze for 15 minutes", "PT15M"),
        ("snooze until tomorrow at 9am", "2026-11-24T09:00"),
        ("snooze the plumber for half an hour", "PT30M"),
    ] {
        let expected = Action::Snooze { id: id(5), until: until.to_owned() };
        assert_eq!(actions(message), [expected], "{message}");
    }
    let named = Action::Snooze { id: id(1), until: "PT1H".to_owned() };
    assert_eq!(actions("snooze the groceries for an hour"), [named]);
}

#[test]
fn without_a_reminder_snoozing_moves_the_task() {
    let Reading::Act(found) = reading("snooze it until friday", &tasks(), &[id(1)]) else { panic!("it can be moved") };
    assert!(matches!(&found[..], [Action::Reschedule { .. }]), "{found:?}");
    assert!(changes_nothing(&reading("don't snooze that for an hour", &ringing(), &[])));
}
