//! What a task may be: from a client's draft or patch to a task that is valid.

use super::{
    Invalid,
    clock::IdSource,
    position::{self, LONGEST_ACCEPTED},
    reminder::{self, ReminderContext},
    series, text, zone,
};
use jiff::civil::Date;
use std::borrow::Cow;
use tandem_protocol::{
    TaskId, Timestamp,
    enums::TaskStatus,
    limits::{MAX_DESCRIPTION_CHARS, MAX_LABEL_CHARS, MAX_TITLE_CHARS},
    model::Task,
    recurrence::Rule,
    rest::{NewTask, RecurrenceInput, TaskPatch},
    settings::ReminderDefaults,
    task::PatchContext,
};

/// What a new or changed task depends on besides the request.
#[derive(Clone, Copy, Debug)]
pub struct TaskContext<'a> {
    pub now: Timestamp,
    pub time_zone: &'a str,
    /// The parent that the request names, looked up; the outer `None` when it names none.
    pub parent: Option<TaskId>,
    /// The reminders of a due date for which the request names none.
    pub defaults: &'a ReminderDefaults,
    pub ids: &'a dyn IdSource,
}

/// A new task. `number` is the user's next one.
///
/// # Errors
/// [`Invalid`] with the first field that breaks its rule.
pub fn create(draft: NewTask, id: TaskId, number: i64, around: TaskContext<'_>) -> Result<Task, Invalid> {
    let mut task = Task { number, position: position::of_number(number), rev: 1, ..Task::empty(id, around.now) };
    apply(draft.into(), None, &mut task, around)?;
    Ok(task)
}

/// The task with a patch applied. Returns an equal task when nothing changes.
///
/// # Errors
/// [`Invalid`] with the first field that breaks its rule.
pub fn patch(task: &Task, patch: TaskPatch, around: TaskContext<'_>) -> Result<Task, Invalid> {
    let mut next = task.clone();
    apply(patch, Some(task), &mut next, around)?;
    if next != *task {
        compose(&mut next);
    }
    Ok(touched(task, next, around.now))
}

/// Brings texts that older versions stored as they came into the form of all others (NFC).
fn compose(task: &mut Task) {
    let list = task.list.iter_mut();
    for text in [&mut task.title, &mut task.description].into_iter().chain(&mut task.labels).chain(list) {
        if let Cow::Owned(composed) = text::composed(text.as_str().into()) {
            *text = composed;
        }
    }
}

