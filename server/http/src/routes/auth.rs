//! Registration, log-in, refresh and log-out.
//!
//! No other route reads the cookie, so these are the only ones that a page of another site could abuse: those that read
//! it check the origin of the request.

use super::{Body, Client, HttpState, Json, Nothing, OptionalBody, Result, State};
use crate::{error::Refusal, extract::Bearer, origin::may_use_cookie};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, StatusCode, header};
use tandem_auth::Caller;
use tandem_protocol::{
    enums::TokenTransport,
    rest::{Login, Refresh, Register, Registered, ResetPassword, SignedIn},
};
use tandem_service::{ServiceError, Work, sessions::SignIn};

/// Adds an account. The answer is the same whether or not the address was taken. Where registration is not open it needs
/// an invitation, or for the first account the set-up code.
#[utoipa::path(post, path = "/api/v1/auth/register", tag = "accounts", request_body = Register, security(()),
    responses((status = 202, body = Registered)))]
pub(crate) async fn register(
    State(state): State<HttpState>,
    Client(client): Client,
    Body(body): Body<Register>,
) -> Result<(StatusCode, Json<Registered>)> {
    state.services.register(body, &client).await?;
    Ok((StatusCode::ACCEPTED, Json(Registered::Accepted)))
}

/// Opens a session for an email address and a password.
#[utoipa::path(post, path = "/api/v1/auth/login", tag = "accounts", request_body = Login, security(()),
    responses((status = 200, body = SignedIn)))]
pub(crate) async fn login(
    State(state): State<HttpState>,
    Client(client): Client,
    headers: HeaderMap,
    Body(body): Body<Login>,
) -> Result<Response> {
    require_own_page(&state, &headers)?;
    let transport = body.transport.unwrap_or(TokenTransport::Cookie);
    // A known refresh token, even an expired one, marks a device of the account, whose attempts are counted on their
    // own.
    let sign_in = state.services.log_in(body, client, state.settings.token_of_cookie(&headers).as_deref()).await?;
    Ok(signed_in(&state, sign_in, transport))
}

/// Sets a new password with a link that an owner of the server has made. Ends all sessions and personal tokens of the
/// account; log in next.
#[utoipa::path(post, path = "/api/v1/auth/reset", tag = "accounts", request_body = ResetPassword, security(()),
    responses((status = 204)))]
pub(crate) async fn reset(
    State(state): State<HttpState>,
    Client(client): Client,
    Body(body): Body<ResetPassword>,
) -> Result<StatusCode> {
    state.services.reset_password(body, &client).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Issues new tokens for the newest refresh token, from the cookie or the body.
#[utoipa::path(post, path = "/api/v1/auth/refresh", tag = "accounts", request_body = Option<Refresh>, security(()),
    responses((status = 200, body = SignedIn)))]
pub(crate) async fn refresh(
    State(state): State<HttpState>,
    Client(client): Client,
    headers: HeaderMap,
    OptionalBody(body): OptionalBody<Refresh>,
) -> Result<Response> {
    require_own_page(&state, &headers)?;
    // The new token is returned the way the old one came: a script must not be able to read that of a cookie.
    let (token, transport) = match body.refresh_token {
        Some(token) => (Some(token), TokenTransport::Body),
        None => (state.settings.token_of_cookie(&headers), TokenTransport::Cookie),
    };
    let token = token.ok_or(ServiceError::InvalidToken)?;
    let sign_in = state.services.refresh(&token, client).await?;
    Ok(signed_in(&state, sign_in, transport))
}

/// Ends the session of the access token, or without one that of the cookie.
#[utoipa::path(post, path = "/api/v1/auth/logout", tag = "accounts", security((), ("session" = [])),
    request_body = Option<Nothing>, responses((status = 204)))]
pub(crate) async fn logout(
    State(state): State<HttpState>,
    Client(client): Client,
    headers: HeaderMap,
    OptionalBody(Nothing {}): OptionalBody<Nothing>,
) -> Result<Response> {
    require_own_page(&state, &headers)?;
    let caller = Caller { address: client.address, ..logout_caller(&state, &headers).await? };
    let session = caller.session().ok_or(ServiceError::InsufficientScope(None))?;
    let caller = state.services.admit(caller, Work::Change).await?;
    state.services.end_session(&caller, session).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, state.settings.expired_cookie())]).into_response())
}

/// The caller of a log-out. With an expired access token it is the session of the cookie: a user must be able to log
/// out after a pause.
async fn logout_caller(state: &HttpState, headers: &HeaderMap) -> Result<Caller> {
    let refused = match Bearer::of(headers)? {
        Some(bearer) => match bearer.admit(&state.services).await {
            Err(Refusal::Service(error)) if matches!(*error, ServiceError::TokenExpired) => Refusal::Service(error),
            admitted => return admitted,
        },
        None => ServiceError::Unauthenticated.into(),
    };
    let token = state.settings.token_of_cookie(headers).ok_or(refused)?;
    Ok(state.services.caller_of_refresh(&token).await?)
}

fn require_own_page(state: &HttpState, headers: &HeaderMap) -> Result<()> {
    let settings = &state.settings;
    if may_use_cookie(headers, &settings.public_url, &settings.allowed_origins) {
        Ok(())
    } else {
        Err(Refusal::ForbiddenOrigin)
    }
}

/// The answer with the tokens of a session: the refresh token in the body or in the cookie, as the request demands.
pub(super) fn signed_in(state: &HttpState, sign_in: SignIn, transport: TokenTransport) -> Response {
    let SignIn { access_token, expires_in, user, session, refresh } = sign_in;
    let (ends_at, now) = (session.expires_at, state.services.env().now());
    let refresh = refresh.as_ref().map(tandem_auth::secret::Secret::reveal);
    let (in_body, in_cookie) = match transport {
        TokenTransport::Body => (refresh.map(str::to_owned), None),
        TokenTransport::Cookie => (None, refresh.map(|token| state.settings.cookie(token, ends_at, now))),
    };
    let token_type = "Bearer".to_owned();
    let body = SignedIn { access_token, token_type, expires_in, user, session, refresh_token: in_body };
    let mut response = Json(body).into_response();
    response.headers_mut().extend(in_cookie.map(|cookie| (header::SET_COOKIE, cookie)));
    response
}
