//! Reminders of tasks: when each one fires, and what a change of the task does to it.
//!
//! A duration counts on the wall clock of the due date's zone: a day before nine o'clock is nine o'clock, also across a
//! change of the clocks. A time that such a change skips moves forward, and of one that comes twice the first is meant, as
//! for due dates (RFC 5545, 3.3.5). In the hours before a due time they are what leaves as much time as the duration says:
//! a quarter of an hour before is never after. On a day without a time it counts from the user's time for such days.
//!
//! A recurring task that goes on takes its reminders along: a duration counts from the new due date, and a time of the day on
//! which the task was due is one of the day on which it is due now ("at 18:00"). A time of any other day fires once.
//!
//! A reminder fires once for each time that its rule names. A change that moves this time starts it anew. What is already
//! past when it is set does not fire, apart from two cases: a moment ago is still now, and a time that a client names
//! itself may have waited on a device without a network.
//!
//! **Invariant:** `fires_at` is the time of the rule for the present due date, and a task without a due date has no
//! reminder that counts from it.

use super::{Invalid, clock::IdSource, series, zone};
use jiff::civil::{self, Date};
use std::time::Duration;
use tandem_protocol::{
    ReminderId, Timestamp, calendar,
    duration::IsoDuration,
    enums::{ReminderState, TaskStatus},
    limits::MAX_REMINDERS,
    model::{Due, Task},
    reminder::{Reminder, ReminderInput, ReminderTime, ReminderTimeInput, SnoozeBody},
    settings::ReminderDefaults,
    time::ClockTime,
};

/// A reminder is late when its time is longer ago than this. A time that was computed, and not named, still fires when it
/// is set this late: the minute in which it is set has begun before.
pub const LATE: Duration = Duration::from_mins(1);
/// A time that a client names still fires when it is set this late: the device may have been offline.
const SET_LATE: Duration = Duration::from_hours(24);
const DAY_SECONDS: i64 = 24 * 60 * 60;

/// What reminders depend on besides their task.
#[derive(Clone, Copy, Debug)]
pub struct ReminderContext<'a> {
    pub now: Timestamp,
    /// The user's zone, of a time that names none.
    pub time_zone: &'a str,
    pub defaults: &'a ReminderDefaults,
    pub ids: &'a dyn IdSource,
}

/// The rule of a reminder.
type ReminderRule = (Option<IsoDuration>, Option<ReminderTime>);

/// Sets the reminders of a task that a patch was applied to. `named` are those of the patch, `due_before` is the due date
/// that the task had before.
///
/// # Errors
/// [`Invalid`] when a reminder has no rule or two, names no zone that there is, counts from a due date that is not there,
/// or there are too many.
pub fn set(
    task: &mut Task,
    named: Option<Vec<ReminderInput>>,
    due_before: Option<&Due>,
    around: ReminderContext<'_>,
) -> Result<(), Invalid> {
    let (rules, still_fires) = match named {
        Some(named) => (named_rules(named, task, around)?, SET_LATE),
        // Not even when the settings are others by now: who renames a task does not move its reminders.
        None if due_before == task.due.as_ref() => return Ok(()),
        None if due_before.is_none() && task.reminders.is_empty() => (default_rule(task, around.defaults), LATE),
        None => (task.reminders.iter().map(|old| goes_along(old, due_before)).collect(), LATE),
    };
    let old = std::mem::take(&mut task.reminders);
    for (before, at) in rules {
        let Some(fires_at) = time_of(before.as_ref(), at.as_ref(), task.due.as_ref(), around.defaults.time_of_day())
        else {
            continue;
        };
        let known = old.iter().find(|old| old.has_rule(before.as_ref(), at.as_ref()));
        let reminder = match known {
            Some(known) if known.fires_at == fires_at => known.clone(),
            _ => {
                let since = if known.is_some() { LATE } else { still_fires };
                let id = known.map_or_else(|| ReminderId(around.ids.next()), |known| known.id);
                let state = fresh(fires_at, around.now, since);
                Reminder { id, before, at, state, fires_at, snoozed_until: None }
            }
        };
        task.reminders.push(reminder);
    }
    Ok(())
}

/// The rule of a reminder of a task whose due date moves. One at the time of the due date itself, in its minute, is one of that
/// time: "in two hours" is due at a minute, and reminds at a second of it.
fn goes_along(old: &Reminder, due_before: Option<&Due>) -> ReminderRule {
    let minute = |time: civil::Time| (time.hour(), time.minute());
    let when_due = old.at.as_ref().zip(due_before).is_some_and(|(at, due)| {
        let same_time = due.time.is_some_and(|time| minute(time) == minute(at.time.0));
        at.date == due.date && same_time && at.time_zone == due.time_zone
    });
    if when_due { (Some(IsoDuration::zero()), None) } else { (old.before.clone(), old.at.clone()) }
}

/// The reminders of a task as they are once its due date has moved from `due_before` to another one, for a change that names
/// more of them. `due`: whether it is still due.
pub fn kept(task: &Task, due_before: Option<&Due>, due: bool) -> Vec<ReminderInput> {
    let rule = |old: &Reminder| match goes_along(old, due_before) {
        (Some(before), _) => due.then(|| ReminderInput::before(before)),
        (None, at) => at.map(|at| ReminderInput::at(at.into())),
    };
    task.reminders.iter().filter_map(rule).collect()
}

