//! Tasks: look up, list, create, change, complete, delete.
//!
//! The functions on a [`UnitOfWork`] are shared by commands, the assistant's tools and MCP, so that a task obeys the
//! same rules whoever changes it. The rules themselves are in `tandem_domain::task`.
//!
//! **Invariant:** every change of a task is one event. A request has one undo entry, which takes all of its changes back.

pub mod completions;
mod history;

pub use completions::{complete, reopen, skip};

use super::{Admitted, Result, ServiceError, Services, UnitOfWork, order, task_limits};
use tandem_domain::{
    change::{KeptChange, TaskChange},
    due::{DueCondition, Today},
    page::PageRequest,
    task::{self, TaskContext},
    text,
};
use tandem_protocol::{
    TaskId, TaskRef,
    enums::StatusFilter,
    limits::MAX_LABEL_CHARS,
    model::Task,
    rest::{Deleted, NewTask, Page, TaskPatch, TaskQuery, TaskWritten},
};
use tandem_store::TaskFilter;

/// How deep tasks can be nested. Each change of a parent reads all levels.
const MAX_DEPTH: usize = 32;
/// The most parts that are done or deleted with a task, in one transaction.
const MAX_PARTS: usize = 500;
/// Longest `q` in characters.
const MAX_QUERY_CHARS: usize = 200;

impl Services {
    /// # Errors
    /// [`ServiceError::NotFound`] when there is none, or it is in the trash.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn task(&self, caller: &Admitted, task: TaskRef) -> Result<Task> {
        self.store().read(&caller.owner).await?.task(task).await?.ok_or(ServiceError::NotFound("task"))
    }

    /// A page of tasks in the order of their positions.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] when limit, cursor or a filter are not valid.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn tasks(&self, caller: &Admitted, query: TaskQuery) -> Result<Page<Task>> {
        let page = PageRequest::parse(query.limit, query.cursor.as_deref())?;
        let mut tx = self.store().read(&caller.owner).await?;
        let zone = tx.account().await?.user.time_zone;
        let today = Today::at(self.env().now(), &zone);
        let label =
            |field, name: Option<String>| name.map(|name| text::line(field, &name, MAX_LABEL_CHARS)).transpose();
        let q = query.q.map(|q| text::block("q", q, MAX_QUERY_CHARS)).transpose()?;
        let mut filter = TaskFilter {
            due: query.due.map(|due| DueCondition::of(due, today)),
            list: label("list", query.list)?,
            label: label("label", query.label)?,
            priority: query.priority,
            parent: query.parent,
            // As in the search, words stand in any order.
            texts: q.iter().flat_map(|q| q.split_whitespace()).map(str::to_owned).collect(),
            ..TaskFilter::status(query.status.unwrap_or(StatusFilter::Open))
        };
        // A filter without an index would examine all tasks. The page ends at the window, and its cursor continues
        // there.
        filter.until = tx.window(&filter, page.after.as_ref()).await?;
        let rows = tx.tasks(&filter, &page).await?;
        Ok(page.page_until(rows, |task| (task.position.clone(), task.number), filter.until.as_ref()))
    }
}

/// The task of this id or number.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is none, or it is in the trash.
pub async fn find(unit: &mut UnitOfWork, task: TaskRef) -> Result<Task> {
    unit.reads().task(task).await?.ok_or(ServiceError::NotFound("task"))
}

/// # Errors
/// [`ServiceError::Invalid`] when a field breaks its rules, [`ServiceError::Limit`] when the user has no storage left, or
/// too many open tasks, labels or lists.
/// [`ServiceError::Conflict`] when the id is in use comes from the next read or the commit.
pub async fn create(unit: &mut UnitOfWork, draft: NewTask) -> Result<TaskWritten> {
    // Not only in `Services::execute`: tools create tasks, too.
    unit.ensure_room().await?;
    let id = draft.id.unwrap_or_else(|| TaskId(unit.id()));
    let parent = parent(unit, draft.parent_id, None).await?;
    // The unit holds the user's log: no other change takes this number.
    let number = unit.account.next_task_number;
    let task = task::create(draft, id, number, context(unit, parent))?;
    task_limits::check(unit, None, &task).await?;
    unit.insert_task(&task).await?;
    written(unit, None, task).await
}

