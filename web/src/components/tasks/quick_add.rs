//! The field that turns one line into a task, with a preview of what was recognised.

use super::TaskAction;
use crate::components::{
    button::IconButton,
    icon::Icon,
    keys::{Key, key_of},
};
use crate::platform::window::focus_first;
use crate::text::tasks as text;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// A recognised part of the line: a date, recurrence, priority, label or list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chip {
    pub icon: Icon,
    pub text: AttrValue,
    /// The words of the line that it stands for. A click leaves them in the title.
    pub words: Vec<String>,
}

/// What a line means, while it is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct QuickPreview {
    /// The title that remains, when something else was understood.
    pub title: AttrValue,
    pub chips: Vec<Chip>,
    /// Whether the title is longer than a title may be. Such a line is not added.
    pub too_long: bool,
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct QuickAddProps {
    pub text: AttrValue,
    pub preview: QuickPreview,
    pub on: Callback<TaskAction>,
}

#[component]
pub(crate) fn QuickAdd(props: &QuickAddProps) -> Html {
    let oninput = props
        .on
        .reform(|event: InputEvent| TaskAction::Type(event.target_unchecked_into::<HtmlInputElement>().value()));
    // Not in `onsubmit`: some browsers submit the form while an input method is composing. The text is read from the
    // field, because the properties may be one key press older.
    let (on, too_long, field) = (props.on.clone(), props.preview.too_long, use_node_ref());
    let add = {
        let field = field.clone();
        Callback::from(move |()| {
            let text = field.cast::<HtmlInputElement>().map(|field| field.value()).unwrap_or_default();
            // For the next one.
            focus_first(".quick input");
            if !text.trim().is_empty() && !too_long {
                on.emit(TaskAction::Add(text.trim().to_owned()));
            }
        })
    };
    let onkeydown = {
        let add = add.clone();
        Callback::from(move |event: KeyboardEvent| {
            if key_of(&event) == Key::Enter {
                event.prevent_default();
                add.emit(());
            }
        })
    };
    // Submitting the form would reload the page.
    let onsubmit = Callback::from(|event: SubmitEvent| event.prevent_default());
    html! {
        <form class="quick" aria-label={text::QUICK_ADD} {onsubmit}>
            <div class="quick-r">
                { IconButton::new(Icon::Plus, text::ADD, add).html() }
                <input ref={field} type="text" dir="auto" aria-label={text::ADD_A_TASK} placeholder={text::ADD_A_TASK} value={props.text.clone()}
                    autocomplete="off" maxlength="1000" enterkeyhint="done" {oninput} {onkeydown} />
            </div>
            { shown(props) }
        </form>
    }
}

/// The title that remains, and a button for each part that was understood.
fn shown(props: &QuickAddProps) -> Html {
    let QuickPreview { title, chips, too_long } = &props.preview;
    if *too_long {
        return html! {
            <p class="parsed" role="alert">{ text::TITLE_TOO_LONG }</p>
        };
    }
    html! {
        <p class="parsed" aria-live="polite" hidden={chips.is_empty()}>
            <span class="sr">{ text::TITLE_THAT_REMAINS }</span>
            <span class="left">{ title.clone() }</span>
            <span class="sr">{ text::UNDERSTOOD }</span>
            { for chips.iter().map(|chip| chip_button(chip, &props.on)) }
            <span class="hint">{ text::ENTER_ADDS }</span>
        </p>
    }
}

fn chip_button(chip: &Chip, on: &Callback<TaskAction>) -> Html {
    let words = chip.words.clone();
    let onclick = on.reform(move |_| {
        // The button goes away.
        focus_first(".quick input");
        TaskAction::Keep(words.clone())
    });
    let label = text::leave_in_the_title(&chip.text);
    html! {
        <button type="button" class="chip" title={text::LEAVE_IT_IN_THE_TITLE} aria-label={label} {onclick}>
            { chip.icon.small() }{ chip.text.clone() }
        </button>
    }
}
