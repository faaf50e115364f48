//! The session has ended while someone was at work: they sign in over the page, and go on.

use super::sign_in::{Pending, submit};
use crate::{components::dialog::SignInAgainDialog, hooks::use_session};
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub struct SignInAgainProps {
    /// Of the person who was signed in.
    pub email: AttrValue,
}

/// The dialog `Sign in again`.
#[component]
pub fn SignInAgain(props: &SignInAgainProps) -> Html {
    let session = use_session();
    let pending = use_state_eq(Pending::default);
    let on_submit = {
        let pending = pending.clone();
        Callback::from(move |filled| submit(&session, &pending, filled))
    };
    html! {
        <SignInAgainDialog email={props.email.clone()} busy={pending.busy} error={pending.error.clone()} {on_submit} />
    }
}
