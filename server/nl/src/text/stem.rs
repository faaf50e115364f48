//! Words reduced to stems, for comparing what was said with titles.

use rust_stemmers::{Algorithm, Stemmer};

use super::{Kind, Text};

/// Words that say nothing about which task is meant.
pub(crate) const STOP_WORDS: &[&str] = &[
    "a",
    "an",
    "the",
    "to",
    "of",
    "for",
    "on",
    "in",
    "at",
    "my",
    "our",
    "your",
    "me",
    "i",
    "it",
    "its",
    "is",
    "are",
    "be",
    "and",
    "or",
    "with",
    "about",
    "that",
    "this",
    "these",
    "those",
    "from",
    "by",
    "up",
    "off",
    "out",
    "some",
    "please",
    "task",
    "tasks",
    "reminder",
    "reminders",
    "todo",
    "item",
    "items",
    "one",
    "'s",
    "regarding",
    "called",
    "named",
    "have",
    "get",
    "getting",
    "go",
    "going",
    "do",
    "doing",
    "any",
];

/// The stems of a text's words without stop words, quotes opened; all words when nothing else is left.
pub(crate) fn content_stems(text: &str) -> Vec<String> {
    let open: String = text.chars().map(|c| if matches!(c, '"' | '\'') { ' ' } else { c }).collect();
    let stemmer = Stemmer::create(Algorithm::English);
    let tokens = Text::new(&open).tokens;
    let words: Vec<&str> = tokens.iter().filter(|t| t.kind != Kind::Mark).map(|t| t.word.as_str()).collect();
    let content: Vec<&str> = words
        .iter()
        .copied()
        .filter(|w| w.len() > 1 || w.parse::<u8>().is_ok())
        .filter(|w| !STOP_WORDS.contains(w))
        .collect();
    let chosen = if content.is_empty() { words } else { content };
    chosen.into_iter().map(|word| stemmer.stem(word).into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::content_stems;

    #[test]
    fn endings_and_small_words_do_not_matter() {
        assert_eq!(content_stems("buying the groceries"), content_stems("Buy grocery"));
    }

    #[test]
    fn small_words_count_when_there_are_no_others() {
        assert_eq!(content_stems("the item"), ["the", "item"]);
    }
}
