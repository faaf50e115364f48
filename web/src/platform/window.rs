//! The window: where the page is, what it is called, what it can copy, what has the focus.

use js_sys::{JsString, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, Element, HtmlElement, Window};

/// The window of the page.
///
/// # Panics
/// Outside of a page, where nothing of this program runs.
#[expect(clippy::expect_used, reason = "the program is loaded by a page; without a window there is nobody to tell")]
pub(crate) fn window() -> Window {
    web_sys::window().expect("a page has a window")
}

/// The document of the page.
///
/// # Panics
/// Outside of a page, where nothing of this program runs.
#[expect(clippy::expect_used, reason = "see `window`")]
pub(crate) fn document() -> Document {
    window().document().expect("a window has a document")
}

/// Scheme, host and port of the page, such as `https://tandem.example.org`.
pub(crate) fn origin() -> String {
    window().location().origin().unwrap_or_default()
}

/// Whether nobody can see the page: another tab is in front.
pub(crate) fn is_hidden() -> bool {
    document().hidden()
}

/// Whether a media query holds now.
pub(crate) fn matches(query: &str) -> bool {
    window().match_media(query).ok().flatten().is_some_and(|list| list.matches())
}

/// Loads the page anew.
pub(crate) fn reload() {
    // Refused only to pages that are being left, which is what is wanted.
    let _ = window().location().reload();
}

/// Names the page for the tab strip and screen readers.
pub(crate) fn set_title(title: &str) {
    document().set_title(title);
}

/// Gives the focus to the element of this id, if it is there.
pub(crate) fn focus(id: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        focus_element(&element);
    }
}

/// Gives the focus to the first element that the selector finds.
pub(crate) fn focus_first(selector: &str) {
    if let Ok(Some(element)) = document().query_selector(selector) {
        focus_element(&element);
    }
}

/// Gives the focus to an element. One that is gone, hidden or cannot have the focus leaves it where it is.
pub(crate) fn focus_element(element: &Element) {
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        // The page stays usable when a browser refuses.
        let _ = element.focus();
    }
}

/// The element that has the focus.
pub(crate) fn focused() -> Option<Element> {
    document().active_element()
}

/// Whether the person is typing into something: then single keys are text, not shortcuts.
pub(crate) fn is_typing() -> bool {
    focused().is_some_and(|element| {
        matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
            || element.get_attribute("contenteditable").is_some_and(|value| value != "false")
    })
}

/// Puts text on the clipboard; an error means that the browser did not allow it.
pub(crate) async fn copy(text: &str) -> Result<(), JsValue> {
    let navigator = window().navigator();
    // Absent on plain http from another machine.
    if Reflect::get(&navigator, &"clipboard".into())?.is_undefined() {
        return Err(JsValue::UNDEFINED);
    }
    JsFuture::from(navigator.clipboard().write_text(text)).await.map(drop)
}

/// Hands a text file to the person.
pub(crate) fn download(name: &str, content: &str) -> Result<(), JsValue> {
    let parts = js_sys::Array::of1(&content.into());
    let options = web_sys::BlobPropertyBag::new();
    options.set_type("application/json");
    let blob = web_sys::Blob::new_with_str_sequence_and_options(&parts, &options)?;
    let url = web_sys::Url::create_object_url_with_blob(&blob)?;
    let link: web_sys::HtmlAnchorElement = document().create_element("a")?.unchecked_into();
    link.set_href(&url);
    link.set_download(name);
    link.click();
    web_sys::Url::revoke_object_url(&url)
}

/// The text with composed characters (NFC): the grammar leaves that to the browser.
pub(crate) fn composed(text: &str) -> String {
    if text.is_ascii() { text.to_owned() } else { JsString::from(text).normalize("NFC").into() }
}
