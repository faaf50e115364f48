//! The address of the page: reads it, changes it, listens to changes.

use super::window::window;
use gloo_events::EventListener;
use wasm_bindgen::JsValue;
use web_sys::Event;

pub(crate) fn path() -> String {
    window().location().pathname().unwrap_or_else(|_| "/".to_owned())
}

/// Opens a path, with a new history entry.
pub(crate) fn push(path: &str) {
    change(|history| history.push_state_with_url(&JsValue::NULL, "", Some(path)));
}

/// Replaces the path of the current history entry.
pub(crate) fn replace(path: &str) {
    change(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(path)));
}

fn change(act: impl FnOnce(&web_sys::History) -> Result<(), JsValue>) {
    // Browsers refuse only pages that change their address hundreds of times a minute. The old page then stays.
    if window().history().is_ok_and(|history| act(&history).is_ok()) {
        announce();
    }
}

/// Notifies the listeners of this page. Browsers fire `popstate` for back and forward only.
fn announce() {
    if let Ok(event) = Event::new("popstate") {
        // Fails only for an event that is already being dispatched.
        let _ = window().dispatch_event(&event);
    }
}

/// Calls `changed` after every change of the path, until the listener is dropped.
pub(crate) fn listen(mut changed: impl FnMut() + 'static) -> EventListener {
    EventListener::new(&window(), "popstate", move |_| changed())
}
