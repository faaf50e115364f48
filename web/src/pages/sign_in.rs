//! The log-in page.

use super::form_error::sign_in_error;
use crate::text::account as text;
use crate::{
    components::form::{Credentials, FormStatus, SignInFields, auth_page},
    hooks::{Entry, SessionHandle, use_entry, use_session, use_title},
    platform::window,
    state::route::Route,
};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// Signs in, and updates the status of the form.
pub(super) fn submit(session: &SessionHandle, status: &UseStateHandle<FormStatus>, filled: Credentials) {
    let (session, status) = (session.clone(), status.clone());
    status.set(FormStatus::busy());
    spawn_local(async move {
        let error = session.sign_in(&filled.email, &filled.password).await.err();
        status.set(FormStatus::ended(error.as_ref().map(sign_in_error)));
    });
}

/// Shown at every address but `/register` while nobody is signed in.
#[component]
pub(crate) fn SignInPage() -> Html {
    use_title(text::SIGN_IN);
    let session = use_session();
    let message =
        if *session.deleted { text::YOUR_ACCOUNT_IS_DELETED } else { text::YOUR_CONVERSATIONS_AND_TASKS_WHERE };
    let status = use_state_eq(FormStatus::default);
    use_effect_with((), |()| window::focus_first(".auth input"));
    let on_submit = {
        let status = status.clone();
        Callback::from(move |filled| submit(&session, &status, filled))
    };
    let alternative = if use_entry().is_some_and(Entry::is_closed) {
        Html::default()
    } else {
        html! { <>{ text::NEW_HERE }<a href={Route::Register.to_string()}>{ text::CREATE_AN_ACCOUNT }</a></> }
    };
    let content = html! {
        <>
            <SignInFields label={text::SIGN_IN} id="sign-in" status={(*status).clone()} {on_submit} />
            <details class="help">
                <summary>{ text::FORGOT_YOUR_PASSWORD }</summary>
                <p>{ text::HOW_TO_GET_BACK_IN }
                    <code>{ text::COMMAND_FOR_A_LINK }</code>{ text::ON_THE_SERVER }</p>
            </details>
        </>
    };
    auth_page(text::SIGN_IN, message, alternative, content)
}
