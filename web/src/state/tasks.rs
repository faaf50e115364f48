//! The visible tasks: those of the server with the outbox applied (optimistic updates).
//!
//! A change is visible at once. If the server refuses it, its entry leaves the outbox, and the result without it is the
//! state of the server; no other rollback is necessary.

use super::outbox::Entry;
use std::sync::Arc;
use tandem_protocol::{
    TaskId, Timestamp,
    enums::{Priority, TaskStatus},
    id::TaskRef,
    live::{Command, command::TaskUpdate},
    model::{Due, Task},
    rest::{DueInput, NewTask, TaskPatch},
};

/// Applies the outbox to the tasks. New tasks come last.
pub(crate) fn apply_outbox<'a>(
    known: &[&Arc<Task>],
    outgoing: impl Iterator<Item = &'a Entry>,
    time_zone: &str,
) -> Vec<Arc<Task>> {
    let mut tasks: Vec<Arc<Task>> = known.iter().map(|task| Arc::clone(task)).collect();
    for entry in outgoing.filter(|entry| entry.is_shown()) {
        apply(&mut tasks, entry, time_zone);
    }
    tasks
}

fn apply(tasks: &mut Vec<Arc<Task>>, entry: &Entry, time_zone: &str) {
    match &entry.command {
        Command::TaskCreate(new) => {
            // Its event may have arrived before the acknowledgement.
            if let Some(id) = new.id.filter(|id| tasks.iter().all(|task| task.id != *id)) {
                tasks.push(Arc::new(optimistic_task(id, new, entry.made_at, time_zone)));
            }
        }
        Command::TaskUpdate(TaskUpdate { task_id, patch }) => {
            change(tasks, *task_id, |task| patch_task(task, patch, time_zone));
        }
        Command::TaskComplete(args) => change(tasks, args.task_id, |task| {
            // Only the server knows the next date of a recurring task.
            if task.recurrence.is_none() && task.status == TaskStatus::Open {
                task.status = TaskStatus::Done;
                task.completed_at = Some(entry.made_at);
            }
        }),
        Command::TaskReopen(args) => change(tasks, args.task_id, |task| {
            task.status = TaskStatus::Open;
            task.completed_at = None;
        }),
        Command::TaskDelete(args) => tasks.retain(|task| !is_named(task, args.task_id)),
        _ => {}
    }
}

fn change(tasks: &mut [Arc<Task>], name: TaskRef, act: impl FnOnce(&mut Task)) {
    if let Some(task) = tasks.iter_mut().find(|task| is_named(task, name)) {
        // Copies this task only; the others keep their allocations, by which components compare them.
        act(Arc::make_mut(task));
    }
}

/// Whether a reference names this task.
pub(super) fn is_named(task: &Task, name: TaskRef) -> bool {
    match name {
        TaskRef::Id(id) => task.id == id,
        TaskRef::Number(number) => task.number == number,
    }
}

/// A new task as it looks before the server has stored it.
fn optimistic_task(id: TaskId, new: &NewTask, made_at: Timestamp, time_zone: &str) -> Task {
    Task {
        id,
        number: 0,
        title: new.title.trim().to_owned(),
        description: new.description.clone().unwrap_or_default(),
        status: TaskStatus::Open,
        priority: new.priority.unwrap_or(Priority::None),
        due: new.due.as_ref().map(|due| in_zone(due, time_zone)),
        recurrence: new.recurrence.clone(),
        labels: new.labels.clone().unwrap_or_default(),
        list: new.list.clone(),
        parent_id: None,
        // Sorts after all positions of the server, which consist of letters and digits.
        position: new.position.clone().unwrap_or_else(|| "~".to_owned()),
        rev: 0,
        created_at: made_at,
        updated_at: made_at,
        completed_at: None,
    }
}

