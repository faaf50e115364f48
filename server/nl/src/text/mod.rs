//! From a message to tokens: one form of every character, words with their places, quoted text out of reach.

mod normalise;
mod stem;
mod token;
mod unicode;
mod words;

pub(crate) use normalise::normalise;
pub(crate) use stem::{STOP_WORDS, content_stems};
pub(crate) use token::{Kind, Text, Token};
pub(crate) use unicode::{characters, lower_case, nfc};
pub(crate) use words::{WordSet, words};
