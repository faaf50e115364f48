//! `uncomplete_task`.

use super::{Effect, ToolError, ToolSpec, args, lookup};
use serde_json::{Value, json};
use tandem_service::{UnitOfWork, tasks};

pub(super) const NAME: &str = "uncomplete_task";

pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: NAME,
        description: "Marks a done task as open again.",
        schema: json!({ "type": "object", "properties": { "task_id": lookup::schema() }, "required": ["task_id"] }),
        effect: Effect::Writes,
    }
}

pub(super) async fn call(unit: &mut UnitOfWork, arguments: &Value) -> Result<Value, ToolError> {
    let args::OneTask { task_id } = args::parse(arguments)?;
    let before = lookup::task(unit, &task_id).await?;
    lookup::written(&tasks::reopen(unit, before.id.into()).await?)
}
