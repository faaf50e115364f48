//! Taking changes back, by token or the last one, from any device.
//!
//! A change of tasks leaves an undo entry: what it changed, and digests of the new values (`tandem_domain::change`). An
//! undo is itself a change, with its own event and its own token; the entry of an undo is found by its token alone, so
//! that undo after undo goes back through the changes.
//!
//! **Invariant:** an undo never overwrites what was changed since: then it is refused as a whole.

use super::{Result, ServiceError, UnitOfWork, chat};
use tandem_domain::change::{KeptChange, Reversal, TaskChange};
use tandem_protocol::{
    enums::ObjectKind,
    rest::{Undone, UndoneItem},
};
use tandem_store::UndoEntry;

/// The change of a token, or the last one that was not taken back.
///
/// # Errors
/// A failure of the database.
pub async fn find(unit: &mut UnitOfWork, token: Option<&str>) -> Result<Option<UndoEntry>> {
    Ok(match token {
        Some(token) => unit.reads().undo_entry(token).await?,
        None => unit.reads().last_undo_entry().await?,
    })
}

/// Takes a change back, see [`find`].
///
/// # Errors
/// [`ServiceError::NotFound`] when there is no such change, [`ServiceError::Conflict`] when it was taken back already,
/// or when what it touched has changed since.
pub async fn undo(unit: &mut UnitOfWork, token: Option<&str>) -> Result<Undone> {
    let entry = find(unit, token).await?.ok_or(ServiceError::NotFound("change to take back"))?;
    if entry.used {
        return Err(ServiceError::conflict("This was taken back already."));
    }
    let (undone, reversals) = reverse(unit, &entry).await?;
    unit.use_undo(&entry.token).await?;
    if let Some(origin) = entry.origin {
        chat::mark_undone(unit, origin).await?;
    }
    let undo_token = Some(unit.save_reversal(reversals).await?);
    Ok(Undone { undone, seq: unit.seq(), undo_token })
}

/// Makes one change out of several of this unit, so that one token takes them all back.
///
/// # Errors
/// [`ServiceError::NotFound`] when a token is not known.
pub async fn join(unit: &mut UnitOfWork, tokens: &[String]) -> Result<String> {
    let mut changes = Vec::new();
    for token in tokens {
        let entry = find(unit, Some(token)).await?.ok_or(ServiceError::NotFound("change to take back"))?;
        // So that the joined change is the last one, and not a part of it.
        unit.use_undo(token).await?;
        changes.extend(entry.changes);
    }
    unit.save_undo(changes).await
}

/// All of the changes or none: the unit is dropped when one cannot be taken back. Returns also what was done, so that
/// it can be undone in turn.
async fn reverse(unit: &mut UnitOfWork, entry: &UndoEntry) -> Result<(Vec<UndoneItem>, Vec<TaskChange>)> {
    let (mut undone, mut reversals) = (Vec::new(), Vec::new());
    // Last change first: one entry may hold several changes of the same task.
    for change in entry.changes.iter().rev() {
        let (item, reversal) = reverse_one(unit, change).await?;
        undone.push(item);
        reversals.push(reversal);
    }
    Ok((undone, reversals))
}

async fn reverse_one(unit: &mut UnitOfWork, change: &KeptChange) -> Result<(UndoneItem, TaskChange)> {
    let id = change.task_id();
    let current = unit.reads().task(id.into()).await?;
    let reversal = change.reverse(current.as_ref(), unit.now)?;
    let action = reversal.action();
    // To devices a restored task is a new one, and a task whose creation is undone is deleted.
    let after = match reversal {
        Reversal::Remove(_) => {
            unit.delete_task(id).await?;
            None
        }
        Reversal::Restore(task) => {
            // The trash may have been emptied since, to free storage.
            if unit.reads().kept_task(id).await?.is_none() {
                return Err(ServiceError::conflict(
                    "This task is not in the trash any more, so it cannot be brought back.",
                ));
            }
            unit.restore_task(&task).await?;
            Some(task)
        }
        Reversal::Revert(task) => {
            unit.update_task(&task, true).await?;
            Some(task)
        }
    };
    let item = UndoneItem { kind: ObjectKind::Task, id: id.to_string(), action };
    Ok((item, TaskChange { before: current, after }))
}
