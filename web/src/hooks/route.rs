//! Where the page is.

use crate::{
    platform::{history, window},
    state::route::Route,
};
use yew::prelude::*;

/// The page that the address names, drawn again when that is another one.
#[hook]
pub(crate) fn use_route() -> Route {
    let route = use_state_eq(|| Route::at(&history::path()));
    let setter = route.setter();
    use_effect_with((), move |()| {
        let listener = history::listen(move || setter.set(Route::at(&history::path())));
        move || drop(listener)
    });
    *route
}

/// Goes to a page.
pub(crate) fn go(route: Route) {
    history::push(&route.to_string());
}

/// Goes to a page that takes the place of this one in the history.
pub(crate) fn replace(route: Route) {
    history::replace(&route.to_string());
}

/// Names the page in the tab strip.
#[hook]
pub(crate) fn use_title(title: &str) {
    use_effect_with(title.to_owned(), |title| window::set_title(&format!("{title} · Tandem")));
}
