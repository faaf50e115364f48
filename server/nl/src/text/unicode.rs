//! What needs tables of all of Unicode: composed characters, small letters, and characters as people count them.
//!
//! The tables are heavier than the whole grammar, so they are a feature of the crate (`unicode`, on by default). A browser
//! has them already: the web client hands over composed text, and its field holds no line long enough to be cut.

#[cfg(feature = "unicode")]
use unicode_normalization::UnicodeNormalization;
#[cfg(feature = "unicode")]
use unicode_segmentation::UnicodeSegmentation;

/// The text with composed characters (NFC).
#[cfg(feature = "unicode")]
pub(crate) fn nfc(text: &str) -> impl Iterator<Item = char> {
    text.nfc()
}

/// The text as it is: the caller has composed it.
#[cfg(not(feature = "unicode"))]
pub(crate) fn nfc(text: &str) -> impl Iterator<Item = char> {
    text.chars()
}

/// The word in small letters.
#[cfg(feature = "unicode")]
pub(crate) fn lower_case(word: &str) -> String {
    word.to_lowercase()
}

/// The word with its plain letters small, which are all that the grammar's words have.
#[cfg(not(feature = "unicode"))]
pub(crate) fn lower_case(word: &str) -> String {
    word.to_ascii_lowercase()
}

/// The characters that a person sees (grapheme clusters), each with its place in bytes.
#[cfg(feature = "unicode")]
pub(crate) fn characters(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.grapheme_indices(true)
}

/// The code points, each with its place in bytes.
#[cfg(not(feature = "unicode"))]
pub(crate) fn characters(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.char_indices().map(|(start, c)| (start, &text[start..start + c.len_utf8()]))
}
