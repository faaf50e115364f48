//! One task on several dates: "swim on Monday and Thursday" is two tasks, "vitamins every day at 8am and 8pm" is a question.
//!
//! A task has one due date and repeats at one time of day. Several dates in a row, with nothing but "and" between them, are
//! one task each; what a rule cannot hold is asked about instead of being left in the title.

use crate::dates::{Mention, find_all};
use crate::grammar::Clause;
use crate::reference::ReadContext;
use tandem_protocol::rest::NewTask;

/// The tasks of a body with several dates in a row.
#[derive(Debug)]
pub(super) enum Days {
    Tasks(Vec<NewTask>),
    /// A rule with a second time of day.
    TwoTimes,
}

pub(super) fn read(body: &Clause<'_>, cx: &ReadContext<'_>) -> Option<Days> {
    let now = cx.context.now.datetime();
    let row = row(body, &find_all(&cx.dates_in(body)))?;
    let (first, rest) = row.split_first()?;
    if row.iter().any(|mention| mention.draft.repeats()) {
        let times = rest.iter().all(|mention| mention.draft.names_time() && !mention.draft.names_day());
        return times.then_some(Days::TwoTimes);
    }
    let found = cx.new_task_without(body, (first.start, row.last()?.end));
    if found.title.is_empty() {
        return None;
    }
    let day = first.draft.day(now);
    let tasks: Option<Vec<NewTask>> = row
        .iter()
        .map(|mention| {
            // "tomorrow at 8am and 8pm": the second time is on the same day.
            let draft = match day {
                Some(day) if !mention.draft.names_day() => mention.draft.on(day),
                _ => mention.draft.clone(),
            };
            Some(NewTask { due: Some(draft.resolve(now)?.due?), ..found.clone() })
        })
        .collect();
    tasks.map(Days::Tasks)
}

/// The first mentions that stand in a row, at least two.
fn row(body: &Clause<'_>, mentions: &[Mention]) -> Option<Vec<Mention>> {
    let joined =
        |from: usize, to: usize| from < to && (from..to).all(|at| matches!(body.word(at), "and" | "," | "&" | "or"));
    let start = mentions.windows(2).position(|pair| joined(pair[0].end, pair[1].start))?;
    let mut row = vec![mentions[start].clone()];
    for mention in &mentions[start + 1..] {
        if !row.last().is_some_and(|last| joined(last.end, mention.start)) {
            break;
        }
        row.push(mention.clone());
    }
    Some(row)
}
