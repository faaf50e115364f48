//! Notifications of the system, for a page that nobody looks at.

use super::window;
use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{NotificationOptions, NotificationPermission};
use yew::Callback;

/// Whether this page may show notifications.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Permission {
    /// The browser has none, or not here.
    Unsupported,
    Unasked,
    Allowed,
    Blocked,
}

/// The decision of the person about this site.
pub(crate) fn permission() -> Permission {
    // To use the name where it is not defined is an error that nothing catches.
    if !Reflect::has(&window::window(), &JsValue::from_str("Notification")).unwrap_or(false) {
        return Permission::Unsupported;
    }
    match web_sys::Notification::permission() {
        NotificationPermission::Granted => Permission::Allowed,
        NotificationPermission::Denied => Permission::Blocked,
        _ => Permission::Unasked,
    }
}

/// A notification. It is closed when this is dropped.
pub(crate) struct Shown {
    notification: web_sys::Notification,
    _onclick: Closure<dyn FnMut()>,
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.notification.set_onclick(None);
        self.notification.close();
    }
}

/// Shows a notification, if that is allowed. Several tabs show one with the same tag once. A press brings the page to the
/// front and calls `pressed`.
pub(crate) fn show(tag: &str, title: &str, text: &str, pressed: Callback<()>) -> Option<Shown> {
    if permission() != Permission::Allowed {
        return None;
    }
    let options = NotificationOptions::new();
    options.set_tag(tag);
    options.set_body(text);
    options.set_icon("/icon-192.png");
    // Browsers of phones refuse it without a service worker.
    let notification = web_sys::Notification::new_with_options(title, &options).ok()?;
    let onclick = Closure::<dyn FnMut()>::new(move || {
        // Refused without a press; this is one.
        let _ = window::window().focus();
        pressed.emit(());
    });
    notification.set_onclick(Some(onclick.as_ref().unchecked_ref()));
    Some(Shown { notification, _onclick: onclick })
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
