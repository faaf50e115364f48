//! An id, a span, a line in the log and a sample in the metrics for every request.
//!
//! Every line that is written while the request is served lies in its span, also those of tasks that it has started. The
//! span gets the user when the caller is known.

use super::host::PROBES;
use crate::{
    HttpState,
    address::forwarded_client,
    context::{Peer, RequestContext},
};
use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderName, HeaderValue, Method};
use std::time::{Duration, Instant};
use tracing::{Instrument as _, field::Empty};

/// The header of every answer that holds the id of its request.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives a request its context, and records its answer.
pub(crate) async fn observe(State(state): State<HttpState>, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = state.services.env().id();
    let peer = request.extensions().get::<Peer>().copied();
    let client = peer.map(|Peer(peer)| forwarded_client(peer, request.headers(), &state.settings.trusted_proxies));
    request.extensions_mut().insert(RequestContext { id, client });
    let route = request.extensions().get::<MatchedPath>().map_or("other", MatchedPath::as_str).to_owned();
    // Without the query, which may hold text of a user, and without the secret in the address of a calendar.
    let secret = route.starts_with("/calendar/");
    let path = if secret { route.clone() } else { request.uri().path().to_owned() };
    let method = request.method().clone();

    let span = tracing::info_span!("request", request_id = %id, %method, path, user = Empty);
    let mut response = next.run(request).instrument(span.clone()).await;
    if let Ok(value) = HeaderValue::try_from(id.to_string()) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let (status, took) = (response.status().as_u16(), began.elapsed());
    let client = client.map(tracing::field::display);
    let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    // Every second from each load balancer: at `info` they would be most of the log.
    if PROBES.contains(&route.as_str()) {
        span.in_scope(|| tracing::debug!(status, duration_ms, client, "answered"));
    } else {
        span.in_scope(|| tracing::info!(status, duration_ms, client, "answered"));
    }
    count(&method, route, status, took);
    response
}

fn count(method: &Method, route: String, status: u16, took: Duration) {
    let labels = [("method", known(method).to_owned()), ("route", route)];
    metrics::histogram!("tandem_http_request_duration_seconds", &labels).record(took.as_secs_f64());
    let [method, route] = labels;
    let labels = [method, route, ("status", status.to_string())];
    metrics::counter!("tandem_http_requests_total", &labels).increment(1);
}

/// The label of a method. A client may send any text as its method, but each value of a label is a time series.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}
