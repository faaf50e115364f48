//! Finds the task that a call names, or candidates for it. Models often give a title where a number is needed; the
//! candidates save them a call of `list_tasks`.

use super::{ToolError, args};
use serde_json::{Value, json};
use tandem_protocol::{TaskRef, enums::StatusFilter, model::Task, rest::TaskWritten};
use tandem_service::{Moment, ServiceError, TaskFilter, WINDOW};

const MAX_CANDIDATES: usize = 5;
/// Characters of an unknown name that the error repeats.
const MAX_NAME_CHARS: usize = 200;

pub(super) fn schema() -> Value {
    json!({ "type": "string", "description": "The task: its number, such as \"3\", or its id." })
}

pub(super) async fn task(at: &mut impl Moment, named: &str) -> Result<Task, ToolError> {
    let Some(which) = args::task_ref(named) else { return Err(not_found(at, named).await?) };
    let found = at.tasks().task(which).await.map_err(ServiceError::from)?;
    found.ok_or_else(|| ToolError::no_task(&name_of(which), &[]))
}

/// The error for an unknown name, with tasks whose title contains it. Only the first window of the list is searched.
async fn not_found(at: &mut impl Moment, named: &str) -> Result<ToolError, ToolError> {
    let wanted = named.to_lowercase();
    let all = TaskFilter::status(StatusFilter::All);
    let some = at.tasks().brief_tasks(&all, WINDOW).await.map_err(ServiceError::from)?;
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

pub(super) fn written(written: &TaskWritten) -> Result<Value, ToolError> {
    serde_json::to_value(written).map_err(|error| ServiceError::from(error).into())
}
