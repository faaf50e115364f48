//! What the fuzz targets check, in the ordinary tests: for their seeds, and for seeds with some bytes changed.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its seeds has failed")]

#[path = "../../fuzz/src/lib.rs"]
#[expect(unreachable_pub, reason = "the library of the fuzz targets is a module here")]
mod properties;

use proptest::{prelude::*, sample::Index};
use std::{fs, path::Path};

/// Pieces that are likely to lead somewhere.
const PIECES: [&str; 14] = [
    "{",
    "}",
    "[",
    "]",
    ",",
    "null",
    "-1",
    "9223372036854775807",
    "18446744073709551616",
    "\"\"",
    "\\u0000",
    "é",
    "🙂",
    "\n",
];

/// The seeds of a target.
fn seeds(target: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
    let files = fs::read_dir(folder).unwrap().map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap());
    let seeds: Vec<_> = files.collect();
    assert!(seeds.len() > 5, "the seeds are there");
    seeds
}

/// A change: from where, how much goes, and what comes instead.
type Edit = (Index, usize, Option<Index>, Index);

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    prop::collection::vec((any::<Index>(), 0..30_usize, any::<Option<Index>>(), any::<Index>()), 1..8)
}

/// Removes, inserts, and copies from elsewhere in the text.
fn mutate(seed: &str, edits: &[Edit]) -> String {
    let mut text: Vec<char> = seed.chars().collect();
    for (at, cut, piece, from) in edits {
        let at = at.index(text.len() + 1);
        let end = (at + cut).min(text.len());
        let new: Vec<char> = match piece {
            Some(piece) => PIECES[piece.index(PIECES.len())].chars().collect(),
            None => text[from.index(text.len() + 1)..].iter().take(*cut).copied().collect(),
        };
        text.splice(at..end, new);
    }
    text.into_iter().collect()
}

/// One of a target's seeds, changed.
fn mutated(target: &str, which: Index, edits: &[Edit]) -> String {
    let seeds = seeds(target);
    mutate(&seeds[which.index(seeds.len())], edits)
}

#[test]
fn the_seeds_hold() {
    for seed in seeds("client_frame") {
        properties::client_frame(&seed);
    }
    for seed in seeds("server_frames") {
        properties::server_frames(&seed);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_change_of_a_clients_frame_breaks_the_server(which in any::<Index>(), edits in edits()) {
        properties::client_frame(&mutated("client_frame", which, &edits));
    }

    #[test]
    fn no_change_of_a_servers_frames_breaks_a_client(which in any::<Index>(), edits in edits()) {
        properties::server_frames(&mutated("server_frames", which, &edits));
    }
}
