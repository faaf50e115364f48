//! Merges an edit of a task with what others did meanwhile, field by field. Pure.
//!
//! An edit is the fields that this person changed, against the values that they saw. The server refuses it when the task
//! has another revision than the one that they saw. If the others changed other fields, the edit still says what the
//! person wants, and is sent again for the new revision. If they changed the same field, only the person can decide.

use tandem_protocol::{
    model::Task,
    reminder::ReminderInput,
    rest::{DueInput, NewTask, RecurrenceInput, TaskPatch},
};

/// A field that two devices changed, as it is called on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TaskField {
    Title,
    Notes,
    Due,
    Repeats,
    Priority,
    Labels,
    List,
    Reminders,
}

/// All fields of a task that a person edits, in the form of a patch.
fn whole(task: &Task) -> TaskPatch {
    let due = task.due.clone();
    TaskPatch {
        title: Some(task.title.clone()),
        description: Some(task.description.clone()),
        priority: Some(task.priority),
        due: Some(due.map(|due| DueInput { date: due.date, time: due.time, time_zone: Some(due.time_zone) })),
        recurrence: Some(task.recurrence.clone().map(RecurrenceInput::from)),
        labels: Some(task.labels.clone()),
        list: Some(task.list.clone()),
        reminders: Some(task.reminders.iter().cloned().map(ReminderInput::from).collect()),
        ..TaskPatch::default()
    }
}

/// Whether somebody has edited the task since it was `before`: a reminder that rings, or is answered, is no edit.
pub(crate) fn is_edited(task: &Task, before: &Task) -> bool {
    let others = |task: &Task| (task.status, task.parent_id);
    others(task) != others(before) || whole(task) != whole(before)
}

/// The values that a task has in the fields of a patch, in the form of a patch.
pub(crate) fn values(task: &Task, fields: &TaskPatch) -> TaskPatch {
    let all = whole(task);
    TaskPatch {
        title: fields.title.as_ref().and(all.title),
        description: fields.description.as_ref().and(all.description),
        priority: fields.priority.and(all.priority),
        due: fields.due.as_ref().and(all.due),
        recurrence: fields.recurrence.as_ref().and(all.recurrence),
        labels: fields.labels.as_ref().and(all.labels),
        list: fields.list.as_ref().and(all.list),
        reminders: fields.reminders.as_ref().and(all.reminders),
        ..TaskPatch::default()
    }
}

/// The fields in which somebody else has set another value than the one that the person saw, and than the one that they
/// want. `seen` and `theirs` are [`values`] of the fields of `mine`.
pub(crate) fn conflicts(mine: &TaskPatch, seen: &TaskPatch, theirs: &TaskPatch) -> Vec<TaskField> {
    fn differ<T: PartialEq>(mine: Option<&T>, seen: Option<&T>, theirs: Option<&T>) -> bool {
        mine.is_some() && theirs != seen && theirs != mine
    }
    // A due date of an edit names no zone when it keeps that of the person.
    let due = |patch: &TaskPatch| patch.due.clone().map(|due| due.map(|due| DueInput { time_zone: None, ..due }));
    let all = [
        (TaskField::Title, differ(mine.title.as_ref(), seen.title.as_ref(), theirs.title.as_ref())),
        (TaskField::Notes, differ(mine.description.as_ref(), seen.description.as_ref(), theirs.description.as_ref())),
        (TaskField::Due, differ(due(mine).as_ref(), due(seen).as_ref(), due(theirs).as_ref())),
        (TaskField::Repeats, differ(mine.recurrence.as_ref(), seen.recurrence.as_ref(), theirs.recurrence.as_ref())),
        (TaskField::Priority, differ(mine.priority.as_ref(), seen.priority.as_ref(), theirs.priority.as_ref())),
        (TaskField::Labels, differ(mine.labels.as_ref(), seen.labels.as_ref(), theirs.labels.as_ref())),
        (TaskField::List, differ(mine.list.as_ref(), seen.list.as_ref(), theirs.list.as_ref())),
        (TaskField::Reminders, differ(mine.reminders.as_ref(), seen.reminders.as_ref(), theirs.reminders.as_ref())),
    ];
    all.into_iter().filter(|(_, differs)| *differs).map(|(field, _)| field).collect()
}

