//! Finds the task that a call names, and the ones that it may have meant.

use super::{ToolError, args};
use serde_json::{Value, json};
use tandem_protocol::{TaskRef, enums::StatusFilter, model::Task, rest::TaskWritten};
use tandem_service::{Moment, ServiceError};
use tandem_store::{TaskFilter, WINDOW};

/// Tasks offered when none was named exactly.
const MAX_CANDIDATES: usize = 5;
/// Characters of a wrong name that are repeated.
const MAX_NAME_CHARS: usize = 200;

/// The schema of `task_id`.
pub(super) fn schema() -> Value {
    json!({ "type": "string", "description": "The task: its number, such as \"3\", or its id." })
}

/// The task of this number or id.
pub(super) async fn task(at: &mut impl Moment, named: &str) -> Result<Task, ToolError> {
    let Some(which) = args::task_ref(named) else { return Err(not_found(at, named).await?) };
    let found = at.reads().task(which).await.map_err(ServiceError::from)?;
    found.ok_or_else(|| ToolError::no_task(&name_of(which), &[]))
}

/// Says that there is no such task, with tasks whose title holds the words. Only the first of the list are looked at.
async fn not_found(at: &mut impl Moment, named: &str) -> Result<ToolError, ToolError> {
    let wanted = named.to_lowercase();
    let all = TaskFilter::status(StatusFilter::All);
    let some = at.reads().brief_tasks(&all, WINDOW).await.map_err(ServiceError::from)?;
    let similar = some.iter().filter(|task| !wanted.is_empty() && task.title.to_lowercase().contains(&wanted));
    let shown: String = named.chars().take(MAX_NAME_CHARS).collect();
    Ok(ToolError::no_task(&format!("{shown:?}"), &similar.take(MAX_CANDIDATES).collect::<Vec<_>>()))
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
