//! Accounts: profile, password, sessions, personal tokens.
//!
//! [`Accounts`] is what is looked up before anybody is known to be signed in, by an address or by the hash of a secret.
//! All else is done for an owner, in a transaction.

use super::{Result, Spending, Usage};
use async_trait::async_trait;
use tandem_protocol::{
    SessionId, Timestamp, TokenId, UserId,
    enums::Scope,
    model::{PersonalToken, Session, User},
    rest::AuditEntry,
};
use uuid::Uuid;

/// An account as a transaction finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub user: User,
    /// The seq of the newest event in the log.
    pub seq: i64,
    pub next_task_number: i64,
    pub usage: Usage,
    pub spending: Spending,
}

/// A session that begins.
#[derive(Clone, Debug)]
pub struct NewSession {
    pub session: Session,
    /// SHA-256 of the first refresh token.
    pub refresh_hash: [u8; 32],
    /// The session ends then, however much it is used.
    pub ends_at: Timestamp,
}

#[derive(Clone, Debug)]
pub struct NewAccount {
    /// The profile; the address in its compared form.
    pub user: User,
    /// A PHC string of Argon2id, or of an imported account the hash as it was there; an account may have none.
    pub password_hash: Option<String>,
    pub entry: Entry,
    /// What the record gets, with the result that the registration has. Not when it is refused.
    pub record: Option<AuditEntry>,
}

/// By what right an account is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Registration is open. Without an owner it is not, unless `first_is_owner`.
    Open { first_is_owner: bool },
    /// The set-up code: while there is no owner, the account becomes one.
    SetUp,
    /// A use of the invitation with this hash, as long as there is one. It is used up even when the address is taken:
    /// otherwise a second registration with it would show whether the first one was added.
    Invitation([u8; 32]),
    /// A run of the import, of the operator. The account becomes nobody's owner, also without one.
    Import(Uuid),
}

/// What became of a new account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    Added,
    /// The address has an account.
    Taken,
    /// The right has ended, or was used up.
    Refused,
}

/// What a log-in is checked against.
#[derive(Clone, Debug)]
pub struct Credentials {
    pub user_id: UserId,
    /// PHC string; an account may have none.
    pub password_hash: Option<String>,
    pub disabled: bool,
}

/// A session of any user.
#[derive(Clone, Debug)]
pub struct SessionRecord {
    pub user_id: UserId,
    pub session: Session,
    pub revoked: bool,
    /// Whether its account may not sign in.
    pub disabled: bool,
    /// As in [`NewSession::ends_at`], the end that no use moves.
    pub ends_at: Timestamp,
}

impl SessionRecord {
    /// Whether the session may be used at a time.
    pub fn alive(&self, now: Timestamp) -> bool {
        !self.revoked && !self.disabled && now < self.session.expires_at && now < self.ends_at
    }
}

/// A refresh token, the newest of its session or an older one.
#[derive(Clone, Debug)]
pub struct RefreshRecord {
    pub session_id: SessionId,
    /// When it was replaced; `None` for the newest.
    pub replaced_at: Option<Timestamp>,
    /// Whether its successor is still the newest.
    pub is_previous: bool,
}

/// A personal token of any user.
#[derive(Clone, Debug)]
pub struct TokenRecord {
    pub id: TokenId,
    pub user_id: UserId,
    pub scopes: Vec<Scope>,
    pub expires_at: Option<Timestamp>,
    /// Last use, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// Whether its account may not sign in.
    pub disabled: bool,
}

/// A session that may not be used any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndedSession {
    pub id: SessionId,
    /// Whether its account was deleted.
    pub account_deleted: bool,
}

