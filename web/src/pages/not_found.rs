//! The page at unknown addresses.

use crate::{components::form::AuthPage, hooks::use_title, state::route::Route};
use yew::prelude::*;

#[component]
pub(crate) fn NotFoundPage() -> Html {
    use_title("Page not found");
    let alternative = html! { <a href={Route::Home.to_string()}>{ "Go to conversations" }</a> };
    html! {
        <AuthPage title="Page not found" text="There is nothing at this address." {alternative} />
    }
}
