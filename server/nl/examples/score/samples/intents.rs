//! Sentences sorted by what they are about: lists, small talk, and everything that is none of the assistant's business.

use std::path::Path;
use std::time::{Duration, Instant};

use tandem_nl::{Action, Context, Reading, Response, read};

use super::{moment, rows, task, text};
use crate::Score;

pub(crate) fn scores(folder: &Path) -> Vec<Score> {
    let mut scores = vec![
        Score::new("list-questions", 92.0),
        Score::new("list-changes", 92.0),
        Score::new("reminder-requests", 92.0),
        Score::new("small-talk", 92.0),
        Score::new("out-of-scope", 99.0),
        Score::new("calendar-questions", 95.0),
        Score::new("calendar-changes", 95.0),
        Score::new("under-5-ms", 100.0),
    ];
    let Some(now) = moment("2026-11-23T10:00:00") else { return scores };
    let titles = ["Renew the passport", "Write quarterly figures", "Replace kitchen bulb", "Buy stamps"];
    let tasks: Vec<_> = titles.iter().zip(1..).map(|(title, n)| task(n, title)).collect();
    let tasks: Vec<_> = tasks.iter().collect();
    let context = Context::new(&now, &tasks);
    for row in rows(folder, "clinc150_sel.jsonl") {
        let started = Instant::now();
        let reading = read(text(&row, "text"), &context);
        let took = started.elapsed();
        let (place, right) = match text(&row, "intent") {
            "shopping_list" | "todo_list" | "reminder" => (0, shows(&reading)),
            "calendar" | "meeting_schedule" => (5, shows(&reading)),
            "calendar_update" => (6, changes(&reading) || missing(&reading)),
            "shopping_list_update" | "todo_list_update" => (1, changes(&reading) || missing(&reading)),
            "reminder_update" => (2, adds(&reading) || matches!(reading, Reading::Ask { .. })),
            "greeting" | "goodbye" | "thank_you" | "what_can_i_ask_you" | "are_you_a_bot" => {
                (3, matches!(reading, Reading::Respond(_)))
            }
            "oos" | "yes" | "no" | "maybe" | "repeat" => (4, !changes(&reading)),
            _ => continue,
        };
        // Changes of a list are asked for, of whole lists too; a request for a reminder must not touch other tasks.
        let wrong = match place {
            1 | 6 => false,
            2 => removes(&reading),
            _ => changes(&reading),
        };
        scores[place].judge_writes(wrong, || format!("{} | {reading:?}", text(&row, "text")));
        let failure = || format!("{} | {} | {reading:?}", text(&row, "intent"), text(&row, "text"));
        scores[place].add(right, failure);
        scores[7].add(took < Duration::from_millis(5), || format!("{took:?} {}", text(&row, "text")));
    }
    scores
}

/// Whether one of the tasks of the samples would be deleted or completed, of which no sentence speaks.
fn removes(reading: &Reading) -> bool {
    let removing = |action: &Action| matches!(action, Action::Delete { .. } | Action::Complete { .. });
    matches!(reading, Reading::Act(actions) if actions.iter().any(removing))
}

fn changes(reading: &Reading) -> bool {
    let changing = |action: &Action| !matches!(action, Action::List(_) | Action::Overview | Action::Search { .. });
    matches!(reading, Reading::Act(actions) if actions.iter().any(changing))
}

fn adds(reading: &Reading) -> bool {
    matches!(reading, Reading::Act(actions) if actions.iter().any(|action| matches!(action, Action::Add(_))))
}

fn shows(reading: &Reading) -> bool {
    matches!(reading, Reading::Act(_)) && !changes(reading)
}

/// Understood, but the task is not among those of the sample.
fn missing(reading: &Reading) -> bool {
    matches!(reading, Reading::Respond(Response::NoSuchTask { .. }))
}
