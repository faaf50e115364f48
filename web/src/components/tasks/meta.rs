//! The second line of a task: due date, recurrence, priority, list, labels. Colour is never the only sign.

use super::{
    TaskNote,
    sections::{When, when},
};
use crate::components::{clock::Clock, format, icon::Icon};
use crate::text::tasks as text;
use tandem_nl::describe_rule;
use tandem_protocol::{
    enums::{Priority, TaskStatus},
    model::{Recurrence, Task},
};
use yew::prelude::*;

/// A recurrence as text: `Every weekday`.
pub(crate) fn recurrence_text(recurrence: &Recurrence) -> String {
    describe_rule(&recurrence.rule, recurrence.anchor)
}

/// One item of the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Meta {
    pub(super) icon: Option<Icon>,
    pub(super) class: Option<&'static str>,
    /// A prefix for screen readers only, for what sighted readers see in the section heading.
    pub(super) unseen: &'static str,
    pub(super) text: String,
}

impl Meta {
    fn new(icon: Icon, text: impl Into<String>) -> Self {
        Self { icon: Some(icon), class: None, unseen: "", text: text.into() }
    }
}

/// The items of a row, in order. `parts`: the number of completed subtasks and of all. `under_today`: whether the
/// heading above says `Today`, so that only screen readers need it in the row.
pub(super) fn meta(task: &Task, parts: (usize, usize), note: &TaskNote, under_today: bool, clock: &Clock) -> Vec<Meta> {
    let mut line = Vec::new();
    if let Some(by) = &note.by {
        line.push(Meta { icon: None, class: Some("by"), unseen: "", text: by.to_string() });
    }
    if note.waiting {
        line.push(Meta::new(Icon::Clock, text::WAITING_TO_SYNC));
    }
    line.extend(due(task, under_today, clock));
    line.extend(reminder(task, clock));
    if !task.description.is_empty() {
        line.push(Meta { unseen: text::HAS_NOTES, ..Meta::new(Icon::Notes, "") });
    }
    if let Some(recurrence) = &task.recurrence {
        line.push(Meta::new(Icon::Repeat, recurrence_text(recurrence)));
    }
    line.extend(priority(task.priority));
    if parts.1 > 0 {
        line.push(Meta::new(Icon::Subtask, text::parts_done(parts.0, parts.1)));
    }
    if let Some(list) = &task.list {
        line.push(Meta::new(Icon::List, list.clone()));
    }
    line.extend(task.labels.iter().map(|label| Meta {
        icon: None,
        class: None,
        unseen: "",
        text: format!("#{label}"),
    }));
    line
}

fn due(task: &Task, under_today: bool, clock: &Clock) -> Option<Meta> {
    let here = clock.due(task.due.as_ref()?);
    let today = clock.today();
    let open = task.status == TaskStatus::Open;
    let day = || format::near_day(here.date, today);
    Some(match (when(task, clock), here.time) {
        (When::Overdue, time) if open => {
            // Of a task that was due on another day, the time no longer matters.
            let text = if here.date == today { format::with_time(day(), time) } else { day() };
            Meta { class: Some("late"), unseen: text::OVERDUE_BEFORE, ..Meta::new(Icon::Alert, text) }
        }
        (When::Today, Some(time)) if under_today => {
            Meta { unseen: text::TODAY_BEFORE, ..Meta::new(Icon::Clock, format::clock_time(time)) }
        }
        (When::Today, None) if under_today => {
            Meta { icon: None, class: None, unseen: text::TODAY, text: String::new() }
        }
        (_, time) => Meta::new(Icon::Calendar, format::with_time(day(), time)),
    })
}

/// The bell: when a reminder rings next, or that one rings now. A reminder of the day of the task shows its time alone.
fn reminder(task: &Task, clock: &Clock) -> Option<Meta> {
    if task.ringing().next().is_some() {
        return Some(Meta { class: Some("high"), ..Meta::new(Icon::Bell, text::RINGS_NOW) });
    }
    let at = clock.local(task.next_reminder()?);
    let day = task.due.as_ref().map_or(clock.today(), |due| clock.due(due).date);
    let time = format::clock_time(at.time());
    let text = if at.date() == day {
        time
    } else {
        format::with_time(format::near_day(at.date(), clock.today()), Some(at.time()))
    };
    Some(Meta { unseen: text::REMINDER_BEFORE, ..Meta::new(Icon::Bell, text) })
}

fn priority(priority: Priority) -> Option<Meta> {
    let (icon, class) = match priority {
        Priority::None => return None,
        Priority::Low => (Icon::PriorityLow, None),
        Priority::Medium => (Icon::PriorityMedium, None),
        Priority::High => (Icon::PriorityHigh, Some("high")),
        Priority::Urgent => (Icon::PriorityUrgent, Some("urgent")),
    };
    Some(Meta { class, ..Meta::new(icon, format::priority(priority)) })
}

/// Draws the line, if it has any items.
pub(super) fn view(line: Vec<Meta>) -> Html {
    if line.is_empty() {
        return Html::default();
    }
    html! {
        <p class="task-m">
            { for line.into_iter().map(|meta| html! {
                <span class={classes!(meta.class, (meta.text.is_empty() && meta.icon.is_none()).then_some("sr"))}>
                    if let Some(icon) = meta.icon { { icon.small() } }
                    if !meta.unseen.is_empty() { <span class="sr">{ meta.unseen }</span> }
                    { meta.text }
                </span>
            }) }
        </p>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{clock, task};
    use jiff::civil::{date, time};
    use tandem_protocol::model::Due;

    fn said(task: &Task, parts: (usize, usize), note: &TaskNote) -> Vec<String> {
        meta(task, parts, note, true, &clock())
            .into_iter()
            .map(|meta| format!("{}{}", meta.unseen, meta.text))
            .collect()
    }

    #[test]
    fn every_row_shows_its_own_date() {
        let on = |day: i8, at: Option<i8>| {
            let time = at.map(|hour| time(hour, 0, 0, 0));
            let due = Some(Due { date: date(2026, 11, day), time, time_zone: "UTC".into() });
            said(&Task { due, ..task(1, "T") }, (0, 0), &TaskNote::default())
        };
        assert_eq!(on(20, None), ["Overdue, Fri 20 Nov"]);
        assert_eq!(on(22, Some(9)), ["Overdue, Yesterday"]);
        assert_eq!(on(23, Some(8)), ["Overdue, Today, 08:00"]);
        assert_eq!(on(23, Some(20)), ["Today, 20:00"]);
        assert_eq!(on(23, None), ["Today"]);
        assert_eq!(on(24, Some(8)), ["Tomorrow, 08:00"]);
    }

    #[test]
    fn a_row_shows_who_changed_it_and_every_field_that_is_set() {
        let full =
            Task { priority: Priority::High, list: Some("Move".into()), labels: vec!["home".into()], ..task(1, "T") };
        let note = TaskNote { by: Some("by Assistant".into()), ..TaskNote::default() };
        assert_eq!(said(&full, (1, 3), &note), ["by Assistant", "High", "1 of 3", "Move", "#home"]);
        let with_notes = Task { description: "Two litres".into(), ..task(1, "T") };
        assert_eq!(said(&with_notes, (0, 0), &TaskNote::default()), ["Has notes"]);
        assert!(said(&task(1, "T"), (0, 0), &TaskNote::default()).is_empty());
    }
}
