//! The current page, and navigation.

use crate::text::notices as text;
use crate::{
    platform::{history, window},
    state::route::Route,
};
use yew::prelude::*;

/// The page of the current address.
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

/// Whether the list of conversations is to be shown on a narrow page.
#[hook]
pub(crate) fn use_threads_shown() -> bool {
    let shown = use_state_eq(|| history::entry().threads);
    let setter = shown.setter();
    use_effect_with((), move |()| {
        let listener = history::listen(move || setter.set(history::entry().threads));
        move || drop(listener)
    });
    *shown
}

/// Opens a page, with a new entry in the history.
pub(crate) fn go(route: Route) {
    history::push(&route.to_string());
}

/// Opens a page, or the list of conversations over it; by going back, where that is what was shown before.
pub(crate) fn go_or_return(route: Route, threads: bool) {
    history::open_or_return(&route.to_string(), threads);
}

/// Opens a page in place of the current history entry.
pub(crate) fn replace(route: Route) {
    history::replace(&route.to_string());
}

/// Sets the title of the browser tab.
#[hook]
pub(crate) fn use_title(title: &str) {
    use_effect_with(title.to_owned(), |title| window::set_title(&text::document_title(title)));
}

/// The secret behind `#` of the link that was opened last. It is taken out of the address at once.
#[hook]
pub(crate) fn use_secret() -> String {
    let secret = use_state_eq(history::take_fragment);
    {
        let secret = secret.clone();
        // Opening a link to the page that is shown loads nothing.
        use_effect_with((), move |()| {
            let listener = history::listen(move || {
                let newer = history::take_fragment();
                if !newer.is_empty() {
                    secret.set(newer);
                }
            });
            move || drop(listener)
        });
    }
    (*secret).clone()
}
