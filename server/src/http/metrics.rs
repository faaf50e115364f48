//! The admin listener.

use axum::{Router, routing::get};
use http::{HeaderValue, header};
use metrics_exporter_prometheus::PrometheusHandle;

/// Media type of the Prometheus text format.
const TEXT_FORMAT: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// What the admin listener serves: `GET /metrics`. Never mounted on the public one.
pub fn admin_router(handle: PrometheusHandle) -> Router {
    let show = move || {
        let text = handle.render();
        async move { ([(header::CONTENT_TYPE, TEXT_FORMAT)], text) }
    };
    Router::new().route("/metrics", get(show))
}
