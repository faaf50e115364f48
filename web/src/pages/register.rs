//! Registration; whoever registers is signed in.

use super::{form_error::register_error, sign_in::Pending};
use crate::{
    components::form::{AuthPage, RegisterFields, Registration},
    hooks::{use_session, use_title},
    platform::window,
    state::route::Route,
};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// The page at `/register`.
#[component]
pub fn RegisterPage() -> Html {
    use_title("Create an account");
    let session = use_session();
    let pending = use_state_eq(Pending::default);
    use_effect_with((), |()| window::focus_first(".auth input"));
    let on_submit = {
        let pending = pending.clone();
        Callback::from(move |filled: Registration| {
            let (session, pending) = (session.clone(), pending.clone());
            pending.set(Pending { busy: true, error: None });
            spawn_local(async move {
                let error = session.register(&filled.name, &filled.email, &filled.password).await.err();
                pending.set(Pending { busy: false, error: error.as_ref().map(register_error) });
            });
        })
    };
    let alternative = html! { <>{ "Already have one? " }<a href={Route::SignIn.to_string()}>{ "Sign in" }</a></> };
    html! {
        <AuthPage title="Create an account" text="It stays on this server. No email is sent." {alternative}>
            <RegisterFields busy={pending.busy} error={pending.error.clone()} {on_submit} />
        </AuthPage>
    }
}
