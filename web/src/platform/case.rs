//! Lower and upper case of all languages, by the tables of the browser. Those of the standard library would add 8 KB.

#[cfg(target_arch = "wasm32")]
use js_sys::JsString;

pub(crate) fn lower(text: &str) -> String {
    // Most texts need no call into JavaScript.
    if text.is_ascii() { text.to_ascii_lowercase() } else { all_lower(text) }
}

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
