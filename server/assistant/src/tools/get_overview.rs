//! The tool `get_overview`: what is overdue, what is due soon, and what to do next.

use super::{Effect, ToolError, ToolSpec, args, dates, summary};
use jiff::{ToSpan as _, civil};
use serde::Deserialize;
use serde_json::{Value, json};
use tandem_domain::due::Today;
use tandem_protocol::{enums::Priority, model::Task};
use tandem_service::{Moment as _, ServiceError, View};

pub(super) const NAME: &str = "get_overview";

const MAX_SHOWN: usize = 10;
/// Tasks of each kind from which the most urgent are chosen.
const CANDIDATES: usize = 500;

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

pub(super) async fn call(view: &mut View, arguments: &Value) -> Result<Value, ToolError> {
    let Args {} = args::parse(NAME, arguments)?;
    let (at, now) = (Today::at(view.now, view.zone()), dates::now(view));
    let today = at.date();
    let counts = view.tasks().task_counts(&at).await.map_err(ServiceError::from)?;
    let mut open = view.tasks().next_tasks(at.now(), CANDIDATES).await.map_err(ServiceError::from)?;
    let is_overdue = |task: &Task| task.due.as_ref().is_some_and(|due| at.is_overdue(due));
    open.sort_by_key(|task| urgency(task, &at));
    let overdue: Vec<&Task> = open.iter().filter(|task| is_overdue(task)).collect();
    let between = |from: civil::Date, to: civil::Date| -> Vec<&Task> {
        let due = |task: &Task| task.due.as_ref().is_some_and(|due| (from..=to).contains(&at.day_of(due)));
        open.iter().filter(|task| due(task) && !is_overdue(task)).collect()
    };
    let shown = |tasks: &[&Task]| json!(summary::summaries(tasks.iter().copied().take(MAX_SHOWN), &now));
    Ok(json!({
        "today": today.to_string(),
        "counts": {
            "open": counts.open,
            "overdue": counts.overdue,
            "due_today": counts.due_today,
            "due_this_week": counts.due_this_week,
            "completed_today": counts.done_today,
        },
        "overdue": shown(&overdue),
        "due_today": shown(&between(today, today)),
        // Today has a list of its own, so the week is the six days after it.
        "due_this_week": shown(&between(today.saturating_add(1.day()), today.saturating_add(6.days()))),
        "next": shown(&open.iter().collect::<Vec<_>>()),
    }))
}

/// The order in which to do tasks: overdue ones, today's, urgent ones, then by date, priority and age.
fn urgency(task: &Task, at: &Today) -> (u8, civil::Date, std::cmp::Reverse<Priority>, i64) {
    let overdue = task.due.as_ref().is_some_and(|due| at.is_overdue(due));
    let date = task.due.as_ref().map_or(civil::Date::MAX, |due| at.day_of(due));
    let class = match (overdue, date == at.date(), task.priority) {
        (true, _, _) => 0,
        (_, true, _) => 1,
        (_, _, Priority::Urgent | Priority::High) => 2,
        _ => 3,
    };
    (class, date, std::cmp::Reverse(task.priority), task.number)
}
