//! The month beside the days of Upcoming, where there is room: each day with the number of its tasks.
//!
//! A day is a place to drop a task on, and a press moves the selected tasks there; without a selection it leads to the tasks of
//! that day. One day is in the order of Tab, the arrow keys lead to the others.

use super::{
    panel::TaskPanelProps,
    week::{day_button, loads},
};
use crate::text::{tasks as text, words};
use crate::{
    components::{button::IconButton, format, icon::Icon},
    platform::window::{focus_element, focused},
};
use jiff::civil::Date;
use tandem_nl::weekday_name;
use tandem_protocol::calendar::{days, months};
use yew::prelude::*;

/// Six weeks, which every month fits into.
const CELLS: i64 = 42;

fn first_of(day: Date) -> Date {
    Date::new(day.year(), day.month(), 1).unwrap_or(day)
}

#[component]
pub(super) fn Month(props: &TaskPanelProps) -> Html {
    let today = props.clock.today();
    let shown = use_state_eq(|| first_of(today));
    let first = *shown;
    let lead = i64::from(first.weekday().since(format::style().first_weekday));
    let cells = loads(&props.tasks, &props.clock, (0..CELLS).filter_map(|cell| days(first, cell - lead)));
    let tabbed = if first_of(today) == first { today } else { first };
    let turn = |icon: Icon, label: &'static str, by: i64| {
        let shown = shown.clone();
        let onclick = Callback::from(move |()| shown.set(months(first, by).unwrap_or(first)));
        IconButton::new(icon, label, onclick).small().html()
    };
    html! {
        <div class="month" role="group" aria-label={text::CALENDAR} onkeydown={Callback::from(|event: KeyboardEvent| walk(&event))}>
            <div class="month-h">
                <b aria-live="polite">{ words::month_and_year(format::month(first), first.year()) }</b>
                { turn(Icon::Left, text::PREVIOUS_MONTH, -1) }{ turn(Icon::Right, text::NEXT_MONTH, 1) }
            </div>
            <div class="week">
                { for cells.iter().take(7).map(|(day, _)| html! { <span>{ weekday_name(day.weekday()).get(..2) }</span> }) }
                { for cells.iter().map(|&(day, count)| {
                    let class = if day == today { "now" } else if day.month() == first.month() { "" } else { "out" };
                    day_button(props, day, count, class, Some(day == tabbed))
                }) }
            </div>
        </div>
    }
}

/// Moves the focus by days or weeks.
fn walk(event: &KeyboardEvent) {
    let (steps, forward) = match event.key().as_str() {
        "ArrowLeft" => (1, false),
        "ArrowRight" => (1, true),
        "ArrowUp" => (7, false),
        "ArrowDown" => (7, true),
        _ => return,
    };
    event.prevent_default();
    event.stop_propagation();
    let mut day = focused();
    for _ in 0..steps {
        day = day.and_then(|day| if forward { day.next_element_sibling() } else { day.previous_element_sibling() });
    }
    if let Some(day) = day.filter(|day| day.tag_name() == "BUTTON") {
        focus_element(&day);
    }
}
