//! Sets of words, written as one line of text.

use std::collections::HashSet;

/// Words that are looked up often.
pub(crate) type WordSet = HashSet<&'static str>;

/// The words of a line.
pub(crate) fn words(line: &'static str) -> WordSet {
    line.split_ascii_whitespace().collect()
}
