//! Completing tasks, skipping occurrences, taking completions back, and the list of what was done.
//!
//! Each completion is a row of its own, because a recurring task that goes on does not show any more that it was done. The
//! row also holds where the task stood, which is how `reopen` finds the way back.
//!
//! **Invariant:** a task, its parts and their completions change in one transaction, with one undo entry for all.

use super::{find, parts};
use crate::{Admitted, Result, ServiceError, Services, UnitOfWork, task_limits};
use tandem_domain::{
    change::{KeptChange, TaskChange},
    page::PageRequest,
    series::{self, CompletionRecord},
    task,
};
use tandem_protocol::{
    CompletionId, TaskRef,
    enums::TaskStatus,
    live::command::TaskComplete,
    model::{Completion, Task},
    rest::{CompletionsQuery, Page, TaskWritten},
};
use tandem_store::CompletionKey;

/// The sort key of a completion.
pub(crate) fn key(completion: &Completion) -> CompletionKey {
    (completion.completed_at.as_millis(), completion.id)
}

impl Services {
    /// A page of what was done, newest first.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] when limit or cursor are not valid.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn completions(&self, caller: &Admitted, query: CompletionsQuery) -> Result<Page<Completion>> {
        let page = PageRequest::parse(query.limit, query.cursor.as_deref())?;
        let rows = self.store().read(&caller.owner).await?.completions(query.since, query.until, &page).await?;
        Ok(page.page(rows, key))
    }
}

/// Marks a task and its open parts as done. A recurring task goes on to its next date instead, with all of its parts
/// open. Nothing happens when the occurrence that is meant is done already, see [`series::has_gone_on`].
///
/// # Errors
/// [`ServiceError::NotFound`] when there is no such task, [`ServiceError::Limit`] when it has too many parts.
pub async fn complete(unit: &mut UnitOfWork, args: TaskComplete) -> Result<TaskWritten> {
    let before = find(unit, args.task_id).await?;
    let last = match args.occurrence {
        None if before.recurrence.is_some() => unit.reads().last_completion(before.id).await?,
        _ => None,
    };
    let last = last.as_ref().map(|record| &record.completion);
    if before.status == TaskStatus::Done || series::has_gone_on(&before, args.occurrence, last, at(unit)) {
        return Ok(TaskWritten { task: before, seq: unit.seq(), undo_token: None });
    }
    let after = task::complete(&before, at(unit));
    let mut changes = Vec::new();
    if after.status == TaskStatus::Open {
        reopen_parts(unit, &before, &mut changes).await?;
    } else {
        for part in open_parts(unit, &before).await? {
            let done = task::complete(&part, at(unit));
            complete_one(unit, part, &done, &mut changes).await?;
        }
    }
    complete_one(unit, before, &after, &mut changes).await?;
    written(unit, after, changes).await
}

/// Lets a recurring task go on to its next date without a completion, with all of its parts open. After its last date it
/// is closed.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is no such task, [`ServiceError::Conflict`] when it does not repeat or is done,
/// [`ServiceError::Limit`] when it has too many parts.
pub async fn skip(unit: &mut UnitOfWork, which: TaskRef) -> Result<TaskWritten> {
    let before = find(unit, which).await?;
    let after = task::skip(&before, at(unit))?;
    let mut changes = Vec::new();
    if after.status == TaskStatus::Open {
        reopen_parts(unit, &before, &mut changes).await?;
    }
    replace(unit, before, &after, &mut changes).await?;
    written(unit, after, changes).await
}

/// Marks a task as open again, and takes its last completion back. A recurring task stands where it stood before.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is no such task, [`ServiceError::Limit`] when the user has too many open ones.
pub async fn reopen(unit: &mut UnitOfWork, which: TaskRef) -> Result<TaskWritten> {
    let before = find(unit, which).await?;
    let mut changes = Vec::new();
    // An open task that does not recur has nothing to take back, whatever was recorded of it before.
    let recorded = before.status == TaskStatus::Done || before.recurrence.is_some();
    let last = if recorded { unit.reads().last_completion(before.id).await? } else { None };
    let after = task::reopen(&before, last.as_ref().and_then(|record| record.task_before.as_ref()), at(unit));
    if after == before {
        return Ok(TaskWritten { task: after, seq: unit.seq(), undo_token: None });
    }
    task_limits::check(unit, Some(&before), &after).await?;
    replace(unit, before, &after, &mut changes).await?;
    if let Some(record) = last {
        unit.delete_completion(record.completion.id).await?;
        changes.push(KeptChange::Reopened(record));
    }
    written(unit, after, changes).await
}

fn at(unit: &UnitOfWork) -> series::At<'_> {
    let time_of_day = unit.settings().reminders.time_of_day();
    series::At { now: unit.now, time_zone: unit.time_zone(), time_of_day }
}

/// Writes a task that was done, and records it.
async fn complete_one(unit: &mut UnitOfWork, before: Task, after: &Task, changes: &mut Vec<KeptChange>) -> Result<()> {
    let record = CompletionRecord::new(CompletionId(unit.id()), &before, unit.now);
    replace(unit, before, after, changes).await?;
    match unit.ensure_room().await {
        Ok(()) => {
            unit.insert_completion(&record).await?;
            changes.push(KeptChange::Completed(record));
            Ok(())
        }
        // A task can always be done; of a user without storage it is not recorded.
        Err(ServiceError::Limit(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

async fn open_parts(unit: &mut UnitOfWork, task: &Task) -> Result<Vec<Task>> {
    Ok(parts(unit, task.id).await?.into_iter().filter(|part| part.status == TaskStatus::Open).collect())
}

/// A task that goes on begins with all of its parts open. That they were done stays on record.
async fn reopen_parts(unit: &mut UnitOfWork, task: &Task, changes: &mut Vec<KeptChange>) -> Result<()> {
    for part in parts(unit, task.id).await? {
        if part.status == TaskStatus::Done {
            let open = task::reopen(&part, None, at(unit));
            task_limits::check(unit, Some(&part), &open).await?;
            replace(unit, part, &open, changes).await?;
        }
    }
    Ok(())
}

async fn replace(unit: &mut UnitOfWork, before: Task, after: &Task, changes: &mut Vec<KeptChange>) -> Result<()> {
    unit.update_task(after, false).await?;
    changes.push(TaskChange { before: Some(before), after: Some(after.clone()) }.into());
    Ok(())
}

async fn written(unit: &mut UnitOfWork, task: Task, changes: Vec<KeptChange>) -> Result<TaskWritten> {
    let undo_token = Some(unit.save_undo(changes).await?);
    Ok(TaskWritten { task, seq: unit.seq(), undo_token })
}
