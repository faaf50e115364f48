//! The field that turns one line into a task, with a preview of what was recognised.

use super::TaskAction;
use crate::components::{
    icon::{Icon, IconSize, SvgIcon},
    keys::{Key, key_of},
};
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// A recognised part of the line: a date, recurrence, priority, label or list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chip {
    pub icon: Icon,
    pub text: AttrValue,
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct QuickAddProps {
    pub text: AttrValue,
    pub chips: Vec<Chip>,
    pub on: Callback<TaskAction>,
}

#[component]
pub(crate) fn QuickAdd(props: &QuickAddProps) -> Html {
    let oninput = props
        .on
        .reform(|event: InputEvent| TaskAction::Type(event.target_unchecked_into::<HtmlInputElement>().value()));
    // Not in `onsubmit`: some browsers submit the form while an input method is composing. The text is read from the
    // field, because the properties may be one key press older.
    let on = props.on.clone();
    let onkeydown = Callback::from(move |event: KeyboardEvent| {
        if key_of(&event) == Key::Enter {
            event.prevent_default();
            let text = event.target_unchecked_into::<HtmlInputElement>().value();
            if !text.trim().is_empty() {
                on.emit(TaskAction::Add(text.trim().to_owned()));
            }
        }
    });
    // Submitting the form would reload the page.
    let onsubmit = Callback::from(|event: SubmitEvent| event.prevent_default());
    html! {
        <form class="quick" aria-label="Quick add" {onsubmit}>
            <div class="quick-r">
                <SvgIcon icon={Icon::Plus} />
                <input type="text" dir="auto" aria-label="Add a task" placeholder="Add a task" value={props.text.clone()}
                    autocomplete="off" maxlength="1000" enterkeyhint="done" {oninput} {onkeydown} />
            </div>
            <p class="parsed" aria-live="polite" hidden={props.chips.is_empty()}>
                <span class="sr">{ "Understood: " }</span>
                { for props.chips.iter().map(|chip| html! {
                    <span class="chip"><SvgIcon icon={chip.icon} size={IconSize::Small} />{ chip.text.clone() }</span>
                }) }
                <span class="hint">{ "Enter adds" }</span>
            </p>
        </form>
    }
}
