//! The page while the server cannot be reached at the start, so that it is not known whether somebody is signed in.

use crate::{
    components::form::AuthPage,
    hooks::{use_session, use_title},
};
use yew::prelude::*;

/// Shown until the server answers. The attempts continue by themselves.
#[component]
pub(crate) fn UnreachablePage() -> Html {
    use_title("Reconnecting");
    let session = use_session();
    let onclick = Callback::from(move |_: MouseEvent| session.check_again());
    let alternative = html! { <button type="button" class="btn" {onclick}>{ "Retry now" }</button> };
    html! {
        <AuthPage title="The server does not answer" text="It is tried again by itself. Nothing that you wrote is lost."
            {alternative} />
    }
}
