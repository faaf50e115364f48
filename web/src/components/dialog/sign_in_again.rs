//! The session has ended while somebody was at work: nothing of it is lost.

use super::Dialog;
use crate::components::form::{Credentials, FormError, SignInFields};
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub struct SignInAgainDialogProps {
    /// The address of the person who was signed in.
    pub email: AttrValue,
    /// Whether the answer of the server is awaited.
    #[prop_or_default]
    pub busy: bool,
    /// Why it was refused.
    #[prop_or_default]
    pub error: Option<FormError>,
    /// Told what was filled in.
    pub on_submit: Callback<Credentials>,
}

/// Dialog `Sign in again`, over the page; it stays until somebody signs in.
#[component]
pub fn SignInAgainDialog(props: &SignInAgainDialogProps) -> Html {
    html! {
        <Dialog label="Sign in again">
            <p>{ "Your session has ended. What you were writing is still here." }</p>
            <SignInFields label="Sign in again" id="again" email={props.email.clone()} busy={props.busy}
                error={props.error.clone()} on_submit={props.on_submit.clone()} />
        </Dialog>
    }
}
