//! "in 90 seconds", "for 30 seconds": a reminder may ring at a second, while a task is due at a minute.

use crate::dates::DateInput;
use crate::dates::lexicon::number;
use crate::grammar::Clause;
use jiff::civil::DateTime;

const SECONDS: &[&str] = &["second", "seconds", "sec", "secs", "s"];

/// Seconds of a phrase that is nothing else.
pub(super) fn amount(words: &Clause<'_>) -> Option<i64> {
    let (seconds, next) = at(words, 0)?;
    (next == words.tokens().len()).then_some(seconds)
}

/// "in 90 seconds" anywhere in a sentence: from where to where, and how many.
pub(super) fn from_now(words: &Clause<'_>) -> Option<(usize, usize, i64)> {
    (0..words.tokens().len()).filter(|&start| words.word(start) == "in").find_map(|start| {
        let (seconds, end) = at(words, start + 1)?;
        Some((start, end, seconds))
    })
}

fn at(words: &Clause<'_>, start: usize) -> Option<(i64, usize)> {
    let input = DateInput::new(words.tokens(), DateTime::default());
    let (n, next) = number(&input, start)?;
    let unit =
        words.tokens().get(next).is_some_and(|token| token.is_any(SECONDS) && (token.word != "s" || token.glued));
    (unit && n > 0).then(|| (i64::from(n), next + 1))
}
