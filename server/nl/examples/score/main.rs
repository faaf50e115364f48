//! Measures the language against folders of sample sentences: `score DIR [--show CORPUS]`.
//!
//! Prints one line for each corpus: how many of its sentences were judged, how many came out right. With `--show` the
//! failures of a corpus are listed. Files that are not there are left out.

mod samples;

use std::path::Path;

/// A figure of the table.
struct Score {
    corpus: &'static str,
    right: usize,
    of: usize,
    failures: Vec<String>,
}

impl Score {
    fn new(corpus: &'static str) -> Self {
        Self { corpus, right: 0, of: 0, failures: Vec::new() }
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
    for Score { corpus, right, of, .. } in &scores {
        let percent =
            100.0 * f64::from(u32::try_from(*right).unwrap_or(0)) / f64::from(u32::try_from((*of).max(1)).unwrap_or(1));
        println!("{corpus:<24} {right:>5} of {of:>5}  {percent:>5.1} %");
    }
}
