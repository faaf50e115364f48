//! Taking changes back, by token or the last one, from any device.
//!
//! A change of tasks leaves an undo entry: what it changed, and digests of the new values (`tandem_domain::change`). An
//! undo is itself a change, with its own event and its own token; the entry of an undo is found by its token alone, so
//! that undo after undo goes back through the changes.
//!
//! **Invariant:** an undo never overwrites what was changed since: then it is refused as a whole.

use super::{Result, ServiceError, UnitOfWork, chat, task_limits};
use tandem_domain::change::{KeptChange, Reversal, TaskChange};
use tandem_protocol::{
    MessageId,
    enums::ObjectKind,
    model::Part,
    rest::{UndoBody, Undone, UndoneItem},
};
use tandem_store::{UndoEntry, UndoOrigin};

/// The most tokens of one undo.
const MAX_TOKENS: usize = 500;

/// Changes that are taken back together: one, or all that a reply has made.
#[derive(Clone, Debug)]
pub struct Undoable {
    /// Names them in another request.
    pub token: String,
    /// Newest first; at least one.
    entries: Vec<UndoEntry>,
}

impl Undoable {
    /// What is changed when these are taken back, without what was taken back already.
    pub fn changes(&self) -> impl Iterator<Item = &KeptChange> + Clone {
        self.unused().flat_map(|entry| &entry.changes)
    }

    fn unused(&self) -> impl Iterator<Item = &UndoEntry> + Clone {
        self.entries.iter().filter(|entry| !entry.used)
    }
}

impl From<UndoEntry> for Undoable {
    fn from(entry: UndoEntry) -> Self {
        Self { token: entry.token.clone(), entries: vec![entry] }
    }
}

/// The change of a token, all changes of a reply by the reply's token, or those of the last request that were not taken
/// back: the request of a reply is everything that its calls have changed.
///
/// # Errors
/// A failure of the database.
pub async fn find(unit: &mut UnitOfWork, token: Option<&str>) -> Result<Option<Undoable>> {
    if let Some(token) = token {
        return match (unit.reads().undo_entry(token).await?, token.parse()) {
            (Some(entry), _) => Ok(Some(entry.into())),
            (None, Ok(reply)) => of_reply(unit, reply).await,
            (None, Err(_)) => Ok(None),
        };
    }
    let Some(last) = unit.reads().last_undo_entry().await? else { return Ok(None) };
    let whole = match last.origin {
        Some(origin) => of_reply(unit, origin.message_id).await?,
        None => None,
    };
    // The reply may be gone with its conversation; what it did can still be taken back one by one.
    Ok(Some(whole.unwrap_or_else(|| last.into())))
}

/// The changes of a reply's calls, as far as they are still in the log.
async fn of_reply(unit: &mut UnitOfWork, id: MessageId) -> Result<Option<Undoable>> {
    let Some(row) = unit.reads().message(id).await? else { return Ok(None) };
    let mut entries = Vec::new();
    for call in row.message.parts.iter().rev().filter_map(Part::as_tool_call) {
        if let Some(token) = &call.undo_token {
            entries.extend(unit.reads().undo_entry(token).await?);
        }
    }
    Ok((!entries.is_empty()).then(|| Undoable { token: id.to_string(), entries }))
}

/// Takes changes back, see [`find`].
///
/// # Errors
/// [`ServiceError::NotFound`] when there is no such change, [`ServiceError::Conflict`] when it was taken back already,
/// or when what it touched has changed since, [`ServiceError::Limit`] when the user would have too many open tasks, labels
/// or lists.
pub async fn undo(unit: &mut UnitOfWork, token: Option<&str>) -> Result<Undone> {
    let found = find(unit, token).await?.ok_or(ServiceError::NotFound("change to take back"))?;
    take_back(unit, &found).await
}

/// Takes the changes of a body back: of one token, of all its tokens as one change, or the last request.
///
/// # Errors
/// As [`undo`]; [`ServiceError::Invalid`] when the list has no token, or too many.
pub async fn undo_body(unit: &mut UnitOfWork, body: UndoBody) -> Result<Undone> {
    let Some(mut tokens) = body.undo_tokens else { return undo(unit, body.undo_token.as_deref()).await };
    if tokens.is_empty() || tokens.len() > MAX_TOKENS {
        return Err(ServiceError::invalid("undo_tokens", format!("1 to {MAX_TOKENS} tokens")));
    }
    tokens.extend(body.undo_token);
    let mut entries = Vec::new();
    // Last change first, as the changes of one request.
    for token in tokens.iter().rev() {
        entries.extend(find(unit, Some(token)).await?.ok_or(ServiceError::NotFound("change to take back"))?.entries);
    }
    take_back(unit, &Undoable { token: String::new(), entries }).await
}

async fn take_back(unit: &mut UnitOfWork, found: &Undoable) -> Result<Undone> {
    if found.unused().next().is_none() {
        return Err(ServiceError::conflict("This was taken back already."));
    }
    let (mut undone, mut reversals) = (Vec::new(), Vec::new());
    for entry in found.unused() {
        reverse(unit, entry, &mut undone, &mut reversals).await?;
        unit.use_undo(&entry.token).await?;
    }
    let origins: Vec<UndoOrigin> = found.unused().filter_map(|entry| entry.origin).collect();
    chat::mark_undone(unit, &origins).await?;
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
        let entry = unit.reads().undo_entry(token).await?.ok_or(ServiceError::NotFound("change to take back"))?;
        // So that the joined change is the last one, and not a part of it.
        unit.use_undo(token).await?;
        changes.extend(entry.changes);
    }
    unit.save_undo(changes).await
}

/// All of the changes or none: the unit is dropped when one cannot be taken back. Adds what was done to `reversals`, so
/// that it can be undone in turn.
async fn reverse(
    unit: &mut UnitOfWork,
    entry: &UndoEntry,
    undone: &mut Vec<UndoneItem>,
    reversals: &mut Vec<KeptChange>,
) -> Result<()> {
    // Last change first: one entry may hold several changes of the same task.
    for change in entry.changes.iter().rev() {
        match change {
            KeptChange::Completed(record) => {
                unit.delete_completion(record.completion.id).await?;
                reversals.push(KeptChange::Reopened(record.clone()));
            }
            KeptChange::Reopened(record) => {
                unit.insert_completion(record).await?;
                reversals.push(KeptChange::Completed(record.clone()));
            }
            change => {
                let (item, reversal) = reverse_one(unit, change).await?;
                undone.push(item);
                reversals.push(reversal.into());
            }
        }
    }
    Ok(())
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
            task_limits::check(unit, None, &task).await?;
            unit.restore_task(&task).await?;
            Some(task)
        }
        Reversal::Revert(task) => {
            task_limits::check(unit, current.as_ref(), &task).await?;
            unit.update_task(&task, true).await?;
            Some(task)
        }
    };
    let item = UndoneItem { kind: ObjectKind::Task, id: id.to_string(), action };
    Ok((item, TaskChange { before: current, after }))
}
