//! What is looked up before the owner is known, and what is swept over all owners.

use super::Result;
use async_trait::async_trait;
use std::time::Duration;
use tandem_protocol::{
    MessageId, SessionId, Timestamp, TokenId, UserId,
    enums::Scope,
    model::{Session, User},
};

#[derive(Clone, Debug)]
pub struct NewAccount {
    /// The profile; the address in its compared form.
    pub user: User,
    /// A PHC string of Argon2id.
    pub password_hash: String,
}

/// What a log-in is checked against.
#[derive(Clone, Debug)]
pub struct Credentials {
    pub user_id: UserId,
    /// PHC string; an account may have none.
    pub password_hash: Option<String>,
    /// Whether the account may sign in.
    pub disabled: bool,
}

/// A session, whoever's it is.
#[derive(Clone, Debug)]
pub struct SessionRecord {
    pub user_id: UserId,
    /// What devices see of it.
    pub session: Session,
    /// Ended by the user or by an operator.
    pub revoked: bool,
    /// The account may not sign in.
    pub disabled: bool,
    /// Ends then, however much it is used.
    pub ends_at: Timestamp,
}

impl SessionRecord {
    /// Whether requests may rest on it.
    #[must_use]
    pub fn alive(&self, now: Timestamp) -> bool {
        !self.revoked && !self.disabled && now < self.session.expires_at && now < self.ends_at
    }
}

/// A refresh token that is or was ours.
#[derive(Clone, Debug)]
pub struct RefreshRecord {
    pub session_id: SessionId,
    /// When another took its place; `None` for the newest.
    pub replaced_at: Option<Timestamp>,
    /// Whether the token that took its place is still the newest.
    pub is_previous: bool,
}

/// A personal token, whoever's it is.
#[derive(Clone, Debug)]
pub struct TokenRecord {
    pub id: TokenId,
    pub user_id: UserId,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Ends then, or never.
    pub expires_at: Option<Timestamp>,
    /// Last use, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// The account may not sign in.
    pub disabled: bool,
}

/// A session on which nothing may rest any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndedSession {
    pub id: SessionId,
    /// Whether it has gone with its account.
    pub account_deleted: bool,
}

/// How often something may be done: `burst` times at once, and once more every `every`.
#[derive(Clone, Debug)]
pub struct RateLimit {
    /// By whom, and what. Kept as it is, a while longer than the account if need be: put no address into it but its hash.
    pub key: String,
    /// Counted from 1 on.
    pub burst: u32,
    /// Whole milliseconds, from 1.
    pub every: Duration,
}

/// The furthest that times can lie in the future.
#[derive(Clone, Copy, Debug)]
pub struct Furthest {
    /// The end of a session that nobody uses.
    pub session: Timestamp,
    /// When an allowance that is used up is whole again.
    pub allowance: Timestamp,
}

/// Look-ups and sweeps that are not of one owner.
#[async_trait]
pub trait Directory: Send + Sync + 'static {
    /// Names this database's event logs: made with the database, new after a restore.
    async fn epoch(&self) -> Result<String>;
    /// Notes that what is there now is the newest: an older copy put in its place is recognised at the next start. For
    /// databases whose files anybody may swap.
    async fn mark(&self) -> Result<()>;
    /// Whether the database answers and takes changes.
    async fn ready(&self) -> Result<()>;
    /// Closes the database in order. Nothing can be done with the store afterwards.
    async fn close(&self) -> Result<()>;

    /// Adds an account; false when the address is taken.
    async fn register(&self, account: &NewAccount) -> Result<bool>;
    /// What a log-in with this address (in its compared form) is checked against.
    async fn credentials(&self, email: &str) -> Result<Option<Credentials>>;
    /// A session by its id, alive or not.
    async fn session(&self, id: SessionId) -> Result<Option<SessionRecord>>;
    /// A refresh token by its hash.
    async fn refresh_token(&self, hash: &[u8; 32]) -> Result<Option<RefreshRecord>>;
    /// A personal token by the hash of its secret.
    async fn personal_token(&self, hash: &[u8; 32]) -> Result<Option<TokenRecord>>;
    /// Notes a use of a personal token, to the minute.
    async fn touch_personal_token(&self, id: TokenId, now: Timestamp) -> Result<()>;
    /// Sessions that have ended since a time because they were revoked, or because their account was disabled or deleted.
    /// The times are those of the nodes that ended them, noted before the commit: ask with an overlap of some seconds.
    async fn ended_since(&self, since: Timestamp) -> Result<Vec<EndedSession>>;

    /// Takes one of each allowance, in their order, up to one that is used up: then it gives how long until that one has
    /// more. What was taken before it stays taken. Those who take at the same time, on whatever node, never get more than
    /// there is.
    async fn take(&self, allowances: &[RateLimit], now: Timestamp) -> Result<Option<Duration>>;
    /// Gives back what was taken of each.
    async fn give_back(&self, allowances: &[RateLimit]) -> Result<()>;

    /// The seq of the newest event of each of these users, in any order; 0 for a log without events. Who does not exist is
    /// left out.
    async fn log_heads(&self, users: &[UserId]) -> Result<Vec<(UserId, i64)>>;

    /// Prolongs the leases that `node` holds on these runs.
    async fn renew_leases(&self, node: &str, runs: &[MessageId], until: Timestamp) -> Result<()>;
    /// Of the runs that `node` holds those that their user wants stopped.
    async fn unwanted_runs(&self, node: &str) -> Result<Vec<MessageId>>;
    /// How many runs wait for their turn, those of all nodes.
    async fn queued_runs(&self) -> Result<i64>;
    /// Runs that no node holds any more and that could go on, oldest first: running ones without a lease that lasts, and
    /// queued ones with nothing before them whose user has fewer than `user_replies` that run. A lease beyond `furthest` was
    /// written by a clock that was ahead, and is over.
    async fn expired_runs(
        &self,
        now: Timestamp,
        furthest: Timestamp,
        user_replies: i64,
        limit: u32,
    ) -> Result<Vec<(UserId, MessageId)>>;
    /// Accounts that have ended and still have rows: some of them, oldest first.
    async fn deleted_accounts(&self) -> Result<Vec<UserId>>;
    /// Removes every row of an account that has ended, in small transactions between those of others.
    async fn remove_deleted(&self, user: &UserId) -> Result<()>;
    /// The next user after this one, in a circle, with documents that the search does not know yet.
    async fn next_unindexed(&self, after: Option<&UserId>) -> Result<Option<UserId>>;
    /// Brings some of them into the index of the search, in a short transaction: says whether more wait.
    async fn index_documents(&self, user: &UserId) -> Result<bool>;

    /// Sets right what a clock that was ahead has written: times of what has happened that are still to come, sessions and
    /// allowances that last for longer than they can. A clock that was never set changes nothing.
    async fn set_back(&self, now: Timestamp, furthest: Furthest) -> Result<()>;
    /// Removes what is kept for a time only: events of more than 7 days that are not among the newest `keep_events` of
    /// their user, results of commands after 2 days; events, deleted tasks, undo entries, spent tokens and ended sessions
    /// after 30; allowances that are whole again; the words of deleted texts.
    async fn prune(&self, now: Timestamp, keep_events: i64) -> Result<()>;
}
