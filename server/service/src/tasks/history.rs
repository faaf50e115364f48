//! What happened to a task: its events, each with the fields that it changed.
//!
//! An event holds the whole task, so what it changed is the difference to the event before. The log is shortened, and so
//! is the history.

use crate::{Admitted, Result, ServiceError, Services};
use serde::Deserialize;
use serde_json::{Map, Value};
use tandem_protocol::{
    ConversationId, TaskId, TaskRef,
    live::Event,
    model::Task,
    rest::{PastChange, TaskHistory},
};
use tandem_store::ReadTx;

/// The most changes of a history. One more is read, for the difference of the oldest one.
const MAX_CHANGES: u32 = 50;
/// Fields that every change changes, or that are a consequence of another one.
const UNTOLD: [&str; 4] = ["rev", "updated_at", "completed_at", "occurrence"];

impl Services {
    /// The newest changes of a task, and where it came from.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when there is no such task, or it is in the trash.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn task_history(&self, caller: &Admitted, task: TaskRef) -> Result<TaskHistory> {
        let mut tx = self.store().read(&caller.owner).await?;
        let task = tx.task(task).await?.ok_or(ServiceError::NotFound("task"))?;
        let events = tx.task_events(task.id, MAX_CHANGES + 1).await?;
        let created = events.last().filter(|event| event.name == "task.created").map(|event| event.seq);
        let conversation_id = match created {
            Some(seq) => conversation_of(&mut *tx, task.id, seq).await?,
            None => None,
        };
        Ok(TaskHistory { changes: changes(task.id, &events)?, conversation_id })
    }
}

/// The conversation with the tool call that created a task, by the change that the event belongs to.
async fn conversation_of(tx: &mut dyn ReadTx, task: TaskId, seq: i64) -> Result<Option<ConversationId>> {
    let entry = tx.undo_entry_from(seq).await?;
    // The entry of the creation may be gone; then this is the one of another change.
    let is_its = |entry: &tandem_store::UndoEntry| entry.changes.iter().any(|change| change.task_id() == task);
    let Some(origin) = entry.filter(is_its).and_then(|entry| entry.origin) else { return Ok(None) };
    Ok(tx.message(origin.message_id).await?.map(|row| row.message.conversation_id))
}

/// The changes behind events, which are newest first.
fn changes(id: TaskId, events: &[Event]) -> Result<Vec<PastChange>> {
    let mut changes = Vec::new();
    for (index, event) in events.iter().enumerate().take(MAX_CHANGES as usize) {
        // Another task may name this one as its parent.
        let Some(task) = version(id, event)? else { continue };
        let mut before = None;
        for older in &events[index + 1..] {
            before = version(id, older)?;
            if before.is_some() {
                break;
            }
        }
        let fields = before.map(|before| differences(&before, &task)).transpose()?.unwrap_or_default();
        let (at, actor, name) = (event.at, event.actor.clone(), event.name.clone());
        changes.push(PastChange { at, actor, name, fields, status: task.status, due: task.due });
    }
    Ok(changes)
}

/// The task as an event shows it; `None` for an event of another task, and for a deletion.
fn version(id: TaskId, event: &Event) -> Result<Option<Task>> {
    #[derive(Deserialize)]
    struct Data {
        task: Task,
    }
    if !matches!(event.name.as_str(), "task.created" | "task.updated") {
        return Ok(None);
    }
    let Data { task } = serde_json::from_str(event.data.get())?;
    Ok((task.id == id).then_some(task))
}

fn differences(before: &Task, after: &Task) -> Result<Vec<String>> {
    let fields = |task: &Task| -> Result<Map<String, Value>> {
        let Value::Object(fields) = serde_json::to_value(task)? else { return Ok(Map::new()) };
        Ok(fields)
    };
    let (before, after) = (fields(before)?, fields(after)?);
    let differs = |name: &&String| !UNTOLD.contains(&name.as_str()) && before.get(*name) != after.get(*name);
    Ok(after.keys().filter(differs).cloned().collect())
}
