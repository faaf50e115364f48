//! What survives a reload: text under keys in the browser's local storage.
//!
//! Storage may be full, forbidden or cleared by the browser. None of that may stop the person from working, so every
//! door here is soft: reading gives nothing, writing says whether it worked.

use super::window::window;
use web_sys::Storage;

fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

/// The text under a key.
pub(crate) fn get(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

/// Keeps text under a key; false when the browser refused.
pub(crate) fn set(key: &str, value: &str) -> bool {
    storage().is_some_and(|storage| storage.set_item(key, value).is_ok())
}

/// Whether anything can be kept here at all.
pub(crate) fn works() -> bool {
    const PROBE: &str = "tandem.probe";
    let kept = set(PROBE, "1");
    remove(PROBE);
    kept
}

pub(crate) fn remove(key: &str) {
    if let Some(storage) = storage() {
        // Only a forbidden storage fails here, and that one holds nothing.
        let _ = storage.remove_item(key);
    }
}

/// Keys and values whose key starts with `prefix`, in no order.
pub(crate) fn with_prefix(prefix: &str) -> Vec<(String, String)> {
    let Some(storage) = storage() else { return Vec::new() };
    let length = storage.length().unwrap_or(0);
    (0..length)
        .filter_map(|index| storage.key(index).ok().flatten())
        .filter(|key| key.starts_with(prefix))
        .filter_map(|key| storage.get_item(&key).ok().flatten().map(|value| (key, value)))
        .collect()
}

/// Forgets every key that starts with `prefix`.
pub(crate) fn remove_prefix(prefix: &str) {
    for (key, _) in with_prefix(prefix) {
        remove(&key);
    }
}
