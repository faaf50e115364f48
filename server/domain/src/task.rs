//! What a task may be: from a client's draft or patch to a task that is valid.

use super::{
    Invalid,
    position::{self, LONGEST_ACCEPTED},
    text, zone,
};
use tandem_protocol::{
    TaskId, Timestamp,
    enums::{Anchor, TaskStatus},
    limits::{MAX_DESCRIPTION_CHARS, MAX_LABEL_CHARS, MAX_TITLE_CHARS},
    model::{Due, Recurrence, Task},
    recurrence::Rule,
    rest::{NewTask, RecurrenceInput, TaskPatch},
    task::PatchContext,
};

/// What a new or changed task depends on besides the request.
#[derive(Clone, Copy, Debug)]
pub struct TaskContext<'a> {
    pub now: Timestamp,
    pub time_zone: &'a str,
    /// The parent that the request names, looked up; the outer `None` when it names none.
    pub parent: Option<TaskId>,
}

/// A new task. `number` is the user's next one.
///
/// # Errors
/// [`Invalid`] with the first field that breaks its rule.
pub fn create(draft: NewTask, id: TaskId, number: i64, around: TaskContext<'_>) -> Result<Task, Invalid> {
    let mut task = Task { number, position: position::of_number(number), rev: 1, ..Task::empty(id, around.now) };
    valid(draft.into(), around)?.apply(&mut task, patch_context(around));
    Ok(task)
}

/// The task with a patch applied. Returns an equal task when nothing changes.
///
/// # Errors
/// [`Invalid`] with the first field that breaks its rule.
pub fn patch(task: &Task, patch: TaskPatch, around: TaskContext<'_>) -> Result<Task, Invalid> {
    let mut next = task.clone();
    valid(patch, around)?.apply(&mut next, patch_context(around));
    Ok(touched(task, next, around.now))
}

/// The patch in its canonical form: texts trimmed, labels without duplicates, rules as they are stored.
fn valid(patch: TaskPatch, around: TaskContext<'_>) -> Result<TaskPatch, Invalid> {
    let recurrence = patch.recurrence.as_ref().map(|given| given.as_ref().map(recurrence).transpose()).transpose()?;
    let due = patch.due.map(|due| due.map(|due| zone::check_due(due, around.time_zone)).transpose()).transpose()?;
    let list = |name: String| text::line("list", &name, MAX_LABEL_CHARS);
    Ok(TaskPatch {
        recurrence,
        due,
        title: patch.title.map(|title| text::title(&title, MAX_TITLE_CHARS)).transpose()?,
        description: patch
            .description
            .map(|text| text::block("description", text, MAX_DESCRIPTION_CHARS))
            .transpose()?,
        labels: patch.labels.map(text::labels).transpose()?,
        list: patch.list.map(|name| name.map(list).transpose()).transpose()?,
        position: patch.position.map(position).transpose()?,
        ..patch
    })
}