fn apply(patch: TaskPatch, before: Option<&Task>, task: &mut Task, around: TaskContext<'_>) -> Result<(), Invalid> {
    let has_start = patch.recurrence.iter().flatten().any(|recurrence| recurrence.start.is_some());
    let has_due = matches!(patch.due, Some(Some(_)));
    let mut patch = valid(patch, around)?;
    let reminders = patch.reminders.take();
    patch.apply(task, patch_context(around));
    let TaskContext { now, time_zone, defaults, ids, .. } = around;
    if has_start {
        let time_of_day = defaults.time_of_day();
        series::place(before, task, has_due, series::At { now, time_zone, time_of_day });
    }
    // Last, because they count from the due date.
    let due_before = before.and_then(|before| before.due.as_ref());
    reminder::set(task, reminders, due_before, ReminderContext { now, time_zone, defaults, ids })
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
pub fn complete(task: &Task, at: series::At<'_>) -> Task {
    let next = match series::after_completion(task, at) {
        Some(next) => next_date(task, next, at),
        // A recurring task whose rule has no date left is done like any other.
        None if task.status == TaskStatus::Open => done(task, at.now),
        None => task.clone(),
    };
    touched(task, next, at.now)
}

/// The task on its next date without a completion, or closed when its rule has no date left.
///
/// # Errors
/// [`NotRecurring`] when the task does not recur, or is done.
pub fn skip(task: &Task, at: series::At<'_>) -> Result<Task, NotRecurring> {
    if task.recurrence.is_none() || task.status != TaskStatus::Open {
        return Err(NotRecurring);
    }
    let next = series::after_skip(task, at).map_or_else(|| done(task, at.now), |next| next_date(task, next, at));
    Ok(touched(task, next, at.now))
}

/// There is no occurrence that could be skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the task does not repeat, so there is nothing to skip")]
pub struct NotRecurring;

fn done(task: &Task, now: Timestamp) -> Task {
    let mut done = Task { status: TaskStatus::Done, completed_at: Some(now), ..task.clone() };
    reminder::close(&mut done);
    done
}

/// The task on its next date, with its reminders begun anew.
fn next_date(task: &Task, mut next: Task, at: series::At<'_>) -> Task {
    reminder::restart(&mut next, &days_of(task), at);
    next
}

/// The day on which a task is due, and the one that it stands for in its series.
fn days_of(task: &Task) -> Vec<Date> {
    task.due.iter().map(|due| due.date).chain(task.occurrence).collect()
}

/// The task open again; a recurring one stands where it stood before its last completion.
pub fn reopen(task: &Task, before: Option<&series::SeriesState>, at: series::At<'_>) -> Task {
    let mut next = Task { status: TaskStatus::Open, completed_at: None, ..task.clone() };
    reminder::reopen(&mut next, at.now);
    if let Some(before) = before {
        before.put_back(&mut next);
        // On the date that it had before they count from there, unless it is the same.
        if next.due != task.due {
            reminder::put_back(&mut next, &days_of(task), at);
        }
    }
    touched(task, next, at.now)
}

/// `next` with its revision raised and its time set, if it differs from `task` at all.
pub fn touched(task: &Task, next: Task, now: Timestamp) -> Task {
    if next == *task { next } else { Task { rev: task.rev + 1, updated_at: now, ..next } }
}

fn recurrence(given: &RecurrenceInput) -> Result<RecurrenceInput, Invalid> {
    let rule = Rule::for_task(&given.rule).map_err(|refusal| Invalid::new("recurrence.rule", refusal.to_string()))?;
    Ok(RecurrenceInput { rule: rule.to_string(), ..given.clone() })
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
    use crate::testing::without_reminders;
    use jiff::civil;
    use tandem_protocol::enums::Anchor;

    fn at(text: &str) -> Timestamp {
        text.parse::<jiff::Timestamp>().unwrap().into()
    }

    fn task(rule: Option<&str>) -> Task {
        let draft = NewTask {
            title: "Water plants".into(),
            recurrence: rule.map(|rule| RecurrenceInput { rule: rule.into(), anchor: Anchor::Due, start: None }),
            ..NewTask::default()
        };
        let around = without_reminders(at("2026-11-23T09:30:00Z"), "UTC");
        create(draft, TaskId(uuid::Uuid::nil()), 1, around).unwrap()
    }

    fn utc(now: &str) -> series::At<'static> {
        series::At { now: at(now), time_zone: "UTC", time_of_day: civil::time(9, 0, 0, 0) }
    }

    #[test]
    fn the_last_occurrence_is_done_like_any_task() {
        let once = task(Some("FREQ=DAILY;COUNT=2"));
        let second = complete(&once, utc("2026-11-23T10:00:00Z"));
        assert_eq!(second.status, TaskStatus::Open);
        assert_eq!(complete(&second, utc("2026-11-24T10:00:00Z")).status, TaskStatus::Done);
        let skipped = skip(&second, utc("2026-11-24T10:00:00Z")).unwrap();
        assert_eq!(skipped.status, TaskStatus::Done);
        assert_eq!(skip(&skipped, utc("2026-11-24T10:00:00Z")), Err(NotRecurring));
    }

    #[test]
    fn what_does_not_repeat_cannot_be_skipped() {
        assert_eq!(skip(&task(None), utc("2026-11-23T10:00:00Z")), Err(NotRecurring));
    }

    #[test]
    fn a_recurring_task_without_date_starts_today() {
        assert_eq!(task(Some("FREQ=DAILY")).due.unwrap().date, civil::date(2026, 11, 23));
    }

    #[test]
    fn a_task_whose_date_is_taken_away_does_not_come_again() {
        let daily = task(Some("FREQ=DAILY"));
        let around = without_reminders(at("2026-11-23T10:00:00Z"), "UTC");
        let patched = patch(&daily, TaskPatch { due: Some(None), ..TaskPatch::default() }, around).unwrap();
        assert_eq!((patched.due, patched.recurrence, patched.occurrence), (None, None, None));
    }

    #[test]
    fn completing_twice_changes_nothing_more() {
        let done = complete(&task(None), utc("2026-11-23T10:00:00Z"));
        assert_eq!(complete(&done, utc("2026-11-23T11:00:00Z")), done);
    }
}
