//! The titles of the user's tasks as an index of their words, made once for each message that needs it.
//!
//! A user may have thousands of tasks and paste a long text, and a thread cannot be stopped from outside. So a word is
//! looked up by its stem, and misspellings only among words with the same first letter, and all comparing of a message
//! takes steps from one budget ([`FUEL`]).
//!
//! When the budget is spent, every further comparison finds nothing: the message is read without those titles.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use strsim::osa_distance;
use tandem_protocol::model::Task;

use crate::Context;
use crate::grammar::is_task_verb;
use crate::text::title_stems;

/// Steps of comparing that one message may cost, all of its phrases together. A step is a few nanoseconds; sentences of
/// people take some thousands.
pub(crate) const FUEL: u32 = 200_000;
/// Steps of measuring how far two words are from each other.
const MEASURE: u32 = 40;
/// Limit of the words of a title, and of a phrase, that are compared.
pub(super) const MAX_STEMS: usize = 40;
/// How alike two words are that differ by a misspelling.
const MISSPELT: f64 = 0.88;

/// The index of titles, and what comparing with it has cost so far.
#[derive(Debug)]
pub(crate) struct Titles {
    index: OnceCell<Index>,
    fuel: Cell<u32>,
    /// The words that are like a stem of the phrase, by stem and whether misspellings count.
    known: RefCell<HashMap<(String, bool), Alike>>,
    /// How well each title fits a phrase, by the phrase.
    scores: RefCell<HashMap<String, Rc<[f64]>>>,
}

/// Words of the index, each with how alike it is, 0 to 1.
pub(super) type Alike = Rc<[(usize, f64)]>;

/// Each word stands once, with the titles that have it.
#[derive(Debug, Default)]
pub(super) struct Index {
    pub(super) titles: Vec<Title>,
    pub(super) words: Vec<Word>,
    by_stem: HashMap<String, usize>,
    by_letter: HashMap<char, Vec<usize>>,
}

#[derive(Debug)]
pub(super) struct Title {
    pub(super) plain: String,
    /// Places in the words of the index.
    pub(super) words: Vec<usize>,
    /// Whether its first word is the verb of an errand: "milk" is what "Buy milk" is about.
    pub(super) begins_with_verb: bool,
}

#[derive(Debug)]
pub(super) struct Word {
    stem: String,
    /// Characters of the stem.
    length: usize,
    /// The set of its letters, one bit for each, modulo 32.
    letters: u32,
    /// Places of the titles that have the word, ascending.
    pub(super) titles: Vec<usize>,
}

impl Default for Titles {
    fn default() -> Self {
        Self { index: OnceCell::new(), fuel: Cell::new(FUEL), known: RefCell::default(), scores: RefCell::default() }
    }
}

impl Titles {
    /// Steps of the budget that were spent.
    #[cfg(test)]
    pub(crate) fn spent(&self) -> u32 {
        FUEL - self.fuel.get()
    }

    /// Takes steps from the budget; `false` when fewer are left.
    pub(super) fn spend(&self, steps: usize) -> bool {
        let left = u32::try_from(steps).ok().and_then(|steps| self.fuel.get().checked_sub(steps));
        self.fuel.set(left.unwrap_or(0));
        left.is_some()
    }

    /// The scores of all titles for a phrase that was compared before.
    pub(super) fn scores_of(&self, phrase: &str) -> Option<Rc<[f64]>> {
        self.scores.borrow().get(phrase).map(Rc::clone)
    }

    /// Keeps the scores of a phrase. What they cost was taken from the budget, so there are not many.
    pub(super) fn keep_scores(&self, phrase: &str, scores: &Rc<[f64]>) {
        self.scores.borrow_mut().insert(phrase.to_owned(), Rc::clone(scores));
    }

    pub(super) fn index(&self, context: &Context<'_>) -> &Index {
        self.index.get_or_init(|| {
            let mut index = Index::default();
            for task in context.tasks {
                index.add(task);
            }
            index
        })
    }

