//! One sort for lists of values that are cheap to clone.
//!
//! The standard library's sorts are compiled for each type and order, 3 KB each time in the browser; here the comparison is
//! an argument, and the sort is compiled once. It is stable, and held by a test against the library's.

use std::cmp::Ordering;

/// Sorts by an order; equal items keep theirs. Clones every item once.
pub fn sort_by<T: Clone>(items: &mut Vec<T>, order: impl Fn(&T, &T) -> Ordering) {
    let places = places(items.len(), &|one, other| order(&items[one], &items[other]) == Ordering::Greater);
    *items = places.into_iter().map(|place| items[place].clone()).collect();
}

/// Each text once, in order.
#[must_use]
pub fn distinct<'a>(texts: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut all: Vec<&String> = texts.collect();
    sort_by(&mut all, Ord::cmp);
    all.dedup();
    all.into_iter().cloned().collect()
}

/// The places of `count` items in their order: a merge sort from pairs upwards.
fn places(count: usize, is_after: &dyn Fn(usize, usize) -> bool) -> Vec<usize> {
    let mut from: Vec<usize> = (0..count).collect();
    let mut into = from.clone();
    let mut width = 1;
    while width < count {
        for start in (0..count).step_by(width * 2) {
            let (middle, end) = ((start + width).min(count), (start + width * 2).min(count));
            let (mut left, mut right) = (start, middle);
            for place in &mut into[start..end] {
                let takes_left = left < middle && (right >= end || !is_after(from[left], from[right]));
                let taken = if takes_left { &mut left } else { &mut right };
                *place = from[*taken];
                *taken += 1;
            }
        }
        std::mem::swap(&mut from, &mut into);
        width *= 2;
    }
    from
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_sorts_as_the_standard_library_does(mut items in prop::collection::vec((0_u8..8, any::<u16>()), 0..40)) {
            let mut expected = items.clone();
            expected.sort_by_key(|(key, _)| *key);
            sort_by(&mut items, |(one, _), (other, _)| one.cmp(other));
            prop_assert_eq!(items, expected);
        }
    }
}
