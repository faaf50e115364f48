//! What needs no database: the language of the built-in assistant, and the check of an access token.

use crate::texts::id;
use criterion::Criterion;
use jiff::Zoned;
use std::{hint::black_box, time::Duration};
use tandem_auth::token::KeyRing;
use tandem_nl::{Context, quick_add, read};
use tandem_protocol::{SessionId, TaskId, Timestamp, UserId, model::Task};

/// Messages from short to long.
const MESSAGES: [&str; 3] = [
    "remind me to call Ann tomorrow at five",
    "move the dentist to next Friday, mark the tax return as urgent and delete task 7",
    "I talked to Ben about the trip and he thinks that we should leave early, so add buy train tickets for the first of \
     December with high priority, then pack the bags every Sunday evening, and what is due this week?",
];
/// Open tasks of the user, against which a message is read.
const TASKS: u32 = 200;

pub(crate) fn measure(criterion: &mut Criterion) {
    let now: Zoned = "2026-11-23T10:00:00[UTC]".parse().unwrap();
    let tasks: Vec<Task> = (0..TASKS).map(task).collect();
    let tasks: Vec<&Task> = tasks.iter().collect();
    let context = Context::new(&now, &tasks);
    let mut group = criterion.benchmark_group("grammar");
    for message in MESSAGES {
        let name = format!("a message of {} characters, {TASKS} tasks", message.len());
        group.bench_function(name, |bencher| bencher.iter(|| read(black_box(message), &context)));
    }
    let line = "Buy train tickets tomorrow 5pm #travel !high every week";
    group.bench_function("a line of quick add", |bencher| bencher.iter(|| quick_add(black_box(line), &now)));
    group.finish();

    let keys = KeyRing::parse("first:0123456789abcdef0123456789abcdef", Duration::from_mins(10)).unwrap();
    let (now, end) = (Timestamp::from_millis(1_795_426_200_000), Timestamp::from_millis(1_795_512_600_000));
    let (token, _) = keys.issue(&UserId::from("ann"), SessionId(id(1)), end, now, id(2));
    let mut group = criterion.benchmark_group("token check");
    group.bench_function("signature and claims", |bencher| {
        bencher.iter(|| keys.verify(black_box(&token), now).unwrap());
    });
    group.finish();
}

fn task(number: u32) -> Task {
    let title = format!("Call {} about the {}", number * 7 % 100, number * 13 % 100);
    Task { number: number.into(), title, ..Task::empty(TaskId(id(number.into())), Timestamp::from_millis(0)) }
}
