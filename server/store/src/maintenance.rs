//! What keeps a database in order, beside all users: its state, and what is swept over everybody's rows.
//!
//! **Invariant:** a sweep works in short transactions, so that a user's change waits for one of them at the most.

use super::Result;
use async_trait::async_trait;
use tandem_protocol::{Timestamp, UserId};

/// The latest times that a correct clock can have written.
#[derive(Clone, Copy, Debug)]
pub struct Furthest {
    /// The end of a session that nobody uses.
    pub session: Timestamp,
    /// When a rate limit that is used up is whole again.
    pub rate_limit: Timestamp,
}

#[async_trait]
pub trait Maintenance: Send + Sync {
    /// Records that the present data is the newest: an older copy of the file put in its place is recognised at the
    /// next start. For databases whose files anybody may replace.
    async fn touch_fingerprint(&self) -> Result<()>;
    /// Whether the database answers and takes changes.
    async fn ready(&self) -> Result<()>;
    /// Closes the database in order. The store cannot be used afterwards.
    async fn close(&self) -> Result<()>;

    /// Accounts that have ended and still have rows: some of them, oldest first.
    async fn deleted_accounts(&self) -> Result<Vec<UserId>>;
    /// Removes every row of an account that has ended, in small transactions between those of others.
    async fn remove_deleted(&self, user: &UserId) -> Result<()>;
    /// Indexes some documents of the users after this one, in a circle, in a short transaction. Returns the last of these
    /// users if more may wait.
    async fn index_next(&self, after: Option<&UserId>) -> Result<Option<UserId>>;
    /// Indexes some of the user's documents in a short transaction; returns whether more wait.
    async fn index_documents(&self, user: &UserId) -> Result<bool>;

    /// Corrects what a clock that was ahead has written: past times that are still to come, sessions and rate limits
    /// that last longer than they can. Does nothing when this node's own clock was never set.
    async fn set_back(&self, now: Timestamp, furthest: Furthest) -> Result<()>;
    /// Removes what is kept for a limited time: events of more than 7 days that are not among the newest `keep_events`
    /// of their user, answers of commands after 2 days; events, deleted tasks, undo entries, used refresh tokens and
    /// ended sessions and invitations after 30; used-up links after one; rate limits of which nothing is used; the words of deleted texts.
    async fn prune(&self, now: Timestamp, keep_events: i64) -> Result<()>;
}
