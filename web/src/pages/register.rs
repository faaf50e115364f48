//! The registration page. Registering also signs in.

use super::form_error::register_error;
use crate::{
    components::form::{AuthPage, FormStatus, RegisterFields, Registration},
    hooks::{use_session, use_title},
    platform::window,
    state::route::Route,
};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// The page at `/register`.
#[component]
pub(crate) fn RegisterPage() -> Html {
    use_title("Create an account");
    let session = use_session();
    let status = use_state_eq(FormStatus::default);
    use_effect_with((), |()| window::focus_first(".auth input"));
    let on_submit = {
        let status = status.clone();
        Callback::from(move |filled: Registration| {
            let (session, status) = (session.clone(), status.clone());
            status.set(FormStatus::busy());
            spawn_local(async move {
                let error = session.register(&filled.name, &filled.email, &filled.password).await.err();
                status.set(FormStatus::ended(error.as_ref().map(register_error)));
            });
        })
    };
    let alternative = html! { <>{ "Already have one? " }<a href={Route::SignIn.to_string()}>{ "Sign in" }</a></> };
    html! {
        <AuthPage title="Create an account" text="It stays on this server. No email is sent." {alternative}>
            <RegisterFields status={(*status).clone()} {on_submit} />
        </AuthPage>
    }
}
