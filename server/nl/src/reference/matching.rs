//! How well words fit a title: exactly, by their stems, or but for a slip of the finger.

use std::cell::OnceCell;
use std::collections::HashMap;

use strsim::osa_distance;

use super::{Care, MOST_CHOICES, Mind, Target};
use crate::text::content_stems;
use crate::{Context, TaskRef};

/// From here on a title is taken to be meant, when something goes away and when not.
const ENOUGH_TO_DESTROY: f64 = 0.72;
const ENOUGH: f64 = 0.6;
/// From here on a title is worth asking about.
const WORTH_ASKING: f64 = 0.4;
/// From here on nothing that was said is missing in the title.
const ALL_SAID: f64 = 0.87;
/// How far ahead of the next title the best must be.
const MARGIN: f64 = 0.12;

/// A task and how well it fits, 0 to 1.
#[derive(Debug, Clone)]
pub(crate) struct Match {
    id: String,
    score: f64,
}

/// Tasks by how well they fit, best first.
#[derive(Debug, Clone)]
pub(crate) struct Ranking(Vec<Match>);

/// Titles made ready for comparing, once for each message and only when one is needed.
#[derive(Debug, Default)]
pub(crate) struct Titles(OnceCell<HashMap<String, Title>>);

#[derive(Debug)]
struct Title {
    plain: String,
    stems: Vec<String>,
}

impl Titles {
    fn ready(&self, context: &Context<'_>) -> &HashMap<String, Title> {
        let title = |task: &TaskRef| Title { plain: plain(&task.title), stems: content_stems(&task.title) };
        self.0.get_or_init(|| context.tasks.iter().map(|task| (task.id.clone(), title(task))).collect())
    }
}

/// Ranks tasks by the words of a phrase.
pub(crate) fn rank(phrase: &str, tasks: &[&TaskRef], mind: &Mind<'_>) -> Ranking {
    let (plain, stems) = (plain(phrase), content_stems(phrase));
    let titles = mind.titles.ready(mind.context);
    let score = |title: &Title| if title.plain == plain { 1.0 } else { 0.97 * similar(&stems, &title.stems) };
    let mut ranked: Vec<Match> = tasks
        .iter()
        .filter_map(|task| Some(Match { id: task.id.clone(), score: score(titles.get(&task.id)?) }))
        .filter(|found| found.score >= WORTH_ASKING)
        .collect();
    ranked.sort_by(|a, b| b.score.total_cmp(&a.score));
    Ranking(ranked)
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
    pub(crate) fn decide(self, care: Care, said: String) -> Target {
        let enough = if care == Care::Destructive { ENOUGH_TO_DESTROY } else { ENOUGH };
        let Some(best) = self.0.first() else { return Target::Missing(said) };
        let close: Vec<String> = self
            .0
            .iter()
            .filter(|other| other.score > best.score - MARGIN || best.score < enough)
            .take(MOST_CHOICES)
            .map(|found| found.id.clone())
            .collect();
        if best.score >= enough && close.len() == 1 { Target::Tasks(close) } else { Target::OneOf(close) }
    }

    /// All that fit well enough to be meant together.
    pub(crate) fn all(self, care: Care) -> Vec<String> {
        let enough = if care == Care::Destructive { ENOUGH_TO_DESTROY } else { ENOUGH };
        self.0.into_iter().filter(|found| found.score >= enough).map(|found| found.id).collect()
    }
}

/// How alike two sets of stems are: what was said must be in the title, and counts more than what was left unsaid.
pub(crate) fn similar(said: &[String], title: &[String]) -> f64 {
    if said.is_empty() || title.is_empty() {
        return 0.0;
    }
    let (said_in_title, title_in_said) = (covered(said, title), covered(title, said));
    // The whole title inside a longer phrase is as good as the phrase inside a longer title.
    (0.75 * said_in_title + 0.25 * title_in_said).max(0.4 * said_in_title + 0.6 * title_in_said - 0.05)
}

/// The part of the first set that has a counterpart in the second.
fn covered(these: &[String], those: &[String]) -> f64 {
    let found: f64 = these.iter().map(|word| those.iter().map(|other| alike(word, other)).fold(0.0, f64::max)).sum();
    let count = u32::try_from(these.len()).unwrap_or(u32::MAX);
    found / f64::from(count)
}

/// 1 for the same stem, a little less for one that is a slip away.
fn alike(a: &str, b: &str) -> f64 {
    if a == b {
        return 1.0;
    }
    let (length, other) = (a.chars().count(), b.chars().count());
    let allowed = match length.min(other) {
        0..=3 => return 0.0,
        4..=7 => 1,
        _ => 2,
    };
    // The cheap questions first: slips seldom hit the first letter.
    if length.abs_diff(other) > allowed || a.chars().next() != b.chars().next() {
        return 0.0;
    }
    if osa_distance(a, b) <= allowed { 0.88 } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::similar;
    use crate::text::content_stems;

    fn score(said: &str, title: &str) -> f64 {
        similar(&content_stems(said), &content_stems(title))
    }

    #[test]
    fn part_of_a_title_is_enough_and_other_words_are_not() {
        assert!(score("milk", "Buy oat milk") > 0.72);
        assert!(score("buying the groceries", "Buy groceries") > 0.9);
        assert!(score("milk", "Call the plumber") < 0.1);
    }

    #[test]
    fn a_slip_of_the_finger_costs_little() {
        assert!(score("grocereis", "Groceries") > 0.8);
        assert!(score("cat", "car") < 0.1);
    }
}
