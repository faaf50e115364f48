//! How well a phrase fits a title: exactly, by the stems of its words, or with misspellings.
//!
//! A phrase mostly shortens the title that it means ("the plumber" for "Call the plumber"). So words of
//! the phrase that the title lacks cost more than words of the title that the phrase lacks.
//!
//! Scores are between 0 and 1, and only an equal text has 1. A message whose budget of comparisons is spent matches nothing.

use std::collections::HashMap;
use std::rc::Rc;

use super::titles::{MAX_STEMS, Title, plain};
use super::{Found, MAX_CHOICES, ReadContext, Risk};
use crate::text::content_stems;
use tandem_protocol::TaskId;
use tandem_protocol::model::Task;

/// The score from which a title is taken to be meant, for destructive and for reversible changes.
const DESTRUCTIVE_MATCH_SCORE: f64 = 0.72;
const MATCH_SCORE: f64 = 0.6;
/// The score from which a title is offered as a choice.
const CHOICE_SCORE: f64 = 0.4;
/// The score from which a title has all words of the phrase.
const COVERED_SCORE: f64 = 0.87;
/// The score of a title of which only the verb is missing: "milk" of "Buy milk".
const ALL_BUT_VERB_SCORE: f64 = 0.975;
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

/// Bytes of the longest phrase in which misspellings are forgiven.
const LONGEST_WITH_MISSPELLINGS: usize = 500;

/// Ranks tasks by the words of a phrase. `tasks` are some of the context's, in their order.
pub(crate) fn rank(phrase: &str, tasks: &[&Task], cx: &ReadContext<'_>) -> Ranking {
    let scored = score(phrase, cx);
    // Scores are of all tasks of the context. Both slices have the same order, so one pass finds those of `tasks`.
    let mut rest = tasks.iter().peekable();
    let mut ranked: Vec<Match> = Vec::new();
    for (task, &score) in cx.context.tasks.iter().zip(scored.iter().flat_map(|scores| scores.iter())) {
        if rest.next_if(|next| std::ptr::eq(**next, *task)).is_some() && score >= CHOICE_SCORE {
            ranked.push(Match { id: task.id, score });
        }
    }
    // The sort is stable: equal scores keep the order of the context, so the same message has the same answer.
    ranked.sort_by(|a, b| b.score.total_cmp(&a.score));
    Ranking(ranked)
}

/// How well a phrase fits each title of the context; `None` when no steps are left.
fn score(phrase: &str, cx: &ReadContext<'_>) -> Option<Rc<[f64]>> {
    let titles = cx.titles;
    // The readers of a clause ask about the same words one after the other.
    if let Some(known) = titles.scores_of(phrase) {
        return Some(known);
    }
    let scores = score_anew(phrase, cx)?;
    titles.keep_scores(phrase, &scores);
    Some(scores)
}

fn score_anew(phrase: &str, cx: &ReadContext<'_>) -> Option<Rc<[f64]>> {
    let titles = cx.titles;
    let index = titles.index(cx.context);
    if !titles.spend(phrase.len() + 2 * index.titles.len()) {
        return None;
    }
    let (plain, mut stems) = (plain(phrase), content_stems(phrase));
    stems.truncate(MAX_STEMS);
    let misspelt = phrase.len() <= LONGEST_WITH_MISSPELLINGS;
    // Of each title: what of the phrase is in it, and how much of it by the word that is looked at.
    let mut sums = vec![0.0; index.titles.len()];
    let mut best = vec![0.0; index.titles.len()];
    let mut in_phrase: HashMap<usize, f64> = HashMap::new();
    for stem in &stems {
        let alike = titles.alike(index, stem, misspelt)?;
        for &(word, how) in &*alike {
            let word_titles = &index.words[word].titles;
            if !titles.spend(word_titles.len()) {
                return None;
            }
            // A word of the title counts once, by the best match in the phrase.
            let before = in_phrase.entry(word).or_insert(0.0);
            *before = how.max(*before);
            for &title in word_titles {
                best[title] = how.max(best[title]);
            }
        }
        for &(word, _) in &*alike {
            for &title in &index.words[word].titles {
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
        // All of the title but its verb, and nothing else.
        let but_verb = title.begins_with_verb && stems.len() + 1 == title.words.len();
        let rest = title.words.iter().skip(1).all(|word| in_phrase.get(word).is_some_and(|how| *how >= 1.0));
        if but_verb && rest {
            return Some(ALL_BUT_VERB_SCORE);
        }
        let covered: f64 = title.words.iter().map(|word| in_phrase.get(word).copied().unwrap_or_default()).sum();
        // Only an equal text is exact (1.0), however many of its words fit.
        Some(0.97 * similar(part(sum, stems.len()), part(covered, title.words.len())))
    };
    index.titles.iter().zip(sums).map(fit).collect()
}

impl Ranking {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn is_exact(&self) -> bool {
        self.0.first().is_some_and(|best| best.score >= 1.0)
    }

    /// Whether some title has all words of the phrase.
    pub(crate) fn covers(&self) -> bool {
        self.0.first().is_some_and(|best| best.score >= COVERED_SCORE)
    }

    /// One task, a question, or none.
    pub(super) fn decide(self, risk: Risk, words: String) -> Found {
        let enough = score_needed(risk);
        let Some(best) = self.0.first() else { return Found::Missing(words) };
        // Below the threshold even a clear winner is only offered, together with the others.
        let close: Vec<TaskId> = self
            .0
            .iter()
            .filter(|other| other.score > best.score - MARGIN || best.score < enough)
            .take(MAX_CHOICES)
            .map(|found| found.id)
            .collect();
        if best.score >= enough && close.len() == 1 { Found::Tasks(close) } else { Found::OneOf(close) }
    }

    /// All that fit well enough to be meant together.
    pub(crate) fn all(self, risk: Risk) -> Vec<TaskId> {
        let enough = score_needed(risk);
        self.0.into_iter().filter(|found| found.score >= enough).map(|found| found.id).collect()
    }
}

fn score_needed(risk: Risk) -> f64 {
    if risk == Risk::Destructive { DESTRUCTIVE_MATCH_SCORE } else { MATCH_SCORE }
}

/// How alike a phrase and a title are. What of the phrase is in the title counts more than what of the title is in it.
fn similar(phrase_in_title: f64, title_in_phrase: f64) -> f64 {
    // The whole title inside a longer phrase is as good as the phrase inside a longer title.
    (0.75 * phrase_in_title + 0.25 * title_in_phrase).max(0.4 * phrase_in_title + 0.6 * title_in_phrase - 0.05)
}

fn part(found: f64, of: usize) -> f64 {
    found / f64::from(u32::try_from(of).unwrap_or(u32::MAX).max(1))
}

#[cfg(test)]
mod tests {
    use jiff::Zoned;

    use super::super::titles::{FUEL, MAX_STEMS, Titles};
    use super::{ReadContext, score};
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
        work(&Context::new(&now, &tasks))
    }

    fn fits(words: &str, title: &str) -> f64 {
        with_context(&[task(1, title)], |context| {
            let titles = Titles::default();
            score(words, &ReadContext::new(context, &titles)).expect("there is time")[0]
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
                    let index = titles.index(context);
                    assert!(index.words.len() <= tasks.len() * MAX_STEMS);
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
