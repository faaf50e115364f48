//! Measures the language against folders of sample sentences: `score DIR [--show CORPUS]`.
//!
//! Prints one line for each corpus: how many of its sentences were judged, how many came out right beside the share that
//! should, and how many would have changed something that was not said. These are listed below the table; the bar for them
//! is half a percent over all messages. With `--show` the failures of a corpus are listed. Files that are not there are left
//! out.

mod samples;

use std::path::Path;

/// A figure of the table.
struct Score {
    corpus: &'static str,
    /// The share in percent that should come out right.
    bar: f64,
    right: usize,
    of: usize,
    /// Sentences after which something would have changed that was not said.
    wrong_writes: Vec<String>,
    writes_are_judged: bool,
    failures: Vec<String>,
}

impl Score {
    fn new(corpus: &'static str, bar: f64) -> Self {
        let (wrong_writes, failures) = (Vec::new(), Vec::new());
        Self { corpus, bar, right: 0, of: 0, wrong_writes, writes_are_judged: false, failures }
    }

    fn judge_writes(&mut self, wrong: bool, sentence: impl FnOnce() -> String) {
        self.writes_are_judged = true;
        if wrong {
            self.wrong_writes.push(sentence());
        }
    }

    fn add(&mut self, right: bool, failure: impl FnOnce() -> String) {
        self.of += 1;
        if right {
            self.right += 1;
        } else {
            self.failures.push(failure());
        }
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(folder) = arguments.first() else {
        eprintln!("usage: score DIR [--show CORPUS]");
        std::process::exit(2);
    };
    let show = arguments.iter().position(|a| a == "--show").and_then(|i| arguments.get(i + 1));
    let folder = Path::new(folder);
    let mut scores = samples::dates::scores(folder);
    scores.extend(samples::reminders::scores(folder));
    scores.extend(samples::intents::scores(folder));
    for score in &scores {
        if show.is_some_and(|name| name == score.corpus) {
            score.failures.iter().for_each(|failure| println!("{failure}"));
        }
    }
    for Score { corpus, bar, right, of, wrong_writes, .. } in &scores {
        let share = percent(*right, *of);
        let mark = if share + 0.05 < *bar { "below" } else { "" };
        let wrong = wrong_writes.len();
        println!(
            "{corpus:<24} {right:>5} of {of:>5}  {share:>5.1} %  bar {bar:>5.1} %  wrong writes {wrong:>2}  {mark}"
        );
    }
    // The dates are no messages, and the times are the messages again.
    let messages = || scores.iter().filter(|score| score.writes_are_judged);
    let wrong = messages().map(|score| score.wrong_writes.len()).sum();
    let of = messages().map(|score| score.of).sum();
    println!(
        "wrong writes             {wrong:>5} of {of:>5}  {:>5.2} %  bar {MOST_WRONG_WRITES:>5.2} %",
        percent(wrong, of)
    );
    for score in messages() {
        score.wrong_writes.iter().for_each(|sentence| println!("  {}: {sentence}", score.corpus));
    }
}

/// The share of messages in percent that may change something that was not said.
const MOST_WRONG_WRITES: f64 = 0.5;

fn percent(part: usize, of: usize) -> f64 {
    100.0 * f64::from(u32::try_from(part).unwrap_or(0)) / f64::from(u32::try_from(of.max(1)).unwrap_or(1))
}
