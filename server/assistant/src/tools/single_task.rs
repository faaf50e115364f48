//! The tools about one task as a whole: `get_task`, `complete_task`, `skip_task`, `uncomplete_task` and `delete_task`.

use super::{Effect, ToolError, ToolSpec, args, dates, lookup};
use serde::Deserialize;
use serde_json::{Value, json};
use tandem_protocol::{
    enums::TaskStatus, live::command::TaskComplete, model::Task, rest::TaskWritten, time::parse_date,
};
use tandem_service::{Moment, UnitOfWork, View, tasks};

pub(super) const GET: &str = "get_task";
pub(super) const COMPLETE: &str = "complete_task";
pub(super) const SKIP: &str = "skip_task";
pub(super) const UNCOMPLETE: &str = "uncomplete_task";
pub(super) const DELETE: &str = "delete_task";

pub(super) fn get_spec() -> ToolSpec {
    spec(GET, "Shows one task with everything about it, its notes included.", Effect::Reads)
}

pub(super) fn complete_spec() -> ToolSpec {
    let description = "Marks a task and its open subtasks as done. One that repeats moves on to its next date instead, \
                       which next_due says.";
    let mut spec = spec(COMPLETE, description, Effect::Writes);
    spec.schema["properties"]["occurrence"] = json!({
        "type": "string",
        "description": "Of a repeating task, the occurrence that is done, as YYYY-MM-DD; the one that is due when left \
                        out. Nothing happens when it was done before."
    });
    spec
}

pub(super) fn skip_spec() -> ToolSpec {
    let description = "Leaves one occurrence of a repeating task out, without doing it: the task moves on to its next \
                       date, which next_due says. For \"cancel the meeting this week\".";
    spec(SKIP, description, Effect::Writes)
}

pub(super) fn uncomplete_spec() -> ToolSpec {
    spec(
        UNCOMPLETE,
        "Marks a done task as open again. Of one that repeats, takes its last completion back.",
        Effect::Writes,
    )
}

pub(super) fn delete_spec() -> ToolSpec {
    let description = "Deletes a task with its subtasks; undo brings them back. Deleting more than one asks the user \
                       first. To tick a task off use complete_task, to leave out one occurrence skip_task.";
    spec(DELETE, description, Effect::Deletes)
}

fn spec(name: &'static str, description: &'static str, effect: Effect) -> ToolSpec {
    let schema = json!({ "type": "object", "properties": { "task_id": lookup::schema() }, "required": ["task_id"] });
    ToolSpec { name, description, schema, effect }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Args {
    #[serde(deserialize_with = "args::task_name")]
    task_id: String,
}

async fn find(at: &mut impl Moment, arguments: &Value) -> Result<Task, ToolError> {
    // All of these tools take the same arguments.
    let Args { task_id } = args::parse(GET, arguments)?;
    lookup::task(at, &task_id).await
}

pub(super) async fn get(view: &mut View, arguments: &Value) -> Result<Value, ToolError> {
    Ok(json!({ "task": find(view, arguments).await? }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CompleteArgs {
    #[serde(deserialize_with = "args::task_name")]
    task_id: String,
    occurrence: Option<String>,
}

pub(super) async fn complete(unit: &mut UnitOfWork, arguments: &Value) -> Result<Value, ToolError> {
    let CompleteArgs { task_id, occurrence } = args::parse(COMPLETE, arguments)?;
    let before = lookup::task(unit, &task_id).await?;
    let occurrence =
        match occurrence.as_deref().filter(|text| !args::means_none(text)) {
            Some(text) => Some(parse_date(text.trim()).ok_or_else(|| {
                ToolError::validation(format!("occurrence {text:?} is not a date such as 2026-11-23."))
            })?),
            None => None,
        };
    let written = tasks::complete(unit, TaskComplete { task_id: before.id.into(), occurrence }).await?;
    moved_on(unit, &written)
}

pub(super) async fn skip(unit: &mut UnitOfWork, arguments: &Value) -> Result<Value, ToolError> {
    let before = find(unit, arguments).await?;
    let written = tasks::skip(unit, before.id.into()).await?;
    moved_on(unit, &written)
}

/// The answer about a task that was completed or skipped.
fn moved_on(unit: &UnitOfWork, written: &TaskWritten) -> Result<Value, ToolError> {
    let mut answer = lookup::written(written)?;
    // A task that is still open after it was completed repeats: what changed is its date.
    if written.task.status == TaskStatus::Open
        && let Some(due) = &written.task.due
    {
        answer["next_due"] = json!(dates::describe(due, &dates::now(unit)));
    }
    Ok(answer)
}

pub(super) async fn uncomplete(unit: &mut UnitOfWork, arguments: &Value) -> Result<Value, ToolError> {
    let before = find(unit, arguments).await?;
    lookup::written(&tasks::reopen(unit, before.id.into()).await?)
}

pub(super) async fn delete(unit: &mut UnitOfWork, arguments: &Value) -> Result<Value, ToolError> {
    let task = find(unit, arguments).await?;
    let deleted = tasks::delete(unit, task.id.into()).await?;
    Ok(json!({ "task": task, "seq": deleted.seq, "undo_token": deleted.undo_token }))
}
