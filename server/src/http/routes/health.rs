//! Whether the process lives, and whether it can serve.

use super::{HttpState, Json, Result, State};
use serde::Serialize;

/// Good news.
#[derive(Serialize, utoipa::ToSchema)]
pub(in crate::http) struct Health {
    /// Always `ok`; what is not is a problem document.
    status: &'static str,
}

const OK: Json<Health> = Json(Health { status: "ok" });

/// The process lives.
#[utoipa::path(get, path = "/healthz", tag = "health", security(()), responses((status = 200, body = Health)))]
pub(in crate::http) async fn live() -> Json<Health> {
    OK
}

/// Database and bus answer.
#[utoipa::path(get, path = "/readyz", tag = "health", security(()), responses((status = 200, body = Health)))]
pub(in crate::http) async fn ready(State(state): State<HttpState>) -> Result<Json<Health>> {
    state.services.ready().await?;
    Ok(OK)
}
