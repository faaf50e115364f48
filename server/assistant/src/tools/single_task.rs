//! The tools that take a task and no other argument: `get_task`, `complete_task`, `uncomplete_task` and `delete_task`.

use super::{Effect, ToolError, ToolSpec, args, dates, lookup};
use serde::Deserialize;
use serde_json::{Value, json};
use tandem_protocol::{enums::TaskStatus, model::Task};
use tandem_service::{Moment, UnitOfWork, View, tasks};

pub(super) const GET: &str = "get_task";
pub(super) const COMPLETE: &str = "complete_task";
pub(super) const UNCOMPLETE: &str = "uncomplete_task";
pub(super) const DELETE: &str = "delete_task";

pub(super) fn get_spec() -> ToolSpec {
    spec(GET, "Shows one task with everything about it, its notes included.", Effect::Reads)
}

pub(super) fn complete_spec() -> ToolSpec {
    let description = "Marks a task as done. One that repeats moves on to its next date instead, which next_due says.";
    spec(COMPLETE, description, Effect::Writes)
}

pub(super) fn uncomplete_spec() -> ToolSpec {
    spec(UNCOMPLETE, "Marks a done task as open again.", Effect::Writes)
}

pub(super) fn delete_spec() -> ToolSpec {
    let description = "Deletes a task; undo brings it back. Deleting more than one asks the user first. \
                       To tick a task off use complete_task.";
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
    let Args { task_id } = args::parse(arguments)?;
    lookup::task(at, &task_id).await
}

pub(super) async fn get(view: &mut View, arguments: &Value) -> Result<Value, ToolError> {
    Ok(json!({ "task": find(view, arguments).await? }))
}

pub(super) async fn complete(unit: &mut UnitOfWork, arguments: &Value) -> Result<Value, ToolError> {
    let before = find(unit, arguments).await?;
    let written = tasks::complete(unit, before.id.into()).await?;
    let mut answer = lookup::written(&written)?;
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
