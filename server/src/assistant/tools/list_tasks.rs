//! `list_tasks`.

use super::{Effect, ToolError, ToolSpec, args, brief, when};
use crate::service::{ServiceError, Unit};
use jiff::{ToSpan as _, Zoned, civil};
use serde::Deserialize;
use serde_json::{Value, json};
use tandem_protocol::{
    model::Task,
    vocab::{Priority, StatusFilter, TaskStatus},
};

pub(super) const NAME: &str = "list_tasks";

/// Most tasks that one answer shows.
const MAX_SHOWN: usize = 50;

pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: NAME,
        description: "Lists tasks, at most 50, and says in total how many match. All filters must match. \
                      Use it to find a task's number before changing it.",
        schema: json!({
            "type": "object",
            "properties": {
                "status": {
                    "type": "string",
                    "enum": ["all", "pending", "completed"],
                    "description": "pending when left out."
                },
                "due": {
                    "type": "string",
                    "description": "overdue, today, week (the next seven days), none, or one day in words or ISO form."
                },
                "due_from": { "type": "string", "description": "First day of a range, in words or ISO form." },
                "due_to": { "type": "string", "description": "Last day of a range, in words or ISO form." },
                "priority": { "type": "string", "enum": ["none", "low", "medium", "high", "urgent"] },
                "label": { "type": "string", "description": "A label, without #." },
                "list": { "type": "string", "description": "Name of a list." },
                "query": { "type": "string", "description": "Words that title or notes hold." }
            }
        }),
        effect: Effect::Reads,
    }
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    All,
    #[default]
    #[serde(alias = "open")]
    Pending,
    #[serde(alias = "done")]
    Completed,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Args {
    status: Option<Status>,
    due: Option<String>,
    due_from: Option<String>,
    due_to: Option<String>,
    priority: Option<Priority>,
    label: Option<String>,
    list: Option<String>,
    query: Option<String>,
}

/// Which dates match.
enum Days {
    Any,
    Overdue,
    None,
    Between(civil::Date, civil::Date),
}

pub(super) async fn call(unit: &mut Unit, arguments: &Value) -> Result<Value, ToolError> {
    let args: Args = args::parse(arguments)?;
    let now = when::now(unit);
    let days = days(&args, &now)?;
    let status = match args.status.unwrap_or_default() {
        Status::All => StatusFilter::All,
        Status::Pending => StatusFilter::Open,
        Status::Completed => StatusFilter::Done,
    };
    let mut tasks = unit.tx.all_tasks(status).await.map_err(ServiceError::from)?;
    tasks.retain(|task| matches(&args, task) && on(&days, task, unit));
    let shown = brief::lines(tasks.iter().take(MAX_SHOWN), &now);
    Ok(json!({ "tasks": shown, "total": tasks.len() }))
}

fn days(args: &Args, now: &Zoned) -> Result<Days, ToolError> {
    let today = now.date();
    let due = match args.due.as_deref().map(str::trim) {
        None | Some("") => Days::Any,
        Some(word) if word.eq_ignore_ascii_case("overdue") => Days::Overdue,
        Some(word) if word.eq_ignore_ascii_case("week") => Days::Between(today, today.saturating_add(6.days())),
        Some(text) => day(text, now)?.map_or(Days::None, |day| Days::Between(day, day)),
    };
    let end = |text: &Option<String>| text.as_deref().map(|text| day(text, now)).transpose().map(Option::flatten);
    match (end(&args.due_from)?, end(&args.due_to)?) {
        (None, None) => Ok(due),
        (from, to) => Ok(Days::Between(from.unwrap_or(civil::Date::MIN), to.unwrap_or(civil::Date::MAX))),
    }
}

fn day(text: &str, now: &Zoned) -> Result<Option<civil::Date>, ToolError> {
    if text.eq_ignore_ascii_case("today") {
        return Ok(Some(now.date()));
    }
    Ok(when::due(text, now)?.map(|due| due.date))
}

fn matches(args: &Args, task: &Task) -> bool {
    let same = |wanted: &String, have: &String| wanted.trim_start_matches('#').to_lowercase() == have.to_lowercase();
    args.priority.is_none_or(|priority| task.priority == priority)
        && args.label.as_ref().is_none_or(|label| task.labels.iter().any(|have| same(label, have)))
        && args.list.as_ref().is_none_or(|list| task.list.as_ref().is_some_and(|have| same(list, have)))
        && args.query.as_ref().is_none_or(|query| holds_words(task, query))
}

/// Whether title or notes hold every word.
fn holds_words(task: &Task, query: &str) -> bool {
    let text = format!("{} {}", task.title, task.description).to_lowercase();
    query.to_lowercase().split_whitespace().all(|word| text.contains(word))
}

fn on(days: &Days, task: &Task, unit: &Unit) -> bool {
    match (days, &task.due) {
        (Days::Any, _) | (Days::None, None) => true,
        (Days::None, Some(_)) | (Days::Overdue | Days::Between(..), None) => false,
        (Days::Overdue, Some(_)) => task.status == TaskStatus::Open && when::is_overdue(task, unit),
        (Days::Between(from, to), Some(due)) => (*from..=*to).contains(&due.date),
    }
}
