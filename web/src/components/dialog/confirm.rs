//! The confirmation of what cannot be undone.

use super::Dialog;
use crate::components::{
    callbacks::{press, setter},
    form::{ErrorNotice, FormStatus, PasswordField},
};
use yew::prelude::*;

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
