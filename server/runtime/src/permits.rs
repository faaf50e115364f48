//! Permits by key: of each key, such as a user or an address, so many things may go on at the same time.
//!
//! A semaphore for everybody is served in the order of arrival, so whoever asks most has most of it. In front of it, or alone,
//! these give each key the same.
//!
//! **Invariant:** a key that neither holds nor waits for a permit has no entry.

use dashmap::DashMap;
use std::{hash::Hash, sync::Arc, time::Duration};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// The permits of all keys.
#[derive(Debug)]
pub struct Permits<K: Eq + Hash> {
    each: usize,
    keys: DashMap<K, Arc<Semaphore>>,
}

/// A permit of a key, given back when dropped.
#[derive(Debug)]
pub struct Permit<K: Eq + Hash> {
    permits: Arc<Permits<K>>,
    key: K,
    held: Option<OwnedSemaphorePermit>,
}

impl<K: Eq + Hash + Clone> Permits<K> {
    /// So many for each key.
    pub fn new(each: usize) -> Arc<Self> {
        Arc::new(Self { each: each.min(Semaphore::MAX_PERMITS), keys: DashMap::new() })
    }

    /// Waits for a permit. Those of one key are served in the order of arrival.
    pub async fn acquire(self: &Arc<Self>, key: K) -> Permit<K> {
        let (mut permit, of_key) = self.of(key);
        // It is never closed.
        permit.held = of_key.acquire_owned().await.ok();
        permit
    }

    /// Waits for a permit; `None` when there is none in time.
    pub async fn acquire_within(self: &Arc<Self>, key: K, patience: Duration) -> Option<Permit<K>> {
        timeout(patience, self.acquire(key)).await.ok()
    }

    /// A permit, if there is one left.
    pub fn try_acquire(self: &Arc<Self>, key: K) -> Option<Permit<K>> {
        let (mut permit, of_key) = self.of(key);
        permit.held = of_key.try_acquire_owned().ok();
        permit.held.is_some().then_some(permit)
    }

    /// The semaphore of a key, and what removes its entry: also when the wait is given up.
    fn of(self: &Arc<Self>, key: K) -> (Permit<K>, Arc<Semaphore>) {
        let fresh = || Arc::new(Semaphore::new(self.each));
        let of_key = Arc::clone(&self.keys.entry(key.clone()).or_insert_with(fresh));
        (Permit { permits: Arc::clone(self), key, held: None }, of_key)
    }
}

impl<K: Eq + Hash> Drop for Permit<K> {
    fn drop(&mut self) {
        self.held = None;
        self.permits.keys.remove_if(&self.key, |_, of_key| {
            Arc::strong_count(of_key) == 1 && of_key.available_permits() == self.permits.each
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    #[tokio::test]
    async fn one_more_waits_until_one_is_given_back_and_nothing_stays_behind() {
        let permits = Permits::new(2);
        let first = permits.acquire("ann").await;
        let second = permits.acquire("ann").await;
        assert!(permits.acquire("ann").now_or_never().is_none());
        assert!(permits.try_acquire("ann").is_none());
        assert!(permits.acquire("ben").now_or_never().is_some(), "each has their own");
        assert_eq!(permits.keys.len(), 1);
        drop(first);
        drop((permits.try_acquire("ann").unwrap(), second));
        assert!(permits.keys.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_ever_and_nothing_stays_of_who_gave_up() {
        let permits = Permits::new(1);
        let held = permits.acquire("ann").await;
        assert!(permits.acquire_within("ann", Duration::from_secs(30)).await.is_none());
        assert_eq!(permits.keys.len(), 1);
        drop(held);
        assert!(permits.keys.is_empty());
    }
}
