//! Two corpora of sentences about the same tasks: those that must change nothing, and those that must still be done, so
//! that caution costs nothing.

use tandem_nl::{Action, Context, Reading, read};
use tandem_protocol::TaskId;
use tandem_protocol::enums::TaskStatus;
use tandem_protocol::model::{Due, Task};

use crate::support::{changes_nothing, monday, task};

/// Tasks that the sentences name, so that each of them could do harm. The last one is done.
fn tasks() -> Vec<Task> {
    let titles = [
        "Buy milk",
        "Call the dentist",
        "Write the report",
        "Team meeting",
        "Water the plants",
        "Renew passport",
        "Clean the garage",
        "Email Ann",
        "Take out the trash",
        "Laundry",
        "Pay the rent",
        "Return library books",
    ];
    let mut tasks: Vec<Task> = titles.iter().zip(1..).map(|(title, number)| task(number, title)).collect();
    for (at, rule) in [(3, "FREQ=WEEKLY;BYDAY=WE"), (4, "FREQ=DAILY")] {
        tasks[at].due =
            Some(Due { date: jiff::civil::date(2026, 11, 25), time: None, time_zone: "Europe/Berlin".to_owned() });
        tasks[at].recurrence =
            serde_json::from_value(serde_json::json!({ "rule": rule, "anchor": "due", "start": "2026-11-25" })).ok();
    }
    tasks[11].status = TaskStatus::Done;
    tasks
}

fn reading(message: &str, tasks: &[Task]) -> Reading {
    let tasks: Vec<&Task> = tasks.iter().collect();
    // The last reply was about the report: "it" would be found.
    let touched = [tasks[2].id];
    read(message, &Context { last_touched: &touched, ..Context::new(&monday(), &tasks) })
}

fn sentences(corpus: &'static str) -> impl Iterator<Item = &'static str> {
    corpus.lines().filter(|line| !line.starts_with('#') && !line.is_empty())
}

#[test]
fn what_was_not_said_is_not_done() {
    let tasks = tasks();
    let all: Vec<&str> = sentences(include_str!("corpus/nothing.txt")).collect();
    assert!(all.len() >= 300, "{}", all.len());
    let wrong: Vec<String> = all
        .into_iter()
        .map(|sentence| (sentence, reading(sentence, &tasks)))
        .filter(|(_, reading)| !changes_nothing(reading))
        .map(|(sentence, reading)| format!("{sentence}: {reading:?}"))
        .collect();
    assert!(wrong.is_empty(), "{} changed something:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_is_done_is_not_done_with_a_mood_before_it() {
    let tasks = tasks();
    let commands =
        "delete remove mark check tick complete finish rename change move push postpone make set tag cancel skip";
    let verb = |line: &&str| commands.split(' ').any(|verb| line.starts_with(&format!("{verb} ")));
    let before = [
        "don't",
        "please never",
        "I didn't",
        "I should",
        "I will",
        "if it rains,",
        "did you",
        "can I",
        "Bob will",
        "maybe",
    ];
    for line in sentences(include_str!("corpus/writes.txt")).filter(verb) {
        let (sentence, _) = line.rsplit_once(" = ").expect("a sentence and what it does");
        for mood in before {
            let sentence = format!("{mood} {sentence}");
            let reading = reading(&sentence, &tasks);
            assert!(changes_nothing(&reading), "{sentence}: {reading:?}");
        }
    }
}

/// The reading of an answer to the question that a message leads to.
fn answered(message: &str, answer: &str, tasks: &[Task]) -> Reading {
    let Reading::Ask { choices, .. } = reading(message, tasks) else {
        panic!("{message}: {:?}", reading(message, tasks))
    };
    let all: Vec<&Task> = tasks.iter().collect();
    read(answer, &Context { shown: &choices, previous: Some(message), ..Context::new(&monday(), &all) })
}

#[test]
fn the_end_of_a_series_is_asked_about() {
    let tasks = tasks();
    for message in ["delete the team meeting", "cancel task 4", "remove the team meeting"] {
        for (answer, want) in [
            ("all of it", "delete Team meeting"),
            ("the whole series", "delete Team meeting"),
            ("just this time", "skip Team meeting"),
            ("skip it", "skip Team meeting"),
            ("only this one", "skip Team meeting"),
            ("just today", "skip Team meeting"),
        ] {
            assert_eq!(done(&answered(message, answer, &tasks), &tasks), want, "{message}, {answer}");
        }
        assert!(matches!(answered(message, "yes", &tasks), Reading::Ask { .. }), "{message}");
        assert!(changes_nothing(&answered(message, "no", &tasks)), "{message}");
    }
}

#[test]
fn it_is_the_newest_thing_that_was_named() {
    let tasks = tasks();
    let Reading::Act(actions) = reading("complete the dentist and delete it", &tasks) else { panic!("it is clear") };
    let dentist = vec![tasks[1].id];
    assert_eq!(actions[..], [Action::Complete { ids: dentist.clone() }, Action::Delete { ids: dentist }]);
}

/// What the first change does, in the words of the corpus.
fn done(reading: &Reading, tasks: &[Task]) -> String {
    let title = |id: &TaskId| tasks.iter().find(|task| task.id == *id).map_or("", |task| &task.title).to_owned();
    let all = |ids: &[TaskId]| ids.iter().map(title).collect::<Vec<_>>().join(", ");
    let Reading::Act(actions) = reading else { return format!("{reading:?}") };
    match &actions[..] {
        [Action::Add(task)] => format!("add {}", task.title),
        [Action::Complete { ids }] => format!("complete {}", all(ids)),
        [Action::Reopen { ids }] => format!("reopen {}", all(ids)),
        [Action::Delete { ids }] => format!("delete {}", all(ids)),
        [Action::Skip { id }] => format!("skip {}", title(id)),
        [Action::Update { id, .. }] => format!("update {}", title(id)),
        [Action::Reschedule { id, .. }] => format!("move {}", title(id)),
        other => format!("{other:?}"),
    }
}

#[test]
fn what_was_said_is_done() {
    let tasks = tasks();
    let wrong: Vec<String> = sentences(include_str!("corpus/writes.txt"))
        .filter_map(|line| {
            let (sentence, want) = line.rsplit_once(" = ").expect("a sentence and what it does");
            let got = done(&reading(sentence, &tasks), &tasks);
            (got != want).then(|| format!("{sentence}: {got}, not {want}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} came out wrong:\n{}", wrong.len(), wrong.join("\n"));
}
