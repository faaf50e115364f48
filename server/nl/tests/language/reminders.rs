//! Reminders: of new tasks, before a task that exists, and snoozing one that has fired.

use jiff::Zoned;
use jiff::civil::{datetime, time};
use tandem_nl::{Action, Context, Reading, quick_add, read};
use tandem_protocol::{
    ReminderId, TaskId, Timestamp,
    enums::ReminderState,
    model::Task,
    reminder::{Reminder, ReminderInput},
};
use uuid::Uuid;

use crate::support::{at, changes_nothing, id, monday, one, tasks};

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
    read(message, &Context { last_touched, ..Context::new(&monday(), &tasks) })
}

/// The reminders that a message sets at a moment for somebody whose day begins at 7:30, as ISO 8601.
fn reminders_of_an_early_riser(message: &str, now: &Zoned) -> String {
    let tasks = ringing();
    let tasks: Vec<&Task> = tasks.iter().collect();
    let context = Context { all_day: time(7, 30, 0, 0), ..Context::new(now, &tasks) };
    let Reading::Act(actions) = read(message, &context) else { panic!("{message}: {:?}", read(message, &context)) };
    let reminders = actions.into_iter().flat_map(|action| match action {
        Action::Add(task) => task.reminders.unwrap_or_default(),
        Action::Remind { reminder, .. } => vec![reminder],
        other => panic!("{message}: {other:?}"),
    });
    let iso = |reminder: ReminderInput| match (reminder.before, reminder.at) {
        (Some(before), _) => before.to_string(),
        (None, Some(at)) => format!("{}T{}", at.date, at.time),
        (None, None) => "as usual".to_owned(),
    };
    reminders.map(iso).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_day_without_a_time_means_the_time_of_day_in_the_settings() {
    for (message, reminders) in [
        ("remind me on wednesday about the annual report", "2026-11-25T07:30"),
        ("remind me about the annual report on wednesday", "2026-11-25T07:30"),
        ("remind me of the plumber on the day", "2026-11-24T07:30"),
        ("remind me the day before the team meeting", "P1D"),
        ("remind me on wednesday to call Zoe", "PT0S"),
        ("add call Zoe, remind me on wednesday", "PT0S"),
        ("add call Zoe on friday, remind me on wednesday", "2026-11-25T07:30"),
        ("remind me on wednesday at 9 about the annual report", "2026-11-25T09:00"),
        ("remind me wednesday morning about the annual report", "2026-11-25T09:00"),
        ("remind me to call Zoe", "as usual"),
    ] {
        assert_eq!(reminders_of_an_early_riser(message, &monday()), reminders, "{message}");
    }
}

#[test]
fn an_amount_of_time_is_waited_for_to_the_second() {
    let now = || at(datetime(2026, 11, 23, 10, 0, 41, 250_000_000));
    for (message, reminders) in [
        ("remind me in 1 minute to call Zoe", "2026-11-23T10:01:42"),
        ("remind me to call Zoe in 2 hours", "2026-11-23T12:00:42"),
        ("in half an hour remind me to call Zoe", "2026-11-23T10:30:42"),
        ("remind me in 90 seconds to call Zoe", "2026-11-23T10:02:12"),
        ("remind me an hour from now to call Zoe", "2026-11-23T11:00:42"),
        ("set a reminder in 15 minutes to call Zoe", "2026-11-23T10:15:42"),
        ("add call Zoe, remind me in 20 minutes", "2026-11-23T10:20:42"),
        ("add call Zoe tomorrow at 9, remind me in 20 minutes", "2026-11-23T10:20:42"),
        ("remind me in 10 minutes about the annual report", "2026-11-23T10:10:42"),
        ("remind me in 3 days to call Zoe", "PT0S"),
        ("remind me at 11 to call Zoe", "PT0S"),
    ] {
        assert_eq!(reminders_of_an_early_riser(message, &now()), reminders, "{message}");
    }
    let call = |message: &str, now: Zoned| quick_add(message, &now).reminders.expect("a reminder");
    let rings = call("call Zoe !10m", now())[0].at.clone().expect("a time");
    assert_eq!(rings.time.to_string(), "10:10:42");
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
