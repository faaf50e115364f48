//! One field of a task is taken away, and nothing else.

use jiff::civil::{date, time};
use tandem_nl::{Action, Context, Field, Reading, Refusal, Response, read};
use tandem_protocol::enums::Priority;
use tandem_protocol::model::{Due, Task};
use tandem_protocol::rest::{DueInput, TaskPatch};

use crate::support::{id, ids, monday, task};

/// The first has every field, the second none.
fn tasks() -> Vec<Task> {
    let due = Due { date: date(2026, 11, 25), time: Some(time(15, 0, 0, 0)), time_zone: "Europe/Berlin".to_owned() };
    let report = Task {
        due: Some(due),
        priority: Priority::High,
        labels: vec!["finance".to_owned()],
        list: Some("Office".to_owned()),
        description: "With the figures".to_owned(),
        recurrence: serde_json::from_value(
            serde_json::json!({ "rule": "FREQ=WEEKLY", "anchor": "due", "start": "2026-11-25" }),
        )
        .ok(),
        reminders: serde_json::from_value(serde_json::json!([{
            "id": id(90).0, "before": "PT30M", "at": null, "state": "pending",
            "fires_at": "2026-11-25T13:30:00Z", "snoozed_until": null
        }]))
        .expect("a reminder"),
        ..task(1, "Write the report")
    };
    vec![report, task(2, "Feed the cat")]
}

fn reading(message: &str, previous: Option<&str>) -> Reading {
    let tasks = tasks();
    let tasks: Vec<&Task> = tasks.iter().collect();
    read(message, &Context { previous, ..Context::new(&monday(), &tasks) })
}

fn patch(message: &str) -> TaskPatch {
    match reading(message, None) {
        Reading::Act(actions) => match &actions[..] {
            [Action::Update { id: of, patch, .. } | Action::Reschedule { id: of, patch, .. }] => {
                assert_eq!(*of, id(1), "{message}");
                patch.clone()
            }
            other => panic!("{message}: {other:?}"),
        },
        other => panic!("{message}: {other:?}"),
    }
}

#[test]
fn what_is_turned_off_is_a_reminder_and_never_a_task() {
    for of in [
        "finance",
        "the label finance",
        "wednesday",
        "the list Office",
        "the report",
        "this week",
        "gardening",
        "tomorrow",
    ] {
        for verb in ["turn off", "switch off", "disable", "mute", "silence", "shut off"] {
            for what in
                ["all reminders", "the reminders", "my reminders", "all my reminders", "reminders", "all notifications"]
            {
                let message = format!("{verb} {what} for {of}");
                let reading = reading(&message, None);
                let Reading::Act(actions) = &reading else { continue };
                let cleared = |action: &Action| matches!(action, Action::Update { patch, .. } if patch.reminders == Some(Vec::new()));
                assert!(actions.iter().all(cleared), "{message}: {actions:?}");
            }
        }
    }
    let cleared = TaskPatch { reminders: Some(Vec::new()), ..TaskPatch::default() };
    for message in [
        "delete all reminders for finance",
        "remove the reminders on the list Office",
        "clear my reminders for the label finance",
        "turn off all reminders for finance",
        "mute the reminders for wednesday",
        "disable my reminders for the report",
    ] {
        assert_eq!(patch(message), cleared, "{message}");
    }
}

#[test]
fn only_the_field_that_was_named_is_cleared() {
    let none = TaskPatch::default;
    for message in [
        "remove the reminder from the report",
        "cancel the reminder for the report",
        "delete the reminders of task 1",
        "take the alarm off the report",
        "turn off the notifications for the report",
        "please drop the report's reminder",
    ] {
        assert_eq!(patch(message), TaskPatch { reminders: Some(Vec::new()), ..none() }, "{message}");
    }
    for message in [
        "take the report off the office list",
        "remove the report from the office list",
        "get the report out of the Office list",
        "remove the report from its list",
        "clear the list of the report",
    ] {
        assert_eq!(patch(message), TaskPatch { list: Some(None), ..none() }, "{message}");
    }
    for message in ["remove the time from the report", "drop the report's time", "clear the due time of the report"] {
        let day = DueInput::on(date(2026, 11, 25));
        assert_eq!(patch(message), TaskPatch { due: Some(Some(day)), ..none() }, "{message}");
    }
    for message in
        ["take the date off the report", "remove the deadline from the report", "erase the report's due date"]
    {
        assert_eq!(patch(message), TaskPatch { due: Some(None), ..none() }, "{message}");
    }
    for message in ["take the priority off the report", "delete the report's priority"] {
        assert_eq!(patch(message), TaskPatch { priority: Some(Priority::None), ..none() }, "{message}");
    }
    for message in ["remove the repetition from the report", "drop the recurrence of task 1"] {
        assert_eq!(patch(message), TaskPatch { recurrence: Some(None), ..none() }, "{message}");
    }
    assert_eq!(patch("delete the notes of the report"), TaskPatch { description: Some(String::new()), ..none() });
    let Reading::Act(actions) = reading("take the label off the report", None) else { panic!("it has one label") };
    assert!(
        matches!(&actions[..], [Action::Update { remove_labels, .. }] if *remove_labels == ["finance"]),
        "{actions:?}"
    );
}

