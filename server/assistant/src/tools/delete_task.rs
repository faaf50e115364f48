//! `delete_task`.

use super::{Effect, ToolError, ToolSpec, args, lookup};
use serde_json::{Value, json};
use tandem_service::{UnitOfWork, tasks};

pub(super) const NAME: &str = "delete_task";

pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: NAME,
        description: "Deletes a task; undo brings it back. Deleting more than one asks the user first. \
                      To tick a task off use complete_task.",
        schema: json!({ "type": "object", "properties": { "task_id": lookup::schema() }, "required": ["task_id"] }),
        effect: Effect::Deletes,
    }
}

pub(super) async fn call(unit: &mut UnitOfWork, arguments: &Value) -> Result<Value, ToolError> {
    let args::OneTask { task_id } = args::parse(arguments)?;
    let task = lookup::task(unit, &task_id).await?;
    let deleted = tasks::delete(unit, task.id.into()).await?;
    Ok(json!({ "task": task, "seq": deleted.seq, "undo_token": deleted.undo_token }))
}
