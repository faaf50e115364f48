//! `get_task`.

use super::{Effect, ToolError, ToolSpec, args, lookup};
use serde_json::{Value, json};
use tandem_service::View;

pub(super) const NAME: &str = "get_task";

pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: NAME,
        description: "Shows one task with everything about it, its notes included.",
        schema: json!({ "type": "object", "properties": { "task_id": lookup::schema() }, "required": ["task_id"] }),
        effect: Effect::Reads,
    }
}

pub(super) async fn call(view: &mut View, arguments: &Value) -> Result<Value, ToolError> {
    let args::OneTask { task_id } = args::parse(arguments)?;
    Ok(json!({ "task": lookup::task(view, &task_id).await? }))
}
