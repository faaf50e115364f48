//! The probes of load balancers.

use super::{HttpState, Json, Result, State};
use serde::Serialize;
use tandem_service::Readiness;

/// The state of this node.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Health {
    /// `ok`, or `degraded` while devices on other nodes receive the changes of this one late. Anything worse is
    /// answered with a problem document.
    status: &'static str,
}

const OK: Json<Health> = Json(Health { status: "ok" });

/// Answers while the process runs.
#[utoipa::path(get, path = "/healthz", tag = "health", security(()), responses((status = 200, body = Health)))]
pub(crate) async fn live() -> Json<Health> {
    OK
}

/// Answers while the database is available and the node accepts work.
#[utoipa::path(get, path = "/readyz", tag = "health", security(()), responses((status = 200, body = Health)))]
pub(crate) async fn ready(State(state): State<HttpState>) -> Result<Json<Health>> {
    Ok(match state.services.ready().await? {
        Readiness::Ok => OK,
        Readiness::Degraded => Json(Health { status: "degraded" }),
    })
}
