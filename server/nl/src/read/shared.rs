//! What several new tasks of one request share: a date that was said once, the day of a time alone, the verb.

use crate::dates::find_all;
use crate::grammar::{Clause, is_task_verb};
use crate::reference::ReadContext;
use tandem_protocol::rest::NewTask;

use super::titled::task;

/// The tasks of the parts; a date that was given once applies to all.
pub(super) fn several(parts: &[Clause<'_>], list: Option<&String>, cx: &ReadContext<'_>) -> Vec<NewTask> {
    let read = |part: &Clause<'_>| {
        let found = task(cx.new_task(part), list);
        // "a, b and c".
        let letter = parts.len() > 2 && part.tokens().len() == 1 && part.word(0) == "a";
        if letter { NewTask { title: part.source().to_owned(), ..found } } else { found }
    };
    let mut tasks: Vec<(usize, NewTask)> = parts.iter().map(read).enumerate().collect();
    tasks.retain(|(_, task)| !task.title.is_empty());
    share_verb(&mut tasks, parts);
    share_day(&mut tasks, parts, cx);
    let mut tasks: Vec<NewTask> = tasks.into_iter().map(|(_, task)| task).collect();
    // "eggs. Also call Ann tomorrow.": a date is said for its own sentence.
    let apart = |pair: &[Clause<'_>]| pair[0].text.tokens[pair[0].to..pair[1].from].iter().any(|token| token.is("."));
    if !parts.windows(2).any(apart) {
        share_date(&mut tasks);
    }
    tasks
}

/// "call Ann on Monday and Bob on Tuesday": the verb is said once.
fn share_verb(tasks: &mut [(usize, NewTask)], parts: &[Clause<'_>]) {
    let [(0, first), (1, second)] = tasks else { return };
    let [one, other] = parts else { return };
    let dated = first.due.is_some() && second.due.is_some();
    let said = one.text.tokens[..other.start].last().is_some_and(|token| token.is("and"));
    if dated && said && is_task_verb(one.word(0)) && !is_task_verb(other.word(0)) {
        second.title = format!("{} {}", one.part(0, 1).source(), second.title);
    }
}

/// "dentist tomorrow at 3, then groceries at 5", "lunch at 12 and dinner at 6 tomorrow": a time alone is on the day that was
/// said before it, or after the last time.
fn share_day(tasks: &mut [(usize, NewTask)], parts: &[Clause<'_>], cx: &ReadContext<'_>) {
    let mentions = |at: usize| parts.get(at).map(|part| find_all(&cx.dates_in(part))).unwrap_or_default();
    let mut day = match tasks.split_last() {
        Some(((last, task), before)) if !before.is_empty() => {
            let timed = mentions(*last).iter().any(|mention| mention.draft.names_day() && mention.draft.names_time());
            let alone = before.iter().all(|(at, _)| {
                let said = mentions(*at);
                said.iter().any(|mention| mention.draft.names_time())
                    && !said.iter().any(|mention| mention.draft.names_day())
            });
            task.due.as_ref().filter(|_| timed && alone).map(|due| due.date)
        }
        _ => None,
    };
    for (at, task) in tasks {
        let mentions = mentions(*at);
        let Some(due) = &mut task.due else { continue };
        if mentions.iter().any(|mention| mention.draft.names_day()) {
            day = Some(due.date);
        } else if let Some(day) = day.filter(|_| due.time.is_some() && mentions.iter().any(|m| m.draft.names_time())) {
            due.date = day;
        }
    }
}

/// Applies a date that was given once, at either end, to all tasks.
fn share_date(tasks: &mut [NewTask]) {
    let dated: Vec<usize> =
        (0..tasks.len()).filter(|&i| tasks[i].due.is_some() || tasks[i].recurrence.is_some()).collect();
    let [only] = dated[..] else { return };
    // In the middle a date belongs to its own task: "call Ann, pay rent tomorrow, buy milk".
    if only == 0 || only + 1 == tasks.len() {
        let (due, rule) = (tasks[only].due.clone(), tasks[only].recurrence.clone());
        for task in tasks {
            task.due.clone_from(&due);
            task.recurrence.clone_from(&rule);
        }
    }
}
