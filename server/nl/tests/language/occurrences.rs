//! One occurrence of a task that repeats, or all of them: what is asked about, and what cannot be done exactly.

use jiff::civil::date;
use tandem_nl::{Action, Context, Reading, Refusal, Response, read};
use tandem_protocol::model::{Due, Task};

use crate::support::{changes_nothing, id, ids, monday, task};

/// A weekly and a daily task that are due on Wednesday the 25th, one that does not repeat, due the same day.
fn tasks() -> Vec<Task> {
    let titles = ["Team meeting", "Water the plants", "Pay the rent"];
    let rules = ["FREQ=WEEKLY;BYDAY=WE", "FREQ=DAILY"];
    let due = Due { date: date(2026, 11, 25), time: None, time_zone: "Europe/Berlin".to_owned() };
    let mut tasks: Vec<Task> = (1..).zip(titles).map(|(number, title)| task(number, title)).collect();
    for task in &mut tasks {
        task.due = Some(due.clone());
    }
    for (task, rule) in tasks.iter_mut().zip(rules) {
        task.recurrence =
            serde_json::from_value(serde_json::json!({ "rule": rule, "anchor": "due", "start": "2026-11-25" })).ok();
    }
    tasks
}

fn answered(message: &str, previous: Option<&str>) -> Reading {
    let tasks = tasks();
    let tasks: Vec<&Task> = tasks.iter().collect();
    read(message, &Context { previous, ..Context::new(&monday(), &tasks) })
}

fn reading(message: &str) -> Reading {
    answered(message, None)
}

fn actions(message: &str) -> Vec<Action> {
    match reading(message) {
        Reading::Act(actions) => actions.into_vec(),
        other => panic!("{message}: {other:?}"),
    }
}

#[test]
fn only_the_next_occurrence_is_skipped() {
    for message in [
        "cancel the team meeting this week",
        "cancel the team meeting on wednesday",
        "skip the team meeting on the 25th",
        "skip the team meeting until friday",
        "skip the next team meeting",
    ] {
        assert_eq!(actions(message), [Action::Skip { id: id(1) }], "{message}");
    }
}

#[test]
fn other_occurrences_are_refused() {
    for message in [
        "cancel the team meeting on the 9th",
        "cancel the team meeting next week",
        "delete the team meeting on december 2",
        "skip the team meeting on friday",
        "skip the plants until friday",
        "cancel the plants this week",
        "cancel everything this week",
    ] {
        let refused = Reading::Respond(Response::Refused(Refusal::OnlyNext(date(2026, 11, 25))));
        assert_eq!(reading(message), refused, "{message}");
        assert!(changes_nothing(&answered("yes", Some(message))), "{message}");
    }
}

#[test]
fn a_move_to_a_day_asks_which_occurrences() {
    for message in ["move the team meeting to friday", "reschedule the team meeting to thursday at 3pm"] {
        assert!(matches!(reading(message), Reading::Ask { choices, .. } if choices == ids(&[1])), "{message}");
        for (answer, whole) in [("this time only", false), ("all of it", true)] {
            let Reading::Act(actions) = answered(answer, Some(message)) else { panic!("{message}, {answer}") };
            let [Action::Reschedule { series, .. }] = actions[..] else { panic!("{actions:?}") };
            assert_eq!(series, whole, "{message}, {answer}");
        }
    }
    let [Action::Reschedule { series: false, .. }] = &actions("move this week's team meeting to friday")[..] else {
        panic!("it is said which")
    };
}

#[test]
fn one_occurrence_has_no_title_of_its_own() {
    for message in ["rename the plants to flowers this week", "tag the plants this week with garden"] {
        assert_eq!(reading(message), Reading::Respond(Response::Refused(Refusal::WholeSeries)), "{message}");
    }
    for message in ["rename the plants this week", "make the team meeting high priority this time"] {
        assert!(changes_nothing(&reading(message)), "{message}: {:?}", reading(message));
    }
    for message in ["cancel all team meetings in december", "cancel all team meetings between monday and december 20"] {
        assert!(changes_nothing(&reading(message)), "{message}: {:?}", reading(message));
    }
}

#[test]
fn from_now_on_is_the_series() {
    for message in ["change the team meeting to 2pm from now on", "move the team meeting to thursday from now on"] {
        let found = actions(message);
        assert!(matches!(found[..], [Action::Reschedule { series: true, .. }]), "{message}: {found:?}");
    }
}
