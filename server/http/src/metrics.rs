//! The admin listener.

use super::middleware;
use axum::{Router, middleware::from_fn, routing::get};
use http::{HeaderValue, header};
use metrics_exporter_prometheus::PrometheusHandle;

/// Media type of the Prometheus text format.
const TEXT_FORMAT: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// What the admin listener serves: `GET /metrics`. Never mounted on the public one. `on_loopback` refuses requests that
/// mean another host.
pub fn admin_router(handle: PrometheusHandle, on_loopback: bool) -> Router {
    let show = move || {
        let text = handle.render();
        async move { ([(header::CONTENT_TYPE, TEXT_FORMAT)], text) }
    };
    let router = Router::new().route("/metrics", get(show));
    if on_loopback { router.layer(from_fn(middleware::this_machine)) } else { router }
}
