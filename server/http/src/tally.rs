//! Counts by key, each with the same limit: connections of an address, bytes that a user is sending.
//!
//! **Invariant:** a key without a share has no entry.

use dashmap::{DashMap, Entry};
use std::{hash::Hash, sync::Arc};

/// What the holders of each key have together.
#[derive(Debug)]
pub(super) struct Tally<K: Eq + Hash> {
    counts: DashMap<K, usize>,
    most: usize,
}

/// A part of what a key may have. It is given back when this is dropped.
#[derive(Debug)]
pub(super) struct Share<K: Eq + Hash> {
    tally: Arc<Tally<K>>,
    key: K,
    amount: usize,
}

impl<K: Eq + Hash + Clone> Tally<K> {
    /// Nobody has anything yet; each key may have `most`.
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { counts: DashMap::new(), most })
    }

    /// A share of nothing yet, which grows.
    pub(super) fn share(self: &Arc<Self>, key: K) -> Share<K> {
        Share { tally: Arc::clone(self), key, amount: 0 }
    }
}

impl<K: Eq + Hash> Share<K> {
    /// Adds to the share, unless the key would have more than it may: then nothing changes, and this is false.
    pub(super) fn grow(&mut self, by: usize) -> bool
    where
        K: Clone,
    {
        // Nothing is added for a refusal: the entry of a key that has nothing would stay.
        let fits = match self.tally.counts.entry(self.key.clone()) {
            Entry::Occupied(mut count) if count.get().saturating_add(by) <= self.tally.most => {
                *count.get_mut() += by;
                true
            }
            Entry::Vacant(free) if by > 0 && by <= self.tally.most => {
                free.insert(by);
                true
            }
            Entry::Occupied(_) | Entry::Vacant(_) => by == 0,
        };
        if fits {
            self.amount += by;
        }
        fits
    }
}

impl<K: Eq + Hash> Drop for Share<K> {
    fn drop(&mut self) {
        if self.amount == 0 {
            return;
        }
        if let Some(mut count) = self.tally.counts.get_mut(&self.key) {
            *count = count.saturating_sub(self.amount);
        }
        self.tally.counts.remove_if(&self.key, |_, count| *count == 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_so_much_and_gets_it_back() {
        let tally = Tally::new(3);
        let (mut first, mut second) = (tally.share("a"), tally.share("a"));
        assert!(first.grow(2) && second.grow(1));
        assert!(!second.grow(1), "three are taken");
        assert!(tally.share("b").grow(3), "others are not affected");
        drop(first);
        assert!(second.grow(2));
        drop(second);
        assert!(tally.counts.is_empty(), "nothing stays behind");
    }

    #[test]
    fn a_refusal_leaves_no_entry() {
        let tally = Tally::new(3);
        assert!(!tally.share("a").grow(4));
        assert!(tally.share("a").grow(0));
        assert!(tally.counts.is_empty());
    }
}
