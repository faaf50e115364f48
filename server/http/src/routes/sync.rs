//! Where a device starts, and how it catches up without a socket.

use super::{HttpState, Json, Params, Reader, Result, Spool, State};
use axum::response::Response;
use tandem_protocol::rest::{EventList, EventsQuery, Snapshot};

/// Everything that a device needs to start, of one moment.
#[utoipa::path(get, path = "/api/v1/snapshot", tag = "sync", responses((status = 200, body = Snapshot)))]
pub(crate) async fn snapshot(State(state): State<HttpState>, Reader(caller): Reader) -> Result<Response> {
    let mut spool = Spool::new(state.settings.spool.clone());
    state.services.snapshot(&caller, &mut spool).await?;
    spool.answer().await
}

/// The events after a seq, as on the socket.
#[utoipa::path(get, path = "/api/v1/events", tag = "sync", params(EventsQuery),
    responses((status = 200, body = EventList)))]
pub(crate) async fn events(
    State(state): State<HttpState>,
    Reader(caller): Reader,
    Params(query): Params<EventsQuery>,
) -> Result<Json<EventList>> {
    Ok(Json(state.services.events(&caller, query).await?))
}