/// The rules that a client names, each once.
fn named_rules(
    named: Vec<ReminderInput>,
    task: &Task,
    around: ReminderContext<'_>,
) -> Result<Vec<ReminderRule>, Invalid> {
    let mut rules: Vec<ReminderRule> = Vec::new();
    for input in named {
        let rule = match input {
            ReminderInput { before: Some(before), at: None } if task.due.is_some() => (Some(before), None),
            ReminderInput { before: Some(_), at: None } => {
                return Err(Invalid::new("reminders", "a reminder before the due date needs a due date"));
            }
            ReminderInput { before: None, at: Some(at) } => (None, Some(checked_time("reminders.at", at, around)?)),
            _ => return Err(Invalid::new("reminders", "expected either `before` or `at` in each reminder")),
        };
        let seconds = |rule: &ReminderRule| rule.0.as_ref().map(IsoDuration::seconds);
        if !rules.iter().any(|known| seconds(known) == seconds(&rule) && known.1 == rule.1) {
            rules.push(rule);
        }
    }
    if rules.len() > MAX_REMINDERS {
        return Err(Invalid::new("reminders", format!("expected at most {MAX_REMINDERS} reminders")));
    }
    Ok(rules)
}

fn checked_time(
    field: &'static str,
    at: ReminderTimeInput,
    around: ReminderContext<'_>,
) -> Result<ReminderTime, Invalid> {
    let at = at.in_zone(around.time_zone);
    zone::time_zone(field, &at.time_zone)?;
    // A day at the end of the calendar is no instant in some zones.
    zone::instant(at.date.to_datetime(at.time.0), &at.time_zone)
        .ok_or_else(|| Invalid::new(field, "expected a time that comes"))?;
    Ok(at)
}

/// The reminder that a due date gets when none is named.
fn default_rule(task: &Task, defaults: &ReminderDefaults) -> Vec<ReminderRule> {
    let before = match &task.due {
        None => None,
        Some(due) if due.time.is_some() => defaults.timed.clone(),
        // On the day itself, at the time that the settings name.
        Some(_) => defaults.all_day.map(|_| IsoDuration::zero()),
    };
    before.map(|before| (Some(before), None)).into_iter().collect()
}

/// When a rule fires. `None` for a duration without a due date, or a time that is no instant.
fn time_of(
    before: Option<&IsoDuration>,
    at: Option<&ReminderTime>,
    due: Option<&Due>,
    time_of_day: civil::Time,
) -> Option<Timestamp> {
    if let Some(at) = at {
        return zone::instant(at.date.to_datetime(at.time.0), &at.time_zone);
    }
    let (before, due) = (before?, due?);
    let base = due.date.to_datetime(due.time.unwrap_or(time_of_day));
    let clock = earlier(base, before.seconds())?;
    if before.seconds() >= DAY_SECONDS {
        return zone::instant(clock, &due.time_zone);
    }
    let base = zone::instant(base, &due.time_zone)?;
    zone::instant_until(clock, &due.time_zone, base.plus_millis(-before.seconds() * 1_000))
}

/// The clock time that is so many seconds earlier.
fn earlier(base: civil::DateTime, seconds: i64) -> Option<civil::DateTime> {
    let time = base.time();
    let of_day = i64::from(time.hour()) * 3_600 + i64::from(time.minute()) * 60 + i64::from(time.second()) - seconds;
    let date = calendar::days(base.date(), of_day.div_euclid(DAY_SECONDS))?;
    let rest = of_day.rem_euclid(DAY_SECONDS);
    let part = |n: i64| i8::try_from(n).ok();
    let time = civil::Time::new(part(rest / 3_600)?, part(rest / 60 % 60)?, part(rest % 60)?, 0).ok()?;
    Some(date.to_datetime(time))
}

/// The state of a reminder that begins: one whose time is longer ago than `still_fires` does not fire.
fn fresh(fires_at: Timestamp, now: Timestamp, still_fires: Duration) -> ReminderState {
    if fires_at.plus(still_fires) < now { ReminderState::Done } else { ReminderState::Pending }
}

/// Starts the reminders of a recurring task anew, which has gone on from an occurrence to another one. `left`: the days that
/// it was due on and stood for. One at a time of another day fires once: it belongs to the occurrence that is over if it is
/// of an earlier day, or of today.
pub fn restart(task: &mut Task, left: &[Date], at: series::At<'_>) {
    let today = task.due.as_ref().map(|due| at.today(due));
    let over = left.iter().copied().chain(today).max();
    begin(task, left, at, |reminder, own| {
        if Some(own.date) <= over {
            reminder.state = ReminderState::Done;
            reminder.snoozed_until = None;
        } else {
            answer(reminder);
        }
    });
}

