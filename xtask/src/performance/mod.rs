//! `cargo xtask performance`: measures how the server scales, and writes the figures into `docs/performance.md`.
//!
//! The scenario `streams` runs once for each number of users, each time with a new server. The reports stay in a folder; from
//! them the table of the page and its pictures are made, so that no figure is copied by hand. What the figures mean is written
//! in the page, around the part that is generated.

mod report;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use tandem_chart::{Axes, Axis, Chart, Line};

use crate::loadtest;
use crate::performance::report::Report;
use crate::workspace::Workspace;

const PAGE: &str = "docs/performance.md";
/// The pictures of the page: how late a token is, and how busy the server, over the number of users.
const LATENESS: &str = "docs/pictures/lateness.svg";
const PROCESSOR: &str = "docs/pictures/processor.svg";
/// The lines of the page around what is generated.
const BEGIN: &str = "<!-- begin of the figures, written by `cargo xtask performance` -->\n";
const END: &str = "<!-- end of the figures -->\n";

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Numbers of users that have a running reply all the time, two devices each
    #[arg(long, value_delimiter = ',', default_value = "50,100,250,500,1000,2000", value_name = "NUMBERS")]
    users: Vec<u32>,
    /// The folder of the reports
    #[arg(long, default_value = "loadtest/out/performance", value_name = "FOLDER")]
    reports: PathBuf,
    /// Measure nothing: make the page from the reports that are there
    #[arg(long)]
    page_only: bool,
}

/// Measures, then writes table and pictures. A threshold that a run misses is seen in the table, and does not end the task.
///
/// # Errors
/// When a run ends without a report, or the page cannot be written.
pub(crate) fn performance(workspace: &Workspace, options: &Options) -> anyhow::Result<ExitCode> {
    let reports = workspace.root().join(&options.reports);
    if !options.page_only {
        for users in &options.users {
            let scenario = ["streams", "--users", &users.to_string()].map(str::to_owned).to_vec();
            let _missed = loadtest::loadtest(workspace, &loadtest::Options::of(folder(&reports, *users), scenario))?;
        }
        let standing = vec!["fifty-users".to_owned()];
        let _missed = loadtest::loadtest(workspace, &loadtest::Options::of(reports.join("fifty-users"), standing))?;
    }
    let curve = options.users.iter().map(|users| Report::read(&folder(&reports, *users)));
    let curve = curve.collect::<anyhow::Result<Vec<_>>>()?;
    let standing = Report::read(&reports.join("fifty-users"))?;
    for (path, chart) in [(LATENESS, lateness(&curve)), (PROCESSOR, processor(&curve))] {
        let chart = chart.context("there is no run to draw")?;
        fs::write(workspace.path(path), chart.file()).with_context(|| format!("cannot write {path}"))?;
    }
    let page = fs::read_to_string(workspace.path(PAGE)).context("cannot read the page")?;
    fs::write(workspace.path(PAGE), replaced(&page, &figures(&standing, &curve))?).context("cannot write the page")?;
    println!("wrote {PAGE}, {LATENESS} and {PROCESSOR}");
    Ok(ExitCode::SUCCESS)
}

fn folder(reports: &Path, users: u32) -> PathBuf {
    reports.join(format!("streams-{users}"))
}

/// The page with other figures.
fn replaced(page: &str, figures: &str) -> anyhow::Result<String> {
    let (before, rest) = page.split_once(BEGIN).context("the page has no place for the figures")?;
    let (_, after) = rest.split_once(END).context("the figures of the page have no end")?;
    Ok(format!("{before}{BEGIN}{figures}{END}{after}"))
}

fn figures(standing: &Report, curve: &[Report]) -> String {
    let mut text = format!(
        "\nMeasured on {} with {} processors, server and load generator on the same machine.\n\n",
        standing.day(),
        standing.setting("processors"),
    );
    text += "| fifty users | must | measured |\n|---|---|---|\n";
    for check in &standing.checks {
        let measured =
            check.measured.map_or_else(|| "–".to_owned(), |value| format!("{} {}", short(value), check.unit));
        let _ = writeln!(text, "| {} | {} {} | {measured} |", check.name, short(check.must), check.unit);
    }
    text += "\n![Milliseconds added to a token, over the number of users](pictures/lateness.svg)\n";
    text += "![Use of the processor, in percent of a core, over the number of users](pictures/processor.svg)\n\n";
    text += "| users | tokens per second, on all devices | added to a token, p50 | p99 | processor, % of a core | memory |\n";
    text += "|---|---|---|---|---|---|\n";
    for run in curve {
        let _ = writeln!(
            text,
            "| {} | {} | {} ms | {} ms | {} | {} MiB |",
            run.setting("users"),
            short(run.tokens_per_second()),
            short(run.token(0.5)),
            short(run.token(0.99)),
            short(run.load()),
            short(run.memory()),
        );
    }
    text + "\n"
}

/// Milliseconds that the server adds to a token. Both axes are logarithmic: the curve spans three orders of magnitude.
fn lateness(curve: &[Report]) -> Option<Chart> {
    let line = |name, share| Line { name, points: curve.iter().map(|run| (run.users(), run.token(share))).collect() };
    let axes = Axes { x: Axis::log("users"), y: Axis::log("ms") };
    tandem_chart::lines(&[line("p99", 0.99), line("p50", 0.5)], axes)
}

/// Use of the processor, in percent of one core.
fn processor(curve: &[Report]) -> Option<Chart> {
    let load = Line { name: "server", points: curve.iter().map(|run| (run.users(), run.load())).collect() };
    tandem_chart::lines(&[load], Axes { x: Axis::log("users"), y: Axis::linear("%") })
}

/// Three digits are more than two runs have in common.
fn short(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        ..1.0 => format!("{value:.2}"),
        ..10.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_figures_of_the_page_are_replaced() {
        let page = format!("# Performance\n{BEGIN}old\n{END}The end.\n");
        assert_eq!(replaced(&page, "new\n").unwrap(), format!("# Performance\n{BEGIN}new\n{END}The end.\n"));
        assert!(replaced("# Performance\n", "new\n").is_err());
    }

    #[test]
    fn tables_and_pictures_have_every_run() {
        let runs = [50, 500].map(report::sample);
        let text = figures(&runs[0], &runs);
        assert!(text.contains("Measured on 2026-11-30 with 2 processors"), "{text}");
        assert!(text.contains("| each token, added, p99 | 3.0 ms | 0.46 ms |"), "{text}");
        assert!(text.contains("| 50 | 3000 | 0.17 ms | 0.46 ms | 50 | 46 MiB |"), "{text}");
        assert!(text.contains("| 500 | 30000 |"), "{text}");
        for picture in [lateness(&runs), processor(&runs)].map(|chart| chart.unwrap().file()) {
            assert!(picture.contains(">50<") && picture.contains(">500<"), "{picture}");
        }
        assert!(lateness(&[]).is_none());
    }

    #[test]
    fn the_page_has_a_place_for_the_figures() {
        let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/performance.md")).unwrap();
        assert!(replaced(&page, "").is_ok());
    }
}
