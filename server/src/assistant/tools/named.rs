//! Finds the task that a call names, and the ones that it may have meant.

use super::{ToolError, args};
use crate::service::{ServiceError, Unit, tasks};
use serde_json::{Value, json};
use tandem_protocol::{ErrorCode, TaskRef, model::Task, rest::TaskWritten, vocab::StatusFilter};

/// Tasks offered when none was named exactly.
const MAX_CANDIDATES: usize = 5;

/// The schema of `task_id`.
pub(super) fn schema() -> Value {
    json!({ "type": "string", "description": "The task: its number, such as \"3\", or its id." })
}

/// The task of this number or id.
pub(super) async fn task(unit: &mut Unit, named: &str) -> Result<Task, ToolError> {
    let Some(which) = args::task_ref(named) else { return Err(no_such(unit, named).await?) };
    match tasks::find(unit, which).await {
        Err(error) if error.code() == ErrorCode::NotFound => Err(ToolError::no_task(&name_of(which), &[])),
        found => Ok(found?),
    }
}

/// Says that there is no such task, with the tasks whose title holds the words.
async fn no_such(unit: &mut Unit, named: &str) -> Result<ToolError, ToolError> {
    let wanted = named.to_lowercase();
    let all = unit.tx.all_tasks(StatusFilter::All).await.map_err(ServiceError::from)?;
    let alike = all.iter().filter(|task| !wanted.is_empty() && task.title.to_lowercase().contains(&wanted));
    Ok(ToolError::no_task(&format!("{named:?}"), &alike.take(MAX_CANDIDATES).collect::<Vec<_>>()))
}

fn name_of(which: TaskRef) -> String {
    match which {
        TaskRef::Number(number) => format!("#{number}"),
        TaskRef::Id(id) => id.to_string(),
    }
}

/// The answer of a write.
pub(super) fn written(written: &TaskWritten) -> Result<Value, ToolError> {
    serde_json::to_value(written).map_err(|error| ServiceError::from(error).into())
}
