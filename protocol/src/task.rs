//! How a draft becomes a task and how a patch changes one: the rules that the server and an optimistic client share.
//!
//! A client shows a change before the server has answered. It applies the patch with the same function as the server, so
//! that the event which follows changes nothing on the screen. What needs the database stays with the server: it checks
//! texts, zones and rules first, and resolves the parent.
//!
//! Applying a patch never fails and never reads a clock. A task without a due date has no recurrence, wherever the current
//! date is known.

use crate::{
    TaskId, Timestamp,
    enums::{Priority, TaskStatus},
    model::{Due, Recurrence, Task},
    rest::{DueInput, NewTask, RecurrenceInput, TaskPatch},
    time::IsoDate,
};
use jiff::civil::{Date, Time};

/// What a patch depends on besides itself.
#[derive(Clone, Copy, Debug)]
pub struct PatchContext<'a> {
    /// The zone of a due date that names none: the user's.
    pub time_zone: &'a str,
    /// Today in that zone, the due date of a recurring task that has none. `None` where no time zone database is at hand.
    pub today: Option<Date>,
    /// The parent that the patch names, resolved; `None` when it names none.
    pub parent: Option<TaskId>,
}

impl Task {
    /// An open task without content, number and revision, to which a [`NewTask`] is applied as a patch.
    pub fn empty(id: TaskId, created_at: Timestamp) -> Self {
        Self {
            id,
            number: 0,
            title: String::new(),
            description: String::new(),
            status: TaskStatus::Open,
            priority: Priority::None,
            due: None,
            recurrence: None,
            labels: Vec::new(),
            list: None,
            parent_id: None,
            position: String::new(),
            rev: 0,
            created_at,
            updated_at: created_at,
            completed_at: None,
        }
    }
}

impl TaskPatch {
    /// Applies the patch to a task. Neither `rev` nor `updated_at` change, and `if_rev` is not checked. What `after` means
    /// for the position depends on other tasks: the server has replaced it before.
    pub fn apply(self, task: &mut Task, context: PatchContext<'_>) {
        fn set<T>(field: &mut T, new: Option<T>) {
            if let Some(new) = new {
                *field = new;
            }
        }
        set(&mut task.title, self.title);
        set(&mut task.description, self.description);
        set(&mut task.priority, self.priority);
        set(&mut task.labels, self.labels);
        set(&mut task.list, self.list);
        set(&mut task.position, self.position);
        if let Some(due) = self.due {
            task.due = due.map(|due| due.in_zone(context.time_zone));
            if task.due.is_none() {
                // A rule counts from a date, so it ends with the date. A rule of the same patch starts today.
                task.recurrence = None;
            }
        }
        if let Some(recurrence) = self.recurrence {
            task.recurrence = recurrence.map(Recurrence::from);
        }
        // The patch may name its parent by number, so the resolved one is applied.
        if self.parent_id.is_some() {
            task.parent_id = context.parent;
        }
        // Last, because the date and the rule may each have come with this patch or been there before.
        if task.recurrence.is_some() && task.due.is_none() {
            let due = |date| Due { date, time: None, time_zone: context.time_zone.to_owned() };
            task.due = context.today.map(due);
        }
    }
}

impl From<NewTask> for TaskPatch {
    /// The patch that gives an empty task the content of the draft. The draft's id is not part of it.
    fn from(draft: NewTask) -> Self {
        // An absent field stays absent: null would empty a field, and an empty task has nothing to empty.
        Self {
            title: Some(draft.title),
            description: draft.description,
            priority: draft.priority,
            due: draft.due.map(Some),
            recurrence: draft.recurrence.map(Some),
            labels: draft.labels,
            list: draft.list.map(Some),
            parent_id: draft.parent_id.map(Some),
            position: draft.position,
            after: None,
            if_rev: None,
        }
    }
}

impl DueInput {
    /// A day without a clock time, in the user's zone.
    pub fn on(date: Date) -> Self {
        Self { date, time: None, time_zone: None }
    }

    /// A clock time of a day, in the user's zone.
    pub fn at(date: Date, time: Time) -> Self {
        Self { date, time: Some(time), time_zone: None }
    }

    /// Day and time in ISO 8601, without the zone: `2026-12-01` or `2026-12-01T09:00`.
    pub fn to_iso(&self) -> String {
        let date = IsoDate(self.date);
        match self.time {
            Some(time) => format!("{date}T{:02}:{:02}", time.hour(), time.minute()),
            None => date.to_string(),
        }
    }

    /// The due date in its own zone, or in `time_zone` when it names none.
    pub fn in_zone(self, time_zone: &str) -> Due {
        let time_zone = self.time_zone.unwrap_or_else(|| time_zone.to_owned());
        Due { date: self.date, time: self.time, time_zone }
    }
}

impl From<RecurrenceInput> for Recurrence {
    fn from(RecurrenceInput { rule, anchor }: RecurrenceInput) -> Self {
        Self { rule, anchor }
    }
}

impl From<Recurrence> for RecurrenceInput {
    fn from(Recurrence { rule, anchor }: Recurrence) -> Self {
        Self { rule, anchor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enums::Anchor;
    use jiff::civil::date;
    use uuid::Uuid;

    const TODAY: Date = date(2026, 11, 23);

    fn patched(mut task: Task, patch: TaskPatch, today: Option<Date>) -> Task {
        patch.apply(&mut task, PatchContext { time_zone: "Europe/Berlin", today, parent: None });
        task
    }

    fn daily() -> NewTask {
        let recurrence = RecurrenceInput { rule: "FREQ=DAILY".into(), anchor: Anchor::Due };
        NewTask { title: "Water plants".into(), recurrence: Some(recurrence), ..NewTask::default() }
    }

    fn empty() -> Task {
        Task::empty(TaskId(Uuid::nil()), Timestamp::from_millis(0))
    }

    #[test]
    fn an_absent_field_stays_and_null_empties_it() {
        let old = Task { title: "Buy milk".into(), list: Some("Shopping".into()), ..empty() };
        let priority = TaskPatch { priority: Some(Priority::High), ..TaskPatch::default() };
        assert_eq!(patched(old.clone(), priority, None), Task { priority: Priority::High, ..old.clone() });
        let list = TaskPatch { list: Some(None), ..TaskPatch::default() };
        assert_eq!(patched(old.clone(), list, None), Task { list: None, ..old });
    }

    #[test]
    fn a_recurring_task_without_date_starts_today() {
        let task = patched(empty(), daily().into(), Some(TODAY));
        let due = task.due.expect("today");
        assert_eq!((due.date, due.time_zone.as_str()), (TODAY, "Europe/Berlin"));
    }

    #[test]
    fn a_recurrence_ends_with_the_date() {
        let task = patched(empty(), daily().into(), Some(TODAY));
        let without = patched(task, TaskPatch { due: Some(None), ..TaskPatch::default() }, Some(TODAY));
        assert_eq!((without.due, without.recurrence), (None, None));
    }

    #[test]
    fn a_due_date_keeps_the_zone_that_it_names() {
        let due = DueInput { time_zone: Some("Asia/Tokyo".into()), ..DueInput::on(TODAY) };
        let task = patched(empty(), TaskPatch { due: Some(Some(due)), ..TaskPatch::default() }, None);
        assert_eq!(task.due.expect("set").time_zone, "Asia/Tokyo");
    }
}
