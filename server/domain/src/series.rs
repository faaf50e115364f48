//! The dates of a recurring task: the next one, after a completion or without one, and where a changed series stands.
//!
//! A series is a rule and its `start`; together they are a grid of dates. `occurrence` is the date of the grid that the
//! due date stands for. It is stored beside the due date, because a moved due date does not show any more which date of
//! the grid it came from: a weekly task that was moved from Monday to Friday goes on with the next Monday.
//!
//! A rule with the anchor `completion` has no grid beyond its next date: each completion starts the series anew.
//!
//! **Invariant:** a task with a recurrence has a due date, a start and an occurrence.

use super::zone;
use jiff::{
    ToSpan as _,
    civil::{self, Date},
};
use serde::{Deserialize, Serialize};
use tandem_protocol::{
    CompletionId, Timestamp, calendar,
    enums::{Anchor, TaskStatus},
    model::{Completion, Due, Recurrence, Task},
    recurrence::{End, Frequency, Rule, WeekdayNumber},
};

/// How far back the grid is searched for the date that a due date stands for, in days, one try after the other.
const BACK: [i32; 4] = [7, 62, 800, 4_000];

/// When a task is moved on, and in whose zone: the user's, for dates without a time.
#[derive(Clone, Copy, Debug)]
pub struct At<'a> {
    pub now: Timestamp,
    pub time_zone: &'a str,
    /// From which reminders of a day without a time count.
    pub time_of_day: civil::Time,
}

impl At<'_> {
    /// The day that it is for a due date: with a time, in the zone of that time, else in the user's.
    pub(crate) fn today(self, due: &Due) -> Date {
        let zone = if due.time.is_some() { &due.time_zone } else { self.time_zone };
        zone::local(self.now, zone).date()
    }
}

/// Where a recurring task stood before it was completed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeriesState {
    due: Option<Due>,
    recurrence: Option<Recurrence>,
    #[serde(with = "tandem_protocol::time::maybe_date")]
    occurrence: Option<Date>,
}

impl SeriesState {
    /// `None` for a task that does not recur.
    pub fn of(task: &Task) -> Option<Self> {
        let Task { due, recurrence, occurrence, .. } = task.clone();
        recurrence.is_some().then_some(Self { due, recurrence, occurrence })
    }

    /// Puts a task back to where it stood. A rule that was changed since stays, and so does a task that does not recur
    /// any more.
    pub fn put_back(&self, task: &mut Task) {
        let Some(present) = &mut task.recurrence else { return };
        // Only these rules are changed by a completion.
        if present.anchor == Anchor::Completion
            && let Some(before) = self.recurrence.as_ref().filter(|before| before.anchor == Anchor::Completion)
        {
            *present = before.clone();
        }
        task.due.clone_from(&self.due);
        task.occurrence = self.occurrence;
    }
}

/// A completion as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompletionRecord {
    pub completion: Completion,
    /// Of a recurring task, where it stood. Absent from completions that were recorded before the series was.
    pub task_before: Option<SeriesState>,
}

impl CompletionRecord {
    pub fn new(id: CompletionId, before: &Task, now: Timestamp) -> Self {
        let (task_id, title, occurrence) = (before.id, before.title.clone(), before.occurrence);
        let completion = Completion { id, task_id, title, occurrence, completed_at: now };
        Self { completion, task_before: SeriesState::of(before) }
    }
}

/// Whether a request to complete a task means an occurrence that is done already.
///
/// A request that names an occurrence means this one; the due date is as good a name for it. One that names none means
/// what is due: a second one on the day on which today's occurrence was done, or an earlier one, changes nothing.
pub fn has_gone_on(task: &Task, named: Option<Date>, last: Option<&Completion>, at: At<'_>) -> bool {
    let (Some(due), Some(occurrence)) = (&task.due, task.occurrence) else { return false };
    if let Some(named) = named {
        return named != occurrence && named != due.date;
    }
    let today = at.today(due);
    let done_today = |last: &Completion| zone::local(last.completed_at, at.time_zone).date() == today;
    let was_due = |last: &Completion| last.occurrence.is_some_and(|occurrence| occurrence <= today);
    occurrence > today && last.is_some_and(|last| done_today(last) && was_due(last))
}

/// The task on its next date, after a completion. `None` when it does not recur, is done, or its rule has ended.
///
/// Dates that are past are skipped: of a daily task that was left for a week, one is done and not six.
pub fn after_completion(task: &Task, at: At<'_>) -> Option<Task> {
    next(task, at, |today, _| today)
}

/// The task on its next date, when its occurrence is skipped. Cases as in [`after_completion`].
pub fn after_skip(task: &Task, at: At<'_>) -> Option<Task> {
    next(task, at, Date::max)
}

/// `counted_from` chooses, from today and the occurrence, the day that a rule with the anchor `completion` counts from.
fn next(task: &Task, at: At<'_>, counted_from: impl FnOnce(Date, Date) -> Date) -> Option<Task> {
    let (due, recurrence) = (task.due.as_ref()?, task.recurrence.as_ref()?);
    if task.status != TaskStatus::Open {
        return None;
    }
    let rule = Rule::parse(&recurrence.rule).ok()?;
    let occurrence = task.occurrence.unwrap_or(due.date);
    let today = at.today(due);
    let (date, recurrence) = match recurrence.anchor {
        Anchor::Due => {
            let start = recurrence.start.unwrap_or(due.date);
            (next_of_grid(&rule, start, occurrence, due, at)?, recurrence.clone())
        }
        Anchor::Completion => {
            let (date, rest) = next_of_completion(&rule, counted_from(today, occurrence))?;
            (date, Recurrence { rule: rest.to_string(), start: Some(date), ..recurrence.clone() })
        }
    };
    Some(Task {
        due: Some(Due { date, ..due.clone() }),
        recurrence: Some(recurrence),
        occurrence: Some(date),
        ..task.clone()
    })
}

