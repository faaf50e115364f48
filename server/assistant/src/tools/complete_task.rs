//! `complete_task`.

use super::{Effect, ToolError, ToolSpec, args, dates, lookup};
use serde_json::{Value, json};
use tandem_protocol::enums::TaskStatus;
use tandem_service::{UnitOfWork, tasks};

pub(super) const NAME: &str = "complete_task";

pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: NAME,
        description: "Marks a task as done. One that repeats moves on to its next date instead, which next_due says.",
        schema: json!({ "type": "object", "properties": { "task_id": lookup::schema() }, "required": ["task_id"] }),
        effect: Effect::Writes,
    }
}

pub(super) async fn call(unit: &mut UnitOfWork, arguments: &Value) -> Result<Value, ToolError> {
    let args::OneTask { task_id } = args::parse(arguments)?;
    let before = lookup::task(unit, &task_id).await?;
    let written = tasks::complete(unit, before.id.into()).await?;
    let mut answer = lookup::written(&written)?;
    if written.task.status == TaskStatus::Open
        && let Some(due) = &written.task.due
    {
        answer["next_due"] = json!(dates::describe(due, &dates::now(unit)));
    }
    Ok(answer)
}
