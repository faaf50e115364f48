//! The report of a run: a table on the terminal, `report.json` for programs and `report.html` for people.

pub mod baseline;
pub mod html;
pub mod table;

use crate::{
    measure::{Check, Grid, Meter, Recorder, process::Usage, recorder, recorder::Point},
    scenario::{Outcome, Size},
};
use baseline::{Baseline, Compared};
use hdrhistogram::Histogram;
use serde::Serialize;
use std::{collections::BTreeMap, fs, io, path::Path};
use tandem_protocol::Timestamp;

/// Maximum number of bars in a histogram.
const BARS: usize = 40;

/// All figures of a run, as in `report.json`.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Version of this document; raised when the meaning of a field changes.
    pub version: u32,
    pub scenario: String,
    /// Time of day at the start.
    pub started_at: Timestamp,
    /// Whether every threshold is met and no figure is a regression.
    pub passed: bool,
    /// The settings of the run, as text.
    pub settings: Vec<(&'static str, String)>,
    /// Start and end of the measured part, in seconds of the run.
    pub measured: (f64, f64),
    pub checks: Vec<Check>,
    /// The figures beside those of the baseline.
    pub compared: Vec<Compared>,
    pub latencies: Vec<Latency>,
    pub counts: BTreeMap<&'static str, u64>,
    pub tables: Vec<Grid>,
    /// The errors of the run by kind.
    pub errors: BTreeMap<&'static str, crate::measure::Failures>,
    /// Processor time and memory of the server over time.
    pub server: Vec<Usage>,
}

/// A latency over the run, in milliseconds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Latency {
    pub name: &'static str,
    pub count: u64,
    pub mean: f64,
    /// Pairs of share and value: `(0.5, 1.2)` means that half of the values are at most 1.2 ms.
    pub quantiles: Vec<(f64, f64)>,
    pub max: f64,
    /// Counts between limits: lower limit, upper limit, count.
    pub bars: Vec<(f64, f64, u64)>,
    /// One point for each second.
    pub points: Vec<Point>,
}

/// The shares of [`Latency::quantiles`].
pub const SHARES: [f64; 8] = [0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999];

impl Latency {
    fn of(name: &'static str, taken: &Recorder) -> Option<Self> {
        let histogram = taken.histogram();
        (!histogram.is_empty()).then(|| Self {
            name,
            count: histogram.len(),
            mean: histogram.mean() / 1000.0,
            quantiles: SHARES.map(|share| (share, recorder::millis(histogram.value_at_quantile(share)))).to_vec(),
            max: recorder::millis(histogram.max()),
            bars: bars(&histogram),
            points: taken.points(),
        })
    }

    /// The value at one of [`SHARES`].
    pub fn at(&self, share: f64) -> Option<f64> {
        self.quantiles.iter().find(|(known, _)| (known - share).abs() < f64::EPSILON).map(|(_, value)| *value)
    }
}

/// Equal bars up to the 99.9th percentile, and one for the rest.
fn bars(histogram: &Histogram<u64>) -> Vec<(f64, f64, u64)> {
    // Up to the maximum, one outlier would put all other values into a single bar.
    let top = histogram.value_at_quantile(0.999);
    let count = u64::try_from(BARS).unwrap_or(u64::MAX);
    let width = (top / count + 1).max(1);
    let mut bars: Vec<_> =
        (0..count).map(|bar| (recorder::millis(bar * width), recorder::millis((bar + 1) * width), 0)).collect();
    let mut beyond = 0;
    for recorded in histogram.iter_recorded() {
        // The iterator returns the largest value of a bucket, which may lie in the next bar.
        let value = histogram.lowest_equivalent(recorded.value_iterated_to());
        match usize::try_from(value / width).ok().and_then(|bar| bars.get_mut(bar)) {
            Some(bar) => bar.2 += recorded.count_at_value(),
            None => beyond += recorded.count_at_value(),
        }
    }
    if beyond > 0 {
        bars.push((recorder::millis(count * width), recorder::millis(histogram.max()), beyond));
    }
    bars
}

impl Report {
    pub fn of(
        scenario: &str,
        meter: &Meter,
        outcome: Outcome,
        settings: Vec<(&'static str, String)>,
        started_at: Timestamp,
        server: Vec<Usage>,
    ) -> Self {
        let taken = [
            ("first token, added", &meter.first_token),
            ("each token, added", &meter.token),
            ("reply without streaming", &meter.reply),
            ("message to acknowledgement", &meter.sending),
            ("task change to acknowledgement", &meter.command),
            ("task change on every device", &meter.spread),
            ("history of 100 messages", &meter.history),
            ("log-in", &meter.login),
            ("socket, from connecting to live", &meter.connect),
            ("socket, from its cut to live", &meter.back),
        ];
        let of_scenario = outcome.latencies.iter().map(|(name, taken)| (*name, taken));
        let counted = [
            ("replies", meter.replies.get()),
            ("tokens on all devices", meter.tokens.get()),
            ("task changes", meter.changes.get()),
            ("devices that had to start over", meter.resyncs.get()),
            ("errors", meter.errors_in_all()),
        ];
        Self {
            version: 1,
            scenario: scenario.into(),
            started_at,
            passed: outcome.checks.iter().all(Check::passed),
            settings,
            measured: outcome.measured,
            checks: outcome.checks,
            compared: Vec::new(),
            latencies: taken
                .into_iter()
                .chain(of_scenario)
                .filter_map(|(name, taken)| Latency::of(name, taken))
                .collect(),
            counts: counted.into_iter().chain(outcome.counts).collect(),
            tables: outcome.tables,
            errors: meter.errors(),
            server,
        }
    }

    /// Compares the report with an earlier one. A regression fails the run.
    #[must_use]
    pub fn against(mut self, baseline: &Baseline) -> Self {
        self.compared = baseline.compare(&self.checks);
        self.passed &= !self.compared.iter().any(|compared| compared.regression);
        self
    }

    /// Writes `report.json` and `report.html` into a folder, which is created when it is missing.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        fs::write(folder.join("report.json"), serde_json::to_vec_pretty(self)?)?;
        fs::write(folder.join("report.html"), html::page(self))
    }
}

/// The settings that every scenario has.
pub fn settings(url: &str, size: Size, seed: u64) -> Vec<(&'static str, String)> {
    vec![
        ("server", url.to_owned()),
        ("users", size.users.to_string()),
        ("devices each", size.devices.to_string()),
        ("duration", format!("{:?}", size.duration)),
        ("seed", seed.to_string()),
        ("processors", std::thread::available_parallelism().map_or_else(|_| "unknown".into(), |n| n.to_string())),
        ("build of this program", if cfg!(debug_assertions) { "debug" } else { "release" }.into()),
    ]
}
