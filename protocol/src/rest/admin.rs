//! What an owner of the server does with its accounts: users, invitations, links to replace a password, the record.

use super::tasks::present;
use crate::{
    enums::{AuditAction, AuditResult, UserRole},
    id::{AuditId, InvitationId, UserId},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// An invitation, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Invitation {
    /// The id, by which it is revoked.
    pub id: InvitationId,
    /// The only address that may use it; null for any.
    pub email: Option<String>,
    /// How many accounts it may create.
    pub uses: u32,
    /// Registrations that it has admitted.
    pub used: u32,
    /// When the invitation was created.
    pub created_at: Timestamp,
    /// When the invitation ends.
    pub expires_at: Timestamp,
    /// When somebody revoked it.
    pub revoked_at: Option<Timestamp>,
    /// The owner who created it; null for the command line, and when that account is gone.
    pub created_by: Option<UserId>,
}

/// Body of `POST /admin/invitations`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewInvitation {
    /// The only address that may use it; any when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// 1 to 1000; 1 when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uses: Option<u32>,
    /// At most a year ahead; seven days when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// A new invitation: the only time that its secret is shown.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvitationCreated {
    /// The secret, for `invitation` of a registration.
    pub token: String,
    /// The page to register at, with the secret behind `#`, which browsers do not send.
    pub url: String,
    /// What the list of invitations shows of it.
    #[serde(flatten)]
    pub info: Invitation,
}

/// An account as owners of the server see it: nothing of what its user writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ManagedUser {
    /// The account's id; it never changes.
    pub id: UserId,
    /// The address to log in with.
    pub email: String,
    /// The user's name; empty when not given.
    pub name: String,
    /// Whether the user is an owner of the server.
    pub role: UserRole,
    /// Whether the address is known to be the user's.
    pub email_verified: bool,
    /// Whether the account may not sign in.
    pub disabled: bool,
    /// When the account was registered.
    pub created_at: Timestamp,
    /// Last log-in, refresh or use of a personal token; null when none is stored any more.
    pub last_seen_at: Option<Timestamp>,
    /// Devices that are signed in.
    pub sessions: i64,
    /// Tasks, the completed ones included.
    pub tasks: i64,
    /// Rows that the user has stored.
    pub stored_rows: i64,
    /// Bytes of these rows.
    pub stored_bytes: i64,
    /// Replies, and tokens of providers.
    pub spending: AccountSpending,
}

/// What a user has spent. Days are those of UTC.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountSpending {
    /// Replies that began today.
    pub replies_today: i64,
    /// Tokens of providers in replies that ended today.
    pub tokens_today: i64,
    /// Replies since the account was registered.
    pub replies: i64,
    /// Tokens since the account was registered.
    pub tokens: i64,
    /// Replies that may begin in a day; null for any number.
    pub daily_replies: Option<i64>,
    /// Tokens in a day after which no reply begins; null for any number.
    pub daily_tokens: Option<i64>,
    /// The limit of this user; null when it is the server's.
    pub own_daily_replies: Option<i64>,
    /// The limit of this user; null when it is the server's.
    pub own_daily_tokens: Option<i64>,
}

/// Query of `GET /admin/users`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct UsersQuery {
    /// Part of the address or the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// 1 to 200, 50 when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// The `next_cursor` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// Body of `PATCH /admin/users/{id}`; an absent field stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ManagedUserPatch {
    /// The new role; the last owner stays one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<UserRole>,
    /// True ends the sessions, personal tokens and replies of the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
    /// Whether the address is known to be the user's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_verified: Option<bool>,
    /// The new name of the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Replies that the user may begin in a day, 0 to 1,000,000,000; null for the limit of the server.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
    pub daily_replies: Option<Option<i64>>,
    /// Tokens of providers in a day, 0 to 1,000,000,000; null for the limit of the server.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
    pub daily_tokens: Option<Option<i64>>,
}

/// A link with which a user sets a new password: the only time that it is shown.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ResetLink {
    /// The secret, for `token` of `POST /auth/reset`.
    pub token: String,
    /// The page to set the password at, with the secret behind `#`, which browsers do not send.
    pub url: String,
    /// When the link ends.
    pub expires_at: Timestamp,
}

/// Body of `POST /auth/reset`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ResetPassword {
    /// The secret of the link.
    pub token: String,
    /// 8 to 128 characters.
    pub password: String,
}

/// One line of the record of what was done with accounts. Has neither secrets nor anything that users write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    /// The id of the entry.
    pub id: AuditId,
    /// When it was done or refused.
    pub at: Timestamp,
    /// The id of a user, `operator` for the command line, `deleted` for a deleted account; null for nobody known.
    pub actor: Option<String>,
    /// What was done, or was to be done.
    pub action: AuditAction,
    /// The id of the account or the invitation that it was done to.
    pub target: Option<String>,
    /// More of it, such as the id of a session or a role.
    pub detail: Option<String>,
    /// The address of the client.
    pub ip: Option<String>,
    /// The node that did it.
    pub node: String,
    /// Whether it was done.
    pub result: AuditResult,
    /// The address of the account that did it, as it is now; null when there is none.
    #[serde(default)]
    pub actor_email: Option<String>,
    /// The address of the account that it was done to, as it is now; null when there is none.
    #[serde(default)]
    pub target_email: Option<String>,
}

/// Query of `GET /admin/audit`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct AuditQuery {
    /// Only entries whose actor or target this is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// 1 to 200, 50 when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// The `next_cursor` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}
