//! Maps and sets that are sorted lists.
//!
//! What a device has is small and mostly arrives in order: ids are made in the order of time, so that a new one goes to the
//! end. The standard library's maps serve more than that and are compiled for each pair of types, at 5 KB a pair in the
//! browser. These are held by tests against the library's maps.

use std::{iter, slice, vec};

/// A map in the order of its keys. Looking up takes the logarithm of its length; inserting moves what comes after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Map<K, V> {
    entries: Vec<(K, V)>,
}

/// A place in a [`Map`].
pub enum Entry<'a, K, V> {
    /// Where a value is.
    Occupied(OccupiedEntry<'a, V>),
    Vacant(VacantEntry<'a, K, V>),
}

/// A place with a value.
pub struct OccupiedEntry<'a, V>(&'a mut V);

/// A place for a value.
pub struct VacantEntry<'a, K, V> {
    entries: &'a mut Vec<(K, V)>,
    place: usize,
    key: K,
}

impl<K, V> Default for Map<K, V> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}

impl<K: Ord, V> Map<K, V> {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Where a key is, or where it belongs.
    fn place(&self, key: &K) -> Result<usize, usize> {
        // New ids are larger than all before, so most insertions need no search.
        if self.entries.last().is_some_and(|(last, _)| last < key) {
            return Err(self.entries.len());
        }
        self.entries.binary_search_by(|(known, _)| known.cmp(key))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The value of a key.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.place(key).ok().map(|place| &self.entries[place].1)
    }

    /// The value of a key, to be changed.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.place(key).ok().map(|place| &mut self.entries[place].1)
    }

    /// Whether a key has a value.
    pub fn contains_key(&self, key: &K) -> bool {
        self.place(key).is_ok()
    }

    /// Sets the value of a key; gives the one before.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.place(&key) {
            Ok(place) => Some(std::mem::replace(&mut self.entries[place].1, value)),
            Err(place) => {
                self.entries.insert(place, (key, value));
                None
            }
        }
    }

    /// Takes a key out; gives its value.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        self.place(key).ok().map(|place| self.entries.remove(place).1)
    }

    /// The place of a key.
    pub fn entry(&mut self, key: K) -> Entry<'_, K, V> {
        match self.place(&key) {
            Ok(place) => Entry::Occupied(OccupiedEntry(&mut self.entries[place].1)),
            Err(place) => Entry::Vacant(VacantEntry { entries: &mut self.entries, place, key }),
        }
    }

    /// Keeps what a test lets pass.
    pub fn retain(&mut self, mut keep: impl FnMut(&K, &mut V) -> bool) {
        self.entries.retain_mut(|(key, value)| keep(key, value));
    }

    /// Everything, in the order of the keys.
    pub fn iter(&self) -> Iter<'_, K, V> {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    /// The keys, in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> {
        self.entries.iter().map(|(key, _)| key)
    }

    /// The values, in the order of the keys.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> {
        self.entries.iter().map(|(_, value)| value)
    }

    /// The values, to be changed.
    pub fn values_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut V> {
        self.entries.iter_mut().map(|(_, value)| value)
    }
}

impl<'a, K, V> Entry<'a, K, V> {
    /// The value, or a new one.
    pub fn or_insert_with(self, make: impl FnOnce() -> V) -> &'a mut V {
        match self {
            Self::Occupied(entry) => entry.into_mut(),
            Self::Vacant(entry) => entry.insert(make()),
        }
    }

    /// The value, or this one.
    pub fn or_insert(self, value: V) -> &'a mut V {
        self.or_insert_with(|| value)
    }

    /// The value, or the default one.
    pub fn or_default(self) -> &'a mut V
    where
        V: Default,
    {
        self.or_insert_with(V::default)
    }
}

impl<'a, V> OccupiedEntry<'a, V> {
    /// The value that is there.
    pub fn into_mut(self) -> &'a mut V {
        self.0
    }
}

