//! The account of an owner: profile, sessions, personal tokens.

use super::{Result, Usage};
use async_trait::async_trait;
use tandem_protocol::{
    SessionId, Timestamp, TokenId,
    model::{PersonalToken, Session, User},
};

/// An account as a transaction finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub user: User,
    /// Of the newest event in the log.
    pub seq: i64,
    /// The number that the next task gets.
    pub next_task_number: i64,
    /// What the owner has stored.
    pub usage: Usage,
}

/// A session that begins.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// What devices see of it.
    pub session: Session,
    /// SHA-256 of the first refresh token.
    pub refresh_hash: [u8; 32],
    /// Ends then, however much it is used.
    pub ends_at: Timestamp,
}

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

#[async_trait]
pub trait AccountWrites {
    /// Writes name, zone and image of the profile.
    async fn update_user(&mut self, user: &User) -> Result<()>;
    /// Ends the account: its sessions count as revoked from `now` on, its address is free, and nobody acts for it any more.
    /// Its rows go with [`super::Directory::remove_deleted`]. Nothing else is possible in this transaction but to commit.
    async fn delete_account(&mut self, now: Timestamp) -> Result<()>;
    async fn insert_session(&mut self, session: &NewSession) -> Result<()>;
    /// Replaces the refresh token `old` of a session by `new`, if `old` is still the newest: says whether it was.
    /// Sets the session's last use, address and idle end. If a clock that was ahead has begun it, it begins at `now`.
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

/// What lets somebody in: the password, and personal tokens.
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
