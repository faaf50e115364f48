//! The dialog that asks for a day.

use super::{Bulk, TaskAction};
use crate::components::{clock::Clock, dialog::Dialog, format};
use crate::text::tasks as text;
use jiff::civil::{Date, Weekday};
use tandem_protocol::{
    calendar,
    id::TaskId,
    time::{IsoDate, parse_date},
};
use web_sys::HtmlInputElement;
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct DateDialogProps {
    /// The tasks that get the day.
    pub tasks: Vec<TaskId>,
    /// The day that they have, if it is one.
    pub day: Option<Date>,
    pub clock: Clock,
    /// Gets the change, and an empty list of tasks when the dialog is to close.
    pub on: Callback<TaskAction>,
}

/// Offers the days that people mean most, and any other.
#[component]
pub(crate) fn DateDialog(props: &DateDialogProps) -> Html {
    let on_close = props.on.reform(|()| TaskAction::AskDay(Vec::new()));
    let choose = {
        let (tasks, on, on_close) = (props.tasks.clone(), props.on.clone(), on_close.clone());
        Callback::from(move |day: Option<Date>| {
            on.emit(TaskAction::Change(tasks.clone(), Bulk::Day(day)));
            on_close.emit(());
        })
    };
    let onchange = {
        let choose = choose.clone();
        // A date that is typed changes at each key, so it is taken on Enter or by the picker of the browser.
        Callback::from(move |event: KeyboardEvent| {
            let text = event.target_unchecked_into::<HtmlInputElement>().value();
            if event.key() == "Enter"
                && let Some(day) = parse_date(&text)
            {
                event.prevent_default();
                choose.emit(Some(day));
            }
        })
    };
    let field = use_node_ref();
    let set = {
        let (field, choose) = (field.clone(), choose.clone());
        Callback::from(move |_: MouseEvent| {
            let text = field.cast::<HtmlInputElement>().map(|field| field.value()).unwrap_or_default();
            if let Some(day) = parse_date(&text) {
                choose.emit(Some(day));
            }
        })
    };
    let today = props.clock.today();
    let label =
        if props.tasks.len() == 1 { text::DUE_DATE.to_owned() } else { text::due_date_of_tasks(props.tasks.len()) };
    html! {
        <Dialog {label} {on_close}>
            <div class="days">
                { for offers(today).into_iter().map(|(name, day)| html! {
                    <button type="button" class="btn due-day" onclick={choose.reform(move |_: MouseEvent| Some(day))}>
                        { name }<span>{ format::day(day, today) }</span>
                    </button>
                }) }
                <button type="button" class="btn due-day" onclick={choose.reform(|_: MouseEvent| None)}>{ text::NO_DATE }</button>
            </div>
            <div class="two">
                <input ref={field} class="input" type="date" aria-label={text::ANOTHER_DAY} onkeydown={onchange}
                    value={props.day.map(|day| IsoDate(day).to_string())} />
                <button type="button" class="btn btn-primary" onclick={set}>{ text::SET }</button>
            </div>
        </Dialog>
    }
}

/// Days by name. Each is another day, whatever today is.
fn offers(today: Date) -> Vec<(&'static str, Date)> {
    let next =
        |weekday: Weekday| (1..=7).filter_map(|step| calendar::days(today, step)).find(|day| day.weekday() == weekday);
    let named = [
        (text::TODAY, Some(today)),
        (text::TOMORROW, calendar::days(today, 1)),
        (text::WEEKEND, next(Weekday::Saturday)),
        (text::NEXT_WEEK, next(Weekday::Monday)),
    ];
    let mut offers: Vec<(&'static str, Date)> = Vec::new();
    for (name, day) in named {
        if let Some(day) = day.filter(|day| offers.iter().all(|(_, known)| known != day)) {
            offers.push((name, day));
        }
    }
    offers
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn days_are_offered_once() {
        let names = |today| offers(today).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(names(date(2026, 11, 23)), ["Today", "Tomorrow", "Weekend", "Next week"]);
        assert_eq!(names(date(2026, 11, 27)), ["Today", "Tomorrow", "Next week"], "on Friday tomorrow is Saturday");
        assert_eq!(offers(date(2026, 11, 23))[3].1, date(2026, 11, 30));
    }
}
