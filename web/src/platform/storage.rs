//! Text that survives a reload, in the local storage of the browser.
//!
//! Storage may be full, forbidden, or cleared by the browser. The program must work all the same, so there are no
//! errors here: reading returns nothing, and writing returns whether it worked.

use super::window::window;
use crate::platform::events::on;
use gloo_events::EventListener;
use wasm_bindgen::JsCast;
use web_sys::{Storage, StorageEvent};

fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

pub(crate) fn get(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

/// Stores a text; returns false if the browser refused.
pub(crate) fn set(key: &str, value: &str) -> bool {
    storage().is_some_and(|storage| storage.set_item(key, value).is_ok())
}

/// Whether anything can be stored.
pub(crate) fn works() -> bool {
    const PROBE: &str = "tandem.probe";
    // Only writing shows whether storage is usable.
    let kept = set(PROBE, "1");
    remove(PROBE);
    kept
}

pub(crate) fn remove(key: &str) {
    if let Some(storage) = storage() {
        // Fails only if storage is forbidden, and then there is nothing to remove.
        let _ = storage.remove_item(key);
    }
}

/// All entries whose key starts with `prefix`, in no order.
pub(crate) fn with_prefix(prefix: &str) -> Vec<(String, String)> {
    let Some(storage) = storage() else { return Vec::new() };
    let length = storage.length().unwrap_or(0);
    (0..length)
        .filter_map(|index| storage.key(index).ok().flatten())
        .filter(|key| key.starts_with(prefix))
        .filter_map(|key| storage.get_item(&key).ok().flatten().map(|value| (key, value)))
        .collect()
}

/// Calls `changed` with the new text when another tab stores one under this key, until the listener is dropped.
pub(crate) fn on_change(key: &'static str, mut changed: impl FnMut(String) + 'static) -> EventListener {
    on(&window(), "storage", move |event| {
        let Some(event) = event.dyn_ref::<StorageEvent>() else { return };
        if event.key().as_deref() == Some(key)
            && let Some(text) = event.new_value()
        {
            changed(text);
        }
    })
}

/// Calls `changed` with each key and new text that another tab stores, or with an empty text when it removes the entry,
/// until the listener is dropped.
pub(crate) fn on_any_change(mut changed: impl FnMut(&str, String) + 'static) -> EventListener {
    on(&window(), "storage", move |event| {
        let Some(event) = event.dyn_ref::<StorageEvent>() else { return };
        if let Some(key) = event.key() {
            changed(&key, event.new_value().unwrap_or_default());
        }
    })
}

/// Removes all entries whose key starts with `prefix`.
pub(crate) fn remove_prefix(prefix: &str) {
    for (key, _) in with_prefix(prefix) {
        remove(&key);
    }
}
