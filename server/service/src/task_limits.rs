//! How many open tasks, labels and lists a user may have.
//!
//! Storage has a quota of its own (`unit::quota`). These limits keep what a device loads at its start, and the choices
//! that the page shows, at a size that works.
//!
//! **Invariant:** a change that adds none of them is never refused, also beyond the limits: tasks may have been imported.

use super::{Result, ServiceError, UnitOfWork};
use tandem_protocol::{
    enums::{StatusFilter, TaskStatus},
    limits::{MAX_OPEN_TASKS, MAX_USER_LABELS, MAX_USER_LISTS},
    model::Task,
};
use tandem_store::{TaskFilter, TaskName};

/// Makes sure that a task may become what it is `after` a change, or a new one may be created.
///
/// # Errors
/// [`ServiceError::Limit`] when it is open, has a label or a list that the user did not have before, and the user has
/// as many as are allowed.
pub(super) async fn check(unit: &mut UnitOfWork, before: Option<&Task>, after: &Task) -> Result<()> {
    let is_open = |task: &Task| task.status == TaskStatus::Open;
    if is_open(after) && !before.is_some_and(is_open) {
        check_open(unit).await?;
    }
    let had = before.map_or(&[][..], |before| &before.labels);
    let labels: Vec<String> = after.labels.iter().filter(|label| !had.contains(label)).cloned().collect();
    check_names(unit, TaskName::Label, &labels).await?;
    let list = after.list.as_ref().filter(|list| before.and_then(|before| before.list.as_ref()) != Some(list));
    check_names(unit, TaskName::List, list.cloned().as_slice()).await
}

async fn check_open(unit: &mut UnitOfWork) -> Result<()> {
    // Numbers are never used again: with fewer of them there are fewer tasks, and nothing has to be counted.
    if unit.account.next_task_number <= MAX_OPEN_TASKS {
        return Ok(());
    }
    let open = unit.reads().count_tasks(&TaskFilter::status(StatusFilter::Open)).await?;
    if open < MAX_OPEN_TASKS {
        return Ok(());
    }
    Err(ServiceError::Limit("You have 10,000 open tasks. Complete or delete some, then try again.".into()))
}

async fn check_names(unit: &mut UnitOfWork, kind: TaskName, new: &[String]) -> Result<()> {
    if new.is_empty() {
        return Ok(());
    }
    let (most, refusal) = match kind {
        TaskName::Label => (MAX_USER_LABELS, "You have 500 labels. Use one of them, or remove some from your tasks."),
        TaskName::List => (MAX_USER_LISTS, "You have 200 lists. Use one of them, or move the tasks out of some."),
    };
    let counts = unit.reads().count_names(kind, new).await?;
    let added = i64::try_from(new.len()).unwrap_or(i64::MAX) - counts.known;
    if added > 0 && counts.all + added > most { Err(ServiceError::Limit(refusal.into())) } else { Ok(()) }
}
