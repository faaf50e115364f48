//! The snapshot that a device starts from, and the event log for clients without a socket.

use super::{HttpState, Json, Params, Reader, Result, Spool, State};
use axum::response::Response;
use tandem_protocol::rest::{EventList, EventsQuery, Snapshot};

/// Returns a consistent snapshot of everything that a device needs to start.
#[utoipa::path(get, path = "/api/v1/snapshot", tag = "sync", responses((status = 200, body = Snapshot)))]
pub(crate) async fn snapshot(State(state): State<HttpState>, Reader(caller): Reader) -> Result<Response> {
    let mut spool = Spool::new(state.settings.spool.clone());
    state.services.snapshot(&caller, &mut spool).await?;
    spool.answer().await
}

/// Lists the events after a seq, as the socket sends them.
#[utoipa::path(get, path = "/api/v1/events", tag = "sync", params(EventsQuery),
    responses((status = 200, body = EventList)))]
pub(crate) async fn events(
    State(state): State<HttpState>,
    Reader(caller): Reader,
    Params(query): Params<EventsQuery>,
) -> Result<Json<EventList>> {
    Ok(Json(state.services.events(&caller, query).await?))
}