impl<'a, K, V> VacantEntry<'a, K, V> {
    /// Puts a value here.
    pub fn insert(self, value: V) -> &'a mut V {
        self.entries.insert(self.place, (self.key, value));
        &mut self.entries[self.place].1
    }
}

type Iter<'a, K, V> = iter::Map<slice::Iter<'a, (K, V)>, fn(&'a (K, V)) -> (&'a K, &'a V)>;

impl<'a, K: Ord, V> IntoIterator for &'a Map<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = Iter<'a, K, V>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<K, V> IntoIterator for Map<K, V> {
    type Item = (K, V);
    type IntoIter = vec::IntoIter<(K, V)>;
    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl<K: Ord, V> Extend<(K, V)> for Map<K, V> {
    fn extend<T: IntoIterator<Item = (K, V)>>(&mut self, entries: T) {
        for (key, value) in entries {
            self.insert(key, value);
        }
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for Map<K, V> {
    fn from_iter<T: IntoIterator<Item = (K, V)>>(entries: T) -> Self {
        let mut map = Self::new();
        map.extend(entries);
        map
    }
}

impl<K: Ord, V, const N: usize> From<[(K, V); N]> for Map<K, V> {
    fn from(entries: [(K, V); N]) -> Self {
        entries.into_iter().collect()
    }
}

/// A set in order; see [`Map`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set<T> {
    items: Vec<T>,
}

impl<T> Default for Set<T> {
    fn default() -> Self {
        Self { items: Vec::new() }
    }
}

impl<T: Ord> Set<T> {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn place(&self, item: &T) -> Result<usize, usize> {
        if self.items.last().is_some_and(|last| last < item) {
            return Err(self.items.len());
        }
        self.items.binary_search(item)
    }

    /// Whether it is in.
    pub fn contains(&self, item: &T) -> bool {
        self.place(item).is_ok()
    }

    /// Puts it in; false when it was.
    pub fn insert(&mut self, item: T) -> bool {
        let place = self.place(&item);
        if let Err(place) = place {
            self.items.insert(place, item);
        }
        place.is_err()
    }

    pub fn iter(&self) -> slice::Iter<'_, T> {
        self.items.iter()
    }

    /// Takes it out; false when it was not in.
    pub fn remove(&mut self, item: &T) -> bool {
        let place = self.place(item);
        if let Ok(place) = place {
            self.items.remove(place);
        }
        place.is_ok()
    }
}

impl<'a, T: Ord> IntoIterator for &'a Set<T> {
    type Item = &'a T;
    type IntoIter = slice::Iter<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T> IntoIterator for Set<T> {
    type Item = T;
    type IntoIter = vec::IntoIter<T>;
    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

impl<T: Ord> FromIterator<T> for Set<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut set = Self::new();
        for item in items {
            set.insert(item);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    proptest! {
        #[test]
        fn they_hold_what_the_librarys_hold(steps in prop::collection::vec((0_u8..4, 0_u8..16, any::<u8>()), 0..60)) {
            let (mut map, mut known_map) = (Map::new(), BTreeMap::new());
            let (mut set, mut known_set) = (Set::new(), BTreeSet::new());
            for (step, key, value) in steps {
                match step {
                    0 => prop_assert_eq!(map.insert(key, value), known_map.insert(key, value)),
                    1 => prop_assert_eq!(map.remove(&key), known_map.remove(&key)),
                    2 => *map.entry(key).or_insert(0) |= *known_map.entry(key).and_modify(|old| *old |= value).or_insert(value),
                    _ => prop_assert_eq!(map.get(&key), known_map.get(&key)),
                }
                match step {
                    0 => prop_assert_eq!(set.insert(key), known_set.insert(key)),
                    1 => prop_assert_eq!(set.remove(&key), known_set.remove(&key)),
                    _ => prop_assert_eq!(set.contains(&key), known_set.contains(&key)),
                }
            }
            prop_assert!(map.iter().eq(known_map.iter()));
            prop_assert!(set.into_iter().eq(known_set));
        }
    }
}
