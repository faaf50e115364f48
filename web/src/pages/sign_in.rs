//! Log-in.

use super::form_error::sign_in_error;
use crate::{
    components::form::{AuthPage, Credentials, FormError, SignInFields},
    hooks::{SessionHandle, use_session, use_title},
    platform::window,
    state::route::Route,
};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// What a form that waits for the server keeps.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Pending {
    /// The answer is awaited.
    pub(super) busy: bool,
    /// Why it was refused.
    pub(super) error: Option<FormError>,
}

/// Signs in with what a form was filled with, and keeps the form informed.
pub(super) fn submit(session: &SessionHandle, pending: &UseStateHandle<Pending>, filled: Credentials) {
    let (session, pending) = (session.clone(), pending.clone());
    pending.set(Pending { busy: true, error: None });
    spawn_local(async move {
        let error = session.sign_in(&filled.email, &filled.password).await.err();
        pending.set(Pending { busy: false, error: error.as_ref().map(sign_in_error) });
    });
}

/// The page for those who are not signed in, at whatever address they came to.
#[component]
pub fn SignInPage() -> Html {
    use_title("Sign in");
    let session = use_session();
    let pending = use_state_eq(Pending::default);
    use_effect_with((), |()| window::focus_first(".auth input"));
    let on_submit = {
        let pending = pending.clone();
        Callback::from(move |filled| submit(&session, &pending, filled))
    };
    let alternative = html! {
        <>{ "New here? " }<a href={Route::Register.to_string()}>{ "Create an account" }</a></>
    };
    html! {
        <AuthPage title="Sign in" text="Your conversations and tasks, where you left them." {alternative}>
            <SignInFields label="Sign in" id="sign-in" busy={pending.busy} error={pending.error.clone()} {on_submit} />
        </AuthPage>
    }
}
