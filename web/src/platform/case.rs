//! Capital and small letters of all languages. The browser has the tables; another copy would weigh 8 KB.

#[cfg(target_arch = "wasm32")]
use js_sys::JsString;

/// The text in small letters.
pub(crate) fn lower(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_lowercase() } else { all_lower(text) }
}

/// The text in capital letters.
pub(crate) fn upper(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_uppercase() } else { all_upper(text) }
}

#[cfg(target_arch = "wasm32")]
fn all_lower(text: &str) -> String {
    JsString::from(text).to_lower_case().into()
}

#[cfg(target_arch = "wasm32")]
fn all_upper(text: &str) -> String {
    JsString::from(text).to_upper_case().into()
}

#[cfg(not(target_arch = "wasm32"))]
fn all_lower(text: &str) -> String {
    text.to_lowercase()
}

#[cfg(not(target_arch = "wasm32"))]
fn all_upper(text: &str) -> String {
    text.to_uppercase()
}
