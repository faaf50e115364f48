//! What the server shows before anybody is signed in.

use super::{HttpState, Json, Result, State};
use tandem_protocol::rest::ServerInfo;

/// Returns the version, and who may register.
#[utoipa::path(get, path = "/api/v1/server", tag = "server", security(()),
    responses((status = 200, body = ServerInfo)))]
pub(crate) async fn show(State(state): State<HttpState>) -> Result<Json<ServerInfo>> {
    Ok(Json(state.services.server_info().await?))
}