    /// Whether one of the titles at these places has a word like a stem. `false` when no steps are left.
    pub(super) fn have_like(&self, context: &Context<'_>, places: &[usize], stem: &str) -> bool {
        let index = self.index(context);
        let Some(alike) = self.alike(index, stem, true) else { return false };
        let has = |place: &usize| alike.iter().any(|(word, _)| index.titles[*place].words.contains(word));
        self.spend(places.len() * alike.len()) && places.iter().any(has)
    }

    /// The words of titles that are like a stem; `None` when no steps are left.
    pub(super) fn alike(&self, index: &Index, stem: &str, misspelt: bool) -> Option<Alike> {
        let key = (stem.to_owned(), misspelt);
        if let Some(known) = self.known.borrow().get(&key) {
            return Some(Rc::clone(known));
        }
        let mut found: Vec<(usize, f64)> = index.by_stem.get(stem).map(|word| (*word, 1.0)).into_iter().collect();
        if misspelt {
            let sought = Word::new(stem.to_owned());
            let near =
                stem.chars().next().and_then(|letter| index.by_letter.get(&letter)).map_or(&[][..], Vec::as_slice);
            if !self.spend(near.len()) {
                return None;
            }
            for &word in near {
                let other = &index.words[word];
                if other.stem == sought.stem || !sought.may_be(other) {
                    continue;
                }
                if !self.spend(MEASURE as usize) {
                    return None;
                }
                if osa_distance(&sought.stem, &other.stem) <= sought.allowed(other) {
                    found.push((word, MISSPELT));
                }
            }
        }
        let found: Alike = found.into();
        self.known.borrow_mut().insert(key, Rc::clone(&found));
        Some(found)
    }
}

impl Index {
    fn add(&mut self, task: &Task) {
        let place = self.titles.len();
        let mut words = Vec::new();
        for stem in title_stems(&task.title).into_iter().take(MAX_STEMS) {
            let word = match self.by_stem.get(&stem) {
                Some(word) => *word,
                None => self.add_word(stem),
            };
            let titles = &mut self.words[word].titles;
            if titles.last() != Some(&place) {
                titles.push(place);
            }
            words.push(word);
        }
        let first = task.title.split(' ').next().unwrap_or_default().to_lowercase();
        let begins_with_verb = words.len() > 1 && is_task_verb(&first);
        self.titles.push(Title { plain: plain(&task.title), words, begins_with_verb });
    }

    fn add_word(&mut self, stem: String) -> usize {
        let word = self.words.len();
        if let Some(letter) = stem.chars().next() {
            self.by_letter.entry(letter).or_default().push(word);
        }
        self.by_stem.insert(stem.clone(), word);
        self.words.push(Word::new(stem));
        word
    }
}

impl Word {
    fn new(stem: String) -> Self {
        let letters = stem.chars().fold(0, |letters, c| letters | 1 << (u32::from(c) % 32));
        Self { length: stem.chars().count(), letters, titles: Vec::new(), stem }
    }

    /// Number of edits that are forgiven between these words.
    fn allowed(&self, other: &Self) -> usize {
        match self.length.min(other.length) {
            0..=3 => 0,
            4..=7 => 1,
            _ => 2,
        }
    }

    /// Whether the other may be this one with misspellings. These tests are cheap and exclude most words: an edit changes
    /// the length by one at most, and the set of letters by two.
    fn may_be(&self, other: &Self) -> bool {
        let allowed = self.allowed(other);
        allowed > 0
            && self.length.abs_diff(other.length) <= allowed
            && (self.letters ^ other.letters).count_ones() as usize <= 2 * allowed
    }
}

pub(super) fn plain(text: &str) -> String {
    text.to_lowercase().chars().filter(|c| c.is_alphanumeric() || *c == ' ').collect::<String>().trim().to_owned()
}
