//! The account of the caller.

use super::{Body, Client, HttpState, Json, Reader, Result, SignedIn, Spool, State, Writer, auth::signed_in};
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use tandem_protocol::{
    enums::TokenTransport,
    model::User,
    rest::{ChangePassword, DeleteAccount, Export, SignedIn as SignedInBody, Storage, UserPatch},
};

/// Returns the user's profile.
#[utoipa::path(get, path = "/api/v1/me", tag = "accounts", responses((status = 200, body = User)))]
pub(crate) async fn show(State(state): State<HttpState>, Reader(caller): Reader) -> Result<Json<User>> {
    Ok(Json(state.services.profile(&caller).await?))
}

/// Returns how much the user has stored, and the quotas.
#[utoipa::path(get, path = "/api/v1/me/storage", tag = "accounts", responses((status = 200, body = Storage)))]
pub(crate) async fn storage(State(state): State<HttpState>, Reader(caller): Reader) -> Result<Json<Storage>> {
    Ok(Json(state.services.storage(&caller).await?))
}

/// Changes fields of the profile.
#[utoipa::path(patch, path = "/api/v1/me", tag = "accounts", request_body = UserPatch,
    responses((status = 200, body = User)))]
pub(crate) async fn update(
    State(state): State<HttpState>,
    Writer(caller): Writer,
    Body(patch): Body<UserPatch>,
) -> Result<Json<User>> {
    Ok(Json(state.services.update_profile(&caller, patch).await?))
}

/// Deletes the account with everything in it.
#[utoipa::path(delete, path = "/api/v1/me", tag = "accounts", request_body = DeleteAccount,
    security(("session" = [])), responses((status = 204)))]
pub(crate) async fn delete(
    State(state): State<HttpState>,
    SignedIn(caller): SignedIn,
    Client(client): Client,
    Body(body): Body<DeleteAccount>,
) -> Result<StatusCode> {
    state.services.delete_account(&caller, &body.password, &client).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Changes the password. Ends all other sessions, and all personal tokens that are not kept.
#[utoipa::path(post, path = "/api/v1/me/password", tag = "accounts", request_body = ChangePassword,
    security(("session" = [])), responses((status = 200, body = SignedInBody)))]
pub(crate) async fn change_password(
    State(state): State<HttpState>,
    SignedIn(caller): SignedIn,
    Client(client): Client,
    Body(body): Body<ChangePassword>,
) -> Result<Response> {
    let sign_in = state.services.change_password(&caller, body, client).await?;
    // The session keeps its refresh token, so that neither transport returns a new one.
    Ok(signed_in(&state, sign_in, TokenTransport::Cookie))
}

/// Returns all data of the user.
#[utoipa::path(get, path = "/api/v1/me/export", tag = "accounts", responses((status = 200, body = Export)))]
pub(crate) async fn export(State(state): State<HttpState>, Reader(caller): Reader) -> Result<Response> {
    let mut spool = Spool::new(state.settings.spool.clone());
    state.services.export(&caller, &mut spool).await?;
    let mut answer = spool.answer().await?;
    // A browser keeps it as a file.
    let name = HeaderValue::from_static("attachment; filename=\"tandem-export.json\"");
    answer.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    Ok(answer)
}
