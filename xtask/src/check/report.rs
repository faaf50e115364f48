//! The table at the end of `cargo xtask test`, and the list of its steps.

use std::fmt::Write as _;
use std::time::Duration;

use crate::check::steps::Step;

/// How a step ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    Passed { time: Duration, note: String },
    Failed { time: Duration },
    NotRun,
}

/// A row of the table.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) step: &'static str,
    pub(crate) outcome: Outcome,
}

/// One row for each step: its name, how it ended, and how long it took.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut text = format!("{:10}  {:8}  {:>9}\n", "step", "", "time");
    let mut total = Duration::ZERO;
    for Row { step, outcome } in rows {
        let (status, time, note) = match outcome {
            Outcome::Passed { time, note } => ("passed", Some(*time), note.as_str()),
            Outcome::Failed { time } => ("FAILED", Some(*time), ""),
            Outcome::NotRun => ("not run", None, ""),
        };
        total += time.unwrap_or_default();
        let row = format!("{step:10}  {status:8}  {:>9}  {note}", time.map(shown).unwrap_or_default());
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", row.trim_end());
    }
    let _ = writeln!(text, "{:10}  {:8}  {:>9}", "in all", "", shown(total));
    text
}

/// One row for each step: its name and its heading.
pub(crate) fn listing(steps: &[Step]) -> String {
    steps.iter().fold(String::new(), |mut text, step| {
        let _ = writeln!(text, "{:10}  {}", step.name, step.about);
        text
    })
}

/// Minutes and seconds, or seconds with one decimal.
fn shown(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 60 {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_shows_which_steps_passed_failed_and_did_not_run() {
        let note = "12 tests passed".to_owned();
        let rows = [
            Row { step: "suites", outcome: Outcome::Passed { time: Duration::from_millis(1250), note } },
            Row { step: "lint", outcome: Outcome::Failed { time: Duration::from_secs(63) } },
            Row { step: "docs", outcome: Outcome::NotRun },
        ];
        let table = table(&rows);
        let shown: Vec<_> = table.lines().map(|row| row.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(
            shown,
            [
                "step time",
                "suites passed 1.2 s 12 tests passed",
                "lint FAILED 1 min 03 s",
                "docs not run",
                "in all 1 min 04 s"
            ]
        );
    }
}
