//! How well a phrase fits a title: exactly, by the stems of its words, or with misspellings.
//!
//! A user may have thousands of tasks and paste a long text, and a thread cannot be stopped from outside. So titles are
//! indexed by stem and first letter once per message, and all comparing of a message takes steps from one budget
//! ([`FUEL`]); what is compared after the last step is like nothing.
//!
//! Scores are between 0 and 1. What was said and is missing in the title costs more than what the title has beyond it.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use strsim::osa_distance;

use super::{MOST_CHOICES, ReadContext, Risk, Target};
use crate::Context;
use crate::text::content_stems;
use tandem_protocol::TaskId;
use tandem_protocol::model::Task;

/// The score from which a title is taken to be meant, for destructive and for reversible changes.
const ENOUGH_TO_DESTROY: f64 = 0.72;
const ENOUGH: f64 = 0.6;
/// The score from which a title is offered as a choice.
const WORTH_ASKING: f64 = 0.4;
/// The score from which nothing that was said is missing in the title.
const ALL_SAID: f64 = 0.87;
/// How far ahead of the next title the best one has to be.
const MARGIN: f64 = 0.12;

/// A task and how well it fits, 0 to 1.
#[derive(Debug, Clone)]
pub(crate) struct Match {
    id: TaskId,
    score: f64,
}

/// Tasks by how well they fit, best first.
#[derive(Debug, Clone)]
pub(crate) struct Ranking(Vec<Match>);

/// Steps of comparing that one message may cost, all of its phrases together. A step is a few nanoseconds; sentences of
/// people take some thousands.
pub(crate) const FUEL: u32 = 4_000_000;
/// Steps of measuring how far two words are from each other.
const MEASURE: u32 = 40;
/// Words of a title, and of what was said, that are compared.
const MOST_STEMS: usize = 40;
/// Bytes of the longest phrase in which misspellings are forgiven.
const LONGEST_WITH_SLIPS: usize = 500;

/// Titles made ready for comparing, once for each message and only when one is needed.
#[derive(Debug)]
pub(crate) struct Titles {
    ready: OnceCell<Ready>,
    fuel: Cell<u32>,
    /// What was found to be like a word that was said.
    known: RefCell<HashMap<(String, bool), Alike>>,
}

/// Words of titles, each with how alike it is.
type Alike = Rc<[(usize, f64)]>;

/// Each word stands once, with the titles that have it.
#[derive(Debug, Default)]
struct Ready {
    titles: Vec<Title>,
    words: Vec<Word>,
    by_stem: HashMap<String, usize>,
    by_letter: HashMap<char, Vec<usize>>,
}

#[derive(Debug)]
struct Title {
    plain: String,
    words: Vec<usize>,
}

#[derive(Debug)]
struct Word {
    stem: String,
    length: usize,
    letters: u32,
    titles: Vec<usize>,
}

impl Default for Titles {
    fn default() -> Self {
        Self { ready: OnceCell::new(), fuel: Cell::new(FUEL), known: RefCell::default() }
    }
}

impl Titles {
    /// Steps that were taken.
    #[cfg(test)]
    pub(crate) fn spent(&self) -> u32 {
        FUEL - self.fuel.get()
    }

    /// Takes steps from the budget; `false` when fewer are left.
    fn spend(&self, steps: usize) -> bool {
        let left = u32::try_from(steps).ok().and_then(|steps| self.fuel.get().checked_sub(steps));
        self.fuel.set(left.unwrap_or(0));
        left.is_some()
    }

    fn ready(&self, context: &Context<'_>) -> &Ready {
        self.ready.get_or_init(|| {
            let mut ready = Ready::default();
            for task in context.tasks {
                ready.add(task);
            }
            ready
        })
    }

    /// The words of titles that are like a stem; `None` when no steps are left.
    fn alike(&self, ready: &Ready, stem: &str, slips: bool) -> Option<Alike> {
        let key = (stem.to_owned(), slips);
        if let Some(known) = self.known.borrow().get(&key) {
            return Some(Rc::clone(known));
        }
        let mut found: Vec<(usize, f64)> = ready.by_stem.get(stem).map(|word| (*word, 1.0)).into_iter().collect();
        if slips {
            let said = Word::new(stem.to_owned());
            // A misspelt word rarely has a wrong first letter, which makes the index by letter enough.
            let near =
                stem.chars().next().and_then(|letter| ready.by_letter.get(&letter)).map_or(&[][..], Vec::as_slice);
            if !self.spend(near.len()) {
                return None;
            }
            for &word in near {
                let other = &ready.words[word];
                if other.stem == said.stem || !said.may_be(other) {
                    continue;
                }
                if !self.spend(MEASURE as usize) {
                    return None;
                }
                if osa_distance(&said.stem, &other.stem) <= said.allowed(other) {
                    found.push((word, A_SLIP));
                }
            }
        }
        let found: Alike = found.into();
        self.known.borrow_mut().insert(key, Rc::clone(&found));
        Some(found)
    }
}

