//! Whether the process lives, and whether it can serve.

use super::{HttpState, Json, Result, State};
use serde::Serialize;
use tandem_service::Readiness;

/// Whether this node serves.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Health {
    /// `ok`, or `degraded` while devices on other nodes learn late of what happens on this one. What is worse is a problem
    /// document.
    status: &'static str,
}

const OK: Json<Health> = Json(Health { status: "ok" });

/// Answers while the process runs.
#[utoipa::path(get, path = "/healthz", tag = "health", security(()), responses((status = 200, body = Health)))]
pub(crate) async fn live() -> Json<Health> {
    OK
}

/// The database answers, and new work is welcome.
#[utoipa::path(get, path = "/readyz", tag = "health", security(()), responses((status = 200, body = Health)))]
pub(crate) async fn ready(State(state): State<HttpState>) -> Result<Json<Health>> {
    Ok(match state.services.ready().await? {
        Readiness::Ok => OK,
        Readiness::Degraded => Json(Health { status: "degraded" }),
    })
}
