//! The commands of one change of several tasks, and the notice about it. Pure.

use crate::text::tasks as text;
use crate::text::words;
use crate::{
    components::{
        clock::Clock,
        format,
        shared::TaskIndex,
        tasks::{Bulk, patch_of, whole_tasks},
    },
    state::notice::{Notice, NoticeKind},
};
use tandem_protocol::{
    TaskId,
    live::{
        Command,
        command::{TaskComplete, TaskRefArgs, TaskUpdate},
    },
    model::Task,
};

/// A command for each task that the change concerns; `None` if it concerns none.
pub(super) fn commands(
    tasks: &TaskIndex,
    ids: &[TaskId],
    change: &Bulk,
    clock: &Clock,
) -> Option<(Vec<Command>, Notice)> {
    let ids = whole_tasks(tasks, ids, change);
    let known: Vec<&Task> = ids.iter().filter_map(|id| tasks.get(*id)).map(AsRef::as_ref).collect();
    let object = match known.as_slice() {
        [] => return None,
        [task] => task.title.clone(),
        several => words::tasks(several.len()),
    };
    let commands = known.iter().filter_map(|task| command(task, change, clock)).collect();
    let (verb, to) = match change {
        Bulk::Complete => (text::COMPLETED, None),
        Bulk::Delete => (text::DELETED, None),
        Bulk::Day(Some(day)) => (text::MOVED, Some(text::moved_to_place(format::near_day(*day, clock.today())))),
        Bulk::List(list) => (text::MOVED, Some(text::moved_to_place(list.as_deref().unwrap_or(text::INBOX)))),
        Bulk::Day(None) | Bulk::Priority(_) => (text::CHANGED, None),
    };
    let kind = if *change == Bulk::Delete { NoticeKind::Deleted } else { NoticeKind::Done };
    Some((commands, Notice { kind, object: Some(object), to, ..Notice::done(verb) }))
}

fn command(task: &Task, change: &Bulk, clock: &Clock) -> Option<Command> {
    let task_id = task.id.into();
    Some(match change {
        Bulk::Complete => Command::TaskComplete(TaskComplete { task_id, occurrence: task.occurrence }),
        Bulk::Delete => Command::TaskDelete(TaskRefArgs { task_id }),
        _ => Command::TaskUpdate(TaskUpdate { task_id, patch: patch_of(task, change, clock)? }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{clock, task, task_id};
    use jiff::civil::date;
    use std::sync::Arc;

    fn changed(ids: &[u128], change: &Bulk) -> Option<(Vec<Command>, Notice)> {
        let tasks: TaskIndex = [task(1, "Buy milk"), task(2, "Call Ann")].into_iter().map(Arc::new).collect();
        let ids: Vec<TaskId> = ids.iter().map(|id| task_id(*id)).collect();
        commands(&tasks, &ids, change, &clock())
    }

    fn words(notice: &Notice) -> String {
        [Some(&notice.text), notice.object.as_ref(), notice.to.as_ref()]
            .into_iter()
            .flatten()
            .cloned()
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn one_notice_tells_of_all() {
        let (commands, notice) = changed(&[1, 2], &Bulk::Day(Some(date(2026, 11, 24)))).expect("a change");
        assert_eq!((commands.len(), words(&notice).as_str()), (2, "Moved 2 tasks to Tomorrow"));
        let (_, one) = changed(&[1], &Bulk::Delete).expect("a change");
        assert_eq!((one.kind, words(&one).as_str()), (NoticeKind::Deleted, "Deleted Buy milk"));
        let (_, list) = changed(&[2], &Bulk::List(None)).expect("a change");
        assert_eq!(words(&list), "Moved Call Ann to Inbox");
    }

    #[test]
    fn tasks_that_are_gone_are_no_change() {
        assert_eq!(changed(&[7], &Bulk::Complete), None);
    }
}
