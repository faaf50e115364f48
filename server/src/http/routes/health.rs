//! Whether the process lives, and whether it can serve.

use super::{HttpState, Json, Result, State};
use crate::service::Readiness;
use serde::Serialize;

/// Whether this node serves.
#[derive(Serialize, utoipa::ToSchema)]
pub(in crate::http) struct Health {
    /// `ok`, or `degraded` while devices on other nodes learn late of what happens on this one. What is worse is a problem
    /// document.
    status: &'static str,
}

const OK: Json<Health> = Json(Health { status: "ok" });

/// The process lives.
#[utoipa::path(get, path = "/healthz", tag = "health", security(()), responses((status = 200, body = Health)))]
pub(in crate::http) async fn live() -> Json<Health> {
    OK
}

/// The database answers, and new work is welcome.
#[utoipa::path(get, path = "/readyz", tag = "health", security(()), responses((status = 200, body = Health)))]
pub(in crate::http) async fn ready(State(state): State<HttpState>) -> Result<Json<Health>> {
    Ok(match state.services.ready().await? {
        Readiness::Ok => OK,
        Readiness::Degraded => Json(Health { status: "degraded" }),
    })
}
