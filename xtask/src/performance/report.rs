//! The part of a `report.json` that the page shows.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Context as _;
use serde::Deserialize;

/// A run of the load tester.
#[derive(Debug, Deserialize)]
pub(super) struct Report {
    started_at: String,
    settings: Vec<(String, String)>,
    /// Start and end of the measured part, in seconds.
    measured: (f64, f64),
    pub(super) checks: Vec<Check>,
    latencies: Vec<Latency>,
    counts: BTreeMap<String, f64>,
    server: Vec<Usage>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Check {
    pub(super) name: String,
    pub(super) unit: String,
    pub(super) must: f64,
    pub(super) measured: Option<f64>,
}

#[derive(Debug, Deserialize)]
struct Latency {
    name: String,
    /// Pairs of share and value in milliseconds.
    quantiles: Vec<(f64, f64)>,
}

#[derive(Debug, Deserialize)]
struct Usage {
    at: f64,
    /// Seconds since the start of the process.
    processor: f64,
    /// Resident memory in MiB.
    memory: f64,
}

impl Report {
    pub(super) fn read(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join("report.json");
        let json = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_str(&json).with_context(|| format!("{} is no report", path.display()))
    }

    /// The day of the run.
    pub(super) fn day(&self) -> &str {
        self.started_at.split('T').next().unwrap_or_default()
    }

    pub(super) fn setting(&self, name: &str) -> &str {
        self.settings.iter().find(|(known, _)| known == name).map_or("?", |(_, value)| value)
    }

    pub(super) fn users(&self) -> f64 {
        self.setting("users").parse().unwrap_or_default()
    }

    pub(super) fn tokens_per_second(&self) -> f64 {
        let (from, to) = self.measured;
        self.counts.get("tokens on all devices").copied().unwrap_or_default() / (to - from).max(f64::MIN_POSITIVE)
    }

    /// What the server added to a token, in milliseconds, at one of the shares that every report has.
    pub(super) fn token(&self, share: f64) -> f64 {
        let tokens = self.latencies.iter().find(|latency| latency.name == "each token, added");
        let at = tokens.and_then(|tokens| tokens.quantiles.iter().find(|(known, _)| (known - share).abs() < 1e-9));
        at.map_or(0.0, |(_, value)| *value)
    }

    /// Use of the processor in the measured part, in percent of one core.
    pub(super) fn load(&self) -> f64 {
        let mut within = self.within();
        let Some(first) = within.next() else { return 0.0 };
        let last = within.last().unwrap_or(first);
        (last.processor - first.processor) / (last.at - first.at).max(f64::MIN_POSITIVE) * 100.0
    }

    /// The most memory of the server in the measured part, in MiB.
    pub(super) fn memory(&self) -> f64 {
        self.within().map(|usage| usage.memory).fold(0.0, f64::max)
    }

    fn within(&self) -> impl Iterator<Item = &Usage> {
        let (from, to) = self.measured;
        self.server.iter().filter(move |usage| usage.at >= from && usage.at <= to)
    }
}

/// A run of ten seconds.
#[cfg(test)]
pub(super) fn sample(users: u32) -> Report {
    let json = serde_json::json!({
        "started_at": "2026-11-30T14:19:03.401Z",
        "settings": [["users", users.to_string()], ["processors", "2"]],
        "measured": [10.0, 20.0],
        "checks": [{ "name": "each token, added, p99", "unit": "ms", "must": 3.0, "measured": 0.46 }],
        "latencies": [{ "name": "each token, added", "quantiles": [[0.5, 0.17], [0.99, 0.46]] }],
        "counts": { "tokens on all devices": users * 600 },
        "server": [
            { "at": 5.0, "processor": 0.1, "memory": 90.0 },
            { "at": 10.0, "processor": 1.0, "memory": 40.0 },
            { "at": 20.0, "processor": 6.0, "memory": 46.0 },
        ],
    });
    serde_json::from_value(json).unwrap()
}