/// The first date of the grid after an occurrence that is not past.
fn next_of_grid(rule: &Rule, start: Date, occurrence: Date, due: &Due, at: At<'_>) -> Option<Date> {
    let today = at.today(due);
    let yesterday = today.yesterday().unwrap_or(today);
    let date = rule.next_after(start, occurrence.max(yesterday))?;
    // A time of today may be past already; the task would be overdue in the moment in which it was done.
    let is_past = due.time.is_some() && date == today && zone::due_at(&Due { date, ..due.clone() }) <= at.now;
    if is_past { rule.next_after(start, date) } else { Some(date) }
}

/// The date that a rule counts from a day, and what is left of the rule. Without lists of days it is the same day of a
/// later month, or the last one of a shorter month: RFC 5545 would leave that month out.
fn next_of_completion(rule: &Rule, day: Date) -> Option<(Date, Rule)> {
    let mut rest = rule.clone();
    if let End::Count(count) = rule.end {
        rest.end = End::Count(count.checked_sub(1).filter(|left| *left > 0)?);
    }
    let interval = i64::from(rule.interval);
    let has_lists =
        [rule.months.len(), rule.month_days.len(), rule.days.len(), rule.positions.len()].iter().any(|len| *len > 0);
    let date = match rule.frequency {
        _ if has_lists => Rule { end: End::Never, ..rule.clone() }.next_after(day, day)?,
        Frequency::Weekly => calendar::days(day, 7 * interval)?,
        Frequency::Monthly => calendar::months(day, interval)?,
        Frequency::Yearly => calendar::months(day, 12 * interval)?,
        Frequency::Minutely | Frequency::Hourly | Frequency::Daily => calendar::days(day, interval)?,
    };
    let ended = matches!(rule.end, End::Until(last) if date > last);
    if ended { None } else { Some((date, rest)) }
}

/// Sets the occurrence of a task whose recurrence was changed by a patch that names a start. A due date that came with it
/// stands for the date of the grid before it; without one the task is due on the first date that is not past.
pub(crate) fn place(before: Option<&Task>, task: &mut Task, has_due: bool, at: At<'_>) {
    let (Some(due), Some(recurrence)) = (&mut task.due, &task.recurrence) else { return };
    let (Some(start), Ok(rule)) = (recurrence.start, Rule::parse(&recurrence.rule)) else { return };
    let same_start = before.and_then(|task| task.recurrence.as_ref()).filter(|old| old.start == Some(start));
    if same_start.is_some_and(|old| old.rule == recurrence.rule) {
        return;
    }
    if has_due {
        task.occurrence = Some(last_until(&rule, start, due.date).unwrap_or(start));
        return;
    }
    // The same start with another rule: the task stays where it is, or goes to the next date of the new grid.
    let kept = before.and_then(|task| task.occurrence).filter(|_| same_start.is_some());
    let from = kept.unwrap_or_else(|| start.max(at.today(due)));
    let date = rule.next_after(start, from.saturating_sub(1.day())).unwrap_or(start);
    if kept != Some(date) {
        due.date = date;
    }
    task.occurrence = Some(date);
}

/// The last date of the grid that is not after a date.
fn last_until(rule: &Rule, start: Date, date: Date) -> Option<Date> {
    BACK.iter().find_map(|days| {
        let first = rule.next_after(start, date.saturating_sub(days.days()));
        std::iter::successors(first, |last| rule.next_after(start, *last)).take_while(|next| *next <= date).last()
    })
}

/// The rule of a series that goes on from `to` instead of from its date `from`: the listed day that `from` fits becomes
/// that of `to`, and a `COUNT` is less by the dates before it.
#[must_use]
pub fn moved(rule: &Rule, start: Date, from: Date, to: Date) -> Rule {
    let mut rule = rule.from_date(start, from);
    let from_end = |date: Date| date.day() - date.days_in_month() - 1;
    for day in &mut rule.month_days {
        if *day == from.day() || (*day == from_end(from) && *day != from_end(to)) {
            *day = to.day();
        }
    }
    for month in rule.months.iter_mut().filter(|month| **month == from.month()) {
        *month = to.month();
    }
    // With positions, or counted in the year, the list says more than on which day the date falls.
    let counted_in_year = rule.frequency == Frequency::Yearly && rule.months.is_empty();
    if rule.positions.is_empty() && !counted_in_year {
        for day in rule.days.iter_mut().filter(|day| **day == numbered(from, day.nth)) {
            *day = numbered(to, day.nth);
        }
    }
    // Reading the text again brings the lists into order. A rule that contradicts itself now stays as it was.
    Rule::parse(&rule.to_string()).unwrap_or(rule)
}

/// The weekday of a date, counted as `like` is: not at all, from the start of the month or from its end.
fn numbered(date: Date, like: Option<i16>) -> WeekdayNumber {
    let nth = like.map(|nth| match nth {
        0.. => i16::from((date.day() - 1) / 7 + 1),
        _ => -i16::from((date.days_in_month() - date.day()) / 7 + 1),
    });
    WeekdayNumber { weekday: date.weekday(), nth }
}

#[cfg(test)]
mod tests;
