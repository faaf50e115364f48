//! From a message to tokens: one form of every character, words with their places, quoted text out of reach.

mod normalise;
mod stem;
mod token;
mod unicode;

pub(crate) use normalise::normalise;
pub(crate) use stem::{STOP_WORDS, content_stems, title_stems};
pub(crate) use token::{Kind, Text, Token};
pub(crate) use unicode::{characters, lower_case, nfc};

/// Words that are looked up often.
pub(crate) type WordSet = std::collections::HashSet<&'static str>;

/// The words of a line.
pub(crate) fn words(line: &'static str) -> WordSet {
    line.split_ascii_whitespace().collect()
}

/// Whether a short line has a word; a line that is searched for every token is a [`WordSet`] instead.
pub(crate) fn listed(line: &str, word: &str) -> bool {
    line.split_ascii_whitespace().any(|listed| listed == word)
}
