//! An order of texts of bytes in which each stands beside one that is like it.
//!
//! Two are as alike as the share of their pieces that both have (the Jaccard index). Comparing all pairs of 6,000 functions
//! would take minutes, so each has a sketch: the least hash of its pieces under each of some hash functions. Two sketches agree
//! in a place as often as the texts are alike (A. Broder, "On the resemblance and containment of documents", 1997), and only
//! texts that agree somewhere are compared.

use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Bytes of a piece: most instructions with their operands.
const PIECE: usize = 4;
/// Hash functions. With more of them fewer pairs are overlooked; beyond this the module gains nothing.
const HASHES: u64 = 64;
/// Candidates that are compared in full.
const COMPARED: usize = 80;

/// The positions of all bodies, those of one type together. Deterministic.
pub(super) fn chain(types: &[u32], bodies: &[&[u8]]) -> Vec<usize> {
    let pieces: Vec<BTreeSet<u32>> = bodies.iter().map(|body| pieces(body)).collect();
    let sketches: Vec<Vec<u64>> = pieces.iter().map(sketch).collect();
    let mut agreeing: HashMap<(usize, u64, Option<&u32>), Vec<usize>> = HashMap::new();
    for (at, sketch) in sketches.iter().enumerate() {
        for (place, &least) in sketch.iter().enumerate() {
            agreeing.entry((place, least, types.get(at))).or_default().push(at);
        }
    }
    // Where a chain ends, the next one begins with the next of these.
    let mut starts: Vec<usize> = (0..bodies.len()).collect();
    starts.sort_by_key(|&at| (types.get(at), bodies[at]));
    let (mut used, mut order) = (vec![false; bodies.len()], Vec::with_capacity(bodies.len()));
    for start in starts {
        let mut next = Some(start).filter(|&start| !used[start]);
        while let Some(at) = next {
            used[at] = true;
            order.push(at);
            let mut candidates: BTreeMap<usize, usize> = BTreeMap::new();
            for (place, &least) in sketches[at].iter().enumerate() {
                for &other in agreeing.get(&(place, least, types.get(at))).into_iter().flatten() {
                    if !used[other] {
                        *candidates.entry(other).or_default() += 1;
                    }
                }
            }
            let mut candidates: Vec<(usize, usize)> = candidates.into_iter().collect();
            candidates.sort_by_key(|&(_, places)| std::cmp::Reverse(places));
            let likeness = |&other: &usize| likeness(&pieces[at], &pieces[other]);
            next = candidates.into_iter().take(COMPARED).map(|(other, _)| other).max_by_key(likeness);
        }
    }
    order
}

fn pieces(body: &[u8]) -> BTreeSet<u32> {
    let piece = |bytes: &[u8]| bytes.iter().fold(0, |piece, &byte| piece << 8 | u32::from(byte));
    body.windows(PIECE.min(body.len().max(1))).map(piece).collect()
}

fn sketch(pieces: &BTreeSet<u32>) -> Vec<u64> {
    let least = |function: u64| pieces.iter().map(|&piece| mixed(u64::from(piece), function)).min().unwrap_or(0);
    (0..HASHES).map(least).collect()
}

/// A hash of a piece: the mixing steps of `SplitMix64`.
fn mixed(piece: u64, function: u64) -> u64 {
    let mut hash = piece.wrapping_add(function.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    hash = (hash ^ hash >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ hash >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ hash >> 31
}

/// The share of pieces that both have, in millionths.
fn likeness(one: &BTreeSet<u32>, other: &BTreeSet<u32>) -> usize {
    let both = one.intersection(other).count();
    both * 1_000_000 / (one.len() + other.len() - both).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_that_are_alike_stand_side_by_side_within_their_type() {
        let bodies: [&[u8]; 6] = [
            b"the quick brown fox",
            b"0123456789abcdef",
            b"the quick green fox",
            b"0123456789abcdeg",
            b"",
            b"the quick brown fox",
        ];
        let order = chain(&[1, 1, 1, 1, 1, 0], &bodies);
        assert_eq!(order[0], 5);
        let place = |body: usize| order.iter().position(|&at| at == body).unwrap();
        assert_eq!((place(0).abs_diff(place(2)), place(1).abs_diff(place(3))), (1, 1), "{order:?}");
        let mut all = order.clone();
        all.sort_unstable();
        assert_eq!(all, [0, 1, 2, 3, 4, 5]);
    }
}
