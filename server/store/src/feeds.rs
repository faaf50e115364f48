//! Calendar feeds: addresses without a sign-in, known by the hash of their secret.

use super::Result;
use async_trait::async_trait;
use tandem_protocol::{UserId, id::FeedId, rest::Feed};

/// A feed of any user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedRecord {
    pub user: UserId,
    pub feed: Feed,
}

/// Feeds by what a request carries.
#[async_trait]
pub trait Feeds: Send + Sync {
    /// The feed with this hash, unless its account may not sign in.
    async fn feed(&self, hash: &[u8; 32]) -> Result<Option<FeedRecord>>;
}

#[async_trait]
pub trait FeedReads {
    /// The feeds of the owner, newest first.
    async fn feeds(&mut self) -> Result<Vec<Feed>>;
}

#[async_trait]
pub trait FeedWrites: Send {
    /// Keeps a feed under the hash of its secret; `Exists` when the owner has used its id.
    async fn insert_feed(&mut self, feed: &Feed, hash: &[u8; 32]) -> Result<()>;
    /// Removes a feed; false when there is none of this id.
    async fn delete_feed(&mut self, id: FeedId) -> Result<bool>;
}