fn patch_context(around: TaskContext<'_>) -> PatchContext<'_> {
    let today = Some(zone::local(around.now, around.time_zone).date());
    PatchContext { time_zone: around.time_zone, today, parent: around.parent }
}

/// The task done; a recurring one moves on to its next date instead, as long as its rule has one.
pub fn complete(task: &Task, now: Timestamp) -> Task {
    let mut next = task.clone();
    // A recurring task whose rule has no date left is done like any other.
    match next_occurrence(task, now) {
        Some((due, recurrence)) => {
            next.due = Some(due);
            next.recurrence = Some(recurrence);
        }
        None if task.status == TaskStatus::Open => {
            next.status = TaskStatus::Done;
            next.completed_at = Some(now);
        }
        None => {}
    }
    touched(task, next, now)
}

pub fn reopen(task: &Task, now: Timestamp) -> Task {
    let next = Task { status: TaskStatus::Open, completed_at: None, ..task.clone() };
    touched(task, next, now)
}

/// `next` with its revision raised and its time set, if it differs from `task` at all.
pub fn touched(task: &Task, next: Task, now: Timestamp) -> Task {
    if next == *task { next } else { Task { rev: task.rev + 1, updated_at: now, ..next } }
}

/// The next date of an open recurring task. From the due date, dates that have passed are skipped: a daily task that was
/// left for a week is due tomorrow, not six times.
fn next_occurrence(task: &Task, now: Timestamp) -> Option<(Due, Recurrence)> {
    let (due, recurrence) = (task.due.as_ref()?, task.recurrence.as_ref()?);
    if task.status != TaskStatus::Open {
        return None;
    }
    let rule = Rule::parse(&recurrence.rule).ok()?;
    let today = zone::local(now, &due.time_zone).date();
    // The steps of the rule are counted from `start`; `after` is the last date that is not wanted any more.
    let (start, after) = match recurrence.anchor {
        Anchor::Due => (due.date, due.date.max(today)),
        Anchor::Completion => (today, today),
    };
    let date = rule.next_after(start, after)?;
    // The due date becomes the start of the rule, so a `COUNT` has to lose the dates before it.
    let recurrence = Recurrence { rule: rule.from_date(start, date).to_string(), anchor: recurrence.anchor };
    Some((Due { date, ..due.clone() }, recurrence))
}

fn recurrence(given: &RecurrenceInput) -> Result<RecurrenceInput, Invalid> {
    let rule = Rule::for_task(&given.rule).map_err(|refusal| Invalid::new("recurrence.rule", refusal.to_string()))?;
    Ok(RecurrenceInput { rule: rule.to_string(), anchor: given.anchor })
}

fn position(given: String) -> Result<String, Invalid> {
    if position::is_valid(&given) {
        Ok(given)
    } else {
        Err(Invalid::new("position", format!("expected 1 to {LONGEST_ACCEPTED} letters and digits")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil;

    fn at(text: &str) -> Timestamp {
        text.parse::<jiff::Timestamp>().unwrap().into()
    }

    fn task(rule: Option<(&str, Anchor)>, due: Option<civil::Date>) -> Task {
        let draft = NewTask {
            title: "Water plants".into(),
            due: due.map(|date| tandem_protocol::rest::DueInput { date, time: None, time_zone: Some("UTC".into()) }),
            recurrence: rule.map(|(rule, anchor)| RecurrenceInput { rule: rule.into(), anchor }),
            ..NewTask::default()
        };
        let around = TaskContext { now: at("2026-11-23T09:30:00Z"), time_zone: "UTC", parent: None };
        create(draft, TaskId(uuid::Uuid::nil()), 1, around).unwrap()
    }

    #[test]
    fn completing_moves_a_recurring_task_to_its_next_date() {
        let weekly = task(Some(("FREQ=WEEKLY", Anchor::Due)), Some(civil::date(2027, 3, 1)));
        let moved = complete(&weekly, at("2026-11-24T08:00:00Z"));
        assert_eq!(moved.status, TaskStatus::Open);
        assert_eq!(moved.due.unwrap().date, civil::date(2027, 3, 8));
    }

    #[test]
    fn dates_that_have_passed_are_skipped() {
        let daily = task(Some(("FREQ=DAILY", Anchor::Due)), Some(civil::date(2026, 11, 20)));
        let moved = complete(&daily, at("2026-11-24T08:00:00Z"));
        assert_eq!(moved.due.unwrap().date, civil::date(2026, 11, 25));
    }

    #[test]
    fn after_completion_counts_from_the_day_it_was_done() {
        let rule = Some(("FREQ=DAILY;INTERVAL=3", Anchor::Completion));
        let moved = complete(&task(rule, Some(civil::date(2026, 11, 20))), at("2026-11-24T08:00:00Z"));
        assert_eq!(moved.due.unwrap().date, civil::date(2026, 11, 27));
    }

    #[test]
    fn the_last_occurrence_is_done_like_any_task() {
        let once = task(Some(("FREQ=DAILY;COUNT=2", Anchor::Due)), Some(civil::date(2026, 11, 23)));
        let second = complete(&once, at("2026-11-23T10:00:00Z"));
        assert_eq!(second.status, TaskStatus::Open);
        assert_eq!(complete(&second, at("2026-11-24T10:00:00Z")).status, TaskStatus::Done);
    }

    #[test]
    fn a_recurring_task_without_date_starts_today() {
        let daily = task(Some(("FREQ=DAILY", Anchor::Due)), None);
        assert_eq!(daily.due.unwrap().date, civil::date(2026, 11, 23));
    }

    #[test]
    fn a_task_whose_date_is_taken_away_does_not_come_again() {
        let daily = task(Some(("FREQ=DAILY", Anchor::Due)), None);
        let around = TaskContext { now: at("2026-11-23T10:00:00Z"), time_zone: "UTC", parent: None };
        let patched = patch(&daily, TaskPatch { due: Some(None), ..TaskPatch::default() }, around).unwrap();
        assert_eq!((patched.due, patched.recurrence), (None, None));
    }

    #[test]
    fn completing_twice_changes_nothing_more() {
        let done = complete(&task(None, None), at("2026-11-23T10:00:00Z"));
        assert_eq!(complete(&done, at("2026-11-23T11:00:00Z")), done);
    }
}
