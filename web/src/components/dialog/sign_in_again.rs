//! The dialog for a session that ended while the page was open. The page below stays, with everything that was written.

use super::Dialog;
use crate::components::form::{Credentials, FormStatus, SignInFields};
use crate::text::account as text;
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct SignInAgainDialogProps {
    pub email: AttrValue,
    #[prop_or_default]
    pub status: FormStatus,
    pub on_submit: Callback<Credentials>,
}

/// The dialog `Sign in again`. It cannot be closed, only sent.
#[component]
pub(crate) fn SignInAgainDialog(props: &SignInAgainDialogProps) -> Html {
    html! {
        <Dialog label={text::SIGN_IN_AGAIN}>
            <p>{ text::SESSION_HAS_ENDED }</p>
            <SignInFields label={text::SIGN_IN_AGAIN} id="again" email={props.email.clone()} status={props.status.clone()} on_submit={props.on_submit.clone()} />
        </Dialog>
    }
}