fn patch_task(task: &mut Task, patch: &TaskPatch, time_zone: &str) {
    fn set<T: Clone>(field: &mut T, new: Option<&T>) {
        if let Some(new) = new {
            field.clone_from(new);
        }
    }
    set(&mut task.title, patch.title.as_ref());
    set(&mut task.description, patch.description.as_ref());
    set(&mut task.priority, patch.priority.as_ref());
    set(&mut task.recurrence, patch.recurrence.as_ref());
    set(&mut task.labels, patch.labels.as_ref());
    set(&mut task.list, patch.list.as_ref());
    set(&mut task.position, patch.position.as_ref());
    if let Some(due) = &patch.due {
        task.due = due.as_ref().map(|due| in_zone(due, time_zone));
    }
}

fn in_zone(due: &DueInput, time_zone: &str) -> Due {
    let time_zone = due.time_zone.clone().unwrap_or_else(|| time_zone.to_owned());
    Due { date: due.date, time: due.time, time_zone }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        state::outbox::{Outbox, Refusal},
        testing::{at, task, task_id},
    };
    use tandem_protocol::{CommandId, ErrorCode, live::command::TaskRefArgs};
    use uuid::Uuid;

    fn outbox_of(command: Command) -> Outbox {
        let mut outbox = Outbox::default();
        outbox.push(CommandId(Uuid::from_u128(1)), command, at(50));
        outbox
    }

    fn shown(outbox: &Outbox) -> Vec<Arc<Task>> {
        let (milk, bread) = (Arc::new(task(1, "Buy milk")), Arc::new(task(2, "Buy bread")));
        apply_outbox(&[&milk, &bread], outbox.entries(), "Europe/Berlin")
    }

    #[test]
    fn a_new_task_shows_at_once_and_last() {
        let due = DueInput { date: jiff::civil::date(2026, 11, 24), time: None, time_zone: None };
        let new = NewTask { id: Some(task_id(3)), title: " Call Ann ".into(), due: Some(due), ..NewTask::default() };
        let tasks = shown(&outbox_of(Command::TaskCreate(new)));
        let last = tasks.last().unwrap();
        assert_eq!((last.title.as_str(), tasks.len()), ("Call Ann", 3));
        assert_eq!(last.due.as_ref().unwrap().time_zone, "Europe/Berlin");
    }

    #[test]
    fn completing_editing_and_deleting_show_at_once() {
        let done = shown(&outbox_of(Command::TaskComplete(TaskRefArgs::from(task_id(1)))));
        assert_eq!((done[0].status, done[0].completed_at), (TaskStatus::Done, Some(at(50))));

        let patch = TaskPatch { title: Some("Buy oat milk".into()), ..TaskPatch::default() };
        let edited = shown(&outbox_of(Command::TaskUpdate(TaskUpdate { task_id: task_id(1).into(), patch })));
        assert_eq!(edited[0].title, "Buy oat milk");

        let left = shown(&outbox_of(Command::TaskDelete(TaskRefArgs { task_id: TaskRef::Number(1) })));
        assert_eq!(left.iter().map(|task| task.number).collect::<Vec<_>>(), [2]);
    }

    #[test]
    fn a_task_that_nothing_changes_stays_the_same_allocation() {
        let (milk, bread) = (Arc::new(task(1, "Buy milk")), Arc::new(task(2, "Buy bread")));
        let outbox = outbox_of(Command::TaskDelete(TaskRefArgs::from(task_id(1))));
        let tasks = apply_outbox(&[&milk, &bread], outbox.entries(), "UTC");
        assert!(Arc::ptr_eq(&tasks[0], &bread));
    }

    #[test]
    fn a_refused_change_is_rolled_back() {
        let mut outbox = outbox_of(Command::TaskDelete(TaskRefArgs::from(task_id(1))));
        assert_eq!(shown(&outbox).len(), 1);
        let refusal = outbox.refused(CommandId(Uuid::from_u128(1)), ErrorCode::Conflict, "changed", None, at(60));
        assert!(matches!(refusal, Some(Refusal::Dropped(_))));
        assert_eq!(shown(&outbox).len(), 2);
    }
}
