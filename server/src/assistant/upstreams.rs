//! How many requests of one user are open at providers at once.
//!
//! The replies of a user that run are counted in the database, but a node asks for more than replies: a title is asked for
//! after its reply has ended, when the next one runs already. So each request takes one of the user's permits here.
//!
//! **Invariant:** a user without an open request has no entry.

use dashmap::DashMap;
use std::sync::Arc;
use tandem_protocol::UserId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The permits of all users on this node.
#[derive(Debug)]
pub(super) struct Upstreams {
    each: usize,
    users: DashMap<UserId, Arc<Semaphore>>,
}

/// A permit for one request, given back when dropped.
#[derive(Debug)]
pub(super) struct Upstream {
    upstreams: Arc<Upstreams>,
    user: UserId,
    permit: Option<OwnedSemaphorePermit>,
}

impl Upstreams {
    /// So many requests for each user.
    pub(super) fn new(each: usize) -> Arc<Self> {
        Arc::new(Self { each, users: DashMap::new() })
    }

    /// Waits for a permit.
    pub(super) async fn acquire(self: &Arc<Self>, user: &UserId) -> Upstream {
        // Before the wait, so that an entry goes also when the wait is given up.
        let mut upstream = Upstream { upstreams: Arc::clone(self), user: user.clone(), permit: None };
        let permits = {
            let fresh = || Arc::new(Semaphore::new(self.each));
            Arc::clone(&self.users.entry(user.clone()).or_insert_with(fresh))
        };
        // It is never closed.
        upstream.permit = permits.acquire_owned().await.ok();
        upstream
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.permit = None;
        self.upstreams.users.remove_if(&self.user, |_, permits| {
            Arc::strong_count(permits) == 1 && permits.available_permits() == self.upstreams.each
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    #[tokio::test]
    async fn one_more_waits_until_one_is_given_back_and_nothing_stays_behind() {
        let upstreams = Upstreams::new(2);
        let (ann, ben) = (UserId::from("ann"), UserId::from("ben"));
        let first = upstreams.acquire(&ann).await;
        let second = upstreams.acquire(&ann).await;
        assert!(upstreams.acquire(&ann).now_or_never().is_none());
        assert!(upstreams.acquire(&ben).now_or_never().is_some(), "each user has their own");
        assert_eq!(upstreams.users.len(), 1);
        drop(first);
        drop((upstreams.acquire(&ann).await, second));
        assert!(upstreams.users.is_empty());
    }
}
