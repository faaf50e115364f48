//! Measures the slowest messages: `worst`. Prints the longest time that each kind of text takes to be read against a thousand
//! tasks, in lengths up to 32,000 characters, and the slowest of all. Run it in release on a machine that does nothing else.

use std::time::{Duration, Instant};

use tandem_nl::{Context, quick_add, read};
use tandem_protocol::model::Task;
use tandem_protocol::{TaskId, Timestamp};
use uuid::Uuid;

/// Characters of the messages, up to the longest that there is.
const LENGTHS: [usize; 6] = [250, 500, 1_000, 1_500, 2_000, 32_000];
/// Repetitions, of which the shortest counts: the rest is what else the machine did.
const TIMES: usize = 5;
/// The limit that each text has to keep.
const BAR: Duration = Duration::from_millis(5);

/// Words of which long texts are made, where rules meet most often.
const SEEDS: &[&str] = &[
    "a",
    "1/",
    "'\"",
    "and ",
    "delete the milk and ",
    "remind me to call Ann and email Bob tomorrow at 5pm, ",
    "every other monday at 5 and ",
    "to to to ",
    "call task call task ",
    "no, not tomorrow, monday, ",
    "1 hour 5 minutes and ",
    "the first and third monday of ",
    "#a +b !high p1 ",
    "is it on my list, ",
    "change to : to : ",
    "all but the ",
    "\u{1F469}\u{200D}\u{1F467} ",
    "- milk\n",
    "put on my list on my list ",
    "from monday to friday until ",
    "I don't need it anymore, ",
];

fn main() {
    let now = "2026-11-23T10:00:00[UTC]".parse().expect("a time");
    let tasks: Vec<Task> = (0..1_000).map(task).collect();
    let tasks: Vec<&Task> = tasks.iter().collect();
    let context = Context { now: &now, tasks: &tasks, shown: &[], last_touched: &[], previous: None };
    let mut worst = Duration::ZERO;
    for seed in SEEDS {
        let took = LENGTHS.iter().map(|length| {
            let text: String = seed.chars().cycle().take(*length).collect();
            (0..TIMES).map(|_| timed(&text, &context)).min().unwrap_or_default()
        });
        let took = took.max().unwrap_or_default();
        worst = worst.max(took);
        println!("{took:>12.2?}  {seed:?}");
    }
    println!("{worst:>12.2?}  the slowest, bar {BAR:?}");
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
