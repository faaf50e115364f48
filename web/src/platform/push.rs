//! Pushes to this browser, which arrive while no page is open.

use js_sys::Promise;
use tandem_protocol::DeviceId;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen(module = "/src/platform/push.js")]
extern "C" {
    #[wasm_bindgen(js_name = subscribe)]
    fn subscribe_with(key: &str, device: &str) -> Promise;
    #[wasm_bindgen(js_name = current)]
    fn current_of(device: &str) -> Promise;
    #[wasm_bindgen(js_name = unsubscribe)]
    fn end() -> Promise;
    /// Whether this browser receives pushes for this site.
    #[wasm_bindgen(js_name = supported)]
    pub(crate) fn is_supported() -> bool;
}

/// Subscribes this browser with the key of the server. Returns the body of `POST /push/subscriptions`; `None` if the browser
/// refuses.
pub(crate) async fn subscribe(key: &str, device: &DeviceId) -> Option<String> {
    text(subscribe_with(key, device.as_str())).await
}

/// The subscription of this browser, as the body of `POST /push/subscriptions`.
pub(crate) async fn current(device: &DeviceId) -> Option<String> {
    text(current_of(device.as_str())).await
}

/// Ends the subscription of this browser.
pub(crate) async fn unsubscribe() {
    // It fails only for a subscription that the browser has ended.
    let _ = JsFuture::from(end()).await;
}

async fn text(promise: Promise) -> Option<String> {
    JsFuture::from(promise).await.as_ref().ok().and_then(JsValue::as_string)
}
