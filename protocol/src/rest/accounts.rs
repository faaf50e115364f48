//! Registration, log-in, sessions, personal tokens, the account itself.

use crate::{
    enums::{Scope, TokenTransport},
    model::{Conversation, Message, PersonalToken, Session, Task, User},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// `POST /auth/register`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Register {
    /// At most 254 characters; compared without case.
    pub email: String,
    /// 8 to 128 characters.
    pub password: String,
    /// What the person is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// The answer to a registration: the same whether or not the address was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Registered {
    /// Log in next.
    Accepted,
}

/// `POST /auth/login`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Login {
    /// As registered.
    pub email: String,
    /// As registered.
    pub password: String,
    /// How the list of devices names this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_name: Option<String>,
    /// How the refresh token travels; a cookie when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transport: Option<TokenTransport>,
}

/// `POST /auth/refresh` without a cookie.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Refresh {
    /// The newest one; absent when a cookie carries it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
}

/// The answer to a log-in, a refresh and a change of password.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedIn {
    /// For `Authorization: Bearer`.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: String,
    /// Seconds that the access token still lives.
    pub expires_in: i64,
    /// Who signed in.
    pub user: User,
    /// The session, with `current` true.
    pub session: Session,
    /// With transport `body`; absent within 10 s after another rotation, when the newest is already on its way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
}

/// `GET /me/storage`: what a user has stored, the log of changes included, and how much it may be. Who is above either
/// limit adds nothing more (`limit`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Storage {
    /// Bytes of everything: 100 for each row, and its content.
    pub bytes: u64,
    /// Most bytes.
    pub max_bytes: u64,
    /// Rows of everything.
    pub rows: u64,
    /// Most rows.
    pub max_rows: u64,
}

/// `PATCH /me`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserPatch {
    /// New name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// New IANA zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// `DELETE /me`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeleteAccount {
    /// The password again.
    pub password: String,
}

/// `POST /me/password`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangePassword {
    /// The password until now.
    pub current_password: String,
    /// 8 to 128 characters.
    pub new_password: String,
    /// Personal tokens that stay, by name or id; all others end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keep_tokens: Vec<String>,
}

/// `POST /tokens`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewToken {
    /// What the user calls it.
    pub name: String,
    /// At least one.
    pub scopes: Vec<Scope>,
    /// Null: until it is revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Needed, unless the session logged in within the last ten minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
}

/// A new personal token: the only time that its secret is shown.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenCreated {
    /// Starts with `tnd_`.
    pub token: String,
    /// What the list of tokens shows of it.
    #[serde(flatten)]
    pub info: PersonalToken,
}

/// `GET /me/export`: everything the user owns.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Export {
    /// Names this shape; `1`.
    pub version: u32,
    /// Made at.
    pub exported_at: Timestamp,
    /// The account.
    pub user: User,
    /// Every conversation.
    pub conversations: Vec<Conversation>,
    /// Every message.
    pub messages: Vec<Message>,
    /// Every task.
    pub tasks: Vec<Task>,
    /// Signed-in devices.
    pub sessions: Vec<Session>,
    /// Personal tokens, without secrets.
    pub tokens: Vec<PersonalToken>,
}
