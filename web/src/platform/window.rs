//! The window and document: location, title, clipboard, focus, downloads.

use js_sys::{JsString, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, Element, HtmlElement, ScrollIntoViewOptions, ScrollLogicalPosition, Window};

/// The window.
///
/// # Panics
///
/// Outside of a browser page, where this program does not run.
#[expect(clippy::expect_used, reason = "the program is loaded by a page; without a window there is nobody to tell")]
pub(crate) fn window() -> Window {
    web_sys::window().expect("a page has a window")
}

/// The document.
///
/// # Panics
///
/// Outside of a browser page, where this program does not run.
#[expect(clippy::expect_used, reason = "see `window`")]
pub(crate) fn document() -> Document {
    window().document().expect("a window has a document")
}

/// The origin of the page, such as `https://tandem.example.org`.
pub(crate) fn origin() -> String {
    window().location().origin().unwrap_or_default()
}

/// The language of the browser as a tag of BCP 47, such as `en-GB`; empty when it has none.
pub(crate) fn language() -> String {
    window().navigator().language().unwrap_or_default()
}

/// Whether the page is hidden, for instance behind another tab.
pub(crate) fn is_hidden() -> bool {
    document().hidden()
}

pub(crate) fn matches(query: &str) -> bool {
    window().match_media(query).ok().flatten().is_some_and(|list| list.matches())
}

/// Has the page draw what a print shows. The event of the browser comes too late, in the middle of the call that prints.
pub(crate) fn prepare_print() {
    if let Ok(event) = web_sys::Event::new("beforeprint") {
        // Fails only for an event that is already being dispatched.
        let _ = window().dispatch_event(&event);
    }
}

/// Opens the print dialog of the browser.
pub(crate) fn print() {
    // Refused only where printing is not possible.
    let _ = window().print();
}

pub(crate) fn reload() {
    // Refused only while the page is being left.
    let _ = window().location().reload();
}

/// Sets the icon of the browser tab.
pub(crate) fn set_icon(path: &str) {
    if let Ok(Some(link)) = document().query_selector("link[rel='icon']") {
        // Fails for names of attributes that are not valid only.
        let _ = link.set_attribute("href", path);
    }
}

/// Sets the title of the browser tab.
pub(crate) fn set_title(title: &str) {
    document().set_title(title);
}

/// Focuses the element with this id, if it exists.
pub(crate) fn focus(id: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        focus_element(&element);
    }
}

/// Focuses the first element that matches a selector.
pub(crate) fn focus_first(selector: &str) {
    if let Ok(Some(element)) = document().query_selector(selector) {
        focus_element(&element);
    }
}

/// Focuses an element. If it is gone, hidden or not focusable, the focus stays where it is.
pub(crate) fn focus_element(element: &Element) {
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        // The page is usable without it.
        let _ = element.focus();
    }
}

pub(crate) fn focused() -> Option<Element> {
    document().active_element()
}

/// Scrolls an element into the middle and marks it for a moment, as the style sheet says.
pub(crate) fn reveal(element: &Element) {
    let options = ScrollIntoViewOptions::new();
    options.set_block(ScrollLogicalPosition::Center);
    element.scroll_into_view_with_scroll_into_view_options(&options);
    // Without the attribute for one layout, the animation of an element that was found before does not start again.
    let _ = element.remove_attribute("data-found");
    let _ = element.get_bounding_client_rect();
    let _ = element.set_attribute("data-found", "");
}

/// Whether no element has the focus, as after the one that had it was removed. Keys then go to the page.
pub(crate) fn focus_is_lost() -> bool {
    focused().is_none_or(|element| element.tag_name() == "BODY")
}

/// Whether the focus is in a text field, where single keys are text and not shortcuts.
pub(crate) fn is_typing() -> bool {
    focused().is_some_and(|element| {
        // Keys in a checkbox are no text.
        let is_box = element.get_attribute("type").is_some_and(|kind| kind == "checkbox" || kind == "radio");
        (matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT") && !is_box)
            || element.get_attribute("contenteditable").is_some_and(|value| value != "false")
    })
}

/// Copies text to the clipboard. Returns an error if the browser does not allow it.
pub(crate) async fn copy(text: &str) -> Result<(), JsValue> {
    let navigator = window().navigator();
    // Missing on pages that are served over plain HTTP from another host.
    if Reflect::get(&navigator, &"clipboard".into())?.is_undefined() {
        return Err(JsValue::UNDEFINED);
    }
    JsFuture::from(navigator.clipboard().write_text(text)).await.map(drop)
}

/// Offers a text as a file to download.
pub(crate) fn download(name: &str, content: &str, media_type: &str) -> Result<(), JsValue> {
    let parts = js_sys::Array::of1(&content.into());
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(media_type);
    let blob = web_sys::Blob::new_with_str_sequence_and_options(&parts, &options)?;
    let url = web_sys::Url::create_object_url_with_blob(&blob)?;
    let link: web_sys::HtmlAnchorElement = document().create_element("a")?.unchecked_into();
    link.set_href(&url);
    link.set_download(name);
    link.click();
    web_sys::Url::revoke_object_url(&url)
}

/// Normalises a text to composed characters (NFC), which the grammar expects.
pub(crate) fn composed(text: &str) -> String {
    // ASCII is always composed.
    if text.is_ascii() { text.to_owned() } else { JsString::from(text).normalize("NFC").into() }
}

/// Whether this is an iPhone or an iPad, where only a page on the home screen receives pushes.
pub(crate) fn is_apple_phone() -> bool {
    let agent = window().navigator().user_agent().unwrap_or_default();
    ["iPhone", "iPad"].iter().any(|name| agent.contains(name))
}
