//! The dates inside a sentence.

use super::guard::accepts;
use super::{DateInput, Draft, Phrase, phrase};

/// A date phrase inside a sentence, by the places of its tokens.
#[derive(Debug, Clone)]
pub(crate) struct Mention {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) draft: Draft,
}

/// Every phrase that reads as a date where it stands, in order, past ones too.
pub(crate) fn find_all(input: &DateInput<'_>) -> Vec<Mention> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < input.tokens.len() {
        match phrase(input, at) {
            Some(read) if accepts(input, at, &read) => {
                let Phrase { draft, end, .. } = read;
                found.push(Mention { start: at, end, draft });
                at = end;
            }
            _ => at += 1,
        }
    }
    found
}

/// The words in no mention, with their places.
pub(crate) fn words_outside<'a>(input: &DateInput<'a>, mentions: &[Mention]) -> impl Iterator<Item = (usize, &'a str)> {
    let words = input.tokens.iter().map(|token| token.word.as_str()).enumerate();
    words.filter(|(at, _)| !mentions.iter().any(|mention| (mention.start..mention.end).contains(at)))
}

/// The phrases that give the due date of a task, joined. A phrase that contradicts an earlier one stays in the title.
pub(crate) fn find(input: &DateInput<'_>) -> (Draft, Vec<Mention>) {
    let mut draft = Draft::default();
    let mut kept = Vec::new();
    for mention in find_all(input) {
        // "tomorrow's meeting" is due tomorrow; "snacks for Sunday's game" only names the game.
        if input.word(mention.end) == "'s" && mention.start > 0 {
            continue;
        }
        // "review what was said yesterday" is not due yesterday.
        if !mention.draft.is_past() && mention.draft.resolve(input.now).is_some() && draft.join(&mention.draft) {
            kept.push(mention);
        }
    }
    (draft, kept)
}
