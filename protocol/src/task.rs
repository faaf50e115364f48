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
            occurrence: None,
            reminders: Vec::new(),
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

impl Task {
    /// Keeps the dates of the series that a new recurrence goes on with: the same rule, or the same start.
    fn continue_series(&mut self, old: Option<Recurrence>, moves: bool) {
        let Some(new) = &mut self.recurrence else { return };
        let Some(old) = old else {
            self.occurrence = None;
            return;
        };
        match new.start {
            // A rule that was given again, for example with another anchor, is no new series. One that comes with another
            // due date is counted from it.
            None if new.rule == old.rule && !moves => new.start = old.start,
            Some(start) if old.start == Some(start) => {}
            _ => self.occurrence = None,
        }
    }

    /// Fills in what a recurring task of an older version, or a new series, does not say: a series starts with the due
    /// date, and stands on its start. A task without recurrence has no occurrence.
    pub fn complete_series(&mut self) {
        let Some(due) = self.due.as_ref().map(|due| due.date).filter(|_| self.recurrence.is_some()) else {
            self.occurrence = None;
            return;
        };
        if let Some(recurrence) = &mut self.recurrence {
            let start = *recurrence.start.get_or_insert(due);
            self.occurrence.get_or_insert(start);
        }
    }
}

impl TaskPatch {
    /// Applies the patch to a task. Neither `rev` nor `updated_at` change, and `if_rev` is not checked. What `after` means
    /// for the position depends on other tasks: the server has replaced it before. Reminders depend on time zones: the
    /// server computes them afterwards.
    ///
    /// A series that begins anew stands on its start, also when that is past: the dates of a rule are counted by the
    /// server.
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
        let (has_due, before) = (self.due.is_some(), task.due.as_ref().map(|due| due.date));
        if let Some(due) = self.due {
            task.due = due.map(|due| due.in_zone(context.time_zone));
            if task.due.is_none() {
                // A rule counts from a date, so it ends with the date. A rule of the same patch starts today.
                task.recurrence = None;
            }
        }
        if let Some(recurrence) = self.recurrence {
            let new = recurrence.map(Recurrence::from);
            let old = std::mem::replace(&mut task.recurrence, new);
            let moves = task.due.as_ref().map(|due| due.date) != before;
            task.continue_series(old, moves);
        }
        // The patch may name its parent by number, so the resolved one is applied.
        if self.parent_id.is_some() {
            task.parent_id = context.parent;
        }
        // Last, because the date and the rule may each have come with this patch or been there before.
        let start = task.recurrence.as_ref().and_then(|recurrence| recurrence.start);
        if task.recurrence.is_some() && task.due.is_none() {
            let due = |date| Due { date, time: None, time_zone: context.time_zone.to_owned() };
            task.due = start.or(context.today).map(due);
        } else if let (Some(start), Some(due)) = (start, &mut task.due)
            && task.occurrence.is_none()
            && !has_due
        {
            due.date = start;
        }
        task.complete_series();
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
            reminders: draft.reminders,
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
    fn from(RecurrenceInput { rule, anchor, start }: RecurrenceInput) -> Self {
        Self { rule, anchor, start }
    }
}

impl From<Recurrence> for RecurrenceInput {
    fn from(Recurrence { rule, anchor, start }: Recurrence) -> Self {
        Self { rule, anchor, start }
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
        let recurrence = RecurrenceInput { rule: "FREQ=DAILY".into(), anchor: Anchor::Due, start: None };
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

    fn on(date: Date) -> TaskPatch {
        TaskPatch { due: Some(Some(DueInput::on(date))), ..TaskPatch::default() }
    }

    fn repeats(rule: &str, start: Option<Date>) -> TaskPatch {
        let recurrence = RecurrenceInput { rule: rule.into(), anchor: Anchor::Due, start };
        TaskPatch { recurrence: Some(Some(recurrence)), ..TaskPatch::default() }
    }

    /// The due date, the occurrence, and the start of the series.
    fn series(task: &Task) -> [Option<Date>; 3] {
        let start = task.recurrence.as_ref().and_then(|recurrence| recurrence.start);
        [task.due.as_ref().map(|due| due.date), task.occurrence, start]
    }

    #[test]
    fn moving_the_due_date_leaves_the_series() {
        let task = patched(empty(), daily().into(), Some(TODAY));
        let later = date(2026, 11, 25);
        let moved = patched(task.clone(), on(later), Some(TODAY));
        assert_eq!(series(&moved), [Some(later), Some(TODAY), Some(TODAY)]);
        let same = patched(moved.clone(), repeats("FREQ=DAILY", None), Some(TODAY));
        assert_eq!(series(&same), series(&moved), "the same rule continues");
        let echo = TaskPatch { due: Some(Some(DueInput::on(later))), ..repeats("FREQ=DAILY", None) };
        assert_eq!(series(&patched(moved.clone(), echo, Some(TODAY))), series(&moved), "with the due date that it has");
        let other = patched(moved, repeats("FREQ=WEEKLY", None), Some(TODAY));
        assert_eq!(series(&other), [Some(later); 3], "another rule begins with the due date");
    }

    #[test]
    fn a_series_with_a_new_start_stands_on_it() {
        let task = patched(empty(), daily().into(), Some(TODAY));
        let later = Some(date(2026, 12, 1));
        assert_eq!(series(&patched(task.clone(), repeats("FREQ=DAILY", later), Some(TODAY))), [later; 3]);
        assert_eq!(series(&patched(empty(), repeats("FREQ=DAILY", later), Some(TODAY))), [later; 3]);
        let without = patched(task, TaskPatch { recurrence: Some(None), ..TaskPatch::default() }, Some(TODAY));
        assert_eq!(series(&without), [Some(TODAY), None, None]);
    }

    #[test]
    fn a_due_date_keeps_the_zone_that_it_names() {
        let due = DueInput { time_zone: Some("Asia/Tokyo".into()), ..DueInput::on(TODAY) };
        let task = patched(empty(), TaskPatch { due: Some(Some(due)), ..TaskPatch::default() }, None);
        assert_eq!(task.due.expect("set").time_zone, "Asia/Tokyo");
    }
}
