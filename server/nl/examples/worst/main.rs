//! Measures the slowest messages: `worst [WORDS…]`. Repeats each pair of word classes, or the words that are given, up to
//! 32,000 characters, reads that against a thousand tasks, and prints the kinds of text that take longest. Run it in release on
//! a machine that does nothing else. What the same texts cost in steps is a test (`read::worst`).

use std::time::{Duration, Instant};

use tandem_nl::{Context, quick_add, read};
use tandem_protocol::model::Task;
use tandem_protocol::{TaskId, Timestamp};
use uuid::Uuid;

/// Characters of the messages, up to the longest that there is.
const LENGTHS: [usize; 4] = [250, 1_000, 2_000, 32_000];
/// Repetitions, of which the shortest counts: the rest is what else the machine did.
const TIMES: usize = 3;
/// The limit that each text has to keep.
const BAR: Duration = Duration::from_millis(5);

/// How many of the slowest texts are printed.
const PRINTED: usize = 20;
/// One word or mark of each class that the rules know; texts are made of each and of each pair.
const SEEDS: &str = include_str!("../../tests/language/corpus/seeds.txt");

fn main() {
    let now = "2026-11-23T10:00:00[UTC]".parse().expect("a time");
    let tasks: Vec<Task> = (0..1_000).map(task).collect();
    let tasks: Vec<&Task> = tasks.iter().collect();
    let context = Context::new(&now, &tasks);
    let given: Vec<String> = std::env::args().skip(1).map(|words| format!("{words} ")).collect();
    let pairs = SEEDS.lines().flat_map(|first| SEEDS.lines().map(move |second| format!("{first} {second} ")));
    let pairs: Vec<String> = if given.is_empty() { pairs.collect() } else { given };
    let mut found: Vec<(Duration, String)> = pairs.into_iter().map(|pair| (slowest(&pair, &context), pair)).collect();
    found.sort_unstable();
    for (took, pair) in found.iter().rev().take(PRINTED) {
        println!("{took:>12.2?}  {pair:?}");
    }
    let late = found.iter().filter(|(took, _)| *took > BAR).count();
    println!("{late} of {} kinds of text take longer than {BAR:?}", found.len());
}

/// The longest time that a repetition takes, in any length and after any verb.
fn slowest(pair: &str, context: &Context<'_>) -> Duration {
    let texts = LENGTHS.iter().flat_map(|length| {
        let text: String = pair.chars().cycle().take(*length).collect();
        ["", "delete ", "remind me to "].map(|verb| format!("{verb}{text}"))
    });
    let took = texts.map(|text| (0..TIMES).map(|_| timed(&text, context)).min().unwrap_or_default());
    took.max().unwrap_or_default()
}

fn timed(text: &str, context: &Context<'_>) -> Duration {
    let started = Instant::now();
    let _ = read(text, context);
    let _ = quick_add(text, context.now);
    started.elapsed()
}

fn task(number: u32) -> Task {
    let id = TaskId(Uuid::from_u128(number.into()));
    let title = format!("Call {} about the {}", number * 7 % 1_000, number * 13 % 1_000);
    Task { number: number.into(), title, ..Task::empty(id, Timestamp::from_millis(0)) }
}
