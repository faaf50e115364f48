//! The bar for several selected tasks. Each of its changes is one that one undo takes back.

use super::{Bulk, TaskAction, panel::TaskPanelProps};
use crate::components::{
    button::{IconButton, TextButton},
    format,
    icon::Icon,
};
use crate::text::tasks as text;
use tandem_protocol::enums::{Priority, WireEnum};
use web_sys::HtmlSelectElement;
use yew::prelude::*;

/// What the inbox is called in the selection of a list. No list has this name, because names are trimmed.
const INBOX: &str = " ";

/// The bar, while tasks are selected.
pub(super) fn selection_bar(props: &TaskPanelProps, lists: &[String]) -> Html {
    let ids = props.selected.to_vec();
    if ids.is_empty() {
        return Html::default();
    }
    let change = |change: Bulk| {
        let ids = ids.clone();
        props.on.reform(move |()| TaskAction::Change(ids.clone(), change.clone()))
    };
    let choose = |read: fn(&str) -> Option<Bulk>| {
        let (ids, on) = (ids.clone(), props.on.clone());
        Callback::from(move |event: Event| {
            let select = event.target_unchecked_into::<HtmlSelectElement>();
            if let Some(change) = read(&select.value()) {
                on.emit(TaskAction::Change(ids.clone(), change));
            }
            // The same choice can be made again.
            select.set_value("");
        })
    };
    let ask = {
        let ids = ids.clone();
        props.on.reform(move |()| TaskAction::AskDay(ids.clone()))
    };
    html! {
        <div class="picked" role="toolbar" aria-label={text::SELECTED_TASKS}>
            <span role="status">{ text::tasks_selected(ids.len()) }</span>
            { TextButton::new(text::DATE, ask).icon(Icon::Calendar).label(text::SET_DATE).html() }
            <select class="input" aria-label={text::SET_LIST} onchange={choose(list_of)}>
                <option value="" selected=true hidden=true>{ text::LIST }</option>
                <option value={INBOX}>{ text::INBOX }</option>
                { for lists.iter().map(|list| html! { <option value={list.clone()}>{ list.clone() }</option> }) }
            </select>
            <select class="input" aria-label={text::SET_PRIORITY} onchange={choose(priority_of)}>
                <option value="" selected=true hidden=true>{ text::PRIORITY }</option>
                { for Priority::ALL.iter().map(|&priority| html! {
                    <option value={priority.as_str()}>{ format::priority(priority) }</option>
                }) }
            </select>
            { IconButton::new(Icon::Check, text::COMPLETE_SELECTED, change(Bulk::Complete)).html() }
            { IconButton::new(Icon::Trash, text::DELETE_SELECTED, change(Bulk::Delete)).html() }
            { IconButton::new(Icon::Cross, text::CLEAR_SELECTION, props.on.reform(|()| TaskAction::ClearSelection)).html() }
        </div>
    }
}

fn list_of(value: &str) -> Option<Bulk> {
    (!value.is_empty()).then(|| Bulk::List((value != INBOX).then(|| value.to_owned())))
}

fn priority_of(value: &str) -> Option<Bulk> {
    Priority::from_wire(value).map(Bulk::Priority)
}
