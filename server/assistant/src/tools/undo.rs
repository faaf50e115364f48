//! The tool `undo`.

use super::{Effect, ToolError, ToolSpec, args};
use serde::Deserialize;
use serde_json::{Value, json};
use tandem_protocol::{TaskId, enums::UndoAction, model::Task};
use tandem_service::{UnitOfWork, tasks, undo};

pub(super) const NAME: &str = "undo";

pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: NAME,
        description: "Takes the last request back, with everything that one reply has changed, or the change of an \
                      undo_token. Answers what was removed, restored or put back, and the undo_token of that.",
        schema: json!({
            "type": "object",
            "properties": {
                "undo_token": { "type": "string", "description": "Of one change; the last change when left out." }
            }
        }),
        effect: Effect::Writes,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Args {
    undo_token: Option<String>,
}

pub(super) async fn call(unit: &mut UnitOfWork, arguments: &Value) -> Result<Value, ToolError> {
    let Args { undo_token } = args::parse(NAME, arguments)?;
    let token = undo_token.as_deref().filter(|token| !args::means_none(token));
    let undone = undo::undo(unit, token).await?;
    let mut items = Vec::with_capacity(undone.undone.len());
    for item in undone.undone {
        let mut shown = json!({ "kind": item.kind, "id": item.id, "action": item.action });
        if item.action != UndoAction::Removed
            && let Some(task) = after(unit, &item.id).await?
        {
            shown["task"] = json!(task);
        }
        items.push(shown);
    }
    Ok(json!({ "undone": items, "seq": undone.seq, "undo_token": undone.undo_token }))
}

async fn after(unit: &mut UnitOfWork, id: &str) -> Result<Option<Task>, ToolError> {
    let Ok(id) = id.parse::<TaskId>() else { return Ok(None) };
    Ok(Some(tasks::find(unit, id.into()).await?))
}
