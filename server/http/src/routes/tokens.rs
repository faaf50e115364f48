//! Personal tokens. These routes need a session, so that a token that leaks cannot create others.

use super::{Body, Client, HttpState, Id, IdempotencyKey, Json, Params, Result, SignedIn, State};
use http::StatusCode;
use tandem_protocol::{
    TokenId,
    model::PersonalToken,
    rest::{Deleted, NewToken, Page, PageQuery, TokenCreated},
};

/// Lists the tokens, newest first, without their secrets.
#[utoipa::path(get, path = "/api/v1/tokens", tag = "accounts", params(PageQuery),
    security(("session" = [])), responses((status = 200, body = Page<PersonalToken>)))]
pub(crate) async fn list(
    State(state): State<HttpState>,
    SignedIn(caller): SignedIn,
    Params(query): Params<PageQuery>,
) -> Result<Json<Page<PersonalToken>>> {
    Ok(Json(state.services.personal_tokens(&caller, query).await?))
}

/// Creates a token. No other answer shows its secret, but for that to the same request under the same key. A session older than ten minutes needs the password.
#[utoipa::path(post, path = "/api/v1/tokens", tag = "accounts", request_body = NewToken,
    security(("session" = [])), responses((status = 201, body = TokenCreated)))]
pub(crate) async fn create(
    State(state): State<HttpState>,
    SignedIn(caller): SignedIn,
    IdempotencyKey(key): IdempotencyKey,
    Client(client): Client,
    Body(body): Body<NewToken>,
) -> Result<(StatusCode, Json<TokenCreated>)> {
    Ok((StatusCode::CREATED, Json(state.services.create_personal_token(&caller, key, body, client).await?)))
}

/// Ends a personal token at once.
#[utoipa::path(delete, path = "/api/v1/tokens/{id}", tag = "accounts", params(("id" = TokenId, Path)),
    security(("session" = [])), responses((status = 200, body = Deleted)))]
pub(crate) async fn delete(
    State(state): State<HttpState>,
    SignedIn(caller): SignedIn,
    Id(id): Id<TokenId>,
) -> Result<Json<Deleted>> {
    Ok(Json(state.services.delete_personal_token(&caller, id).await?))
}
