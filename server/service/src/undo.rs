//! Taking changes back, by token or the last one, from any device.

use super::{Result, ServiceError, UnitOfWork, chat};
use tandem_domain::change::{KeptChange, Reversal, TaskChange};
use tandem_protocol::{
    enums::ThingKind,
    live::EventBody,
    rest::{Undone, UndoneItem},
};
use tandem_store::UndoEntry;

/// Takes the change of a token back, or the last one that was not.
pub async fn undo(unit: &mut UnitOfWork, token: Option<&str>) -> Result<Undone> {
    let entry = match token {
        Some(token) => unit.tx.undo_entry(token).await?,
        None => unit.tx.last_undo_entry().await?,
    };
    let entry = entry.ok_or(ServiceError::NotFound("change to take back"))?;
    if entry.used {
        return Err(ServiceError::conflict("This was taken back already."));
    }
    let (undone, reversals) = reverse(unit, &entry).await?;
    unit.tx.use_undo(&entry.token).await?;
    if let Some(origin) = entry.origin {
        chat::mark_undone(unit, origin).await?;
    }
    let undo_token = Some(unit.keep_reversal(reversals).await?);
    Ok(Undone { undone, seq: unit.seq(), undo_token })
}

/// Makes one change out of several of this unit, so that one token takes them all back.
pub async fn join(unit: &mut UnitOfWork, tokens: &[String]) -> Result<String> {
    let mut changes = Vec::new();
    for token in tokens {
        let entry = unit.tx.undo_entry(token).await?.ok_or(ServiceError::NotFound("change to take back"))?;
        unit.tx.use_undo(token).await?;
        changes.extend(entry.changes);
    }
    unit.keep_undo(changes).await
}

/// All of the changes or none: the unit is dropped when one cannot be taken back. Gives what was done in turn, too.
async fn reverse(unit: &mut UnitOfWork, entry: &UndoEntry) -> Result<(Vec<UndoneItem>, Vec<TaskChange>)> {
    let (mut undone, mut reversals) = (Vec::new(), Vec::new());
    for change in entry.changes.iter().rev() {
        let (item, reversal) = reverse_one(unit, change).await?;
        undone.push(item);
        reversals.push(reversal);
    }
    Ok((undone, reversals))
}

async fn reverse_one(unit: &mut UnitOfWork, change: &KeptChange) -> Result<(UndoneItem, TaskChange)> {
    let id = change.task_id();
    let current = unit.tx.task(id.into()).await?;
    let reversal = change.reverse(current.as_ref(), unit.now)?;
    let action = reversal.action();
    let after = match reversal {
        Reversal::Remove(_) => {
            let now = unit.now;
            unit.tx.delete_task(id, now).await?;
            unit.record(EventBody::TaskDeleted { task_id: id }).await?;
            None
        }
        Reversal::Restore(task) => {
            // The trash may have been emptied to make room.
            if unit.tx.kept_task(id).await?.is_none() {
                return Err(ServiceError::conflict(
                    "This task is not in the trash any more, so it cannot be brought back.",
                ));
            }
            unit.tx.update_task(&task, true).await?;
            unit.record(EventBody::TaskCreated { task: task.clone() }).await?;
            Some(task)
        }
        Reversal::Revert(task) => {
            unit.tx.update_task(&task, true).await?;
            unit.record(EventBody::TaskUpdated { task: task.clone() }).await?;
            Some(task)
        }
    };
    let item = UndoneItem { kind: ThingKind::Task, id: id.to_string(), action };
    Ok((item, TaskChange { before: current, after }))
}
