//! Sends one request with `fetch`, and returns its status and text.

use super::ApiError;
use crate::platform::events::after;
use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Headers, Request, RequestCache, RequestCredentials, RequestInit, Response};

use crate::platform::window::window;

/// Longer requests are aborted: a person does not wait longer, and a refresh that hangs would block other tabs.
const TIMEOUT_MS: u32 = 20_000;

pub(super) struct ApiRequest<'a> {
    pub(super) method: &'a str,
    /// The path from the root of the server, with its query.
    pub(super) path: &'a str,
    pub(super) body: Option<&'a str>,
    /// The access token, without `Bearer`.
    pub(super) bearer: Option<&'a str>,
    /// After this time the request is aborted.
    pub(super) timeout_ms: u32,
}

impl<'a> ApiRequest<'a> {
    pub(super) fn new(method: &'a str, path: &'a str, body: Option<&'a str>, bearer: Option<&'a str>) -> Self {
        Self { method, path, body, bearer, timeout_ms: TIMEOUT_MS }
    }
}

pub(super) struct ApiResponse {
    pub(super) status: u16,
    pub(super) text: String,
    /// The pause in seconds that the server requested with `Retry-After`.
    pub(super) retry_after: Option<u32>,
}

/// Sends one request. Every failure without a response is [`ApiError::Network`].
pub(super) async fn send(call: &ApiRequest<'_>) -> Result<ApiResponse, ApiError> {
    let controller = AbortController::new().map_err(network)?;
    let aborter = controller.clone();
    // Dropping the timeout at the end of the function cancels it.
    let _timeout = after(call.timeout_ms, move || aborter.abort());
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
    // The refresh cookie is for this server only.
    options.set_credentials(RequestCredentials::SameOrigin);
    // A cached response could be older than the events that the replica has applied.
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
    if call.bearer.is_none() {
        // Its answer holds a new cookie, which would be lost with a page that is left meanwhile: the old one ends the session.
        Reflect::set(&options, &"keepalive".into(), &JsValue::TRUE)?;
    }
    Request::new_with_str_and_init(call.path, &options)
}

fn network(_: impl Into<JsValue>) -> ApiError {
    ApiError::Network
}
