//! One line that becomes a task, with what was understood of it.

use super::TaskAction;
use crate::components::{
    icon::{Icon, IconSize, SvgIcon},
    keys::{Key, key_of},
};
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// Something that was understood: a date, a recurrence, a priority, a label, a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chip {
    pub icon: Icon,
    /// The words: `Tue 1 Dec, 09:00`.
    pub text: AttrValue,
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct QuickAddProps {
    pub text: AttrValue,
    /// What was understood of it.
    pub chips: Vec<Chip>,
    /// Told each change of the text, and Enter.
    pub on: Callback<TaskAction>,
}

/// Textbox `Add a task`; Enter adds.
#[component]
pub(crate) fn QuickAdd(props: &QuickAddProps) -> Html {
    let oninput = props
        .on
        .reform(|event: InputEvent| TaskAction::Type(event.target_unchecked_into::<HtmlInputElement>().value()));
    // Not left to the form, which would also be sent while an input method composes in some browsers. The field knows
    // what is written in it; what was drawn may be a key behind.
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
    let onsubmit = Callback::from(|event: SubmitEvent| event.prevent_default());
    html! {
        <form class="quick" aria-label="Quick add" {onsubmit}>
            <div class="quick-r">
                <SvgIcon icon={Icon::Plus} />
                <input type="text" aria-label="Add a task" placeholder="Add a task" value={props.text.clone()}
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
