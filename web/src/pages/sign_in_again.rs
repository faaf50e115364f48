//! The session has ended while someone was at work: they sign in over the page, and go on.

use super::sign_in::submit;
use crate::{
    components::{dialog::SignInAgainDialog, form::FormStatus},
    hooks::use_session,
};
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct SignInAgainProps {
    /// Of the person who was signed in.
    pub email: AttrValue,
}

/// The dialog `Sign in again`.
#[component]
pub(crate) fn SignInAgain(props: &SignInAgainProps) -> Html {
    let session = use_session();
    let status = use_state_eq(FormStatus::default);
    let on_submit = {
        let status = status.clone();
        Callback::from(move |filled| submit(&session, &status, filled))
    };
    html! {
        <SignInAgainDialog email={props.email.clone()} status={(*status).clone()} {on_submit} />
    }
}
