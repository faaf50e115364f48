//! Registration, log-in, sessions, personal tokens, the account itself.

use super::{AuditEntry, Feed};
use crate::{
    enums::{Scope, TokenTransport},
    flatten::{field_and_rest, maybe_object},
    model::{Completion, Conversation, Message, PersonalToken, Session, Task, User},
    push::Subscription,
    settings::SettingsPatch,
    time::Timestamp,
};
use serde::{Deserialize, Deserializer, Serialize};

/// Body of `POST /auth/register`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Register {
    /// At most 254 characters; compared without case.
    pub email: String,
    /// 8 to 128 characters.
    pub password: String,
    /// The name of the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The secret of an invitation, where registration is not open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitation: Option<String>,
    /// The set-up code, for the first account of a server that others can reach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setup_code: Option<String>,
}

/// The answer to a registration: the same whether or not the address was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
// An answer that differs for a taken address would reveal who has an account.
pub enum Registered {
    /// The request was accepted: log in next.
    Accepted,
}

/// Body of `POST /auth/login`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Login {
    /// The address of the account, compared without case.
    pub email: String,
    /// The password of the account.
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
    /// The token for `Authorization: Bearer`.
    pub access_token: String,
    /// Always `Bearer`, as OAuth names it.
    pub token_type: String,
    /// Seconds until the access token ends.
    pub expires_in: i64,
    /// The account that signed in.
    pub user: User,
    /// The session, with `current` true.
    pub session: Session,
    /// With transport `body`; absent within 10 s after another rotation, when the newest is already on its way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
}

/// Answer of `GET /me/storage`: what a user has stored, the log of changes included, and how much it may be. A user above
/// either limit cannot add more (`limit`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Storage {
    /// Bytes of everything: 100 for each row, and its content.
    pub bytes: u64,
    /// The limit of `bytes`; nothing can be added above it.
    pub max_bytes: u64,
    /// Rows that the user has stored.
    pub rows: u64,
    /// The limit of `rows`; nothing can be added above it.
    pub max_rows: u64,
}

/// Body of `PATCH /me`; an absent field stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserPatch {
    /// The new name of the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The new IANA time zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// The settings that change.
    #[serde(default, deserialize_with = "maybe_object", skip_serializing_if = "Option::is_none")]
    pub settings: Option<SettingsPatch>,
}

/// Body of `DELETE /me`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeleteAccount {
    /// The password, to confirm the deletion.
    pub password: String,
}

/// Body of `POST /me/password`.
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

/// Body of `POST /tokens`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewToken {
    /// The user's name for the token.
    pub name: String,
    /// At least one scope.
    pub scopes: Vec<Scope>,
    /// Null: until it is revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Needed, unless the session logged in within the last ten minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
}

/// A new personal token: the only time that its secret is shown.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenCreated {
    /// The secret; starts with `tnd_`.
    pub token: String,
    /// What the list of tokens shows of it.
    #[serde(flatten)]
    pub info: PersonalToken,
}

impl<'de> Deserialize<'de> for TokenCreated {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (token, info) = field_and_rest("token", deserializer)?;
        Ok(Self { token, info })
    }
}

/// `GET /me/export`: everything the user owns.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Export {
    /// Names this shape; `1`.
    pub version: u32,
    /// When the export was made.
    pub exported_at: Timestamp,
    /// The user's own account.
    pub user: User,
    /// All conversations of the user.
    pub conversations: Vec<Conversation>,
    /// All messages of these conversations.
    pub messages: Vec<Message>,
    /// All tasks, the completed ones included.
    pub tasks: Vec<Task>,
    /// What was done and when, newest first.
    pub completions: Vec<Completion>,
    /// The devices that are signed in.
    pub sessions: Vec<Session>,
    /// Personal tokens, without secrets.
    pub tokens: Vec<PersonalToken>,
    /// Calendar feeds, without secrets.
    pub feeds: Vec<Feed>,
    /// Devices that receive pushes, without their keys.
    pub push_subscriptions: Vec<Subscription>,
    /// How much of it there is.
    pub storage: Storage,
    /// What the record of accounts holds of the user, newest first; of what others did, not who they were.
    pub record: Vec<AuditEntry>,
}
