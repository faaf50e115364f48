//! The session has ended while somebody was at work: nothing of it is lost.

use super::Dialog;
use crate::components::form::{Credentials, FormStatus, SignInFields};
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct SignInAgainDialogProps {
    /// The address of the person who was signed in.
    pub email: AttrValue,
    #[prop_or_default]
    pub status: FormStatus,
    /// Told what was filled in.
    pub on_submit: Callback<Credentials>,
}

/// Dialog `Sign in again`, over the page; it stays until somebody signs in.
#[component]
pub(crate) fn SignInAgainDialog(props: &SignInAgainDialogProps) -> Html {
    html! {
        <Dialog label="Sign in again">
            <p>{ "Your session has ended. What you were writing is still here." }</p>
            <SignInFields label="Sign in again" id="again" email={props.email.clone()} status={props.status.clone()} on_submit={props.on_submit.clone()} />
        </Dialog>
    }
}
