//! A question before something is gone for good.

use super::Dialog;
use crate::components::form::{ErrorNotice, FormError, PasswordField};
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub struct ConfirmDialogProps {
    /// The question, which is the dialog's name: `Delete this conversation?`
    pub question: AttrValue,
    pub text: AttrValue,
    /// What the red button says.
    pub confirm: AttrValue,
    /// It is to be done.
    pub on_confirm: Callback<()>,
    pub on_close: Callback<()>,
}

/// A question with `Cancel` and one red button.
#[component]
pub fn ConfirmDialog(props: &ConfirmDialogProps) -> Html {
    html! {
        <Dialog label={props.question.clone()} on_close={props.on_close.clone()}>
            <p>{ props.text.clone() }</p>
            <div class="acts">
                <button type="button" class="btn" onclick={props.on_close.reform(|_| ())}>{ "Cancel" }</button>
                <button type="button" class="btn btn-danger" onclick={props.on_confirm.reform(|_| ())}>
                    { props.confirm.clone() }
                </button>
            </div>
        </Dialog>
    }
}

#[derive(Clone, PartialEq, Properties)]
pub struct DeleteAccountDialogProps {
    /// Whether the answer of the server is awaited.
    #[prop_or_default]
    pub busy: bool,
    /// Why it was refused.
    #[prop_or_default]
    pub error: Option<FormError>,
    pub on_confirm: Callback<String>,
    /// It is not to be done.
    pub on_close: Callback<()>,
}

/// The account is deleted only with its password.
#[component]
pub fn DeleteAccountDialog(props: &DeleteAccountDialogProps) -> Html {
    let password = use_state(String::new);
    let onsubmit = {
        let (on, password) = (props.on_confirm.clone(), password.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            on.emit((*password).clone());
        })
    };
    let on_change = {
        let password = password.clone();
        Callback::from(move |text| password.set(text))
    };
    html! {
        <Dialog label="Delete account?" on_close={props.on_close.clone()}>
            <p>{ "Every conversation and task is removed from this server, at once and for good." }</p>
            <form {onsubmit}>
                <ErrorNotice error={props.error.clone()} />
                <PasswordField id="delete-password" value={(*password).clone()} error={props.error.clone()} {on_change} />
                <div class="acts">
                    <button type="button" class="btn" onclick={props.on_close.reform(|_| ())}>{ "Cancel" }</button>
                    <button type="submit" class="btn btn-danger" disabled={props.busy || password.is_empty()}>
                        { "Delete account for good" }
                    </button>
                </div>
            </form>
        </Dialog>
    }
}
