//! Questions back to the user, and the answers to them.

use tandem_nl::{Action, Context, Reading, Talk, read};

use crate::support::{changes_nothing, monday, reading, tasks};

/// The reading of an answer to the question that `previous` led to, with these tasks shown.
fn answer(previous: &str, shown: &[&str], message: &str) -> Reading {
    let shown: Vec<String> = shown.iter().map(|id| (*id).to_owned()).collect();
    let (now, tasks) = (monday(), tasks());
    read(message, &Context { now: &now, tasks: &tasks, shown: &shown, last_touched: &[], previous: Some(previous) })
}

fn deletes(reading: &Reading) -> Vec<String> {
    match reading {
        Reading::Act(actions) => match &actions[..] {
            [Action::Delete { ids }] => ids.clone(),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn two_tasks_of_the_same_word_lead_to_a_question() {
    let Reading::Ask { choices, .. } = reading("delete the meeting task") else {
        panic!("{:?}", reading("delete the meeting task"))
    };
    assert_eq!(choices, ["id-2", "id-7"]);
}

#[test]
fn a_pick_acts_on_what_was_asked() {
    let shown = ["id-2", "id-7"];
    for (message, want) in [
        ("the second one", vec!["id-7"]),
        ("2", vec!["id-7"]),
        ("the first", vec!["id-2"]),
        ("both", vec!["id-2", "id-7"]),
        ("all of them", vec!["id-2", "id-7"]),
        ("the last one", vec!["id-7"]),
        ("the client one", vec!["id-7"]),
        ("team meeting", vec!["id-2"]),
        ("no, the other one", vec!["id-7"]),
    ] {
        assert_eq!(deletes(&answer("delete the meeting task", &shown, message)), want, "{message}");
    }
}

#[test]
fn an_answer_settles_only_what_was_unclear() {
    let Reading::Ask { choices, .. } = reading("delete oat milk and the meeting") else {
        panic!("the meeting is unclear")
    };
    assert_eq!(choices, ["id-2", "id-7"]);
    assert_eq!(
        deletes(&answer("delete oat milk and the meeting", &["id-2", "id-7"], "the second one")),
        ["id-4", "id-7"]
    );
}

#[test]
fn a_refusal_drops_the_question() {
    for message in ["no", "never mind", "none of them", "cancel"] {
        assert_eq!(
            answer("delete the meeting task", &["id-2", "id-7"], message),
            Reading::Say(Talk::Dropped),
            "{message}"
        );
    }
}

#[test]
fn yes_to_several_is_no_answer() {
    assert!(matches!(answer("delete the meeting task", &["id-2", "id-7"], "yes"), Reading::Ask { .. }));
}

#[test]
fn another_command_is_not_taken_for_an_answer() {
    let Reading::Act(actions) = answer("delete the meeting task", &["id-2", "id-7"], "show my tasks") else {
        panic!("it is a command")
    };
    assert!(matches!(&actions[..], [Action::List(_)]));
}

#[test]
fn the_missing_title_is_filled_in() {
    let Reading::Act(actions) = answer("set a reminder", &[], "call the bank tomorrow") else {
        panic!("it is a title")
    };
    let [Action::Add(task)] = &actions[..] else { panic!("{actions:?}") };
    assert_eq!(
        (task.title.as_str(), task.due.map(|due| due.to_string()).as_deref()),
        ("call the bank", Some("2026-11-24"))
    );
}

#[test]
fn a_proposal_wants_a_yes() {
    let previous = "I need to hire a gardener";
    let Reading::Act(actions) = answer(previous, &[], "yes please") else { panic!("it was agreed to") };
    assert!(matches!(&actions[..], [Action::Add(task)] if task.title == "hire a gardener"), "{actions:?}");
    assert_eq!(answer(previous, &[], "no thanks"), Reading::Say(Talk::Dropped));
    assert!(changes_nothing(&answer(previous, &[], "what is a gardener")));
}

#[test]
fn pronouns_mean_what_was_touched_last() {
    let (now, tasks) = (monday(), tasks());
    let touched = ["id-3".to_owned()];
    let context = Context { now: &now, tasks: &tasks, shown: &[], last_touched: &touched, previous: None };
    assert_eq!(deletes(&read("delete it", &context)), ["id-3"]);
    assert_eq!(deletes(&read("delete that task", &context)), ["id-3"]);
    assert_eq!(read("mark it as done", &context), Reading::Act(vec![Action::Complete { ids: touched.to_vec() }]));
}

#[test]
fn places_count_in_the_list_last_shown() {
    let (now, tasks) = (monday(), tasks());
    let shown = ["id-5".to_owned(), "id-3".to_owned()];
    let context = Context { now: &now, tasks: &tasks, shown: &shown, last_touched: &[], previous: None };
    assert_eq!(deletes(&read("delete the second one", &context)), ["id-3"]);
    assert_eq!(deletes(&read("delete the last one", &context)), ["id-3"]);
}

#[test]
fn a_yes_out_of_nowhere_does_nothing() {
    assert_eq!(reading("yes"), Reading::Say(Talk::NothingToConfirm));
    assert_eq!(reading("no"), Reading::Say(Talk::Dropped));
}
