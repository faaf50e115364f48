//! What lies over the page until it is answered.

mod confirm;
mod search;
mod shortcuts;
mod sign_in_again;
mod token;

pub(crate) use confirm::{ConfirmDialog, DeleteAccountDialog};
pub(crate) use search::SearchDialog;
pub(crate) use shortcuts::ShortcutsDialog;
pub(crate) use sign_in_again::SignInAgainDialog;
pub(crate) use token::NewTokenDialog;

use crate::platform::window::{focus_element, focused};
use gloo_timers::callback::Timeout;
use wasm_bindgen::JsCast;
use web_sys::{Element, EventTarget, HtmlDialogElement, HtmlElement, HtmlTextAreaElement};
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct DialogProps {
    pub label: AttrValue,
    /// Whether the name is also shown as a heading.
    #[prop_or(true)]
    pub heading: bool,
    /// Esc or a press beside it; without this it stays until it is answered.
    #[prop_or_default]
    pub on_close: Option<Callback<()>>,
    /// The class that says how large it is.
    #[prop_or(AttrValue::Static("dialog"))]
    pub class: AttrValue,
    pub children: Children,
}

/// A modal dialog. The browser's own keeps the focus inside and the rest of the page inert; the focus goes back to
/// where it was when the dialog leaves.
#[component]
pub(crate) fn Dialog(props: &DialogProps) -> Html {
    let dialog = use_node_ref();
    use_modal(&dialog);
    let onkeydown = {
        let on_close = props.on_close.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" && !event.is_composing() {
                // Else the browser would close what only the application takes away.
                event.prevent_default();
                event.stop_propagation();
                if let Some(on_close) = &on_close {
                    on_close.emit(());
                }
            }
        })
    };
    let onmousedown = {
        let (dialog, on_close) = (dialog.clone(), props.on_close.clone());
        Callback::from(move |event: MouseEvent| {
            // The dialog itself fills the window; what it shows lies inside it.
            let beside = event.target().is_some_and(|target| {
                dialog.cast::<Element>().is_some_and(|dialog| *AsRef::<EventTarget>::as_ref(&dialog) == target)
            });
            if let (true, Some(on_close)) = (beside, &on_close) {
                on_close.emit(());
            }
        })
    };
    html! {
        <dialog ref={dialog} class="over" aria-label={props.label.clone()} aria-modal="true" {onkeydown} {onmousedown}>
            <div class={props.class.clone()}>
                if props.heading { <h2>{ props.label.clone() }</h2> }
                { props.children.clone() }
            </div>
        </dialog>
    }
}

#[hook]
fn use_modal(dialog: &NodeRef) {
    let dialog = dialog.clone();
    use_effect_with((), move |()| {
        let before = FocusRestore::now();
        let element = dialog.cast::<HtmlDialogElement>();
        if let Some(element) = &element
            && !element.open()
        {
            // It fails only for a dialog that is open already or not in the page; either way there is nothing to show.
            let _ = element.show_modal();
        }
        move || {
            if let Some(element) = element {
                element.close();
            }
            if let Some(before) = before {
                // Once the dialog has left the page: until then the rest is inert, and a field that gets the focus while
                // it is inert has no caret, and takes no keys, in Chromium.
                Timeout::new(0, move || before.restore()).forget();
            }
        }
    });
}

/// What had the focus, and where its caret stood, which it forgets while it is inert.
struct FocusRestore {
    element: HtmlElement,
    caret: Option<(u32, u32)>,
}

impl FocusRestore {
    fn now() -> Option<Self> {
        let element: HtmlElement = focused()?.dyn_into().ok()?;
        let caret = element.dyn_ref::<HtmlTextAreaElement>().and_then(|area| {
            let place = |place: Result<Option<u32>, _>| place.ok().flatten();
            place(area.selection_start()).zip(place(area.selection_end()))
        });
        Some(Self { element, caret })
    }

    /// Gives the focus back, unless something else has taken it in the meantime.
    fn restore(&self) {
        let elsewhere = focused().is_some_and(|now| now != *self.element.as_ref() && now.tag_name() != "BODY");
        if elsewhere {
            return;
        }
        // The browser may have given it back too early: taken away first, it is given anew.
        let _ = self.element.blur();
        focus_element(&self.element);
        if let (Some((start, end)), Some(area)) = (self.caret, self.element.dyn_ref::<HtmlTextAreaElement>()) {
            // A field that refuses leaves the caret where it is.
            let _ = area.set_selection_range(start, end);
        }
    }
}
