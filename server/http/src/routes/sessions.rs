//! The sessions of the caller.

use super::{HttpState, Id, Json, Nothing, OptionalBody, Params, Reader, Result, SignedIn, State};
use tandem_protocol::{
    SessionId,
    model::Session,
    rest::{Deleted, Page, PageQuery},
};

/// Lists the sessions, newest first.
#[utoipa::path(get, path = "/api/v1/sessions", tag = "accounts", params(PageQuery),
    responses((status = 200, body = Page<Session>)))]
pub(crate) async fn list(
    State(state): State<HttpState>,
    Reader(caller): Reader,
    Params(query): Params<PageQuery>,
) -> Result<Json<Page<Session>>> {
    Ok(Json(state.services.sessions(&caller, query).await?))
}

/// Ends a session. Its sockets are closed within a second.
#[utoipa::path(delete, path = "/api/v1/sessions/{id}", tag = "accounts", params(("id" = SessionId, Path)),
    security(("session" = [])), responses((status = 200, body = Deleted)))]
pub(crate) async fn revoke(
    State(state): State<HttpState>,
    SignedIn(caller): SignedIn,
    Id(id): Id<SessionId>,
) -> Result<Json<Deleted>> {
    Ok(Json(state.services.end_session(&caller, id).await?))
}

/// Ends all other sessions.
#[utoipa::path(post, path = "/api/v1/sessions/revoke-others", tag = "accounts",
    request_body = Option<Nothing>, security(("session" = [])), responses((status = 200, body = Deleted)))]
pub(crate) async fn revoke_others(
    State(state): State<HttpState>,
    SignedIn(caller): SignedIn,
    OptionalBody(Nothing {}): OptionalBody<Nothing>,
) -> Result<Json<Deleted>> {
    Ok(Json(state.services.end_other_sessions(&caller).await?))
}
