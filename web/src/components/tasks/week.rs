//! The week above the days: how much is due, a way to each day, and places to drop a task on.

use super::{Bulk, TaskAction, panel::TaskPanelProps, sections::SectionKind};
use crate::text::tasks as text;
use crate::text::words;
use crate::{
    components::{clock::Clock, format, shared::TaskIndex},
    platform::window::document,
};
use jiff::civil::Date;
use tandem_nl::weekday_name;
use tandem_protocol::{calendar, enums::TaskStatus, id::TaskId};
use yew::prelude::*;

/// Days with the numbers of open tasks that are due on them.
pub(super) fn loads(tasks: &TaskIndex, clock: &Clock, days: impl Iterator<Item = Date>) -> Vec<(Date, usize)> {
    let mut days: Vec<(Date, usize)> = days.map(|day| (day, 0)).collect();
    for due in tasks.iter().filter(|task| task.status == TaskStatus::Open).filter_map(|task| task.due.as_ref()) {
        let date = clock.due(due).date;
        if let Some((_, count)) = days.iter_mut().find(|(day, _)| *day == date) {
            *count += 1;
        }
    }
    days
}

/// Today and the six days after it.
fn week(clock: &Clock) -> impl Iterator<Item = Date> {
    let today = clock.today();
    (0..7).filter_map(move |step| calendar::days(today, step))
}

/// The strip of the next days.
pub(super) fn week_strip(props: &TaskPanelProps) -> Html {
    let days = loads(&props.tasks, &props.clock, week(&props.clock));
    html! {
        <div class="week" role="group" aria-label={text::WEEK}>
            { for days.into_iter().map(|(day, count)| day_button(props, day, count, "", None)) }
        </div>
    }
}

/// A day. A press moves the selected tasks there; without a selection it leads to the first task of the day in the list.
/// `tabbed`: whether it is in the order of Tab, in a month.
pub(super) fn day_button(
    props: &TaskPanelProps,
    day: Date,
    count: usize,
    class: &'static str,
    tabbed: Option<bool>,
) -> Html {
    let first = props.sections.iter().find(|section| section.kind == SectionKind::Day(day));
    let first = first.and_then(|section| section.rows.first()).map(|row| row.task.id);
    let action = if props.selected.is_empty() {
        first.map(TaskAction::Seek)
    } else {
        Some(TaskAction::Change(props.selected.to_vec(), Bulk::Day(Some(day))))
    };
    let idle = action.is_none().then_some("true");
    let onclick = action.map(|action| props.on.reform(move |_: MouseEvent| action.clone()));
    let over = Callback::from(|event: DragEvent| event.prevent_default());
    let name = format!("{}, {}", format::near_day(day, props.clock.today()), words::tasks(count));
    html! {
        <button type="button" {class} aria-disabled={idle}
            tabindex={tabbed.map(|tabbed| if tabbed { "0" } else { "-1" })}
            {onclick} ondragover={over} ondrop={drop_on(props, day)}>
            if tabbed.is_none() { <span>{ weekday_name(day.weekday()).get(..2) }</span> }
            { " " }<b>{ day.day() }</b><i aria-hidden="true">{ (count > 0).then_some(count) }</i><span class="sr">{ name }</span>
        </button>
    }
}

/// The dragged row is the one with the mark of [`list_events`](super::list_events).
fn drop_on(props: &TaskPanelProps, day: Date) -> Callback<DragEvent> {
    let (on, selected) = (props.on.clone(), props.selected.clone());
    Callback::from(move |event: DragEvent| {
        event.prevent_default();
        let row = document().query_selector("[data-dragged]").ok().flatten();
        let id: Option<TaskId> = row.and_then(|row| row.get_attribute("data-task")?.parse().ok());
        if let Some(id) = id {
            let ids = if selected.contains(&id) { selected.to_vec() } else { vec![id] };
            on.emit(TaskAction::Change(ids, Bulk::Day(Some(day))));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{clock, task};
    use jiff::civil::date;
    use std::sync::Arc;
    use tandem_protocol::model::{Due, Task};

    #[test]
    fn a_week_counts_what_is_due_on_each_day() {
        let due = |number, day| {
            let due = Due { date: date(2026, 11, day), time: None, time_zone: "UTC".into() };
            Arc::new(Task { due: Some(due), ..task(number, "T") })
        };
        let tasks: TaskIndex = [due(1, 23), due(2, 25), due(3, 25), due(4, 30)].into_iter().collect();
        let week = loads(&tasks, &clock(), week(&clock()));
        assert_eq!(week.first(), Some(&(date(2026, 11, 23), 1)));
        assert_eq!(week.last(), Some(&(date(2026, 11, 29), 0)));
        assert_eq!(week[2].1, 2);
    }
}
