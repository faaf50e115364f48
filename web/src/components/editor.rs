//! Editing a text in place: a message, the title of a conversation.

use crate::text::workspace as text;
use crate::{
    components::{
        callbacks::press,
        keys::{Key, key_of},
    },
    platform::window::focus_element,
};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlInputElement, HtmlTextAreaElement};
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct TextEditorProps {
    pub label: AttrValue,
    /// The text before the edit.
    pub text: AttrValue,
    /// What was written before, for instance before a reload; empty if nothing was.
    #[prop_or_default]
    pub draft: AttrValue,
    /// Called with the text at each change of it, so that it can be kept.
    #[prop_or_default]
    pub on_draft: Callback<String>,
    /// The text of the button that saves.
    pub save: AttrValue,
    /// Called with the new text, trimmed and not empty. An unchanged text calls `on_cancel`.
    pub on_save: Callback<String>,
    pub on_cancel: Callback<()>,
}

/// A field of several lines. Enter saves, Shift+Enter inserts a line break, Esc cancels.
#[component]
pub(crate) fn TextEditor(props: &TextEditorProps) -> Html {
    let field = use_node_ref();
    use_focus_at_end(&field);
    // Each render sets the field to its `value`, so the text must be in the state.
    let text = use_state_eq(|| start(&props.text, &props.draft));
    let oninput = {
        let (text, on_draft) = (text.clone(), props.on_draft.clone());
        Callback::from(move |event: InputEvent| {
            let written = event.target_unchecked_into::<HtmlTextAreaElement>().value();
            on_draft.emit(written.clone());
            text.set(written.into());
        })
    };
    let save = {
        let (props, field) = (props.clone(), field.clone());
        Callback::from(move |()| {
            let text = field.cast::<HtmlTextAreaElement>().map(|field| field.value()).unwrap_or_default();
            keep(&text, &props.text, &props.on_save, &props.on_cancel);
        })
    };
    let onkeydown = keys(&save, &props.on_cancel);
    html! {
        <div class="edit">
            <textarea ref={field} dir="auto" class="input" aria-label={props.label.clone()} value={(*text).clone()} rows="3"
                {oninput} {onkeydown} />
            <div class="acts">
                <button type="button" class="btn btn-s" onclick={press(&props.on_cancel)}>{ text::CANCEL }</button>
                <button type="button" class="btn btn-s btn-primary" onclick={press(&save)}>
                    { props.save.clone() }
                </button>
            </div>
        </div>
    }
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct LineEditorProps {
    pub label: AttrValue,
    /// The text before the edit.
    pub text: AttrValue,
    /// What was written before, for instance before a reload; empty if nothing was.
    #[prop_or_default]
    pub draft: AttrValue,
    /// Called with the text at each change of it, so that it can be kept.
    #[prop_or_default]
    pub on_draft: Callback<String>,
    /// Called with the new text, trimmed and not empty. An unchanged text calls `on_cancel`.
    pub on_save: Callback<String>,
    pub on_cancel: Callback<()>,
}

/// A field of one line. Enter and losing the focus save, Esc cancels.
#[component]
pub(crate) fn LineEditor(props: &LineEditorProps) -> Html {
    let field = use_node_ref();
    use_focus_at_end(&field);
    let text = use_state_eq(|| start(&props.text, &props.draft));
    let oninput = {
        let (text, on_draft) = (text.clone(), props.on_draft.clone());
        Callback::from(move |event: InputEvent| {
            let written = event.target_unchecked_into::<HtmlInputElement>().value();
            on_draft.emit(written.clone());
            text.set(written.into());
        })
    };
    // Esc removes the field, which also fires `blur`; without this flag that would save.
    let left = use_mut_ref(|| false);
    let save = {
        let (props, field, left) = (props.clone(), field.clone(), left.clone());
        Callback::from(move |()| {
            if !left.replace(true) {
                let text = field.cast::<HtmlInputElement>().map(|field| field.value()).unwrap_or_default();
                keep(&text, &props.text, &props.on_save, &props.on_cancel);
            }
        })
    };
    let cancel = props.on_cancel.reform(move |()| {
        left.replace(true);
    });
    let onkeydown = keys(&save, &cancel);
    html! {
        <input ref={field} dir="auto" class="line-edit" type="text" aria-label={props.label.clone()} value={(*text).clone()}
            maxlength="200" {oninput} {onkeydown} onblur={save.reform(|_| ())} />
    }
}

/// The text with which an editor opens.
fn start(text: &AttrValue, draft: &AttrValue) -> AttrValue {
    if draft.is_empty() { text.clone() } else { draft.clone() }
}

fn keep(text: &str, before: &str, on_save: &Callback<String>, on_cancel: &Callback<()>) {
    let text = text.trim();
    if text.is_empty() || text == before.trim() {
        on_cancel.emit(());
    } else {
        on_save.emit(text.to_owned());
    }
}

fn keys(save: &Callback<()>, cancel: &Callback<()>) -> Callback<KeyboardEvent> {
    let (save, cancel) = (save.clone(), cancel.clone());
    Callback::from(move |event: KeyboardEvent| match key_of(&event) {
        Key::Enter => {
            event.prevent_default();
            save.emit(());
        }
        Key::Escape => {
            // Esc must not also close what contains the editor.
            event.stop_propagation();
            cancel.emit(());
        }
        _ => {}
    })
}

#[hook]
fn use_focus_at_end(field: &NodeRef) {
    let field = field.clone();
    use_effect_with((), move |()| {
        let Some(element) = field.cast::<HtmlElement>() else { return };
        focus_element(&element);
        if let Some(input) = element.dyn_ref::<HtmlInputElement>() {
            input.select();
        } else if let Some(area) = element.dyn_ref::<HtmlTextAreaElement>() {
            let end = area.text_length();
            let _ = area.set_selection_range(end, end);
        }
    });
}
