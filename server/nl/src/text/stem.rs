//! Words reduced to stems, to compare a phrase with titles: "bought groceries" fits "Buy grocery".

use std::sync::LazyLock;

use super::{WordSet, nfc, words};
use crate::work;
use rust_stemmers::{Algorithm, Stemmer};

/// Words that do not distinguish tasks.
pub(crate) static STOP_WORDS: LazyLock<WordSet> = LazyLock::new(|| {
    words(
        "a an the to of for on in at my our your me i it its is are be and or with about that this these those \
         from by up off out some please task tasks reminder reminders todo item items one 's regarding called \
         named have get getting go going do doing any",
    )
});

/// The stems of the words of a phrase without stop words and quotes; all words when nothing else is left. A message has
/// many phrases, so they are counted.
pub(crate) fn content_stems(phrase: &str) -> Vec<String> {
    let words = u32::try_from(phrase.split(' ').count()).unwrap_or(u32::MAX);
    if work::spend(words.saturating_mul(WORD_COST)) { title_stems(phrase) } else { Vec::new() }
}

/// Steps of reducing a word.
const WORD_COST: u32 = 8;

/// The same for the title of a task.
pub(crate) fn title_stems(text: &str) -> Vec<String> {
    let lower: String = nfc(text).collect::<String>().to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let telling = |word: &&str| (word.len() > 1 || word.parse::<u8>().is_ok()) && !STOP_WORDS.contains(*word);
    let content: Vec<&str> = words.iter().copied().filter(telling).collect();
    let chosen = if content.is_empty() { words } else { content };
    let stemmer = Stemmer::create(Algorithm::English);
    chosen.into_iter().map(|word| stemmer.stem(present(word)).into_owned()).collect()
}

/// The present tense of an irregular verb of errands: what was "bought" is what was to be bought.
fn present(word: &str) -> &str {
    match word {
        "bought" => "buy",
        "paid" => "pay",
        "sent" => "send",
        "wrote" | "written" => "write",
        "made" => "make",
        "took" | "taken" => "take",
        "met" => "meet",
        "gave" | "given" => "give",
        "brought" => "bring",
        "fed" => "feed",
        "told" => "tell",
        "found" => "find",
        "sold" => "sell",
        "built" => "build",
        "drove" | "driven" => "drive",
        "drew" | "drawn" => "draw",
        "swept" => "sweep",
        "taught" => "teach",
        "spoke" | "spoken" => "speak",
        "hung" => "hang",
        "rang" | "rung" => "ring",
        other => other,
    }
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
