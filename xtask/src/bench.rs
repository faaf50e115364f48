//! `cargo xtask bench`: measures what the pieces of a token, of a change and of a message cost, and prints a table.
//!
//! criterion measures and keeps its figures in `target/criterion`. The table is made from these files, so that all pieces
//! stand together, beside those of an earlier run. A figure never fails the task: on a machine that others use, each is off
//! by a tenth or more, and continuous integration would be red for no reason that is in the change.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::Deserialize;

use crate::process;
use crate::workspace::Workspace;

/// Under which a run is kept when nothing else is said.
const LAST: &str = "last";

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Measure only the pieces whose names contain this
    filter: Option<String>,
    /// Keep the figures under a name
    #[arg(long, default_value = LAST, value_name = "NAME")]
    save: String,
    /// Show the figures beside those of an earlier run
    #[arg(long, value_name = "NAME")]
    baseline: Option<String>,
    /// Measure each piece for a moment only
    #[arg(long)]
    quick: bool,
}

/// Measures everything, and prints the table.
///
/// # Errors
/// When the benches do not compile, one of them panics, or its figures cannot be read.
pub(crate) fn bench(workspace: &Workspace, options: &Options) -> anyhow::Result<()> {
    let folder = workspace.target("criterion");
    // Read before the run, which may replace it.
    let before = options.baseline.as_ref().map(|name| read_all(&folder, name)).transpose()?;
    let mut cargo = workspace.cargo();
    cargo.args(["bench", "--locked", "--package", "tandem-tests", "--bench", "costs", "--"]);
    cargo.args(["--save-baseline", &options.save]).args(&options.filter);
    if options.quick {
        cargo.arg("--quick");
    }
    process::run(&mut cargo)?;
    let mut now = read_all(&folder, &options.save)?;
    now.retain(|name, _| options.filter.as_ref().is_none_or(|filter| name.contains(filter.as_str())));
    print!("\n{}", table(&now, before.as_ref()));
    Ok(())
}

/// The figures of a run, by the name of the piece.
type Figures = BTreeMap<String, Figure>;

/// The median of a piece, in nanoseconds, with the ends of its confidence interval.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Figure {
    median: f64,
    low: f64,
    high: f64,
    /// How many things one measurement does, such as tokens.
    elements: Option<f64>,
}

/// The part of `estimates.json` that is shown.
#[derive(Deserialize)]
struct Estimates {
    median: Estimate,
}

#[derive(Deserialize)]
struct Estimate {
    point_estimate: f64,
    confidence_interval: Interval,
}

#[derive(Deserialize)]
struct Interval {
    lower_bound: f64,
    upper_bound: f64,
}

/// The part of `benchmark.json` that is shown.
#[derive(Deserialize)]
struct Benchmark {
    full_id: String,
    throughput: Option<BTreeMap<String, f64>>,
}

/// Reads what criterion has kept under a name: a folder for each piece, at any depth.
fn read_all(folder: &Path, name: &str) -> anyhow::Result<Figures> {
    let (mut figures, mut folders) = (Figures::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        let inside: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
        for path in inside {
            if path.ends_with(name) && path.join("estimates.json").exists() {
                let (piece, figure) = read(&path)?;
                figures.insert(piece, figure);
            } else {
                folders.push(path);
            }
        }
    }
    Ok(figures)
}

fn read(folder: &Path) -> anyhow::Result<(String, Figure)> {
    let text = |file| {
        let path = folder.join(file);
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    };
    let Estimates { median } = serde_json::from_str(&text("estimates.json")?)?;
    let Benchmark { full_id, throughput } = serde_json::from_str(&text("benchmark.json")?)?;
    let elements = throughput.and_then(|throughput| throughput.get("Elements").copied());
    let Estimate { point_estimate, confidence_interval: Interval { lower_bound, upper_bound } } = median;
    Ok((full_id, Figure { median: point_estimate, low: lower_bound, high: upper_bound, elements }))
}

/// The figures as a table in Markdown.
fn table(now: &Figures, before: Option<&Figures>) -> String {
    let mut text = "| piece | time | of each | change |\n|---|---|---|---|\n".to_owned();
    for (name, figure) in now {
        let each = figure.elements.map_or_else(String::new, |elements| time(figure.median / elements));
        let earlier = before.and_then(|before| before.get(name));
        let change = earlier.map_or_else(String::new, |earlier| change(earlier, figure));
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| {name} | {} | {each} | {change} |", time(figure.median));
    }
    text
}

/// The change of a median. It is marked when the intervals have nothing in common.
fn change(before: &Figure, now: &Figure) -> String {
    let mark = match () {
        () if now.low > before.high => ", slower",
        () if now.high < before.low => ", faster",
        () => "",
    };
    format!("{:+.0} %{mark}", (now.median / before.median - 1.0) * 100.0)
}

/// Nanoseconds in the unit in which they are easy to read.
fn time(nanos: f64) -> String {
    match nanos {
        ..1e3 => format!("{nanos:.0} ns"),
        ..1e6 => format!("{:.1} µs", nanos / 1e3),
        ..1e9 => format!("{:.2} ms", nanos / 1e6),
        _ => format!("{:.2} s", nanos / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(median: f64) -> Figure {
        Figure { median, low: median * 0.95, high: median * 1.05, elements: None }
    }

    fn save(folder: &Path, piece: &str, name: &str, median: f64) {
        let folder = folder.join(piece.replace(' ', "_")).join(name);
        fs::create_dir_all(&folder).unwrap();
        let interval = format!(r#"{{"confidence_level":0.95,"lower_bound":{median},"upper_bound":{median}}}"#);
        let estimates = format!(r#"{{"median":{{"confidence_interval":{interval},"point_estimate":{median}}}}}"#);
        fs::write(folder.join("estimates.json"), estimates).unwrap();
        let benchmark = format!(r#"{{"full_id":"{piece}","throughput":{{"Elements":200}}}}"#);
        fs::write(folder.join("benchmark.json"), benchmark).unwrap();
    }

    #[test]
    fn the_table_has_each_piece_beside_an_earlier_run() {
        let folder = tempfile::tempdir().unwrap();
        save(folder.path(), "fan out/a reply", "main", 500_000.0);
        save(folder.path(), "fan out/a reply", "last", 250_000.0);
        save(folder.path(), "encode/a token", "last", 120.0);
        let [main, last] = ["main", "last"].map(|name| read_all(folder.path(), name).unwrap());
        assert_eq!((main.len(), last.len()), (1, 2));
        let table = table(&last, Some(&main));
        assert!(table.contains("| fan out/a reply | 250.0 µs | 1.2 µs | -50 %, faster |"), "{table}");
        assert!(table.contains("| encode/a token | 120 ns | 1 ns |  |"), "{table}");
    }

    #[test]
    fn a_change_within_the_intervals_is_not_marked() {
        assert_eq!(change(&figure(100.0), &figure(104.0)), "+4 %");
        assert_eq!(change(&figure(100.0), &figure(150.0)), "+50 %, slower");
    }
}
