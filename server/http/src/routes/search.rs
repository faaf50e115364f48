//! The search over conversations, messages and tasks.

use super::{HttpState, Json, Params, Reader, Result, State};
use tandem_protocol::rest::{Page, SearchHit, SearchQuery};

/// Finds conversations, messages and tasks by prefixes of words.
#[utoipa::path(get, path = "/api/v1/search", tag = "sync", params(SearchQuery),
    responses((status = 200, body = Page<SearchHit>)))]
pub(crate) async fn search(
    State(state): State<HttpState>,
    Reader(caller): Reader,
    Params(query): Params<SearchQuery>,
) -> Result<Json<Page<SearchHit>>> {
    Ok(Json(state.services.search(&caller, query).await?))
}
