//! Pushes to this browser, which arrive while no page is open.

use crate::text::notices as text;
use js_sys::Promise;
use tandem_protocol::DeviceId;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

/// What is done with the subscription of this browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PushStep {
    /// Asks the person and the browser, and subscribes.
    On,
    Off,
    /// Lets the server send a push, to see whether it arrives.
    Test,
    /// Sends the subscription to the server again, if there is one: it ends with the session.
    Renew,
}

#[wasm_bindgen(module = "/src/platform/push.js")]
extern "C" {
    #[wasm_bindgen(js_name = act)]
    fn act_in_browser(step: &str, token: &str, device: &str) -> Promise;
    /// Ends the subscription in this browser alone, when the server cannot be reached.
    pub(crate) fn end();
    /// Whether this browser receives pushes for this site.
    #[wasm_bindgen(js_name = supported)]
    pub(crate) fn is_supported() -> bool;
}

/// Does a step. Returns the id of the subscription of this device, if it has one then, or a sentence about the failure.
pub(crate) async fn act(step: PushStep, token: &str, device: &DeviceId) -> Result<Option<String>, String> {
    let step = match step {
        PushStep::On => "on",
        PushStep::Off => "off",
        PushStep::Test => "test",
        PushStep::Renew => "renew",
    };
    let result = JsFuture::from(act_in_browser(step, token, device.as_str())).await;
    let unknown = || text::NO_CONNECTION.to_owned();
    result.map(|id| id.as_string()).map_err(|error: JsValue| error.as_string().unwrap_or_else(unknown))
}
