//! The tool `add_tasks`. Each task is accepted or refused by itself, so that one bad date does not lose a whole list.

use super::{Effect, ToolError, ToolSpec, add_task, args, dates};
use serde::Deserialize;
use serde_json::{Value, json};
use tandem_service::{ServiceError, UnitOfWork, tasks, undo};

pub(super) const NAME: &str = "add_tasks";

const MAX_TASKS: usize = 25;

pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: NAME,
        description: "Adds up to 25 tasks at once. Answers a result for each, in order: the task, or why it was refused.",
        schema: json!({
            "type": "object",
            "properties": {
                "tasks": {
                    "type": "array",
                    "description": "The tasks, 1 to 25.",
                    "items": { "type": "object", "properties": add_task::properties(), "required": ["title"] }
                }
            },
            "required": ["tasks"]
        }),
        effect: Effect::Writes,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Args {
    tasks: Vec<Value>,
}

pub(super) async fn call(unit: &mut UnitOfWork, arguments: &Value) -> Result<Value, ToolError> {
    let Args { tasks } = args::parse(NAME, arguments)?;
    if tasks.is_empty() || tasks.len() > MAX_TASKS {
        return Err(ToolError::validation(format!("tasks must have 1 to {MAX_TASKS} items, has {}.", tasks.len())));
    }
    let (mut results, mut tokens) = (Vec::with_capacity(tasks.len()), Vec::new());
    for draft in &tasks {
        match add(unit, draft, &mut tokens).await {
            // A failed statement ends the transaction: there is nothing left to add to.
            Err(error) if error.is_fault() => return Err(error),
            Err(error) => results.push(json!({ "error": error })),
            Ok(added) => results.push(added),
        }
    }
    let undo_token = match tokens.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        several => Some(undo::join(unit, several).await?),
    };
    let added = results.iter().filter(|result| result.get("error").is_none()).count();
    Ok(json!({ "results": results, "added": added, "seq": unit.seq(), "undo_token": undo_token }))
}

async fn add(unit: &mut UnitOfWork, draft: &Value, tokens: &mut Vec<String>) -> Result<Value, ToolError> {
    let draft = args::parse::<add_task::Draft>(add_task::NAME, draft)?
        .read(&dates::now(unit), unit.reminder_defaults().time_of_day())?;
    let written = tasks::create(unit, draft).await?;
    tokens.extend(written.undo_token);
    let task = serde_json::to_value(&written.task).map_err(ServiceError::from)?;
    Ok(json!({ "task": task }))
}
