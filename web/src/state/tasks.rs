//! The visible tasks: those of the server with the outbox applied (optimistic updates).
//!
//! A change is visible at once. If the server refuses it, its entry leaves the outbox, and the result without it is the
//! state of the server; no other rollback is necessary.

use super::outbox::Entry;
use std::sync::Arc;
use tandem_protocol::{
    TaskId, Timestamp,
    enums::TaskStatus,
    id::TaskRef,
    live::{Command, command::TaskUpdate},
    model::Task,
    rest::{NewTask, TaskPatch},
    task::PatchContext,
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
            let parent = patch.parent_id.flatten().and_then(|name| id_of(tasks, name));
            let context = PatchContext { time_zone, today: None, parent };
            change(tasks, *task_id, |task| patch.clone().apply(task, context));
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

fn id_of(tasks: &[Arc<Task>], name: TaskRef) -> Option<TaskId> {
    tasks.iter().find(|task| is_named(task, name)).map(|task| task.id)
}

/// A new task as it looks before the server has stored it.
fn optimistic_task(id: TaskId, new: &NewTask, made_at: Timestamp, time_zone: &str) -> Task {
    // Sorts after all positions of the server, which consist of letters and digits.
    let mut task = Task { position: "~".to_owned(), ..Task::empty(id, made_at) };
    let new = NewTask { title: new.title.trim().to_owned(), parent_id: None, ..new.clone() };
    TaskPatch::from(new).apply(&mut task, PatchContext { time_zone, today: None, parent: None });
    task
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        state::outbox::{Outbox, Refusal},
        testing::{at, task, task_id},
    };
    use tandem_protocol::{CommandId, ErrorCode, live::command::TaskRefArgs, rest::DueInput};
    use uuid::Uuid;

    fn outbox_of(command: Command) -> Outbox {
        let mut outbox = Outbox::default();
        outbox.push(CommandId(Uuid::from_u128(1)), command, None, at(50));
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
        let done = shown(&outbox_of(Command::TaskComplete(task_id(1).into())));
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
