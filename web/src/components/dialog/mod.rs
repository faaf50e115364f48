//! Modal dialogs.
//!
//! The `<dialog>` element of the browser keeps the focus inside and makes the rest of the page inert. This module adds
//! what it does not do: the application decides when a dialog closes, and the focus and caret return to where they
//! were.

mod confirm;
mod feed;
mod search;
mod secret;
mod shortcuts;
mod sign_in_again;
mod token;

pub(crate) use confirm::{DeleteAccountDialog, Question, confirm};
pub(crate) use feed::NewFeedDialog;
pub(crate) use search::SearchDialog;
pub(crate) use secret::{SecretDialog, SecretWords, secret_dialog};
pub(crate) use shortcuts::shortcuts_dialog;
pub(crate) use sign_in_again::sign_in_again_dialog;
pub(crate) use token::NewTokenDialog;

use crate::platform::events::later;
use crate::platform::{
    history::Layer,
    window::{focus_element, focus_is_lost, focused},
};
use wasm_bindgen::JsCast;
use web_sys::{HtmlDialogElement, HtmlElement, HtmlTextAreaElement};
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct DialogProps {
    pub label: AttrValue,
    #[prop_or(true)]
    pub heading: bool,
    /// Called on Esc and on a click on the backdrop. Without it the dialog stays until its form is sent.
    #[prop_or_default]
    pub on_close: Option<Callback<()>>,
    /// The class that sets the size.
    #[prop_or(AttrValue::Static("dialog"))]
    pub class: AttrValue,
    pub children: Html,
}

/// A modal dialog. It is shown when it is mounted and closed when it is unmounted.
#[component]
pub(crate) fn Dialog(props: &DialogProps) -> Html {
    let dialog = use_node_ref();
    use_modal(&dialog);
    use_layer(props.on_close.clone());
    let onkeydown = {
        let on_close = props.on_close.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" && !event.is_composing() {
                // The browser would close the element, but the component would stay mounted.
                event.prevent_default();
                event.stop_propagation();
                if let Some(on_close) = &on_close {
                    on_close.emit(());
                }
            }
        })
    };
    let onmousedown = {
        let on_close = props.on_close.clone();
        Callback::from(move |event: MouseEvent| {
            // The element itself covers the window, and its content lies in a child.
            let beside = event.target().is_some_and(|target| target.has_type::<HtmlDialogElement>());
            if let (true, Some(on_close)) = (beside, &on_close) {
                on_close.emit(());
            }
        })
    };
    // `closedby`: else the browser hides it by itself when Esc is pressed while nothing has the focus.
    html! {
        <dialog ref={dialog} class="over" aria-label={props.label.clone()} aria-modal="true" tabindex="-1" closedby="none"
            {onkeydown} {onmousedown}>
            <div class={props.class.clone()}>
                if props.heading { <h2>{ props.label.clone() }</h2> }
                { props.children.clone() }
            </div>
        </dialog>
    }
}

/// Has the button Back of the browser close what is open, which has an `on_close`.
#[hook]
pub(crate) fn use_layer(on_close: Option<Callback<()>>) {
    let newest = use_mut_ref(|| None);
    newest.borrow_mut().clone_from(&on_close);
    use_effect_with(on_close.is_some(), move |&closes| {
        let close = move || {
            let on_close = newest.borrow().clone();
            if let Some(on_close) = on_close {
                on_close.emit(());
            }
        };
        let layer = closes.then(|| Layer::new(close));
        move || drop(layer)
    });
}

#[hook]
fn use_modal(dialog: &NodeRef) {
    {
        let dialog = dialog.clone();
        use_effect_with((), move |()| {
            let before = FocusRestore::now();
            let element = dialog.cast::<HtmlDialogElement>();
            move || {
                if let Some(element) = element {
                    element.close();
                }
                if let Some(before) = before {
                    // After the dialog has left the page: until then the rest is inert, and in Chromium a field that
                    // gets the focus while it is inert has no caret and receives no keys.
                    later(move || before.restore());
                }
            }
        });
    }
    let dialog = dialog.clone();
    use_effect(move || {
        let Some(element) = dialog.cast::<HtmlDialogElement>() else { return };
        if !element.open() {
            // Fails only for a dialog that is not in the page, where there is nothing to show.
            let _ = element.show_modal();
        }
        // What had the focus is disabled now, or was replaced: keys would reach nothing.
        if focus_is_lost() {
            let _ = element.focus();
        }
    });
}

/// The element that had the focus, and its selection, which a field loses while it is inert.
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

    /// Restores the focus, unless another element has got it in the meantime.
    fn restore(&self) {
        if !focus_is_lost() && focused().is_some_and(|now| now != *self.element.as_ref()) {
            return;
        }
        // The browser may have restored the focus too early, while the page was inert. Only a new focus event shows the
        // caret.
        let _ = self.element.blur();
        focus_element(&self.element);
        if let (Some((start, end)), Some(area)) = (self.caret, self.element.dyn_ref::<HtmlTextAreaElement>()) {
            // On failure the caret stays where it is.
            let _ = area.set_selection_range(start, end);
        }
    }
}
