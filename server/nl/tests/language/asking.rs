//! Questions back to the user, and the answers to them.

use tandem_nl::{Action, Reading, Response};
use tandem_protocol::TaskId;
use tandem_protocol::rest::DueInput;

use crate::support::{changes_nothing, id, ids, read_with, reading};

/// The reading of an answer to the question that `previous` led to, with these tasks shown.
fn answer(previous: &str, shown: &[i64], message: &str) -> Reading {
    read_with(message, &ids(shown), &[], Some(previous))
}

fn deletes(reading: &Reading) -> Vec<TaskId> {
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
    assert_eq!(choices, ids(&[2, 7]));
}

/// The question that a message leads to, and its choices.
fn asked(message: &str) -> (String, Vec<TaskId>) {
    match reading(message) {
        Reading::Ask { question, choices } => (question, choices),
        other => panic!("{message:?} was read as {other:?}"),
    }
}

#[test]
fn words_that_are_left_over_are_named() {
    for (message, words, number) in [
        ("delete the oat milk for the passport", "for the passport", 4),
        ("delete the oat milk near the window", "near the window", 4),
        ("mark the plumber of Ann as done", "of Ann", 5),
        ("take oat milk off my shopping list for the passport", "for the passport", 4),
        ("complete the annual report tomorrow", "tomorrow", 3),
    ] {
        let (question, choices) = asked(message);
        assert!(question.contains(&format!("“{words}”")), "{message}: {question}");
        assert_eq!(choices, ids(&[number]), "{message}");
        let Reading::Act(actions) = answer(message, &[number], "yes") else { panic!("{message}: it was agreed to") };
        assert!(actions.iter().any(Action::changes), "{message}");
    }
}

#[test]
fn a_question_mark_after_a_command_is_asked_back() {
    assert_eq!(asked("delete the oat milk?"), ("Shall I delete this task?".to_owned(), ids(&[4])));
    assert_eq!(deletes(&answer("delete the oat milk?", &[4], "yes")), ids(&[4]));
    assert_eq!(asked("I don't need oat milk anymore").1, ids(&[4]));
}

#[test]
fn a_pick_acts_on_what_was_asked() {
    let shown = [2, 7];
    for (message, want) in [
        ("the second one", vec![7]),
        ("2", vec![7]),
        ("the first", vec![2]),
        ("both", vec![2, 7]),
        ("all of them", vec![2, 7]),
        ("the last one", vec![7]),
        ("the client one", vec![7]),
        ("team meeting", vec![2]),
        ("no, the other one", vec![7]),
        ("all but the first", vec![7]),
        ("yes, all but the client meeting", vec![2]),
        ("1 and 2", vec![2, 7]),
        ("the first two", vec![2, 7]),
    ] {
        assert_eq!(deletes(&answer("delete the meeting task", &shown, message)), ids(&want), "{message}");
    }
}

#[test]
fn an_answer_settles_only_what_was_unclear() {
    let Reading::Ask { choices, .. } = reading("delete oat milk and the meeting") else {
        panic!("the meeting is unclear")
    };
    assert_eq!(choices, ids(&[2, 7]));
    assert_eq!(deletes(&answer("delete oat milk and the meeting", &[2, 7], "the second one")), ids(&[4, 7]));
}

#[test]
fn a_refusal_drops_the_question() {
    for message in ["no", "never mind", "none of them", "cancel"] {
        assert_eq!(
            answer("delete the meeting task", &[2, 7], message),
            Reading::Respond(Response::Dropped),
            "{message}"
        );
    }
}

#[test]
fn yes_to_several_is_no_answer() {
    assert!(matches!(answer("delete the meeting task", &[2, 7], "yes"), Reading::Ask { .. }));
}

#[test]
fn another_command_is_not_taken_for_an_answer() {
    let Reading::Act(actions) = answer("delete the meeting task", &[2, 7], "show my tasks") else {
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
        (task.title.as_str(), task.due.as_ref().map(DueInput::to_iso).as_deref()),
        ("call the bank", Some("2026-11-24"))
    );
}

#[test]
fn a_proposal_wants_a_yes() {
    let previous = "I need to hire a gardener";
    let Reading::Act(actions) = answer(previous, &[], "yes please") else { panic!("it was agreed to") };
    assert!(matches!(&actions[..], [Action::Add(task)] if task.title == "hire a gardener"), "{actions:?}");
    assert_eq!(answer(previous, &[], "no thanks"), Reading::Respond(Response::Dropped));
    assert!(changes_nothing(&answer(previous, &[], "what is a gardener")));
}

#[test]
fn pronouns_mean_what_was_touched_last() {
    let read = |message| read_with(message, &[], &[id(3)], None);
    assert_eq!(deletes(&read("delete it")), [id(3)]);
    assert_eq!(deletes(&read("delete that task")), [id(3)]);
    let Reading::Act(actions) = read("mark it as done") else { panic!("it is clear") };
    assert_eq!(actions[..], [Action::Complete { ids: ids(&[3]) }]);
}

#[test]
fn a_printed_figure_counts_in_the_list_that_was_printed() {
    let shown = ids(&[5, 3, 2]);
    let read = |message| read_with(message, &shown, &[], None);
    for message in ["delete 2", "delete the second one", "delete number 2", "delete #3"] {
        assert_eq!(deletes(&read(message)), [id(3)], "{message}");
    }
    // It may be the number of the task, or the second line.
    let Reading::Ask { choices, .. } = read("delete task 2") else { panic!("it is not clear") };
    assert_eq!(choices, ids(&[3, 2]));
}

