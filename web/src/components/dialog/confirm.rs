//! Confirmations of what cannot be undone.

use super::Dialog;
use crate::components::{
    callbacks::{press, setter},
    form::{ErrorNotice, FormStatus, PasswordField},
};
use crate::text::account as text;
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct ConfirmDialogProps {
    pub label: AttrValue,
    pub text: AttrValue,
    /// What the buttons say.
    #[prop_or(AttrValue::Static(text::CANCEL))]
    pub stay: AttrValue,
    pub confirm: AttrValue,
    pub on_confirm: Callback<()>,
    pub on_close: Callback<()>,
}

/// A question with two answers. Both close it.
#[component]
pub(crate) fn ConfirmDialog(props: &ConfirmDialogProps) -> Html {
    let confirm = {
        let (on_confirm, on_close) = (props.on_confirm.clone(), props.on_close.clone());
        Callback::from(move |_: MouseEvent| {
            on_close.emit(());
            on_confirm.emit(());
        })
    };
    html! {
        <Dialog label={props.label.clone()} on_close={props.on_close.clone()}>
            <p>{ props.text.clone() }</p>
            <div class="acts">
                <button type="button" class="btn" onclick={press(&props.on_close)}>{ props.stay.clone() }</button>
                <button type="button" class="btn btn-danger" onclick={confirm}>{ props.confirm.clone() }</button>
            </div>
        </Dialog>
    }
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct DeleteAccountDialogProps {
    #[prop_or_default]
    pub status: FormStatus,
    pub on_confirm: Callback<String>,
    pub on_close: Callback<()>,
}

/// Deleting the account requires the password.
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
        <Dialog label={text::DELETE_ACCOUNT_QUESTION} on_close={props.on_close.clone()}>
            <p>{ text::ALL_IS_REMOVED }</p>
            <form {onsubmit}>
                <ErrorNotice error={props.status.error.clone()} />
                <PasswordField id="delete-password" value={(*password).clone()} error={props.status.error.clone()} {on_change} />
                <div class="acts">
                    <button type="button" class="btn" onclick={press(&props.on_close)}>{ text::CANCEL }</button>
                    <button type="submit" class="btn btn-danger" disabled={props.status.busy || password.is_empty()}>
                        { text::DELETE_ACCOUNT_FOR_GOOD }
                    </button>
                </div>
            </form>
        </Dialog>
    }
}