/// Starts the reminders of a recurring task anew, which is back on the date before its last completion. `left`: as for
/// [`restart`].
pub fn put_back(task: &mut Task, left: &[Date], at: series::At<'_>) {
    begin(task, left, at, |reminder, _| {
        if reminder.fires_at > at.now {
            reminder.state = ReminderState::Pending;
        } else {
            answer(reminder);
        }
    });
}

/// Starts the reminders anew that belong to each occurrence: those that count from the due date, and those at a time of the
/// days `left`, which go to the day on which the task is due now. `own` does so with each of the others.
fn begin(task: &mut Task, left: &[Date], at: series::At<'_>, own: impl Fn(&mut Reminder, &ReminderTime)) {
    let Some(due) = &task.due else { return };
    let mut kept: Vec<Reminder> = Vec::new();
    for mut reminder in std::mem::take(&mut task.reminders) {
        match &mut reminder.at {
            Some(time) if !left.contains(&time.date) => {
                let time = time.clone();
                own(&mut reminder, &time);
            }
            time => {
                if let Some(time) = time {
                    time.date = due.date;
                }
                let rule = (reminder.before.as_ref(), reminder.at.as_ref());
                if let Some(fires_at) = time_of(rule.0, rule.1, Some(due), at.time_of_day) {
                    reminder.state = fresh(fires_at, at.now, LATE);
                    reminder.fires_at = fires_at;
                    reminder.snoozed_until = None;
                }
            }
        }
        kept.push(reminder);
    }
    // One that was set for the new day may have been there before.
    for reminder in kept {
        if !task.reminders.iter().any(|one| one.has_rule(reminder.before.as_ref(), reminder.at.as_ref())) {
            task.reminders.push(reminder);
        }
    }
}

/// Answers the reminders of a task that is done. Those that have not fired are kept, for when it is opened again.
pub fn close(task: &mut Task) {
    task.reminders.iter_mut().for_each(answer);
}

/// The reminders of a task that is open again: what has passed meanwhile does not fire any more.
pub fn reopen(task: &mut Task, now: Timestamp) {
    for reminder in &mut task.reminders {
        if reminder.state == ReminderState::Pending {
            reminder.state = fresh(reminder.fires_at, now, LATE);
        }
    }
}

fn answer(reminder: &mut Reminder) {
    if matches!(reminder.state, ReminderState::Fired | ReminderState::Snoozed) {
        reminder.state = ReminderState::Done;
        reminder.snoozed_until = None;
    }
}

/// A reminder that fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Firing {
    pub reminder: ReminderId,
    /// When it should fire.
    pub at: Timestamp,
    pub late: bool,
}

/// Fires the reminders of a task whose time has come, those of the longest time ago first. The task changes if there are
/// any.
pub fn fire(task: &Task, now: Timestamp) -> (Task, Vec<Firing>) {
    let mut next = task.clone();
    let mut fired = Vec::new();
    for reminder in next.reminders.iter_mut().filter(|_| task.status == TaskStatus::Open) {
        let Some(at) = reminder.next().filter(|at| *at <= now) else { continue };
        reminder.state = ReminderState::Fired;
        reminder.snoozed_until = None;
        fired.push(Firing { reminder: reminder.id, at, late: at.plus(LATE) < now });
    }
    fired.sort_by_key(|firing| firing.at);
    (super::task::touched(task, next, now), fired)
}

/// The task with a reminder answered, equal when it was. `None` when there is no such reminder.
pub fn ack(task: &Task, id: ReminderId, now: Timestamp) -> Option<Task> {
    let mut next = task.clone();
    let reminder = next.reminders.iter_mut().find(|reminder| reminder.id == id)?;
    reminder.state = ReminderState::Done;
    reminder.snoozed_until = None;
    Some(super::task::touched(task, next, now))
}

/// The task with a reminder that fires again at a time. `None` when there is no such reminder.
pub fn snooze(task: &Task, id: ReminderId, until: Timestamp, now: Timestamp) -> Option<Task> {
    let mut next = task.clone();
    let reminder = next.reminders.iter_mut().find(|reminder| reminder.id == id)?;
    reminder.state = ReminderState::Snoozed;
    reminder.snoozed_until = Some(until);
    Some(super::task::touched(task, next, now))
}

/// Until when a request snoozes.
///
/// # Errors
/// [`Invalid`] when it names neither or both of `for` and `until`, or a time that is not to come.
pub fn snoozed_until(body: SnoozeBody, time_zone: &str, now: Timestamp) -> Result<Timestamp, Invalid> {
    let (field, until) = match body {
        SnoozeBody { duration: Some(duration), until: None } => ("for", now.plus_millis(duration.seconds() * 1_000)),
        SnoozeBody { duration: None, until: Some(at) } => {
            let at = at.in_zone(time_zone);
            zone::time_zone("until.time_zone", &at.time_zone)?;
            let ClockTime(time) = at.time;
            ("until", zone::instant(at.date.to_datetime(time), &at.time_zone).unwrap_or(now))
        }
        _ => return Err(Invalid::new("for", "expected either `for` or `until`")),
    };
    if until > now { Ok(until) } else { Err(Invalid::new(field, "expected a time that is still to come")) }
}

#[cfg(test)]
mod tests;
