//! Sorting in a program that people wait for.
//!
//! The standard library's sorts are compiled for each type and comparison, about a kilobyte of the browser's download each
//! time. Here the items are sorted by their indices, so that the program contains one sort.
//!
//! The sort is stable.

use std::cmp::Ordering;

/// Sorts by a comparison. Clones each item once.
pub fn sort_by<T: Clone>(items: &mut Vec<T>, compare: impl Fn(&T, &T) -> Ordering) {
    let mut order: Vec<usize> = (0..items.len()).collect();
    sort_indices(&mut order, &|one, other| compare(&items[one], &items[other]));
    *items = order.into_iter().map(|index| items[index].clone()).collect();
}

/// Not generic, so that it is compiled once.
fn sort_indices(order: &mut [usize], compare: &dyn Fn(usize, usize) -> Ordering) {
    order.sort_by(|one, other| compare(*one, *other));
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
