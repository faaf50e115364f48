//! The log-in page.

use super::form_error::sign_in_error;
use crate::{
    components::form::{AuthPage, Credentials, FormStatus, SignInFields},
    hooks::{SessionHandle, use_session, use_title},
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
    use_title("Sign in");
    let session = use_session();
    let status = use_state_eq(FormStatus::default);
    use_effect_with((), |()| window::focus_first(".auth input"));
    let on_submit = {
        let status = status.clone();
        Callback::from(move |filled| submit(&session, &status, filled))
    };
    let alternative = html! {
        <>{ "New here? " }<a href={Route::Register.to_string()}>{ "Create an account" }</a></>
    };
    html! {
        <AuthPage title="Sign in" text="Your conversations and tasks, where you left them." {alternative}>
            <SignInFields label="Sign in" id="sign-in" status={(*status).clone()} {on_submit} />
            <details class="help">
                <summary>{ "Forgot your password?" }</summary>
                <p>{ "Ask whoever runs this server for a link: they find it in Settings, under People. If that is you, run " }
                    <code>{ "tandem user reset-link you@example.com" }</code>{ " on the server." }</p>
            </details>
        </AuthPage>
    }
}
