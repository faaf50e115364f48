//! What the fuzz targets check, in the ordinary tests: for their seeds, for the examples of the specification, and for
//! these with some characters changed.

#[path = "../../fuzz/src/lib.rs"]
#[expect(unreachable_pub, reason = "the library of the fuzz targets is a module here")]
pub(crate) mod properties;

use crate::commonmark::examples;
use proptest::{prelude::*, sample::Index};
use std::{fs, path::Path, sync::LazyLock};

/// Pieces whose joins are where Markdown is decided.
const PIECES: [&str; 44] = [
    "\n",
    "\n\n",
    "\r\n",
    "\t",
    " ",
    "  ",
    "    ",
    "- ",
    "* ",
    "+ ",
    "1. ",
    "2) ",
    "> ",
    "# ",
    "```",
    "```rust\n",
    "~~~\n",
    "`",
    "*",
    "**",
    "_",
    "~~",
    "[",
    "[a]",
    "]",
    "](https://a.b)",
    "](https://a.b \"c",
    "[a]: https://a.b\n",
    "![",
    "<",
    "<https://a.b>",
    "</div>",
    "| a | b |\n",
    "|---|---|\n",
    "|",
    "---",
    "===",
    "[x] ",
    "\\",
    "&amp;",
    "&",
    "é",
    "\u{a0}",
    "\0",
];

/// Texts to begin with.
static SEEDS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    let files = fs::read_dir(folder).unwrap().map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap());
    let seeds: Vec<_> = files.chain(examples().into_iter().map(|example| example.markdown)).collect();
    assert!(seeds.len() > 652, "the seeds are there");
    seeds
});

/// A change: from where, how much goes, and what comes instead.
type Edit = (Index, usize, Option<Index>, Index);

/// A seed with some changes: pieces, and copies from elsewhere in the text.
fn mutated() -> impl Strategy<Value = String> {
    let edit = (any::<Index>(), 0..20_usize, any::<Option<Index>>(), any::<Index>());
    (any::<Index>(), prop::collection::vec(edit, 1..8))
        .prop_map(|(seed, edits)| mutate(&SEEDS[seed.index(SEEDS.len())], &edits))
}

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

#[test]
fn the_seeds_hold() {
    SEEDS.iter().for_each(|seed| properties::pieces(seed));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_change_of_a_text_makes_its_tree_depend_on_the_pieces(text in mutated()) {
        properties::pieces(&text);
    }

    #[test]
    fn no_order_of_marks_makes_the_tree_depend_on_the_pieces(
        pieces in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..40)
    ) {
        properties::pieces(&pieces.concat());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 50, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_order_of_marks_takes_more_than_linear_time(
        pieces in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 1..6)
    ) {
        properties::linear(&pieces.concat());
    }
}
