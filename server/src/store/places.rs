//! Places of users: how many of a thing one user may hold at the same time.
//!
//! A user's writes wait for the user's one place before they enter the writer's queue or take a connection of the pool, so
//! that many writes of one user wait behind each other and not before everybody else's. A user's reads have some places,
//! fewer than there are readers, for the same reason.
//!
//! **Invariant:** a user who holds no place, and waits for none, has no entry.

use super::{Result, StoreError};
use anyhow::anyhow;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tandem_protocol::UserId;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// The places of all users.
#[derive(Debug)]
pub(super) struct Places {
    each: usize,
    taken: Mutex<HashMap<UserId, Arc<Semaphore>>>,
}

impl Places {
    /// So many places for each user.
    pub(super) fn new(each: usize) -> Arc<Self> {
        Arc::new(Self { each, taken: Mutex::default() })
    }

    /// Takes a place of this user, in the order in which it was asked for; fails when none is free in time.
    pub(super) async fn take(self: &Arc<Self>, user: &UserId, patience: Duration) -> Result<Place> {
        let mut place = self.wait(user);
        let permit = timeout(patience, Arc::clone(&place.semaphore).acquire_owned()).await;
        let permit = permit.map_err(|_| StoreError::Unavailable(anyhow!("other work of this user took too long")))?;
        place.permit = Some(permit.map_err(|closed| StoreError::Broken(closed.into()))?);
        Ok(place)
    }

    fn wait(self: &Arc<Self>, user: &UserId) -> Place {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let semaphore = taken.entry(user.clone()).or_insert_with(|| Arc::new(Semaphore::new(self.each)));
        Place { places: Arc::clone(self), user: user.clone(), semaphore: Arc::clone(semaphore), permit: None }
    }

    #[cfg(test)]
    fn users(&self) -> usize {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

/// A place that is held, or waited for. It is given back when this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    user: UserId,
    semaphore: Arc<Semaphore>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.permit = None;
        let mut taken = self.places.taken.lock().unwrap_or_else(PoisonError::into_inner);
        // The map has one and this has one; everybody else who holds or waits has one more.
        if Arc::strong_count(&self.semaphore) == 2 {
            taken.remove(&self.user);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    const LONG: Duration = Duration::from_mins(1);

    #[tokio::test]
    async fn a_user_waits_for_a_place_and_others_do_not() {
        let places = Places::new(1);
        let (ann, ben) = (UserId::from("ann"), UserId::from("ben"));
        let first = places.take(&ann, LONG).await.unwrap();
        let mut second = Box::pin(places.take(&ann, LONG));
        assert!(second.as_mut().now_or_never().is_none());
        drop(places.take(&ben, LONG).await.unwrap());
        drop(first);
        second.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_ever() {
        let places = Places::new(1);
        let ann = UserId::from("ann");
        let _held = places.take(&ann, LONG).await.unwrap();
        assert!(matches!(places.take(&ann, LONG).await, Err(StoreError::Unavailable(_))));
    }

    #[tokio::test]
    async fn nothing_is_kept_of_a_user_without_work() {
        let places = Places::new(2);
        let ann = UserId::from("ann");
        let held = (places.take(&ann, LONG).await.unwrap(), places.take(&ann, LONG).await.unwrap());
        let mut given_up = Box::pin(places.take(&ann, LONG));
        assert!(given_up.as_mut().now_or_never().is_none());
        drop(held);
        assert_eq!(places.users(), 1, "somebody waits");
        drop(given_up);
        assert_eq!(places.users(), 0);
    }
}
