//! The admin listener, which serves the metrics.

use super::middleware;
use axum::{Router, middleware::from_fn, routing::get};
use http::{HeaderValue, header};
use metrics_exporter_prometheus::PrometheusHandle;

/// The media type of the Prometheus text format.
const TEXT_FORMAT: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// The router of the admin listener: `GET /metrics`, which needs no token and is never mounted on the public listener.
/// With `on_loopback` it refuses requests for other hosts, since a page of another site could read the metrics by DNS
/// rebinding.
pub fn admin_router(handle: PrometheusHandle, on_loopback: bool) -> Router {
    let show = move || {
        let text = handle.render();
        async move { ([(header::CONTENT_TYPE, TEXT_FORMAT)], text) }
    };
    let router = Router::new().route("/metrics", get(show));
    if on_loopback { router.layer(from_fn(middleware::this_machine)) } else { router }
}
