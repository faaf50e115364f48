//! Permits by key: each key, such as a user or an address, has the same number of them for what it does at the same
//! time.
//!
//! A single semaphore is served in the order of arrival, so a user with many requests takes most of it. Permits by key,
//! in front of a semaphore or alone, give every key the same share.
//!
//! **Invariant:** a key without a [`Permit`], held or waited for, has no entry.

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

/// The semaphores of all keys that have a permit or wait for one.
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

/// The permits that one holder has of a key. They are returned when it is dropped.
#[derive(Debug)]
pub struct Permit<K: Eq + Hash> {
    permits: Arc<Permits<K>>,
    key: K,
    held: Option<OwnedSemaphorePermit>,
}

impl<K: Eq + Hash + Clone> Permits<K> {
    /// Creates the permits of all keys, `each` of them for every key.
    pub fn new(each: usize) -> Arc<Self> {
        Arc::new(Self { each: each.min(Semaphore::MAX_PERMITS), keys: DashMap::new() })
    }

    /// Waits for one permit. Waiters of one key are served in the order of arrival.
    pub async fn acquire(self: &Arc<Self>, key: K) -> Permit<K> {
        let mut permit = self.empty(key);
        permit.wait(&permit.of_key()).await;
        permit
    }

    /// Waits for one permit; `None` at once when `limit` others wait for one of this key already.
    pub async fn acquire_queued(self: &Arc<Self>, key: K, limit: usize) -> Option<Permit<K>> {
        let mut permit = self.empty(key);
        if !permit.try_grow(1) {
            let of_key = permit.of_key();
            let _waiting = of_key.waiters.enter(limit)?;
            permit.wait(&of_key).await;
        }
        Some(permit)
    }

    /// Waits for one permit; `None` when there is none within `patience`.
    pub async fn acquire_within(self: &Arc<Self>, key: K, patience: Duration) -> Option<Permit<K>> {
        timeout(patience, self.acquire(key)).await.ok()
    }

    /// Takes one permit; `None` when none is left.
    pub fn try_acquire(self: &Arc<Self>, key: K) -> Option<Permit<K>> {
        let mut permit = self.empty(key);
        permit.try_grow(1).then_some(permit)
    }

    /// A holder without permits, for an amount that becomes known step by step ([`Permit::try_grow`]).
    pub fn empty(self: &Arc<Self>, key: K) -> Permit<K> {
        Permit { permits: Arc::clone(self), key, held: None }
    }

    /// How many keys hold or wait for a permit.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether no key holds or waits for a permit.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

impl<K: Eq + Hash + Clone> Permit<K> {
    /// Takes `more` permits of the key in addition. When fewer are left it takes none and returns false.
    pub fn try_grow(&mut self, more: usize) -> bool {
        let Ok(more) = u32::try_from(more) else { return false };
        if more == 0 {
            return true;
        }
        let Ok(taken) = Arc::clone(&self.of_key().semaphore).try_acquire_many_owned(more) else { return false };
        match &mut self.held {
            Some(held) => held.merge(taken),
            None => self.held = Some(taken),
        }
        true
    }

    async fn wait(&mut self, of_key: &OfKey) {
        // The semaphore is never closed, which is the only error.
        self.held = Arc::clone(&of_key.semaphore).acquire_owned().await.ok();
    }

    /// The state of the key. Its entry is removed when this permit is dropped, also when its future is dropped while it
    /// waits.
    fn of_key(&self) -> Arc<OfKey> {
        let full = || {
            let semaphore = Arc::new(Semaphore::new(self.permits.each));
            Arc::new(OfKey { semaphore, waiters: Waiters::default() })
        };
        Arc::clone(&self.permits.keys.entry(self.key.clone()).or_insert_with(full))
    }
}

impl<K: Eq + Hash> Drop for Permit<K> {
    fn drop(&mut self) {
        self.held = None;
        // The map holds its lock meanwhile, so no caller takes the entry between the check and the removal. A second
        // reference to the entry is a caller that waits; a held permit refers to the semaphore only, and is missing
        // there.
        self.permits.keys.remove_if(&self.key, |_, of_key| {
            Arc::strong_count(of_key) == 1 && of_key.semaphore.available_permits() == self.permits.each
        });
    }
}

/// Counts waiting callers, so that a queue has an end.
#[derive(Debug, Default)]
pub struct Waiters(AtomicUsize);

/// Counts as one waiting caller until it is dropped.
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

    #[test]
    fn a_key_has_so_much_in_growing_amounts_and_gets_it_back() {
        let permits = Permits::new(3);
        let (mut first, mut second) = (permits.empty("ann"), permits.empty("ann"));
        assert!(first.try_grow(2) && second.try_grow(1));
        assert!(!second.try_grow(1), "three are taken");
        assert!(permits.empty("ben").try_grow(3), "others are not affected");
        drop(first);
        assert!(second.try_grow(2));
        drop(second);
        assert!(permits.keys.is_empty(), "nothing stays behind");
    }

    #[test]
    fn a_refused_amount_leaves_no_entry() {
        let permits = Permits::new(3);
        assert!(!permits.empty("ann").try_grow(4) && permits.empty("ann").try_grow(0));
        assert!(!permits.empty("ann").try_grow(usize::MAX));
        assert!(permits.keys.is_empty());
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
