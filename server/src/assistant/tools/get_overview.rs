//! `get_overview`: what is late, what is due, and what to do next.

use super::{Effect, ToolError, ToolSpec, args, brief, when};
use crate::service::{ServiceError, Unit};
use jiff::{ToSpan as _, civil};
use serde::Deserialize;
use serde_json::{Value, json};
use tandem_protocol::{
    model::Task,
    vocab::{Priority, StatusFilter, TaskStatus},
};

pub(super) const NAME: &str = "get_overview";

/// Tasks shown under each heading.
const MAX_SHOWN: usize = 10;

pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: NAME,
        description: "An overview: overdue tasks, today's, the coming week's, and in next the open tasks in the order \
                      in which to do them. For \"what should I do next?\" and \"plan my day\".",
        schema: json!({ "type": "object", "properties": {} }),
        effect: Effect::Reads,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Args {}

pub(super) async fn call(unit: &mut Unit, arguments: &Value) -> Result<Value, ToolError> {
    let Args {} = args::parse(arguments)?;
    let now = when::now(unit);
    let today = now.date();
    let all = unit.tx.all_tasks(StatusFilter::All).await.map_err(ServiceError::from)?;
    let (mut open, done): (Vec<Task>, Vec<Task>) = all.into_iter().partition(|task| task.status == TaskStatus::Open);
    open.sort_by_key(|task| urgency(task, when::is_overdue(task, unit), today));
    let overdue: Vec<&Task> = open.iter().filter(|task| when::is_overdue(task, unit)).collect();
    let between = |from: civil::Date, to: civil::Date| -> Vec<&Task> {
        let due = |task: &Task| task.due.as_ref().is_some_and(|due| (from..=to).contains(&due.date));
        open.iter().filter(|task| due(task) && !when::is_overdue(task, unit)).collect()
    };
    let due_today = between(today, today);
    let week = between(today.saturating_add(1.day()), today.saturating_add(6.days()));
    let finished = |task: &&Task| {
        task.completed_at.is_some_and(|at| at.to_jiff().to_zoned(now.time_zone().clone()).date() == today)
    };
    let shown = |tasks: &[&Task]| json!(brief::lines(tasks.iter().copied().take(MAX_SHOWN), &now));
    Ok(json!({
        "today": today.to_string(),
        "counts": {
            "open": open.len(),
            "overdue": overdue.len(),
            "due_today": due_today.len(),
            "due_this_week": week.len(),
            "completed_today": done.iter().filter(finished).count(),
        },
        "overdue": shown(&overdue),
        "due_today": shown(&due_today),
        "due_this_week": shown(&week),
        "next": shown(&open.iter().collect::<Vec<_>>()),
    }))
}

/// The order in which to do tasks: late ones, today's, urgent ones, then by date, priority and age.
fn urgency(task: &Task, overdue: bool, today: civil::Date) -> (u8, civil::Date, std::cmp::Reverse<Priority>, i64) {
    let date = task.due.as_ref().map_or(civil::Date::MAX, |due| due.date);
    let class = match (overdue, date == today, task.priority) {
        (true, _, _) => 0,
        (_, true, _) => 1,
        (_, _, Priority::Urgent | Priority::High) => 2,
        _ => 3,
    };
    (class, date, std::cmp::Reverse(task.priority), task.number)
}
