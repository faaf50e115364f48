//! The tool `list_tasks`. It searches a window of the list, like the pages of the API, and says so when there is more.

use super::{Effect, ToolError, ToolSpec, args, dates, summary};
use jiff::{ToSpan as _, Zoned, civil};
use serde::Deserialize;
use serde_json::{Value, json};
use tandem_domain::due::{DueCondition, Today};
use tandem_protocol::enums::{Priority, StatusFilter};
use tandem_service::{Moment as _, ServiceError, TaskFilter, View, WINDOW};

mod completed;

pub(super) const NAME: &str = "list_tasks";

const MAX_SHOWN: usize = 50;
/// Earlier than every due date. PostgreSQL has no dates of long before.
const FIRST_DAY: civil::Date = civil::Date::constant(1, 1, 1);
/// Words of a query that count; more are ignored.
const MAX_WORDS: usize = 6;

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
                "query": { "type": "string", "description": "Words that title or notes hold." },
                "completed_since": {
                    "type": "string",
                    "description": "Lists what was done from this day or time on, in words or ISO form, instead of by \
                                    status. A repeating task is listed each time."
                },
                "completed_until": { "type": "string", "description": "What was done up to this day or time." }
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
    completed_since: Option<String>,
    completed_until: Option<String>,
}

enum Days {
    Any,
    Overdue,
    None,
    Between(civil::Date, civil::Date),
}

pub(super) async fn call(view: &mut View, arguments: &Value) -> Result<Value, ToolError> {
    let args: Args = args::parse(NAME, arguments)?;
    let now = dates::now(view);
    if let Some(range) = completed::Range::of(&args, &now)? {
        return completed::list(view, &args, &range).await;
    }
    let days = days(&args, &now)?;
    let mut filter = filter(args, &days, Today::at(view.now, view.zone()));
    name_list(view, &mut filter).await?;
    let reads = view.tasks();
    filter.until = reads.window(&filter, None).await.map_err(ServiceError::from)?;
    let tasks = reads.brief_tasks(&filter, MAX_SHOWN).await.map_err(ServiceError::from)?;
    let total = reads.count_tasks(&filter).await.map_err(ServiceError::from)?;
    let mut answer = json!({ "tasks": summary::summaries(&tasks, &now), "total": total });
    if filter.until.is_some() {
        answer["searched"] = json!(WINDOW);
        answer["hint"] = json!("Only the first tasks of the list were searched. Narrow it by status or list.");
    }
    Ok(answer)
}

fn filter(args: Args, days: &Days, today: Today) -> TaskFilter {
    let status = match args.status.unwrap_or_default() {
        Status::All => StatusFilter::All,
        Status::Pending => StatusFilter::Open,
        Status::Completed => StatusFilter::Done,
    };
    let name = |name: Option<String>| name.map(|name| name.trim_start_matches('#').to_owned());
    let mut filter = TaskFilter {
        priority: args.priority,
        label: name(args.label),
        list: name(args.list),
        texts: texts(args.query.as_deref().unwrap_or_default()),
        any_case: true,
        ..TaskFilter::status(status)
    };
    match days {
        Days::Any => {}
        Days::None => filter.due = Some(DueCondition::Undated),
        Days::Between(first, last) => filter.due = Some(DueCondition::Within(today.days(*first, *last))),
        // Only an open task can be overdue, so an empty range of days matches nothing.
        Days::Overdue if status == StatusFilter::Done => {
            filter.due = Some(DueCondition::Within(today.days(civil::Date::MAX, FIRST_DAY)));
        }
        Days::Overdue => {
            filter.status = StatusFilter::Open;
            filter.due = Some(DueCondition::Overdue(today));
        }
    }
    filter
}

/// The distinct words of a query; title or notes must contain each.
fn texts(query: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in query.to_lowercase().split_whitespace() {
        if words.len() < MAX_WORDS && !words.iter().any(|other| other == word) {
            words.push(word.to_owned());
        }
    }
    words
}

/// Makes the filter match the exact name of a list if there is one: only then an index serves it.
async fn name_list(view: &mut View, filter: &mut TaskFilter) -> Result<(), ToolError> {
    if filter.list.is_some() && filter.label.is_none() {
        let exact = TaskFilter { list: filter.list.clone(), ..TaskFilter::status(StatusFilter::All) };
        let any = view.tasks().brief_tasks(&exact, 1).await.map_err(ServiceError::from)?;
        filter.any_case = any.is_empty();
    }
    Ok(())
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
        (from, to) => Ok(Days::Between(from.unwrap_or(FIRST_DAY), to.unwrap_or(civil::Date::MAX))),
    }
}

fn day(text: &str, now: &Zoned) -> Result<Option<civil::Date>, ToolError> {
    if text.eq_ignore_ascii_case("today") {
        return Ok(Some(now.date()));
    }
    Ok(dates::due(text, now)?.map(|due| due.date))
}
