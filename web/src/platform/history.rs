//! The address bar: read it, change it, hear of it.

use super::window::window;
use gloo_events::EventListener;
use wasm_bindgen::JsValue;
use web_sys::Event;

/// The path of the page, without query and fragment.
pub(crate) fn path() -> String {
    window().location().pathname().unwrap_or_else(|_| "/".to_owned())
}

/// Goes to a path of this page, with an entry in the history.
pub(crate) fn push(path: &str) {
    change(|history| history.push_state_with_url(&JsValue::NULL, "", Some(path)));
}

/// Puts a path in the place of the present one.
pub(crate) fn replace(path: &str) {
    change(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(path)));
}

fn change(act: impl FnOnce(&web_sys::History) -> Result<(), JsValue>) {
    // Browsers refuse only when a page changes its address hundreds of times a minute; then the old one stays shown.
    if window().history().is_ok_and(|history| act(&history).is_ok()) {
        announce();
    }
}

/// Tells listeners of this page; the browser tells them of back and forward only.
fn announce() {
    if let Ok(event) = Event::new("popstate") {
        // Fails only on an event that is already on its way.
        let _ = window().dispatch_event(&event);
    }
}

/// Calls back after every change of the path, until it is dropped.
pub(crate) fn listen(mut changed: impl FnMut() + 'static) -> EventListener {
    EventListener::new(&window(), "popstate", move |_| changed())
}
