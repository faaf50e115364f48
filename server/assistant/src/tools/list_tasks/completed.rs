//! What was done in a time: completions, not tasks, because a repeating task is open again after it was done.

use super::{Args, texts};
use crate::tools::{ToolError, args, dates};
use jiff::{ToSpan as _, Zoned};
use serde_json::{Value, json};
use tandem_domain::{page::PageRequest, search};
use tandem_protocol::{
    Timestamp,
    model::{Completion, Task},
    rest::DueInput,
};
use tandem_service::{Moment as _, ServiceError, View};

const MAX_SHOWN: u32 = 50;

/// The time in which tasks were done.
pub(super) struct Range {
    since: Option<Timestamp>,
    until: Option<Timestamp>,
}

impl Range {
    /// `None` when the arguments name no such time. A day is included as a whole.
    pub(super) fn of(args: &Args, now: &Zoned) -> Result<Option<Self>, ToolError> {
        let given = |text: &Option<String>| match text.as_deref().filter(|text| !args::means_none(text)) {
            Some(text) if text.trim().eq_ignore_ascii_case("today") => Ok(Some(DueInput::on(now.date()))),
            Some(text) => dates::due(text, now),
            None => Ok(None),
        };
        let (since, until) = (given(&args.completed_since)?, given(&args.completed_until)?);
        if since.is_none() && until.is_none() {
            return Ok(None);
        }
        let next_day = |until: DueInput| match until.time {
            Some(_) => until,
            None => DueInput { date: until.date.saturating_add(1.day()), ..until },
        };
        Ok(Some(Self {
            since: since.map(|since| instant(&since, now)),
            until: until.map(|until| instant(&next_day(until), now)),
        }))
    }
}

fn instant(day: &DueInput, now: &Zoned) -> Timestamp {
    let local = day.date.to_datetime(day.time.unwrap_or_default());
    let instant = local.to_zoned(now.time_zone().clone()).map_or_else(|_| now.timestamp(), |at| at.timestamp());
    instant.into()
}

pub(super) async fn list(view: &mut View, args: &Args, range: &Range) -> Result<Value, ToolError> {
    let page = PageRequest { limit: MAX_SHOWN, after: None };
    let reads = view.tasks();
    let mut done = reads.completions(range.since, range.until, &page).await.map_err(ServiceError::from)?;
    let more = done.len() > MAX_SHOWN as usize;
    done.truncate(MAX_SHOWN as usize);
    let ids: Vec<_> = done.iter().map(|completion| completion.task_id).collect();
    let tasks = reads.named_tasks(&[], &ids).await.map_err(ServiceError::from)?;
    let zone = dates::now(view).time_zone().clone();
    let shown: Vec<Value> = done
        .iter()
        .map(|completion| (completion, tasks.iter().find(|task| task.id == completion.task_id)))
        .filter(|(completion, task)| matches(completion, *task, args))
        .map(|(completion, task)| {
            let at = completion.completed_at.to_jiff().to_zoned(zone.clone());
            let mut shown = json!({
                "id": completion.task_id,
                "title": completion.title,
                "completed_at": at.strftime("%Y-%m-%dT%H:%M").to_string(),
            });
            // A task that was deleted since has no number any more.
            if let Some(task) = task {
                shown["number"] = json!(task.number);
                shown["status"] = json!(task.status);
            }
            if let Some(occurrence) = completion.occurrence {
                shown["occurrence"] = json!(occurrence.to_string());
            }
            shown
        })
        .collect();
    let mut answer = json!({ "total": shown.len(), "tasks": shown });
    if more {
        answer["hint"] = json!("Only the newest were looked at. Narrow the time by completed_until.");
    }
    Ok(answer)
}

/// Whether what was done fits the other filters. Of a deleted task only the title is known.
fn matches(completion: &Completion, task: Option<&Task>, args: &Args) -> bool {
    let same = |a: &str, b: &str| a.trim_start_matches('#').eq_ignore_ascii_case(b.trim_start_matches('#'));
    let of_task = |holds: &dyn Fn(&Task) -> bool| task.is_some_and(holds);
    let title = search::folded(&completion.title);
    args.priority.is_none_or(|priority| of_task(&|task| task.priority == priority))
        && args
            .list
            .as_deref()
            .is_none_or(|list| of_task(&|task| task.list.as_deref().is_some_and(|of| same(of, list))))
        && args.label.as_deref().is_none_or(|label| of_task(&|task| task.labels.iter().any(|of| same(of, label))))
        && texts(args.query.as_deref().unwrap_or_default()).iter().all(|word| title.contains(&search::folded(word)))
}
