//! One change of several tasks, and what it changes of each. Pure.

use crate::components::{clock::Clock, shared::TaskIndex};
use jiff::civil::Date;
use tandem_protocol::{
    calendar,
    enums::{Priority, TaskStatus},
    id::TaskId,
    model::Task,
    rest::{DueInput, TaskPatch},
};

/// A change that fits any task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Bulk {
    Complete,
    Delete,
    /// The day on which they are due, in the reader's time zone; `None` for no date.
    Day(Option<Date>),
    List(Option<String>),
    Priority(Priority),
}

/// The patch of a task, for the changes that are one.
pub(crate) fn patch_of(task: &Task, change: &Bulk, clock: &Clock) -> Option<TaskPatch> {
    match change {
        Bulk::Complete | Bulk::Delete => None,
        Bulk::Day(None) => Some(TaskPatch { due: Some(None), ..TaskPatch::default() }),
        Bulk::Day(Some(day)) => due_on(task, *day, clock),
        Bulk::List(list) => Some(TaskPatch { list: Some(list.clone()), ..TaskPatch::default() }),
        Bulk::Priority(priority) => Some(TaskPatch { priority: Some(*priority), ..TaskPatch::default() }),
    }
}

/// The patch that makes a task due on a day of the reader's, at the time that it has.
pub(crate) fn due_on(task: &Task, day: Date, clock: &Clock) -> Option<TaskPatch> {
    let input = match &task.due {
        None => DueInput::on(day),
        Some(due) => {
            // In its own zone the day may be another one.
            let step = calendar::days_between(clock.due(due).date, day);
            DueInput { date: calendar::days(due.date, step)?, time: due.time, time_zone: Some(due.time_zone.clone()) }
        }
    };
    Some(TaskPatch { due: Some(Some(input)), ..TaskPatch::default() })
}

/// Those of the tasks that a change concerns: open ones where it completes them, and none whose parent is among them and
/// takes it along.
pub(crate) fn whole_tasks(tasks: &TaskIndex, ids: &[TaskId], change: &Bulk) -> Vec<TaskId> {
    let takes_parts = matches!(change, Bulk::Complete | Bulk::Delete);
    let concerns = |task: &Task| {
        let goes_along = takes_parts && task.parent_id.is_some_and(|parent| ids.contains(&parent));
        !goes_along && (*change != Bulk::Complete || task.status == TaskStatus::Open)
    };
    ids.iter().copied().filter(|id| tasks.get(*id).is_some_and(|task| concerns(task))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{clock, task};
    use jiff::civil::{date, time};
    use std::sync::Arc;
    use tandem_protocol::model::Due;

    #[test]
    fn another_day_keeps_the_time_and_its_zone() {
        let due = Due { date: date(2026, 11, 20), time: Some(time(9, 30, 0, 0)), time_zone: "Asia/Tokyo".into() };
        let patch = due_on(&Task { due: Some(due), ..task(1, "Call") }, date(2026, 11, 24), &clock()).expect("a patch");
        let due = patch.due.flatten().expect("a date");
        assert_eq!((due.date, due.time), (date(2026, 11, 24), Some(time(9, 30, 0, 0))));
        assert_eq!(due.time_zone.as_deref(), Some("Asia/Tokyo"));
    }

    #[test]
    fn a_task_without_date_gets_the_day() {
        let patch = due_on(&task(1, "Call"), date(2026, 11, 24), &clock()).expect("a patch");
        assert_eq!(patch.due, Some(Some(DueInput::on(date(2026, 11, 24)))));
    }

    #[test]
    fn parts_that_go_with_their_parent_are_no_change_of_their_own() {
        let whole = task(1, "whole");
        let part = Task { parent_id: Some(whole.id), ..task(2, "part") };
        let ids = [whole.id, part.id];
        let tasks: TaskIndex = [whole, part].into_iter().map(Arc::new).collect();
        assert_eq!(whole_tasks(&tasks, &ids, &Bulk::Delete), [ids[0]]);
        assert_eq!(whole_tasks(&tasks, &ids, &Bulk::Priority(Priority::High)), ids);
    }
}
