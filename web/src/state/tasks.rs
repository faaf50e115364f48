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
                let parent = new.parent_id.and_then(|name| id_of(tasks, name));
                tasks.push(Arc::new(optimistic_task(id, new, parent, entry.made_at, time_zone)));
            }
        }
        Command::TaskUpdate(TaskUpdate { task_id, patch }) => {
            let parent = patch.parent_id.flatten().and_then(|name| id_of(tasks, name));
            let context = PatchContext { time_zone, today: None, parent };
            let position = patch.after.and_then(|after| optimistic_position(tasks, after));
            let patch = TaskPatch { position, after: None, ..patch.clone() };
            change(tasks, *task_id, |task| patch.apply(task, context));
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

/// The task that a command changes. The page names tasks by their ids.
pub(crate) fn id_in(command: &Command) -> Option<TaskId> {
    let name = match command {
        Command::TaskCreate(new) => return new.id,
        Command::TaskUpdate(update) => update.task_id,
        Command::TaskComplete(args) => args.task_id,
        Command::TaskSkip(args) | Command::TaskReopen(args) | Command::TaskDelete(args) => args.task_id,
        _ => return None,
    };
    if let TaskRef::Id(id) = name { Some(id) } else { None }
}

/// Before every position of the server, which consists of letters and digits.
const FIRST: char = ' ';

/// A position behind a task, or before all, until the server has computed one.
fn optimistic_position(tasks: &[Arc<Task>], after: Option<TaskRef>) -> Option<String> {
    match after {
        // Nothing that another device has placed there comes between: a position of the server that begins with the same
        // characters is longer, and greater.
        Some(name) => tasks.iter().find(|task| is_named(task, name)).map(|task| format!("{}{FIRST}", task.position)),
        None => tasks.iter().map(|task| &task.position).min().map(|first| format!("{FIRST}{first}")),
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
fn optimistic_task(id: TaskId, new: &NewTask, parent: Option<TaskId>, made_at: Timestamp, time_zone: &str) -> Task {
    // Sorts after all positions of the server, which consist of letters and digits.
    let mut task = Task { position: "~".to_owned(), ..Task::empty(id, made_at) };
    let new = NewTask { title: new.title.trim().to_owned(), ..new.clone() };
    TaskPatch::from(new).apply(&mut task, PatchContext { time_zone, today: None, parent });
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
    fn a_moved_task_stands_behind_the_other_or_first() {
        let order = |after| {
            let patch = TaskPatch { after: Some(after), ..TaskPatch::default() };
            let update = Command::TaskUpdate(TaskUpdate { task_id: task_id(3).into(), patch });
            let three: Vec<_> = [1, 2, 3].map(|number| Arc::new(task(number, "T"))).into_iter().collect();
            let mut tasks = apply_outbox(&three.iter().collect::<Vec<_>>(), outbox_of(update).entries(), "UTC");
            tasks.sort_by(|one, other| one.position.cmp(&other.position));
            tasks.iter().map(|task| task.number).collect::<Vec<_>>()
        };
        assert_eq!(order(Some(task_id(1).into())), [1, 3, 2]);
        assert_eq!(order(None), [3, 1, 2]);
    }

    #[test]
    fn a_new_subtask_shows_under_its_parent_at_once() {
        let new = NewTask {
            id: Some(task_id(3)),
            title: "Half".into(),
            parent_id: Some(task_id(1).into()),
            ..NewTask::default()
        };
        assert_eq!(shown(&outbox_of(Command::TaskCreate(new))).last().unwrap().parent_id, Some(task_id(1)));
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
