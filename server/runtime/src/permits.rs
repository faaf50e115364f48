//! Permits by key: of each key, such as a user or an address, so many things may go on at the same time.
//!
//! A semaphore for everybody serves in the order of arrival, so one who sends many requests gets most of it. In front of
//! such a semaphore, or alone, these give each key the same.
//!
//! **Invariant:** a key that neither holds nor waits for a permit has no entry.

use dashmap::DashMap;
use std::{
    hash::Hash,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// The permits of all keys.
#[derive(Debug)]
pub struct Permits<K: Eq + Hash> {
    each: usize,
    keys: DashMap<K, Arc<OfKey>>,
}

#[derive(Debug)]
struct OfKey {
    semaphore: Arc<Semaphore>,
    waiters: Waiters,
}

/// A permit of a key, given back when dropped.
#[derive(Debug)]
pub struct Permit<K: Eq + Hash> {
    permits: Arc<Permits<K>>,
    key: K,
    held: Option<OwnedSemaphorePermit>,
}

impl<K: Eq + Hash + Clone> Permits<K> {
    /// Creates permits: `each` for every key.
    pub fn new(each: usize) -> Arc<Self> {
        Arc::new(Self { each: each.min(Semaphore::MAX_PERMITS), keys: DashMap::new() })
    }

    /// Waits for a permit. Those of one key are served in the order of arrival.
    pub async fn acquire(self: &Arc<Self>, key: K) -> Permit<K> {
        let (mut permit, of_key) = self.of(key);
        // It is never closed.
        permit.held = Arc::clone(&of_key.semaphore).acquire_owned().await.ok();
        permit
    }

    /// Waits for a permit; `None` at once when `limit` others wait for one of this key already.
    pub async fn acquire_queued(self: &Arc<Self>, key: K, limit: usize) -> Option<Permit<K>> {
        let (mut permit, of_key) = self.of(key);
        permit.held = Arc::clone(&of_key.semaphore).try_acquire_owned().ok();
        if permit.held.is_none() {
            let _waiting = of_key.waiters.enter(limit)?;
            permit.held = Arc::clone(&of_key.semaphore).acquire_owned().await.ok();
        }
        Some(permit)
    }

    /// Waits for a permit; `None` when there is none within `patience`.
    pub async fn acquire_within(self: &Arc<Self>, key: K, patience: Duration) -> Option<Permit<K>> {
        timeout(patience, self.acquire(key)).await.ok()
    }

    /// A permit, if there is one left.
    pub fn try_acquire(self: &Arc<Self>, key: K) -> Option<Permit<K>> {
        let (mut permit, of_key) = self.of(key);
        permit.held = Arc::clone(&of_key.semaphore).try_acquire_owned().ok();
        permit.held.is_some().then_some(permit)
    }

    /// How many keys hold or wait for a permit.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether no key holds or waits for a permit.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The state of a key, and a permit that holds nothing yet. It removes the entry when it is dropped: also when its
    /// future is dropped while it waits.
    fn of(self: &Arc<Self>, key: K) -> (Permit<K>, Arc<OfKey>) {
        let fresh = || Arc::new(OfKey { semaphore: Arc::new(Semaphore::new(self.each)), waiters: Waiters::default() });
        let of_key = Arc::clone(&self.keys.entry(key.clone()).or_insert_with(fresh));
        (Permit { permits: Arc::clone(self), key, held: None }, of_key)
    }
}

impl<K: Eq + Hash> Drop for Permit<K> {
    fn drop(&mut self) {
        self.held = None;
        // The lock of the map is held meanwhile, so nobody takes the entry between the look and the removal. A second
        // reference to it is somebody who waits; a permit that is held refers to the semaphore alone, and is counted.
        self.permits.keys.remove_if(&self.key, |_, of_key| {
            Arc::strong_count(of_key) == 1 && of_key.semaphore.available_permits() == self.permits.each
        });
    }
}

/// Counts those who wait for something, so that a queue has an end.
#[derive(Debug, Default)]
pub struct Waiters(AtomicUsize);

/// One of those who wait, until dropped.
#[derive(Debug)]
pub struct Waiting<'a>(&'a AtomicUsize);

impl Waiters {
    /// Counts one more; `None` when `limit` wait already.
    pub fn enter(&self, limit: usize) -> Option<Waiting<'_>> {
        // The guard is made first: it takes the count back when there are too many.
        let waiting = Waiting(&self.0);
        (self.0.fetch_add(1, Ordering::AcqRel) < limit).then_some(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
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
        assert_eq!(permits.len(), 1);
        drop(first);
        drop((permits.try_acquire("ann").unwrap(), second));
        assert!(permits.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_ever_and_nothing_stays_of_who_gave_up() {
        let permits = Permits::new(1);
        let held = permits.acquire("ann").await;
        assert!(permits.acquire_within("ann", Duration::from_secs(30)).await.is_none());
        assert_eq!(permits.len(), 1);
        drop(held);
        assert!(permits.is_empty());
    }

    #[tokio::test]
    async fn a_queue_has_an_end() {
        let permits = Permits::new(1);
        let held = permits.acquire_queued("ann", 1).await.unwrap();
        let mut waiting = Box::pin(permits.acquire_queued("ann", 1));
        assert!((&mut waiting).now_or_never().is_none());
        assert!(permits.acquire_queued("ann", 1).await.is_none(), "one waits already");
        drop(held);
        drop(waiting.await.unwrap());
        assert!(permits.is_empty());
    }
}
