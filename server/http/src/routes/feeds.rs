//! Calendar feeds, and the calendars themselves, which need no sign-in.

use super::{Body, HttpState, Id, IdempotencyKey, Json, Params, Result, SignedIn, State};
use axum::{
    extract::Path,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use tandem_protocol::{
    id::FeedId,
    rest::{Deleted, Feed, FeedCreated, NewFeed, Page, PageQuery},
};
use tandem_service::ServiceError;

/// Lists the calendar feeds, newest first, without their addresses.
#[utoipa::path(get, path = "/api/v1/feeds", tag = "tasks", params(PageQuery),
    security(("session" = [])), responses((status = 200, body = Page<Feed>)))]
pub(crate) async fn list(
    State(state): State<HttpState>,
    SignedIn(caller): SignedIn,
    Params(query): Params<PageQuery>,
) -> Result<Json<Page<Feed>>> {
    Ok(Json(state.services.feeds(&caller, query).await?))
}

/// Creates a calendar feed. No other answer shows its address, which needs no sign-in, but for that to the same request under
/// the same key.
#[utoipa::path(post, path = "/api/v1/feeds", tag = "tasks", request_body = NewFeed,
    security(("session" = [])), responses((status = 201, body = FeedCreated)))]
pub(crate) async fn create(
    State(state): State<HttpState>,
    SignedIn(caller): SignedIn,
    IdempotencyKey(key): IdempotencyKey,
    Body(body): Body<NewFeed>,
) -> Result<(StatusCode, Json<FeedCreated>)> {
    Ok((StatusCode::CREATED, Json(state.services.create_feed(&caller, key, body).await?)))
}

/// Removes a calendar feed. Its address is dead at once.
#[utoipa::path(delete, path = "/api/v1/feeds/{id}", tag = "tasks", params(("id" = FeedId, Path)),
    security(("session" = [])), responses((status = 200, body = Deleted)))]
pub(crate) async fn delete(
    State(state): State<HttpState>,
    SignedIn(caller): SignedIn,
    Id(id): Id<FeedId>,
) -> Result<Json<Deleted>> {
    Ok(Json(state.services.delete_feed(&caller, id).await?))
}

/// Returns the tasks of a feed as a calendar (RFC 5545).
#[utoipa::path(get, path = "/calendar/{file}", tag = "tasks", security(()),
    params(("file" = String, Path, description = "The secret of the feed and `.ics`.")),
    responses((status = 200, body = String, content_type = "text/calendar"), (status = 304)))]
pub(crate) async fn calendar(
    State(state): State<HttpState>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Result<Response> {
    let secret = file.strip_suffix(".ics").ok_or(ServiceError::NotFound("calendar"))?;
    let known = headers.get(header::IF_NONE_MATCH).and_then(|known| known.to_str().ok());
    let answer = state.services.calendar(secret, known).await?;
    let mut response = match answer.text {
        Some(text) => ([(header::CONTENT_TYPE, "text/calendar; charset=utf-8")], text).into_response(),
        None => StatusCode::NOT_MODIFIED.into_response(),
    };
    let added = response.headers_mut();
    // Kept by the program that reads it, and asked for again each time: no shared cache may have it.
    added.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    if let Ok(etag) = HeaderValue::from_str(&answer.etag) {
        added.insert(header::ETAG, etag);
    }
    Ok(response)
}
