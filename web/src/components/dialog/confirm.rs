//! A question before something is gone for good.

use super::Dialog;
use crate::components::{
    callbacks::{press, setter},
    form::{ErrorNotice, FormStatus, PasswordField},
};
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct ConfirmDialogProps {
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
pub(crate) fn ConfirmDialog(props: &ConfirmDialogProps) -> Html {
    html! {
        <Dialog label={props.question.clone()} on_close={props.on_close.clone()}>
            <p>{ props.text.clone() }</p>
            <div class="acts">
                <button type="button" class="btn" onclick={press(&props.on_close)}>{ "Cancel" }</button>
                <button type="button" class="btn btn-danger" onclick={press(&props.on_confirm)}>
                    { props.confirm.clone() }
                </button>
            </div>
        </Dialog>
    }
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct DeleteAccountDialogProps {
    #[prop_or_default]
    pub status: FormStatus,
    pub on_confirm: Callback<String>,
    /// It is not to be done.
    pub on_close: Callback<()>,
}

/// The account is deleted only with its password.
#[component]
pub(crate) fn DeleteAccountDialog(props: &DeleteAccountDialogProps) -> Html {
    let password = use_state(String::new);
    let onsubmit = {
        let (on, password) = (props.on_confirm.clone(), password.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            on.emit((*password).clone());
        })
    };
    let on_change = setter(&password);
    html! {
        <Dialog label="Delete account?" on_close={props.on_close.clone()}>
            <p>{ "Every conversation and task is removed from this server, at once and for good." }</p>
            <form {onsubmit}>
                <ErrorNotice error={props.status.error.clone()} />
                <PasswordField id="delete-password" value={(*password).clone()} error={props.status.error.clone()} {on_change} />
                <div class="acts">
                    <button type="button" class="btn" onclick={press(&props.on_close)}>{ "Cancel" }</button>
                    <button type="submit" class="btn btn-danger" disabled={props.status.busy || password.is_empty()}>
                        { "Delete account for good" }
                    </button>
                </div>
            </form>
        </Dialog>
    }
}