/// The edit without these fields; `None` if nothing is left of it.
pub(crate) fn without(mut edit: TaskPatch, fields: &[TaskField]) -> Option<TaskPatch> {
    for field in fields {
        match field {
            TaskField::Title => edit.title = None,
            TaskField::Notes => edit.description = None,
            TaskField::Due => edit.due = None,
            TaskField::Repeats => edit.recurrence = None,
            TaskField::Priority => edit.priority = None,
            TaskField::Labels => edit.labels = None,
            TaskField::List => edit.list = None,
            TaskField::Reminders => edit.reminders = None,
        }
    }
    edit.if_rev = None;
    (edit != TaskPatch::default()).then_some(edit)
}

/// A new task that looks as a deleted one would after an edit.
pub(crate) fn copy_of(task: &Task, edit: TaskPatch) -> NewTask {
    let all = whole(task);
    let both = TaskPatch {
        title: edit.title,
        description: edit.description.or(all.description),
        priority: edit.priority.or(all.priority),
        due: edit.due.or(all.due),
        recurrence: edit.recurrence.or(all.recurrence),
        labels: edit.labels.or(all.labels),
        list: edit.list.or(all.list),
        reminders: edit.reminders.or(all.reminders),
        ..TaskPatch::default()
    };
    as_new(both, task.title.clone())
}

/// A new task with the fields of an edit, for a task that was deleted meanwhile. `title` is the one that it had.
pub(crate) fn as_new(edit: TaskPatch, title: String) -> NewTask {
    NewTask {
        title: edit.title.unwrap_or(title),
        description: edit.description,
        priority: edit.priority,
        due: edit.due.flatten(),
        recurrence: edit.recurrence.flatten(),
        labels: edit.labels,
        list: edit.list.flatten(),
        reminders: edit.reminders,
        ..NewTask::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::task;
    use jiff::civil::date;
    use tandem_protocol::{enums::Priority, model::Due};

    fn edit() -> TaskPatch {
        let due = DueInput::on(date(2026, 11, 27));
        TaskPatch { title: Some("Call the landlord".into()), due: Some(Some(due)), ..TaskPatch::default() }
    }

    fn conflicts_with(change: impl FnOnce(&mut Task)) -> Vec<TaskField> {
        let mut known = task(1, "Call");
        let seen = values(&known, &edit());
        change(&mut known);
        conflicts(&edit(), &seen, &values(&known, &edit()))
    }

    fn on(day: i8) -> Due {
        Due { date: date(2026, 11, day), time: None, time_zone: "Europe/Berlin".into() }
    }

    #[test]
    fn other_fields_do_not_conflict() {
        assert_eq!(conflicts_with(|task| task.priority = Priority::High), []);
        assert_eq!(conflicts_with(|task| task.description = "At noon".into()), []);
    }

    #[test]
    fn the_same_field_conflicts_unless_both_want_the_same() {
        assert_eq!(conflicts_with(|task| task.due = Some(on(26))), [TaskField::Due]);
        assert_eq!(conflicts_with(|task| task.due = Some(on(27))), []);
        let both = conflicts_with(|task| (task.title, task.due) = ("Call Ann".into(), Some(on(26))));
        assert_eq!(both, [TaskField::Title, TaskField::Due]);
    }

    #[test]
    fn what_is_left_of_an_edit_has_no_revision() {
        let mut edit = edit();
        edit.if_rev = Some(3);
        let left = without(edit.clone(), &[TaskField::Due]).expect("the title");
        assert_eq!((left.title.as_deref(), left.due, left.if_rev), (Some("Call the landlord"), None, None));
        assert_eq!(without(edit, &[TaskField::Due, TaskField::Title]), None);
    }

    #[test]
    fn a_deleted_task_becomes_a_new_one_with_the_fields_of_the_edit() {
        let edit = TaskPatch { description: Some("Ask for the key".into()), ..TaskPatch::default() };
        let mut call = task(1, "Call");
        call.due = Some(on(26));
        let new = copy_of(&call, edit.clone());
        assert_eq!((new.title.as_str(), new.description.as_deref()), ("Call", Some("Ask for the key")));
        assert_eq!(new.due.map(|due| due.date), Some(date(2026, 11, 26)));
        assert_eq!(as_new(edit, "Call".into()).due, None);
    }
}
