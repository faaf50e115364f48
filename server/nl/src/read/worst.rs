//! A search for the texts that cost the most work: repetitions of words of each class, and of pairs of them. It counts
//! steps and no time, so that it says the same on every machine; the example `worst` prints the time of the same texts.

use jiff::Zoned;
use tandem_protocol::model::Task;
use tandem_protocol::{TaskId, Timestamp};
use uuid::Uuid;

use super::read_with;
use crate::reference::{ReadContext, Titles};
use crate::work::{LIMIT, steps_of};
use crate::{Context, Reading};

/// One word or mark of each class that the rules know.
const SEEDS: &str = include_str!("../../tests/language/corpus/seeds.txt");
const SENTENCES: [&str; 3] = [
    include_str!("../../tests/language/corpus/nothing.txt"),
    include_str!("../../tests/language/corpus/writes.txt"),
    include_str!("../../tests/language/corpus/talk.txt"),
];
/// Characters of a text, about as many words as are read.
const LENGTH: usize = 1_000;

fn tasks() -> Vec<Task> {
    let task = |number: u32| {
        let id = TaskId(Uuid::from_u128(number.into()));
        let title = format!("Call {} about the {}", number * 7 % 100, number * 13 % 100);
        Task { number: number.into(), title, ..Task::empty(id, Timestamp::from_millis(0)) }
    };
    (0..100).map(task).collect()
}

/// The reading of a text and its steps.
fn measured(text: &str) -> (Reading, u32) {
    let now: Zoned = "2026-11-23T10:00:00[UTC]".parse().expect("a time");
    let tasks = tasks();
    let tasks: Vec<&Task> = tasks.iter().collect();
    let context = Context::new(&now, &tasks);
    let titles = Titles::default();
    let cx = ReadContext::new(&context, &titles);
    let mut reading = None;
    let steps = steps_of(|| reading = Some(read_with(text, &cx)));
    (reading.expect("it was read"), steps)
}

#[test]
fn a_text_that_reaches_the_limit_changes_nothing() {
    let mut reached = 0;
    for first in SEEDS.lines().step_by(3) {
        for second in SEEDS.lines().step_by(4) {
            let pair: String = format!("{first} {second} ").chars().cycle().take(LENGTH).collect();
            let (reading, steps) = measured(&format!("delete {pair}"));
            if steps >= LIMIT {
                reached += 1;
                assert!(matches!(reading, Reading::Unknown { .. }), "{first} {second}: {reading:?}");
            }
        }
    }
    assert!(reached > 0, "the search finds no text any more that is worth a limit");
}

#[test]
fn sentences_of_people_take_a_small_part_of_the_limit() {
    for line in SENTENCES.iter().flat_map(|corpus| corpus.lines()) {
        let (_, steps) = measured(line);
        assert!(steps < LIMIT / 8, "{steps} steps: {line}");
    }
    let long = "remind me to call the dentist tomorrow at 9, add milk, eggs and bread to my shopping list, delete the \
                passport task, move the report to friday and mark the rent as done, then show me what is due this week";
    let pasted = format!("add:\n{}", "- call Bob about the budget tomorrow at 5pm #work\n".repeat(25));
    for text in [long, &pasted] {
        let (_, steps) = measured(text);
        assert!(steps < LIMIT / 2, "{steps} steps: {text}");
    }
}

#[test]
fn each_task_of_a_row_is_counted() {
    let steps = |words: &str, times: usize| measured(&format!("add {}", words.repeat(times))).1;
    for words in ["jam, ", "catch ", "sweep the hall and ", "jam on the 1st, "] {
        let (few, many) = (steps(words, 8), steps(words, 40));
        assert!(many > 3 * few || many >= LIMIT, "{words}: {few} and {many} steps");
    }
}
