//! The page of a link that replaces a forgotten password.

use super::form_error::form_error;
use crate::text::account as text;
use crate::{
    components::{
        callout::callout,
        form::{FormStatus, NewPasswordFields, auth_page},
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
    use_title(text::NEW_PASSWORD);
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
    let sign_in = html! { <a href={Route::SignIn.to_string()}>{ text::SIGN_IN }</a> };
    let text = if *done { text::IT_IS_CHANGED_AND_EVERY } else { text::IT_REPLACES_THE_ONE_BEFORE };
    let content = html! {
        if *done {
            { callout(Some(Icon::Check), text::YOUR_PASSWORD_IS_CHANGED, text::SIGN_IN_WITH_THE_NEW, Html::default()) }
        } else if has_secret {
            <NewPasswordFields status={(*status).clone()} {on_submit} />
        } else {
            { callout(Some(Icon::Alert), text::THE_LINK_IS_NOT_COMPLETE, text::ASK_FOR_A_NEW_LINK, Html::default()) }
        }
    };
    auth_page(text::NEW_PASSWORD, text, sign_in, content)
}
