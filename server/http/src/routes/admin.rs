//! What owners of the server do with its accounts. To everybody else these paths do not exist.

use super::{
    Body, HttpState, Id, IdempotencyKey, Json, Manager, Nothing, OptionalBody, Params, Result, State, UserPath,
};
use http::StatusCode;
use tandem_protocol::{
    InvitationId, UserId,
    model::Session,
    rest::{
        AuditEntry, AuditQuery, Invitation, InvitationCreated, ManagedUser, ManagedUserPatch, NewInvitation, Page,
        PageQuery, ResetLink, UsersQuery,
    },
};

/// Lists the accounts, newest first.
#[utoipa::path(get, path = "/api/v1/admin/users", tag = "admin", params(UsersQuery), security(("session" = [])),
    responses((status = 200, body = Page<ManagedUser>)))]
pub(crate) async fn users(
    State(state): State<HttpState>,
    Manager(admin): Manager,
    Params(query): Params<UsersQuery>,
) -> Result<Json<Page<ManagedUser>>> {
    Ok(Json(state.services.users(&admin, query).await?))
}

/// Returns one account, without anything that its user writes.
#[utoipa::path(get, path = "/api/v1/admin/users/{id}", tag = "admin", params(("id" = UserId, Path)),
    security(("session" = [])), responses((status = 200, body = ManagedUser)))]
pub(crate) async fn user(
    State(state): State<HttpState>,
    Manager(admin): Manager,
    Id(UserPath(user)): Id<UserPath>,
) -> Result<Json<ManagedUser>> {
    Ok(Json(state.services.managed_user(&admin, &user).await?))
}

/// Changes the role or name of an account, and whether it is disabled or its address verified. Disabling ends its
/// sessions, personal tokens and replies.
#[utoipa::path(patch, path = "/api/v1/admin/users/{id}", tag = "admin", params(("id" = UserId, Path)),
    request_body = ManagedUserPatch, security(("session" = [])), responses((status = 200, body = ManagedUser)))]
pub(crate) async fn update_user(
    State(state): State<HttpState>,
    Manager(admin): Manager,
    Id(UserPath(user)): Id<UserPath>,
    Body(patch): Body<ManagedUserPatch>,
) -> Result<Json<ManagedUser>> {
    Ok(Json(state.services.update_user(&admin, &user, patch).await?))
}

/// Deletes an account with everything in it.
#[utoipa::path(delete, path = "/api/v1/admin/users/{id}", tag = "admin", params(("id" = UserId, Path)),
    security(("session" = [])), responses((status = 204)))]
pub(crate) async fn delete_user(
    State(state): State<HttpState>,
    Manager(admin): Manager,
    Id(UserPath(user)): Id<UserPath>,
) -> Result<StatusCode> {
    state.services.delete_user(&admin, &user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists the signed-in devices of an account, newest first.
#[utoipa::path(get, path = "/api/v1/admin/users/{id}/sessions", tag = "admin", params(("id" = UserId, Path), PageQuery),
    security(("session" = [])), responses((status = 200, body = Page<Session>)))]
pub(crate) async fn sessions(
    State(state): State<HttpState>,
    Manager(admin): Manager,
    Id(UserPath(user)): Id<UserPath>,
    Params(query): Params<PageQuery>,
) -> Result<Json<Page<Session>>> {
    Ok(Json(state.services.user_sessions(&admin, &user, query).await?))
}

/// Ends all sessions of an account. Their sockets are closed within a second.
#[utoipa::path(delete, path = "/api/v1/admin/users/{id}/sessions", tag = "admin", params(("id" = UserId, Path)),
    security(("session" = [])), responses((status = 204)))]
pub(crate) async fn end_sessions(
    State(state): State<HttpState>,
    Manager(admin): Manager,
    Id(UserPath(user)): Id<UserPath>,
) -> Result<StatusCode> {
    state.services.end_user_sessions(&admin, &user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Creates a link with which the user sets a new password within 30 minutes. No other answer shows it, but
/// for that to the same request under the same key; earlier links end.
#[utoipa::path(post, path = "/api/v1/admin/users/{id}/reset-link", tag = "admin", params(("id" = UserId, Path)),
    request_body = Option<Nothing>, security(("session" = [])), responses((status = 201, body = ResetLink)))]
pub(crate) async fn create_reset_link(
    State(state): State<HttpState>,
    Manager(admin): Manager,
    Id(UserPath(user)): Id<UserPath>,
    IdempotencyKey(key): IdempotencyKey,
    OptionalBody(Nothing {}): OptionalBody<Nothing>,
) -> Result<(StatusCode, Json<ResetLink>)> {
    Ok((StatusCode::CREATED, Json(state.services.create_reset_link(&admin, key, &user).await?)))
}

/// Lists the invitations, newest first, without their secrets. Ended ones are kept for 30 days.
#[utoipa::path(get, path = "/api/v1/admin/invitations", tag = "admin", params(PageQuery), security(("session" = [])),
    responses((status = 200, body = Page<Invitation>)))]
pub(crate) async fn invitations(
    State(state): State<HttpState>,
    Manager(admin): Manager,
    Params(query): Params<PageQuery>,
) -> Result<Json<Page<Invitation>>> {
    Ok(Json(state.services.invitations(&admin, query).await?))
}

/// Creates an invitation. No other answer shows its secret, but for that to the same request under the same key.
#[utoipa::path(post, path = "/api/v1/admin/invitations", tag = "admin", request_body = Option<NewInvitation>,
    security(("session" = [])), responses((status = 201, body = InvitationCreated)))]
pub(crate) async fn create_invitation(
    State(state): State<HttpState>,
    Manager(admin): Manager,
    IdempotencyKey(key): IdempotencyKey,
    OptionalBody(body): OptionalBody<NewInvitation>,
) -> Result<(StatusCode, Json<InvitationCreated>)> {
    Ok((StatusCode::CREATED, Json(state.services.create_invitation(&admin, key, body).await?)))
}

/// Ends an invitation. Accounts that were created with it stay.
#[utoipa::path(delete, path = "/api/v1/admin/invitations/{id}", tag = "admin",
    params(("id" = InvitationId, Path)), security(("session" = [])), responses((status = 204)))]
pub(crate) async fn revoke_invitation(
    State(state): State<HttpState>,
    Manager(admin): Manager,
    Id(id): Id<InvitationId>,
) -> Result<StatusCode> {
    state.services.revoke_invitation(&admin, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists what was done with accounts, newest first.
#[utoipa::path(get, path = "/api/v1/admin/audit", tag = "admin", params(AuditQuery), security(("session" = [])),
    responses((status = 200, body = Page<AuditEntry>)))]
pub(crate) async fn audit(
    State(state): State<HttpState>,
    Manager(admin): Manager,
    Params(query): Params<AuditQuery>,
) -> Result<Json<Page<AuditEntry>>> {
    Ok(Json(state.services.audit(&admin, query).await?))
}
