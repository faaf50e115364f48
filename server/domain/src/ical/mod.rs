//! Tasks as a calendar (RFC 5545): events with a date, or tasks of the calendar.
//!
//! A recurring task is one component with its rule, which starts at its present occurrence; an event of a calendar with the
//! done ones starts at the start of the series. An occurrence that was moved is a component of its own, under the date that it stands for.
//! Times are local with their zone, so that a calendar shows them right after a change of the clocks.
//!
//! **Invariant:** what a user writes can end no line: texts are escaped (3.3.11), and lines are folded at 75 octets (3.1).

mod time_zones;
mod writer;

use crate::zone;
use jiff::civil::{Date, DateTime, Time};
use std::collections::BTreeMap;
use tandem_protocol::{
    Timestamp,
    enums::{FeedKind, Priority, ReminderState, TaskStatus},
    model::{Due, Task},
    recurrence::{End, Rule},
    reminder::Reminder,
    time::ClockTime,
};
use writer::Writer;

/// How often programs are asked to read the calendar again.
const REFRESH: &str = "PT15M";

/// What a calendar shows.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    pub name: &'a str,
    pub kind: FeedKind,
    pub include_done: bool,
    /// From which reminders of a day without a time count.
    pub time_of_day: ClockTime,
}

/// The calendar of these tasks. Events are those with a due date.
pub fn calendar(tasks: &[Task], options: Options<'_>) -> String {
    let tasks: Vec<&Task> = tasks.iter().filter(|task| is_shown(task, options)).collect();
    let mut out = Writer::default();
    out.line("BEGIN:VCALENDAR");
    out.line("VERSION:2.0");
    out.line("PRODID:-//Tandem//Tandem//EN");
    out.line("CALSCALE:GREGORIAN");
    out.text("NAME", options.name);
    out.text("X-WR-CALNAME", options.name);
    out.line(&format!("REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}"));
    out.line(&format!("X-PUBLISHED-TTL:{REFRESH}"));
    for (zone, first) in zones(&tasks) {
        time_zones::write(&mut out, zone, first);
    }
    for task in tasks {
        component(&mut out, task, options);
    }
    out.line("END:VCALENDAR");
    out.finish()
}

fn is_shown(task: &Task, options: Options<'_>) -> bool {
    (options.kind == FeedKind::Tasks || task.due.is_some()) && (options.include_done || task.status == TaskStatus::Open)
}

/// The zones of the times, each with the first date on which it is needed.
fn zones<'a>(tasks: &[&'a Task]) -> BTreeMap<&'a str, Date> {
    let mut zones: BTreeMap<&str, Date> = BTreeMap::new();
    let timed = tasks.iter().filter_map(|task| Some((task, task.due.as_ref().filter(|due| due.time.is_some())?)));
    for (task, due) in timed {
        let start = task.recurrence.as_ref().and_then(|recurrence| recurrence.start).unwrap_or(due.date);
        let first = zones.entry(&due.time_zone).or_insert(start);
        *first = (*first).min(start).min(due.date);
    }
    // Universal time needs no definition.
    zones.retain(|zone, _| !is_utc(zone));
    zones
}

fn is_utc(zone: &str) -> bool {
    matches!(zone, "UTC" | "Etc/UTC")
}

/// The component of a task, and one for an occurrence that was moved.
fn component(out: &mut Writer, task: &Task, options: Options<'_>) {
    let series =
        task.due.as_ref().and_then(|due| series(task, due, options.include_done && options.kind == FeedKind::Events));
    match (&task.due, series) {
        (Some(due), Some((first, rule))) => {
            let on = |date| Due { date, ..due.clone() };
            let first = on(first);
            one(out, task, options, Some(&first), true, |out| out.line(&format!("RRULE:{}", until(&rule, &first))));
            if let Some(stands_for) = task.occurrence.filter(|occurrence| *occurrence != due.date) {
                one(out, task, options, Some(due), false, |out| out.line(&date("RECURRENCE-ID", &on(stands_for))));
            }
        }
        (due, _) => one(out, task, options, due.as_ref(), false, |_| {}),
    }
}

/// The first date of what is shown of a series, and its rule from there. `None` for a task that does not repeat.
fn series(task: &Task, due: &Due, whole: bool) -> Option<(Date, Rule)> {
    let recurrence = task.recurrence.as_ref()?;
    let rule = Rule::parse(&recurrence.rule).ok()?;
    let start = recurrence.start.unwrap_or(due.date);
    if whole {
        return Some((start, rule));
    }
    let occurrence = task.occurrence.unwrap_or(due.date);
    Some((occurrence, rule.from_date(start, occurrence)))
}

/// A rule as a calendar reads it. Its last day has to be of the type of the start: a day, or a time in UTC (3.3.10).
fn until(rule: &Rule, first: &Due) -> String {
    let (End::Until(last), Some(_)) = (rule.end, first.time) else { return rule.to_string() };
    let endless = Rule { end: End::Never, ..rule.clone() };
    format!("{endless};UNTIL={}", utc(zone::due_at(&Due { date: last, ..first.clone() })))
}