/// Changes fields of a task.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is no such task, [`ServiceError::Conflict`] when its `rev` is not `if_rev`,
/// [`ServiceError::Invalid`] when a field breaks its rules, [`ServiceError::Limit`] when its text gets longer and the
/// user has no storage left, or it adds a label or list beyond the limit.
pub async fn update(unit: &mut UnitOfWork, which: TaskRef, mut patch: TaskPatch) -> Result<TaskWritten> {
    let before = find(unit, which).await?;
    if patch.if_rev.is_some_and(|rev| rev != before.rev) {
        let message = "The task was changed on another device. Look at it again, then repeat your change.".into();
        return Err(ServiceError::Conflict { message, task: Some(Box::new(before)) });
    }
    let parent = parent(unit, patch.parent_id.flatten(), Some(before.id)).await?;
    let room = order::place(unit, &before, &mut patch).await?;
    let after = task::patch(&before, patch, context(unit, parent))?;
    // To shorten a text is how a user frees storage, so it is never refused.
    if words(&after) > words(&before) {
        unit.ensure_room().await?;
    }
    task_limits::check(unit, Some(&before), &after).await?;
    let mut written = replace(unit, before, after).await?;
    written.undo_token = order::join(unit, room, written.undo_token).await?;
    Ok(written)
}

/// Moves a task to the trash, with its parts.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is no such task, [`ServiceError::Limit`] when it has too many parts.
pub async fn delete(unit: &mut UnitOfWork, which: TaskRef) -> Result<Deleted> {
    let task = find(unit, which).await?;
    let mut changes = Vec::new();
    // From the lowest level up, so that an undo brings each task back before its parts.
    for part in parts(unit, task.id).await?.into_iter().rev() {
        delete_one(unit, part, &mut changes).await?;
    }
    delete_one(unit, task, &mut changes).await?;
    let undo_token = unit.save_undo(changes).await?;
    Ok(Deleted { seq: unit.seq(), undo_token: Some(undo_token) })
}

async fn delete_one(unit: &mut UnitOfWork, task: Task, changes: &mut Vec<KeptChange>) -> Result<()> {
    unit.delete_task(task.id).await?;
    changes.push(TaskChange { before: Some(task), after: None }.into());
    Ok(())
}

/// The tasks below a task, each before its own parts.
///
/// # Errors
/// [`ServiceError::Limit`] when there are more than a change may hold.
pub async fn parts(unit: &mut UnitOfWork, task: TaskId) -> Result<Vec<Task>> {
    let parts = unit.reads().descendants(task, MAX_PARTS + 1).await?;
    if parts.len() > MAX_PARTS {
        let message = format!("This task has more than {MAX_PARTS} parts. Change some of them first.");
        return Err(ServiceError::Limit(message));
    }
    Ok(parts)
}

/// Writes a changed task; one that did not change is answered without a write.
async fn replace(unit: &mut UnitOfWork, before: Task, after: Task) -> Result<TaskWritten> {
    if before == after {
        return Ok(TaskWritten { task: after, seq: unit.seq(), undo_token: None });
    }
    // The search index is only touched when a text may have changed: it costs more than the row.
    let reworded = (&before.title, &before.description) != (&after.title, &after.description);
    unit.update_task(&after, reworded).await?;
    written(unit, Some(before), after).await
}

/// Bytes of the texts of a task.
fn words(task: &Task) -> usize {
    task.title.len() + task.description.len() + task.labels.iter().map(String::len).sum::<usize>()
}

/// The undo entry and the answer for a task that was written.
async fn written(unit: &mut UnitOfWork, before: Option<Task>, task: Task) -> Result<TaskWritten> {
    let undo_token = unit.save_undo(vec![TaskChange { before, after: Some(task.clone()) }]).await?;
    Ok(TaskWritten { task, seq: unit.seq(), undo_token: Some(undo_token) })
}

/// The parent that a request names. A task is never part of itself, directly or through others.
async fn parent(unit: &mut UnitOfWork, named: Option<TaskRef>, child: Option<TaskId>) -> Result<Option<TaskId>> {
    let Some(named) = named else { return Ok(None) };
    let no_such = || ServiceError::invalid("parent_id", "there is no such task");
    let parent = unit.reads().task(named).await?.ok_or_else(no_such)?;
    let above = unit.reads().ancestors(parent.id, MAX_DEPTH).await?;
    if child.is_some_and(|child| above.contains(&child)) {
        return Err(ServiceError::invalid("parent_id", "a task cannot be part of itself"));
    }
    if above.len() >= MAX_DEPTH {
        let rule = format!("tasks can be parts of each other {MAX_DEPTH} levels deep, not deeper");
        return Err(ServiceError::invalid("parent_id", rule));
    }
    Ok(Some(parent.id))
}

fn context(unit: &UnitOfWork, parent: Option<TaskId>) -> TaskContext<'_> {
    let (now, time_zone) = (unit.now, unit.time_zone());
    TaskContext { now, time_zone, parent, defaults: &unit.settings().reminders, ids: unit.ids() }
}
