//! Notifications of the system, for a page that nobody looks at.

use super::window;
use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use web_sys::NotificationPermission;

/// Whether the person has forbidden this site to show notifications.
pub(crate) fn is_blocked() -> bool {
    // To use the name where it is not defined is an error that nothing catches.
    Reflect::has(&window::window(), &JsValue::from_str("Notification")).unwrap_or(false)
        && web_sys::Notification::permission() == NotificationPermission::Denied
}

#[wasm_bindgen(module = "/src/platform/push.js")]
extern "C" {
    /// Shows a notification, if that is allowed. One with the same tag is replaced, so several tabs show one. A press brings
    /// the page to the front, at this path.
    pub(crate) fn notify(tag: &str, title: &str, text: &str, path: &str);
    /// Closes the notification with this tag, whoever has shown it. An empty one closes all of them.
    pub(crate) fn close(tag: &str);
}

/// Closes all notifications, when the person signs out.
pub(crate) fn close_all() {
    close("");
}

/// Sets the number on the icon of the installed page, where there is one.
pub(crate) fn set_badge(count: usize) {
    let navigator = window::window().navigator();
    let set = Reflect::get(&navigator, &JsValue::from_str("setAppBadge")).ok();
    if let Some(set) = set.and_then(|set| set.dyn_into::<js_sys::Function>().ok()) {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        // The promise fails for a page that is not installed. Nobody waits for it.
        let _ = set.call1(&navigator, &JsValue::from(count));
    }
}
