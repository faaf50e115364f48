//! Reminders that are set, shown and cancelled, judged by the tasks that result.

use std::path::Path;

use jiff::Zoned;
use serde_json::Value;
use tandem_nl::{Action, Context, Reading, parse_due, parse_recurrence, read};
use tandem_protocol::model::Task;
use tandem_protocol::rest::NewTask;

use super::{moment, rows, task, text};
use crate::Score;

pub(crate) fn scores(folder: &Path) -> Vec<Score> {
    let mut scores = vec![
        Score::new("reminders-set", 95.0),
        Score::new("reminders-show", 95.0),
        Score::new("reminders-cancel", 95.0),
    ];
    let Some(now) = moment("2026-11-23T10:00:00") else { return scores };
    for row in rows(folder, "fb_reminder_dev.jsonl") {
        let (place, right, wrong, seen) = match text(&row, "intent") {
            "reminder__set_reminder" => judge_set(&row, &now),
            "reminder__show_reminders" => judge_show(&row, &now),
            "reminder__cancel_reminder" => judge_cancel(&row, &now),
            _ => continue,
        };
        scores[place].judge_writes(wrong, || format!("{} | {seen}", text(&row, "text")));
        scores[place].add(right, || format!("{} | {:?} | {seen}", text(&row, "text"), slots(&row)));
    }
    scores
}

fn slots(row: &Value) -> Vec<(String, String)> {
    let pairs = row["slots"].as_array().into_iter().flatten();
    pairs.filter_map(|pair| Some((pair[0].as_str()?.replace("reminder__", ""), pair[1].as_str()?.to_owned()))).collect()
}

fn slot(row: &Value, name: &str) -> Option<String> {
    slots(row).into_iter().find(|(slot, _)| slot == name).map(|(_, value)| value)
}

fn context<'a>(now: &'a Zoned, tasks: &'a [&'a Task]) -> Context<'a> {
    Context::new(now, tasks)
}

/// The row of the table, whether it is right, whether it would change what was not said, and what was read.
type Judged = (usize, bool, bool, String);

fn judge_set(row: &Value, now: &Zoned) -> Judged {
    let reading = read(text(row, "text"), &context(now, &[]));
    let todo = slot(row, "todo");
    let dated = slot(row, "datetime").or_else(|| slot(row, "recurring_period")).is_some();
    let right = match &reading {
        Reading::Act(actions) => actions.iter().any(|action| match action {
            Action::Add(task) => todo.as_deref().is_none_or(|todo| says(task, todo)) && (task.due.is_some() || !dated),
            _ => false,
        }),
        Reading::Ask { .. } => todo.is_none() && !dated,
        _ => false,
    };
    // A reminder was asked for; whether its title is right is judged above.
    let wrong = writes(&reading).any(|action| !matches!(action, Action::Add(_)));
    (0, right, wrong, format!("{reading:?}"))
}

/// Whether four in five of the words are in the title.
fn says(task: &NewTask, todo: &str) -> bool {
    let title = task.title.to_lowercase();
    let words: Vec<&str> = todo.split([' ', '-']).filter(|word| word.len() > 2).collect();
    let found = words.iter().filter(|word| title.contains(**word)).count();
    found * 5 >= words.len() * 4
}

/// The actions that change something.
fn writes(reading: &Reading) -> impl Iterator<Item = &Action> {
    let actions = match reading {
        Reading::Act(actions) => &actions[..],
        _ => &[],
    };
    actions.iter().filter(|action| {
        !matches!(action, Action::List(_) | Action::Search { .. } | Action::Overview | Action::NoSuchTask { .. })
    })
}

fn judge_show(row: &Value, now: &Zoned) -> Judged {
    let reading = read(text(row, "text"), &context(now, &[]));
    let right = matches!(&reading, Reading::Act(actions) if actions.iter().all(|a| matches!(a, Action::List(_) | Action::Search { .. } | Action::Overview)));
    (1, right, writes(&reading).next().is_some(), format!("{reading:?}"))
}

fn judge_cancel(row: &Value, now: &Zoned) -> Judged {
    let mut wanted = task(1, slot(row, "todo").as_deref().unwrap_or("Wanted thing"));
    let when = slot(row, "datetime");
    wanted.due = when
        .as_deref()
        .and_then(|when| parse_due(when.trim_end_matches("'s"), now).or_else(|| parse_recurrence(when, now)?.1))
        .map(|due| due.in_zone("UTC"));
    let others = ["Renew the passport", "Write quarterly figures", "Replace kitchen bulb"];
    let mut tasks: Vec<Task> = others.iter().zip(2..).map(|(title, n)| task(n, title)).collect();
    let wanted_id = wanted.id;
    tasks.push(wanted);
    let tasks: Vec<&Task> = tasks.iter().collect();
    let reading = read(text(row, "text"), &context(now, &tasks));
    let right = match &reading {
        Reading::Act(actions) => actions.iter().any(|a| match a {
            Action::Delete { ids } => ids.contains(&wanted_id) && (ids.len() == 1 || slot(row, "todo").is_none()),
            _ => false,
        }),
        Reading::Ask { choices, .. } => slot(row, "todo").is_none() && !choices.is_empty(),
        _ => false,
    };
    let named = slot(row, "todo").is_some();
    let wrong = writes(&reading).any(|action| match action {
        Action::Delete { ids } => named && ids.iter().any(|id| *id != wanted_id),
        _ => true,
    });
    (2, right, wrong, format!("{reading:?}"))
}
