//! Rate limits that all nodes share: of guesses at passwords, of registrations.

use super::Result;
use async_trait::async_trait;
use std::time::Duration;
use tandem_protocol::Timestamp;

/// How often something may be done: `burst` times at once, and once more after each `every`.
#[derive(Clone, Debug)]
pub struct RateLimit {
    /// Names what is limited, and by a keyed hash the user or address: it is stored as it is, for some minutes also after
    /// the account is deleted.
    pub key: String,
    /// Counted from 1 on.
    pub burst: u32,
    /// Whole milliseconds, from 1.
    pub every: Duration,
}

#[async_trait]
pub trait RateLimits: Send + Sync {
    /// Takes one use of each limit, in their order, up to one that is used up: then it returns how long until that one
    /// has more. What was taken before it stays taken. Concurrent callers, on whatever node, never get more than there
    /// is.
    async fn take(&self, limits: &[RateLimit], now: Timestamp) -> Result<Option<Duration>>;
    /// Gives back one use of each limit.
    async fn give_back(&self, limits: &[RateLimit]) -> Result<()>;
}
