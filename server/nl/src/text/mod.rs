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

/// The word that a message means which is nothing but an emoji of agreement or refusal.
pub(crate) fn reaction(message: &str) -> Option<&'static str> {
    let plain = message.trim().trim_end_matches(|c| matches!(c, '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}' | '!'));
    Some(match plain {
        "\u{1f44d}" | "\u{2705}" | "\u{1f44c}" | "\u{2714}" => "yes",
        "\u{1f44e}" | "\u{274c}" | "\u{1f6ab}" => "no",
        _ => return None,
    })
}