#[test]
fn a_field_that_is_clear_changes_nothing() {
    for (message, field) in [
        ("remove the reminder from the cat", Field::Reminders),
        ("take the time off the cat", Field::Time),
        ("remove the deadline from the cat", Field::Date),
        ("clear the priority of the cat", Field::Priority),
        ("remove the labels from the cat", Field::Labels),
        ("take the cat off its list", Field::List),
    ] {
        let want = Reading::Respond(Response::Refused(Refusal::NotSet(field)));
        assert_eq!(reading(message, None), want, "{message}");
    }
}

#[test]
fn a_list_is_not_deleted_with_its_tasks() {
    for message in
        ["delete the Office list", "remove my office list", "get rid of the office list", "delete the list Office"]
    {
        let want = Reading::Respond(Response::Refused(Refusal::DeleteList("Office".to_owned())));
        assert_eq!(reading(message, None), want, "{message}");
    }
    let both = "feed the cat is done and delete the office list";
    assert!(crate::support::changes_nothing(&reading(both, None)), "{:?}", reading(both, None));
}

/// The first has a reminder, the second is due without one, the third is neither due nor has it one.
fn with_a_due_task() -> Vec<Task> {
    let due = Due { date: date(2026, 11, 27), time: None, time_zone: "Europe/Berlin".to_owned() };
    let mut tasks = tasks();
    tasks[1].due = Some(due);
    tasks.push(task(3, "Renew the passport"));
    tasks
}

fn reading_of(message: &str, tasks: &[Task]) -> Reading {
    let tasks: Vec<&Task> = tasks.iter().collect();
    read(message, &Context::new(&monday(), &tasks))
}

#[test]
fn a_reminder_that_is_not_there_is_never_the_task() {
    let tasks = with_a_due_task();
    for message in [
        "cancel my cat reminder",
        "delete the cat reminder please",
        "remove the reminder about the cat",
        "drop my reminder for the cat",
        "turn the cat alarm off",
        "stop the cat reminder",
        "get rid of the feed the cat reminder",
    ] {
        let title = "Feed the cat".to_owned();
        let want = Reading::Respond(Response::Refused(Refusal::NoReminder { title }));
        assert_eq!(reading_of(message, &tasks), want, "{message}");
    }
    let title = "Renew the passport".to_owned();
    let want = Reading::Respond(Response::Refused(Refusal::NoReminder { title }));
    assert_eq!(reading_of("turn off the passport reminder", &tasks), want);
}

#[test]
fn the_reminder_of_a_task_is_taken_away_and_a_task_that_cannot_remind_is_one_itself() {
    let tasks = with_a_due_task();
    for message in ["cancel my report reminder", "delete the report alarm", "remove the reminder about the report"] {
        let Reading::Act(actions) = reading_of(message, &tasks) else { panic!("{message}") };
        let none = TaskPatch { reminders: Some(Vec::new()), ..TaskPatch::default() };
        assert!(
            matches!(&actions[..], [Action::Update { id: of, patch, .. }] if *of == id(1) && *patch == none),
            "{message}"
        );
    }
    for message in ["cancel my passport reminder", "delete the reminder for the passport", "drop the passport reminder"]
    {
        let Reading::Act(actions) = reading_of(message, &tasks) else { panic!("{message}") };
        assert_eq!(actions[..], [Action::Delete { ids: ids(&[3]) }], "{message}");
    }
}

#[test]
fn what_does_not_ring_cannot_be_snoozed() {
    let tasks = with_a_due_task();
    let nothing = |what: &str| Reading::Respond(Response::Refused(Refusal::NothingToSnooze { what: what.to_owned() }));
    assert_eq!(reading_of("snooze the cat", &tasks), nothing("the cat"));
    assert_eq!(reading_of("please snooze feed the cat", &tasks), nothing("feed the cat"));
    assert_eq!(reading_of("snooze it", &tasks), Reading::Respond(Response::Refused(Refusal::NotRinging)));
    let Reading::Act(moved) = reading_of("snooze the cat until sunday", &tasks) else { panic!("it says to when") };
    assert!(matches!(moved[..], [Action::Reschedule { .. }]), "{moved:?}");
}
