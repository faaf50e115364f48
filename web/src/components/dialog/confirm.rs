//! Confirmations of what cannot be undone.

use super::Dialog;
use crate::components::{
    callbacks::{press, setter},
    form::{FormStatus, PasswordField, error_notice},
};
use crate::text::account as text;
use yew::prelude::*;

/// A question with two answers.
pub(crate) struct Question {
    pub label: AttrValue,
    pub text: &'static str,
    /// What the buttons say.
    pub stay: &'static str,
    pub go_on: &'static str,
    pub on_confirm: Callback<()>,
    pub on_close: Callback<()>,
}

/// The dialog of a question. Both answers close it.
pub(crate) fn confirm(Question { label, text, stay, go_on, on_confirm, on_close }: Question) -> Html {
    let close = press(&on_close);
    let closed = on_close.clone();
    let answer = Callback::from(move |_: MouseEvent| {
        closed.emit(());
        on_confirm.emit(());
    });
    html! {
        <Dialog {label} {on_close}>
            <p>{ text }</p>
            <div class="acts">
                <button type="button" class="btn" onclick={close}>{ stay }</button>
                <button type="button" class="btn btn-danger" onclick={answer}>{ go_on }</button>
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
                { error_notice(props.status.error.as_ref()) }
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