impl Ready {
    fn add(&mut self, task: &Task) {
        let place = self.titles.len();
        let mut words = Vec::new();
        for stem in content_stems(&task.title).into_iter().take(MOST_STEMS) {
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
        self.titles.push(Title { plain: plain(&task.title), words });
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

/// How alike words are that are a slip away.
const A_SLIP: f64 = 0.88;

/// Ranks tasks by the words of a phrase. `tasks` are some of the context's, in their order.
pub(crate) fn rank(phrase: &str, tasks: &[&Task], cx: &ReadContext<'_>) -> Ranking {
    let scored = score(phrase, cx);
    let mut rest = tasks.iter().peekable();
    let mut ranked: Vec<Match> = Vec::new();
    for (task, score) in cx.context.tasks.iter().zip(scored.unwrap_or_default()) {
        if rest.next_if(|next| std::ptr::eq(**next, *task)).is_some() && score >= WORTH_ASKING {
            ranked.push(Match { id: task.id, score });
        }
    }
    ranked.sort_by(|a, b| b.score.total_cmp(&a.score));
    Ranking(ranked)
}

/// How well a phrase fits each title of the context; `None` when no steps are left.
fn score(phrase: &str, cx: &ReadContext<'_>) -> Option<Vec<f64>> {
    let titles = cx.titles;
    let ready = titles.ready(cx.context);
    if !titles.spend(phrase.len() + 2 * ready.titles.len()) {
        return None;
    }
    let (plain, mut said) = (plain(phrase), content_stems(phrase));
    said.truncate(MOST_STEMS);
    let slips = phrase.len() <= LONGEST_WITH_SLIPS;
    // Of each title: what of the phrase is in it, and how much of it by the word that is looked at.
    let mut sums = vec![0.0; ready.titles.len()];
    let mut best = vec![0.0; ready.titles.len()];
    let mut in_said: HashMap<usize, f64> = HashMap::new();
    for stem in &said {
        let alike = titles.alike(ready, stem, slips)?;
        for &(word, how) in &*alike {
            let word_titles = &ready.words[word].titles;
            if !titles.spend(word_titles.len()) {
                return None;
            }
            // A word of the title counts once, by the best of the words that were said.
            let before = in_said.entry(word).or_insert(0.0);
            *before = how.max(*before);
            for &title in word_titles {
                best[title] = how.max(best[title]);
            }
        }
        for &(word, _) in &*alike {
            for &title in &ready.words[word].titles {
                sums[title] += std::mem::take(&mut best[title]);
            }
        }
    }
    let fit = |(title, sum): (&Title, f64)| {
        if title.plain == plain {
            return Some(1.0);
        }
        if sum <= 0.0 {
            return Some(0.0);
        }
        if !titles.spend(title.words.len()) {
            return None;
        }
        let covered: f64 = title.words.iter().map(|word| in_said.get(word).copied().unwrap_or_default()).sum();
        // Only an equal text is exact (1.0), however many of its words fit.
        Some(0.97 * similar(part(sum, said.len()), part(covered, title.words.len())))
    };
    ready.titles.iter().zip(sums).map(fit).collect()
}

fn plain(text: &str) -> String {
    text.to_lowercase().chars().filter(|c| c.is_alphanumeric() || *c == ' ').collect::<String>().trim().to_owned()
}

impl Ranking {
    pub(crate) fn is_exact(&self) -> bool {
        self.0.first().is_some_and(|best| best.score >= 1.0)
    }

    /// Whether some title has all that was said.
    pub(crate) fn covers(&self) -> bool {
        self.0.first().is_some_and(|best| best.score >= ALL_SAID)
    }

    /// One task, a question, or none.
    pub(crate) fn decide(self, risk: Risk, said: String) -> Target {
        let enough = if risk == Risk::Destructive { ENOUGH_TO_DESTROY } else { ENOUGH };
        let Some(best) = self.0.first() else { return Target::Missing(said) };
        let close: Vec<TaskId> = self
            .0
            .iter()
            .filter(|other| other.score > best.score - MARGIN || best.score < enough)
            .take(MOST_CHOICES)
            .map(|found| found.id)
            .collect();
        if best.score >= enough && close.len() == 1 { Target::Tasks(close) } else { Target::OneOf(close) }
    }

    /// All that fit well enough to be meant together.
    pub(crate) fn all(self, risk: Risk) -> Vec<TaskId> {
        let enough = if risk == Risk::Destructive { ENOUGH_TO_DESTROY } else { ENOUGH };
        self.0.into_iter().filter(|found| found.score >= enough).map(|found| found.id).collect()
    }
}

/// How alike a phrase and a title are: what was said must be in the title, and counts more than what was left unsaid.
fn similar(said_in_title: f64, title_in_said: f64) -> f64 {
    // The whole title inside a longer phrase is as good as the phrase inside a longer title.
    (0.75 * said_in_title + 0.25 * title_in_said).max(0.4 * said_in_title + 0.6 * title_in_said - 0.05)
}

fn part(found: f64, of: usize) -> f64 {
    found / f64::from(u32::try_from(of).unwrap_or(u32::MAX).max(1))
}

#[cfg(test)]
mod tests {
    use jiff::Zoned;

    use super::{FUEL, MOST_STEMS, ReadContext, Titles, score};
    use crate::Context;
    use tandem_protocol::model::Task;
    use tandem_protocol::{TaskId, Timestamp};
    use uuid::Uuid;

    fn task(number: usize, title: &str) -> Task {
        let id = TaskId(Uuid::from_u128(number as u128));
        Task { title: title.to_owned(), ..Task::empty(id, Timestamp::from_millis(0)) }
    }

    fn with_context<T>(tasks: &[Task], work: impl FnOnce(&Context<'_>) -> T) -> T {
        let now: Zoned = "2026-11-23T09:30:00[UTC]".parse().expect("a time");
        let tasks: Vec<&Task> = tasks.iter().collect();
        work(&Context { now: &now, tasks: &tasks, shown: &[], last_touched: &[], previous: None })
    }

    fn fits(said: &str, title: &str) -> f64 {
        with_context(&[task(1, title)], |context| {
            let titles = Titles::default();
            score(said, &ReadContext::new(context, &titles)).expect("there is time")[0]
        })
    }

    #[test]
    fn part_of_a_title_is_enough_and_other_words_are_not() {
        assert!(fits("milk", "Buy oat milk") > 0.72);
        assert!(fits("buying the groceries", "Buy groceries") > 0.9);
        assert!(fits("milk", "Call the plumber") < 0.1);
    }

    #[test]
    fn a_slip_of_the_finger_costs_little() {
        assert!(fits("grocereis", "Groceries") > 0.8);
        assert!(fits("cat", "car") < 0.1);
    }

    /// Different words of one length that all begin with the same letter, and are near each other.
    fn near(at: usize) -> String {
        let letters = b"abcdefghij";
        let digit = |at: usize| char::from(letters[at % 10]);
        format!("q{}{}{}{}{}", digit(at), digit(at / 10), digit(at / 100), digit(at / 1_000), digit(at / 10_000))
    }

    #[test]
    fn the_worst_message_costs_a_bounded_number_of_steps() {
        let title = |n: usize| (0..100).map(|word| near(n * 100 + word)).collect::<Vec<_>>().join(" ");
        let tasks: Vec<Task> = (0..1_500).map(|n| task(n, &title(n))).collect();
        let same: Vec<Task> = (0..1_500).map(|n| task(n, &title(0))).collect();
        let words = |from: usize, many: usize| (from..from + many).map(near).collect::<Vec<_>>().join(" ");
        let clauses =
            |many: usize| (0..many).map(|at| format!("delete {}", words(at * 3, 2))).collect::<Vec<_>>().join(" and ");
        for tasks in [&tasks, &same] {
            for message in [words(0, 285), clauses(90), format!("move {} to Friday", words(0, 280)), words(7, 60)] {
                with_context(tasks, |context| {
                    let titles = Titles::default();
                    let cx = ReadContext::new(context, &titles);
                    crate::read::read_with(&message, &cx);
                    assert!(titles.spent() <= FUEL, "{}", titles.spent());
                    let ready = titles.ready(context);
                    assert!(ready.words.len() <= tasks.len() * MOST_STEMS);
                });
            }
        }
    }

    #[test]
    fn a_sentence_of_a_person_costs_little_among_many_tasks() {
        let tasks: Vec<Task> =
            (0..1_000).map(|n| task(n, &format!("Call {} about the {}", near(n), near(n + 7)))).collect();
        with_context(&tasks, |context| {
            let titles = Titles::default();
            crate::read::read_with(
                "move the call with qabcaa about the bill to friday",
                &ReadContext::new(context, &titles),
            );
            assert!((1..FUEL / 10).contains(&titles.spent()), "{}", titles.spent());
        });
    }
}