#[test]
fn it_is_not_several() {
    let Reading::Ask { choices, .. } = read_with("delete it", &[], &ids(&[3, 4]), None) else {
        panic!("two are meant")
    };
    assert_eq!(choices, ids(&[3, 4]));
    assert_eq!(deletes(&read_with("delete them", &[], &ids(&[3, 4]), None)), ids(&[3, 4]));
}

#[test]
fn places_count_in_the_list_last_shown() {
    for message in ["delete the second one", "delete the last one"] {
        assert_eq!(deletes(&read_with(message, &ids(&[5, 3]), &[], None)), [id(3)], "{message}");
    }
}

#[test]
fn a_yes_out_of_nowhere_does_nothing() {
    assert_eq!(reading("yes"), Reading::Respond(Response::NothingToConfirm));
    assert_eq!(reading("no"), Reading::Respond(Response::Dropped));
}

/// The titles, dates and rules of the tasks that an answer adds.
fn adds(previous: &str, message: &str) -> Vec<(String, String, String)> {
    let Reading::Act(actions) = answer(previous, &[], message) else {
        panic!("{message}: {:?}", answer(previous, &[], message))
    };
    let one = |action: &Action| match action {
        Action::Add(task) => (
            task.title.clone(),
            task.due.as_ref().map_or(String::new(), DueInput::to_iso),
            task.recurrence.as_ref().map_or(String::new(), |recurrence| recurrence.rule.clone()),
        ),
        other => panic!("{other:?}"),
    };
    actions.iter().map(one).collect()
}

#[test]
fn several_times_of_day_are_asked_about() {
    let previous = "remind me to take vitamins every day at 8am and 8pm";
    assert!(asked(previous).0.ends_with("Shall I take 08:00 or 20:00, or “all” as one task each?"));
    let at = |due: &str| ("take vitamins".to_owned(), due.to_owned(), "FREQ=DAILY".to_owned());
    let (morning, evening) = (at("2026-11-24T08:00"), at("2026-11-23T20:00"));
    for (message, want) in [
        ("8am", vec![morning.clone()]),
        ("the second", vec![evening.clone()]),
        ("both", vec![morning.clone(), evening.clone()]),
        ("at noon", vec![at("2026-11-23T12:00")]),
    ] {
        assert_eq!(adds(previous, message), want, "{message}");
    }
    let counted = "remind me twice a day to take vitamins";
    assert!(asked(counted).0.ends_with("At which times?"));
    assert_eq!(adds(counted, "8am and 8pm"), [morning, evening]);
    assert_eq!(answer(counted, &[], "never mind"), Reading::Respond(Response::Dropped));
}

#[test]
fn an_exception_that_a_rule_cannot_hold_is_asked_about() {
    let previous = "remind me every monday except december 28 to call mom";
    assert!(asked(previous).0.contains("no single date"));
    assert_eq!(
        adds(previous, "yes"),
        [("call mom".to_owned(), "2026-11-23".to_owned(), "FREQ=WEEKLY;BYDAY=MO".to_owned())]
    );
    assert_eq!(answer(previous, &[], "no"), Reading::Respond(Response::Dropped));
}

#[test]
fn a_date_in_figures_is_read_as_the_zone_has_it_or_asked_about() {
    let at = |zone: &str, message: &str, previous: Option<&str>| {
        let now = format!("2026-11-23T10:00:00[{zone}]").parse().expect("a zone");
        tandem_nl::read(message, &tandem_nl::Context { previous, ..tandem_nl::Context::new(&now, &[]) })
    };
    let due = |reading: &Reading| match reading {
        Reading::Act(actions) => match &actions[..] {
            [Action::Add(task)] => task.due.as_ref().map(DueInput::to_iso),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    let message = "remind me on 3/4 to call Ann";
    assert_eq!(due(&at("America/Chicago", message, None)).as_deref(), Some("2027-03-04"));
    assert_eq!(due(&at("Europe/Paris", message, None)).as_deref(), Some("2027-04-03"));
    let Reading::Ask { question, .. } = at("UTC", message, None) else { panic!("it is not clear") };
    assert_eq!(question, "Which day do you mean: 4 March 2027 or 3 April 2027?");
    for (answer, want) in [("the second", "2027-04-03"), ("april 3", "2027-04-03"), ("month first", "2027-03-04")] {
        assert_eq!(due(&at("UTC", answer, Some(message))).as_deref(), Some(want), "{answer}");
    }
    assert_eq!(at("UTC", "no", Some(message)), Reading::Respond(Response::Dropped));
    assert_eq!(due(&at("UTC", "remind me on 13/4 to call Ann", None)).as_deref(), Some("2027-04-13"));
}

#[test]
fn a_guess_is_asked_about_before_something_is_deleted() {
    for message in [
        "delete my last reminder",
        "cancel that last reminder",
        "delete the first task",
        "delete the reminder I made an hour ago",
    ] {
        let reading = read_with(message, &[], &[], None);
        assert!(matches!(&reading, Reading::Ask { choices, .. } if !choices.is_empty()), "{message}: {reading:?}");
    }
}

#[test]
fn an_appointment_is_proposed_and_added_when_it_has_a_date() {
    let Reading::Ask { question, .. } = reading("can you schedule a meeting with Ann at the office") else {
        panic!("it has no date")
    };
    assert!(question.contains("“meeting with Ann at the office”"), "{question}");
    let Reading::Act(actions) = reading("can you book a meeting room for friday at 11 am, please") else {
        panic!("it has a date")
    };
    assert!(matches!(&actions[..], [Action::Add(task)] if task.title == "book a meeting room"), "{actions:?}");
}
