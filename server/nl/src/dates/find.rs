//! Dates inside a sentence: which words are a date, and which only look like one.

use super::guard::accepts;
use super::{Draft, Phrase, Scene, phrase};

/// A date phrase inside a sentence, by the places of its tokens.
#[derive(Debug, Clone)]
pub(crate) struct Mention {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) draft: Draft,
}

/// Every phrase that reads as a date where it stands, in order, past ones too.
pub(crate) fn find_all(scene: &Scene<'_>) -> Vec<Mention> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < scene.tokens.len() {
        match phrase(scene, at) {
            Some(read) if accepts(scene, at, &read) => {
                let Phrase { draft, end, .. } = read;
                found.push(Mention { start: at, end, draft });
                at = end;
            }
            _ => at += 1,
        }
    }
    found
}

/// The phrases that say when something is to be done; a phrase that contradicts an earlier one stays words.
pub(crate) fn find(scene: &Scene<'_>) -> (Draft, Vec<Mention>) {
    let mut draft = Draft::default();
    let mut kept = Vec::new();
    for mention in find_all(scene) {
        // "tomorrow's meeting" is due tomorrow; "snacks for Sunday's game" only names the game.
        if scene.word(mention.end) == "'s" && mention.start > 0 {
            continue;
        }
        if !mention.draft.is_past() && mention.draft.resolve(scene.now).is_some() && draft.join(&mention.draft) {
            kept.push(mention);
        }
    }
    (draft, kept)
}
