//! The root component: selects the page by the session and the address.

use crate::{
    components::brand::splash,
    hooks::{ClockProvider, SessionProvider, replace, use_route, use_session},
    live::LiveProvider,
    pages::{
        NotFoundPage, Notices, PeoplePage, RegisterPage, ResetPage, SettingsPage, SignInAgain, SignInPage,
        UnreachablePage, WorkspacePage,
    },
    platform::{focus, history, locale, theme::Theme, window},
    state::{route::Route, session::SessionState},
};
use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::{Element, MouseEvent};
use yew::prelude::*;

#[component]
pub(crate) fn App() -> Html {
    // Before the first component writes a date.
    use_memo((), |()| locale::apply());
    use_effect_with((), |()| {
        Theme::chosen().apply();
        focus::keep();
        let links = follow_links();
        move || drop(links)
    });
    html! { <SessionProvider><Root /></SessionProvider> }
}

#[component]
fn Root() -> Html {
    let session = use_session();
    let route = use_route();
    match (&session.session, session.engine.clone()) {
        (SessionState::Checking, _) => splash(),
        (SessionState::Unreachable, _) => html! { <UnreachablePage /> },
        // The key gives another user new components, without the state of the previous one.
        (SessionState::SignedIn { user, expired }, Some(engine)) => html! {
            <LiveProvider key={user.id.to_string()} {engine}>
                <ClockProvider>
                    <SignedIn {route} />
                    <Notices />
                    if *expired { <SignInAgain email={user.email.clone()} /> }
                </ClockProvider>
            </LiveProvider>
        },
        _ if route == Route::Register => html! { <RegisterPage /> },
        _ if route == Route::Reset => html! { <ResetPage /> },
        _ => html! { <SignInPage /> },
    }
}

#[derive(Clone, PartialEq, Properties)]
struct SignedInProps {
    route: Route,
}

#[component]
fn SignedIn(props: &SignedInProps) -> Html {
    let route = props.route;
    use_effect_with(route, |route| {
        // These pages have no content for a signed-in person, and should not stay in the history.
        if matches!(route, Route::SignIn | Route::Register) {
            replace(Route::Home);
        }
    });
    match route {
        Route::SignIn | Route::Register => html! { <WorkspacePage route={Route::Home} /> },
        Route::Home | Route::Conversation(_) | Route::Tasks | Route::Task(_) => html! { <WorkspacePage {route} /> },
        Route::Reset => html! { <ResetPage /> },
        Route::Settings => html! { <SettingsPage /> },
        Route::People => html! { <PeoplePage /> },
        Route::Unknown => html! { <NotFoundPage /> },
    }
}

/// Opens links to pages of this program without loading the document again. One listener serves all links, also those
/// in replies.
fn follow_links() -> EventListener {
    let options = EventListenerOptions::enable_prevent_default();
    EventListener::new_with_options(&window::document(), "click", options, |event| {
        let Some(click) = event.dyn_ref::<MouseEvent>() else { return };
        let modified = click.ctrl_key() || click.meta_key() || click.shift_key() || click.alt_key();
        // The person wants a new tab or window, or a component has handled the click.
        if modified || click.button() != 0 || event.default_prevented() {
            return;
        }
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let Some(link) = target.and_then(|element| element.closest("a[href^='/']").ok().flatten()) else { return };
        if link.has_attribute("download") || link.has_attribute("target") {
            return;
        }
        if let Some(path) = link.get_attribute("href").filter(|path| Route::at(path) != Route::Unknown) {
            event.prevent_default();
            history::push(&path);
        }
    })
}
