//! The page while the server cannot be reached at the start, so that it is not known whether somebody is signed in.

use crate::text::workspace as text;
use crate::{
    components::form::auth_page,
    hooks::{use_session, use_title},
};
use yew::prelude::*;

/// Shown until the server answers. The attempts continue by themselves.
#[component]
pub(crate) fn UnreachablePage() -> Html {
    use_title(text::RECONNECTING);
    let session = use_session();
    let onclick = Callback::from(move |_: MouseEvent| session.check_again());
    let alternative = html! { <button type="button" class="btn" {onclick}>{ text::RETRY_NOW }</button> };
    auth_page(text::THE_SERVER_DOES_NOT_ANSWER, text::TRIED_AGAIN_BY_ITSELF, alternative, Html::default())
}