/// Accounts by what a request carries: an address, the id of a session, the hash of a secret.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// Adds an account. Its role follows from its right: of all accounts that are added at once while there is no
    /// owner, on whatever node, one becomes the owner.
    async fn register(&self, account: &NewAccount) -> Result<Admission>;
    /// Whether there is an owner.
    async fn has_owner(&self) -> Result<bool>;
    /// Whether accounts were imported, whose passwords may have another form.
    async fn has_imports(&self) -> Result<bool>;
    /// Keeps the hash of a set-up code, beside those of other nodes. They end when there is an owner.
    async fn add_setup_code(&self, hash: &[u8; 32], now: Timestamp) -> Result<()>;
    /// Whether a set-up code with this hash is kept.
    async fn is_setup_code(&self, hash: &[u8; 32]) -> Result<bool>;
    /// The credentials of this address, in its compared form.
    async fn credentials(&self, email: &str) -> Result<Option<Credentials>>;
    /// A session by its id, alive or not.
    async fn session(&self, id: SessionId) -> Result<Option<SessionRecord>>;
    async fn refresh_token(&self, hash: &[u8; 32]) -> Result<Option<RefreshRecord>>;
    async fn personal_token(&self, hash: &[u8; 32]) -> Result<Option<TokenRecord>>;
    /// Records a use of a personal token, to the minute.
    async fn touch_personal_token(&self, id: TokenId, now: Timestamp) -> Result<()>;
    /// Sessions that have ended since a time because they were revoked, or because their account was disabled or
    /// deleted. The times are those of the nodes that ended them, taken before the commit: pass a time that overlaps by
    /// some seconds.
    async fn ended_since(&self, since: Timestamp) -> Result<Vec<EndedSession>>;
}

/// The account of an owner.
#[async_trait]
pub trait AccountReads {
    /// The account itself; in a transaction that writes, with the counters as it found them.
    async fn account(&mut self) -> Result<Account>;
    /// The PHC string of the password; an account may have none.
    async fn password_hash(&mut self) -> Result<Option<String>>;
    /// Sessions that are neither revoked nor over, newest first; `current` is false.
    async fn sessions(&mut self, now: Timestamp) -> Result<Vec<Session>>;
    /// Personal tokens, newest first.
    async fn personal_tokens(&mut self) -> Result<Vec<PersonalToken>>;
}

/// Changing the account of an owner.
#[async_trait]
pub trait AccountWrites {
    /// Writes name, zone, image and settings of the profile, the role, and whether the address is verified.
    async fn update_user(&mut self, user: &User) -> Result<()>;
    /// Ends the account: its sessions count as revoked from `now` on, its address is free, and nothing can act for it
    /// any more. Its rows are removed by [`super::Maintenance::remove_deleted`]. This transaction can only commit
    /// afterwards.
    async fn delete_account(&mut self, now: Timestamp) -> Result<()>;
    async fn insert_session(&mut self, session: &NewSession) -> Result<()>;
    /// Replaces the refresh token `old` of a session by `new`, if `old` is still the newest; returns whether it was.
    /// Sets the session's last use, address and idle end. A session that a clock that was ahead has begun then begins
    /// at `now`.
    async fn rotate_refresh(
        &mut self,
        old: &[u8; 32],
        new: &[u8; 32],
        session: &Session,
        now: Timestamp,
    ) -> Result<bool>;
    /// Ends a session; false when it was not alive.
    async fn revoke_session(&mut self, id: SessionId, now: Timestamp) -> Result<bool>;
}

/// Changing passwords and personal tokens.
#[async_trait]
pub trait CredentialWrites: Send {
    async fn set_password_hash(&mut self, hash: &str) -> Result<()>;
    /// Replaces the password hash if it is still `old`: a raised parameter or an imported hash, at log-in.
    async fn rehash_password(&mut self, old: &str, new: &str) -> Result<()>;
    /// Keeps a personal token under the hash of its secret.
    async fn insert_personal_token(&mut self, token: &PersonalToken, hash: &[u8; 32]) -> Result<()>;
    /// Removes a personal token; false when there is none of this id.
    async fn delete_personal_token(&mut self, id: TokenId) -> Result<bool>;
}
