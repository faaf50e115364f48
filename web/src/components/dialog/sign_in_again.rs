//! The dialog for a session that ended while the page was open. The page below stays, with everything that was written.

use super::Dialog;
use crate::components::form::{Credentials, FormStatus, SignInFields};
use crate::text::account as text;
use yew::prelude::*;

/// The dialog `Sign in again`. It cannot be closed, only sent.
pub(crate) fn sign_in_again_dialog(email: AttrValue, status: FormStatus, on_submit: Callback<Credentials>) -> Html {
    html! {
        <Dialog label={text::SIGN_IN_AGAIN}>
            <p>{ text::SESSION_HAS_ENDED }</p>
            <SignInFields label={text::SIGN_IN_AGAIN} id="again" {email} {status} {on_submit} />
        </Dialog>
    }
}