/// `repeats` is whether the component has a rule. `more` writes what makes it one of a series.
fn one(
    out: &mut Writer,
    task: &Task,
    options: Options<'_>,
    due: Option<&Due>,
    repeats: bool,
    more: impl FnOnce(&mut Writer),
) {
    let kind = if options.kind == FeedKind::Events { "VEVENT" } else { "VTODO" };
    out.line(&format!("BEGIN:{kind}"));
    out.line(&format!("UID:{}@tandem", task.id));
    out.line(&format!("DTSTAMP:{}", utc(task.updated_at)));
    out.line(&format!("CREATED:{}", utc(task.created_at)));
    out.line(&format!("LAST-MODIFIED:{}", utc(task.updated_at)));
    out.line(&format!("SEQUENCE:{}", task.rev));
    out.text("SUMMARY", &task.title);
    if !task.description.is_empty() {
        out.text("DESCRIPTION", &task.description);
    }
    if !task.labels.is_empty() {
        out.list("CATEGORIES", &task.labels);
    }
    if let Some(due) = due {
        out.line(&date(if is_start(task, options) { "DTSTART" } else { "DUE" }, due));
        if options.kind == FeedKind::Events {
            out.line("TRANSP:TRANSPARENT");
        }
    }
    more(out);
    state(out, task, options.kind);
    if task.status == TaskStatus::Open {
        for reminder in &task.reminders {
            if let Some(trigger) = trigger(task, reminder, due, repeats, options) {
                out.line("BEGIN:VALARM");
                out.line("ACTION:DISPLAY");
                out.text("DESCRIPTION", &task.title);
                out.line(&format!("TRIGGER{trigger}"));
                out.line("END:VALARM");
            }
        }
    }
    out.line(&format!("END:{kind}"));
}

/// Whether the due date is the start of the component. A task that repeats needs one (3.8.5.3), and its due date would have
/// to be later than that.
fn is_start(task: &Task, options: Options<'_>) -> bool {
    options.kind == FeedKind::Events || task.recurrence.is_some()
}

fn state(out: &mut Writer, task: &Task, kind: FeedKind) {
    let number = match task.priority {
        Priority::None => 0,
        Priority::Urgent => 1,
        Priority::High => 3,
        Priority::Medium => 5,
        Priority::Low => 9,
    };
    if number > 0 {
        out.line(&format!("PRIORITY:{number}"));
    }
    if kind == FeedKind::Events {
        return;
    }
    if let Some(parent) = task.parent_id {
        out.line(&format!("RELATED-TO:{parent}@tandem"));
    }
    match task.completed_at.filter(|_| task.status == TaskStatus::Done) {
        Some(at) => {
            out.line("STATUS:COMPLETED");
            out.line(&format!("COMPLETED:{}", utc(at)));
        }
        None => out.line("STATUS:NEEDS-ACTION"),
    }
}

/// When the alarm of a reminder is: so long before or after the due date, for each occurrence of a series; else at its time.
/// `None` for a reminder that is over.
fn trigger(task: &Task, reminder: &Reminder, due: Option<&Due>, repeats: bool, options: Options<'_>) -> Option<String> {
    let counted = due.zip(due.and_then(|due| from_start(task, reminder, due, repeats, options))).map(|(due, after)| {
        // A task with a due date alone has no start; its alarms are related to its end (3.8.6.3).
        let related = if is_start(task, options) { "" } else { ";RELATED=END" };
        let start = due.date.to_datetime(due.time.unwrap_or(Time::midnight()));
        let at = zone::instant(start, &due.time_zone).map(|start| start.plus_millis(after * 1_000));
        (at, format!("{related}:{}", duration(after)))
    });
    match counted {
        Some((_, counted)) if repeats => Some(counted),
        _ if reminder.state == ReminderState::Done => None,
        // A change of the clocks may lie between them, and a snooze has another time.
        Some((Some(at), counted)) if reminder.snoozed_until.is_none() && at == reminder.fires_at => Some(counted),
        _ => Some(format!(";VALUE=DATE-TIME:{}", utc(reminder.snoozed_until.unwrap_or(reminder.fires_at)))),
    }
}

/// The seconds from the start of what is due to a reminder that belongs to each occurrence; `None` for one that has a time of
/// its own.
fn from_start(task: &Task, reminder: &Reminder, due: &Due, repeats: bool, options: Options<'_>) -> Option<i64> {
    let goes_along = |day: Date| task.occurrence == Some(day) || task.due.as_ref().is_some_and(|due| due.date == day);
    let same_clock = |zone: &str| due.time.is_none() || zone == due.time_zone;
    let of_day = |time: Time| i64::from(time.hour()) * 3_600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    match (&reminder.before, &reminder.at) {
        // A day begins at midnight, and our reminders of it count from a time of the day.
        (Some(before), _) => Some(due.time.map_or_else(|| of_day(options.time_of_day.0), |_| 0) - before.seconds()),
        (None, Some(at)) if repeats && goes_along(at.date) && same_clock(&at.time_zone) => {
            Some(of_day(at.time.0) - of_day(due.time.unwrap_or(Time::midnight())))
        }
        _ => None,
    }
}

/// A duration with a sign, in days and seconds.
fn duration(seconds: i64) -> String {
    let sign = if seconds < 0 { "-" } else { "" };
    let (days, rest) = (seconds.abs() / 86_400, seconds.abs() % 86_400);
    match (days, rest) {
        (0, rest) => format!("{sign}PT{rest}S"),
        (days, 0) => format!("{sign}P{days}D"),
        (days, rest) => format!("{sign}P{days}DT{rest}S"),
    }
}

/// A property with a day, a time in a zone, or a time in UTC.
fn date(name: &str, due: &Due) -> String {
    match due.time {
        None => format!("{name};VALUE=DATE:{}", due.date.strftime("%Y%m%d")),
        Some(time) if is_utc(&due.time_zone) => format!("{name}:{}Z", local(due.date.to_datetime(time))),
        Some(time) => format!("{name};TZID={}:{}", due.time_zone, local(due.date.to_datetime(time))),
    }
}

fn local(at: DateTime) -> String {
    at.strftime("%Y%m%dT%H%M%S").to_string()
}

fn utc(at: Timestamp) -> String {
    local(jiff::tz::Offset::UTC.to_datetime(at.to_jiff())) + "Z"
}

#[cfg(test)]
mod tests;
