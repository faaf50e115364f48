//! One request over `fetch`: text in, status and text out.

use super::ApiError;
use gloo_timers::callback::Timeout;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Headers, Request, RequestCache, RequestCredentials, RequestInit, Response};

use crate::platform::window::window;

/// A request that takes longer is given up: a person waits no longer, and a hanging refresh would hold up other tabs.
const TIMEOUT_MS: u32 = 20_000;

pub(super) struct ApiRequest<'a> {
    pub(super) method: &'a str,
    /// From the root of the server.
    pub(super) path: &'a str,
    pub(super) body: Option<&'a str>,
    /// Of the access token.
    pub(super) bearer: Option<&'a str>,
}

pub(super) struct ApiResponse {
    pub(super) status: u16,
    pub(super) text: String,
    /// When to come back, in seconds, if the server said so.
    pub(super) retry_after: Option<u32>,
}

/// Sends one request. Any failure on the way is [`ApiError::Network`].
pub(super) async fn send(call: &ApiRequest<'_>) -> Result<ApiResponse, ApiError> {
    let controller = AbortController::new().map_err(network)?;
    let aborter = controller.clone();
    let _timeout = Timeout::new(TIMEOUT_MS, move || aborter.abort());
    let request = build(call, &controller).map_err(network)?;
    let response: Response =
        JsFuture::from(window().fetch_with_request(&request)).await.map_err(network)?.dyn_into().map_err(network)?;
    let text = JsFuture::from(response.text().map_err(network)?).await.map_err(network)?;
    let retry_after = response.headers().get("Retry-After").ok().flatten().and_then(|wait| wait.trim().parse().ok());
    Ok(ApiResponse { status: response.status(), text: text.as_string().unwrap_or_default(), retry_after })
}

fn build(call: &ApiRequest<'_>, controller: &AbortController) -> Result<Request, JsValue> {
    let headers = Headers::new()?;
    headers.set("Accept", "application/json")?;
    let options = RequestInit::new();
    options.set_method(call.method);
    options.set_credentials(RequestCredentials::SameOrigin);
    options.set_cache(RequestCache::NoStore);
    options.set_signal(Some(&controller.signal()));
    if let Some(body) = call.body {
        headers.set("Content-Type", "application/json")?;
        options.set_body(&body.into());
    }
    if let Some(bearer) = call.bearer {
        headers.set("Authorization", &format!("Bearer {bearer}"))?;
    }
    options.set_headers(&headers);
    Request::new_with_str_and_init(call.path, &options)
}

fn network(_: impl Into<JsValue>) -> ApiError {
    ApiError::Network
}
