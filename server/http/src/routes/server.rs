//! What the server shows of itself: to anybody who may register, to its users also the providers.

use super::{HttpState, Json, Result, State};
use crate::extract::Bearer;
use http::HeaderMap;
use tandem_protocol::rest::ServerInfo;

/// Returns the version and who may register, without a token, too. With one, also the providers that write replies, in the
/// order in which they are tried.
#[utoipa::path(get, path = "/api/v1/server", tag = "server", security((), ("session" = []), ("personal_token" = [])),
    responses((status = 200, body = ServerInfo)))]
pub(crate) async fn show(State(state): State<HttpState>, headers: HeaderMap) -> Result<Json<ServerInfo>> {
    let mut info = state.services.server_info().await?;
    if let Some(bearer) = Bearer::of(&headers)? {
        bearer.admit(&state.services).await?;
        info.providers = state.services.providers();
    }
    Ok(Json(info))
}
