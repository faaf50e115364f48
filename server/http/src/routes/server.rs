//! What this server offers to the people who use it.

use super::{HttpState, Json, Reader, Result, State};
use tandem_protocol::rest::ServerInfo;

/// Names the version of the server and the providers that write replies, in the order in which they are tried.
#[utoipa::path(get, path = "/api/v1/server", tag = "sync", responses((status = 200, body = ServerInfo)))]
pub(crate) async fn show(State(state): State<HttpState>, Reader(_): Reader) -> Result<Json<ServerInfo>> {
    let version = env!("CARGO_PKG_VERSION").to_owned();
    Ok(Json(ServerInfo { version, providers: state.services.providers() }))
}
