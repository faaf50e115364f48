//! The report on the terminal: thresholds, comparison, latencies, tables and errors.

use super::{Report, baseline::Compared};
use crate::measure::{Bound, Check};
use std::fmt::{self, Display, Formatter};
use tandem_chart::amount;

/// Formats a report as text.
#[derive(Debug)]
pub struct Table<'a>(pub &'a Report);

impl Display for Table<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(report) = self;
        writeln!(f, "{:<36} {:>12} {:>12} {:>12}  verdict", "threshold", "must", "aim", "measured")?;
        for check in &report.checks {
            let figure = |value: Option<f64>| value.map_or_else(|| "-".into(), |value| amount(value, check.unit));
            let (must, aim, measured) = (figure(Some(check.must)), figure(check.aim), figure(check.measured));
            writeln!(f, "{:<36} {must:>12} {aim:>12} {measured:>12}  {}", check.name, check.verdict())?;
        }
        self.comparison(f)?;
        writeln!(f)?;
        writeln!(
            f,
            "{:<36} {:>9} {:>10} {:>10} {:>10} {:>10}",
            "latency in ms", "count", "p50", "p99", "p99.9", "max"
        )?;
        for latency in &report.latencies {
            let at = |share| latency.at(share).unwrap_or_default();
            let (name, count, max) = (latency.name, latency.count, latency.max);
            writeln!(f, "{name:<36} {count:>9} {:>10.2} {:>10.2} {:>10.2} {max:>10.2}", at(0.5), at(0.99), at(0.999))?;
        }
        for grid in &report.tables {
            write!(f, "\n{grid}")?;
        }
        for (kind, failures) in &report.errors {
            writeln!(f, "\n{kind}: {}", failures.count)?;
            for example in &failures.examples {
                writeln!(f, "  {example}")?;
            }
        }
        let failed = report.checks.iter().filter(|check| !check.passed()).map(|check| check.name);
        let worse = report.compared.iter().filter(|compared| compared.regression).map(|compared| compared.name);
        match failed.chain(worse).collect::<Vec<_>>().as_slice() {
            [] => writeln!(f, "\n{}: passed", report.scenario),
            failed => writeln!(f, "\n{}: FAILED ({})", report.scenario, failed.join("; ")),
        }
    }
}

impl Table<'_> {
    fn comparison(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let compared = &self.0.compared;
        if !compared.is_empty() {
            writeln!(f, "\n{:<36} {:>12} {:>12} {:>12}", "beside the earlier run", "before", "now", "change")?;
        }
        for compared in compared {
            let [before, now] = [compared.before, compared.now].map(|value| amount(value, compared.unit));
            let verdict = if compared.regression { "  WORSE" } else { "" };
            writeln!(f, "{:<36} {before:>12} {now:>12} {:>12}{verdict}", compared.name, change(compared))?;
        }
        Ok(())
    }
}

/// The relative change between two runs, such as `+12 %`.
pub fn change(compared: &Compared) -> String {
    if compared.before > 0.0 { format!("{:+.0} %", (compared.now / compared.before - 1.0) * 100.0) } else { "-".into() }
}

pub fn limit(check: &Check) -> String {
    let side = match check.bound {
        Bound::AtMost => "at most",
        Bound::AtLeast => "at least",
    };
    format!("{side} {}", amount(check.must, check.unit))
}
