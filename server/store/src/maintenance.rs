//! What keeps a database in order, beside all users: its state, and what is swept over everybody's rows.
//!
//! **Invariant:** a sweep works in short transactions, so that a user's change waits for one of them at the most.

use super::Result;
use async_trait::async_trait;
use tandem_protocol::{Timestamp, UserId};

/// The furthest that times can lie in the future.
#[derive(Clone, Copy, Debug)]
pub struct Furthest {
    /// The end of a session that nobody uses.
    pub session: Timestamp,
    /// When a rate limit that is used up is whole again.
    pub rate_limit: Timestamp,
}

/// Keeping a database in order.
#[async_trait]
pub trait Maintenance: Send + Sync {
    /// Notes that what is there now is the newest: an older copy put in its place is recognised at the next start. For
    /// databases whose files anybody may swap.
    async fn touch_fingerprint(&self) -> Result<()>;
    /// Whether the database answers and takes changes.
    async fn ready(&self) -> Result<()>;
    /// Closes the database in order. Nothing can be done with the store afterwards.
    async fn close(&self) -> Result<()>;

    /// Accounts that have ended and still have rows: some of them, oldest first.
    async fn deleted_accounts(&self) -> Result<Vec<UserId>>;
    /// Removes every row of an account that has ended, in small transactions between those of others.
    async fn remove_deleted(&self, user: &UserId) -> Result<()>;
    /// The next user after this one, in a circle, with documents that the search does not know yet.
    async fn next_unindexed(&self, after: Option<&UserId>) -> Result<Option<UserId>>;
    /// Brings some of them into the index of the search, in a short transaction: says whether more wait.
    async fn index_documents(&self, user: &UserId) -> Result<bool>;

    /// Sets right what a clock that was ahead has written: times of what has happened that are still to come, sessions and
    /// rate limits that last for longer than they can. A clock that was never set changes nothing.
    async fn set_back(&self, now: Timestamp, furthest: Furthest) -> Result<()>;
    /// Removes what is kept for a time only: events of more than 7 days that are not among the newest `keep_events` of
    /// their user, results of commands after 2 days; events, deleted tasks, undo entries, spent tokens and ended sessions
    /// after 30; rate limits of which nothing is used; the words of deleted texts.
    async fn prune(&self, now: Timestamp, keep_events: i64) -> Result<()>;
}
