//! The page at unknown addresses.

use crate::text::workspace as text;
use crate::{components::form::auth_page, hooks::use_title, state::route::Route};
use yew::prelude::*;

#[component]
pub(crate) fn NotFoundPage() -> Html {
    use_title(text::PAGE_NOT_FOUND);
    let alternative = html! { <a href={Route::Home.to_string()}>{ text::GO_TO_CONVERSATIONS }</a> };
    auth_page(text::PAGE_NOT_FOUND, text::THERE_IS_NOTHING_AT_THIS, alternative, Html::default())
}
