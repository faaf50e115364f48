//! Signing in again after the session ended, in a dialog over the current page.

use super::sign_in::submit;
use crate::{
    components::{dialog::sign_in_again_dialog, form::FormStatus},
    hooks::use_session,
};
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct SignInAgainProps {
    pub email: AttrValue,
}

#[component]
pub(crate) fn SignInAgain(props: &SignInAgainProps) -> Html {
    let session = use_session();
    let status = use_state_eq(FormStatus::default);
    let on_submit = {
        let status = status.clone();
        Callback::from(move |filled| submit(&session, &status, filled))
    };
    sign_in_again_dialog(props.email.clone(), (*status).clone(), on_submit)
}
