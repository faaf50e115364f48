//! The accounts of the server as its owners see them, invitations, links to replace a password, and the record of all
//! that.
//!
//! What an owner of the server does with an account of another is a change of that account, in a transaction that holds
//! its log ([`AccountAdmin`]). What belongs to no account, such as an invitation, is an [`AdminTx`].
//!
//! **Invariant:** nothing here reads what users write.

use super::{DailyLimits, Result, Spending, Usage};
use async_trait::async_trait;
use tandem_domain::page::{PageRequest, PageRows};
use tandem_protocol::{
    AuditId, InvitationId, SessionId, Timestamp, UserId,
    model::Session,
    rest::{AuditEntry, Invitation, ManagedUser},
};

/// The sort key of an account in the list: when it was registered, and its id.
pub type UserKey = (i64, UserId);
/// The sort key of an invitation, newest first.
pub type InvitationKey = (i64, InvitationId);
/// The sort key of an entry of the record, newest first.
pub type AuditKey = (i64, AuditId);

/// How an account is named.
#[derive(Clone, Copy, Debug)]
pub enum UserRef<'a> {
    Id(&'a str),
    /// The address in its compared form.
    Email(&'a str),
}

/// Who is left when an account stops being an owner's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OtherAccounts {
    /// Whether another owner may sign in.
    pub owner: bool,
    /// Whether there is any other account.
    pub any: bool,
}

/// What an account has spent and stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spender {
    pub user: UserId,
    pub spending: Spending,
    pub usage: Usage,
}

/// What is read without a transaction of a user.
#[async_trait]
pub trait Administration: Send + Sync {
    /// Accounts whose address or name contains a text, newest first; all for an empty one.
    async fn users(&self, text: &str, page: &PageRequest<UserKey>, now: Timestamp) -> Result<PageRows<ManagedUser>>;
    async fn managed_user(&self, which: UserRef<'_>, now: Timestamp) -> Result<Option<ManagedUser>>;
    /// The accounts that have spent the most tokens on a day, in days of UTC since 1970, the first one the most.
    async fn spenders(&self, day: i64, limit: u32) -> Result<Vec<Spender>>;
    /// The living sessions of a user, newest first.
    async fn sessions_of(&self, user: &UserId, now: Timestamp) -> Result<Vec<Session>>;
    /// All invitations, the ended ones included, newest first.
    async fn invitations(&self, page: &PageRequest<InvitationKey>) -> Result<PageRows<Invitation>>;
    /// Whether an invitation with this hash admits this address.
    async fn admits(&self, hash: &[u8; 32], email: &str, now: Timestamp) -> Result<bool>;
    /// The account that a link with this hash sets the password of.
    async fn reset_link(&self, hash: &[u8; 32], now: Timestamp) -> Result<Option<UserId>>;
    /// The record, newest first; only what a user did or suffered when one is named.
    async fn audit(&self, user: Option<&str>, page: &PageRequest<AuditKey>) -> Result<PageRows<AuditEntry>>;
    /// Adds an entry to the record that belongs to no other change.
    async fn record(&self, entry: &AuditEntry) -> Result<()>;
    /// Removes entries of the record from before a time.
    async fn prune_audit(&self, before: Timestamp) -> Result<()>;
    /// Begins a change of what belongs to no account.
    async fn administer(&self) -> Result<Box<dyn AdminTx>>;
}

/// A change of what belongs to no account.
#[async_trait]
pub trait AdminTx: Send {
    /// Whether a session is alive and its user an owner. Holds who the owners are until the transaction ends.
    async fn is_owner(&mut self, session: SessionId, now: Timestamp) -> Result<bool>;
    async fn insert_invitation(&mut self, invitation: &Invitation, hash: &[u8; 32]) -> Result<()>;
    /// Ends an invitation; false when there is none of this id, or it is revoked.
    async fn revoke_invitation(&mut self, id: InvitationId, now: Timestamp) -> Result<bool>;
    async fn record(&mut self, entry: &AuditEntry) -> Result<()>;
    async fn commit(self: Box<Self>) -> Result<()>;
}

/// What happens to an account by others than its user, in a transaction of that account.
#[async_trait]
pub trait AccountAdmin: Send {
    /// The same as [`AdminTx::is_owner`].
    async fn is_owner(&mut self, session: SessionId, now: Timestamp) -> Result<bool>;
    /// The accounts beside this one. Holds who the owners are until the transaction ends: of two owners who stop being
    /// one at the same time, the second finds itself the last.
    async fn other_accounts(&mut self) -> Result<OtherAccounts>;
    /// Disables the account from a time on, or enables it; false when it was so before.
    async fn set_disabled(&mut self, since: Option<Timestamp>) -> Result<bool>;
    /// Sets what the user may spend in a day, in place of what the server allows.
    async fn set_daily_limits(&mut self, limits: DailyLimits) -> Result<()>;
    /// Ends all links that set the password.
    async fn delete_reset_links(&mut self) -> Result<()>;
    /// Keeps the hash of a link that sets the password.
    async fn insert_reset_link(&mut self, hash: &[u8; 32], now: Timestamp, expires_at: Timestamp) -> Result<()>;
    /// The same as [`AdminTx::insert_invitation`], when the account's user invites.
    async fn insert_invitation(&mut self, invitation: &Invitation, hash: &[u8; 32]) -> Result<()>;
    /// Uses a link up, and all others of the account; false when it is not one of the account's, or over.
    async fn use_reset_link(&mut self, hash: &[u8; 32], now: Timestamp) -> Result<bool>;
    /// Adds an entry to the record, which is there when this change is.
    async fn record(&mut self, entry: &AuditEntry) -> Result<()>;
}
