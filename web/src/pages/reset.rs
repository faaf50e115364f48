//! The page of a link that replaces a forgotten password.

use super::form_error::form_error;
use crate::{
    components::{
        callout::Callout,
        form::{AuthPage, FormStatus, NewPasswordFields},
        icon::Icon,
    },
    hooks::{use_secret, use_session, use_title},
    platform::window,
    state::route::Route,
};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// The page at `/reset`, with the secret behind `#`.
#[component]
pub(crate) fn ResetPage() -> Html {
    use_title("New password");
    let session = use_session();
    let secret = use_secret();
    let status = use_state_eq(FormStatus::default);
    let done = use_state_eq(|| false);
    use_effect_with((), |()| window::focus_first(".auth input"));
    let has_secret = !secret.is_empty();
    let on_submit = {
        let (status, done) = (status.clone(), done.clone());
        Callback::from(move |password: String| {
            let (client, secret) = (session.client().clone(), secret.clone());
            let (status, done) = (status.clone(), done.clone());
            status.set(FormStatus::busy());
            spawn_local(async move {
                let error = client.reset_password(&secret, &password).await.err();
                done.set(error.is_none());
                status.set(FormStatus::ended(error.as_ref().map(form_error)));
            });
        })
    };
    let sign_in = html! { <a href={Route::SignIn.to_string()}>{ "Sign in" }</a> };
    let text = if *done { "It is changed, and every device is signed out." } else { "It replaces the one before." };
    html! {
        <AuthPage title="New password" {text} alternative={sign_in}>
            if *done {
                <Callout icon={Icon::Check} title="Your password is changed" text="Sign in with the new one." />
            } else if has_secret {
                <NewPasswordFields status={(*status).clone()} {on_submit} />
            } else {
                <Callout icon={Icon::Alert} title="The link is not complete"
                    text="Open it once more, or ask whoever runs this server for a new one." />
            }
        </AuthPage>
    }
}
