//! Comparison with an earlier report of the same scenario.

use crate::measure::{Bound, Check};
use serde::{Deserialize, Serialize};
use std::{fs, io, path::Path};

/// A figure that is worse by more than this share is a regression. Two runs of the same program on one machine differ by
/// less.
const TOLERANCE: f64 = 0.25;

/// The figures of an earlier run.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Baseline {
    scenario: String,
    checks: Vec<Earlier>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Earlier {
    name: String,
    measured: Option<f64>,
}

/// A figure of both runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Compared {
    pub name: &'static str,
    pub unit: &'static str,
    pub before: f64,
    pub now: f64,
    /// Whether it is worse by more than the tolerance.
    pub regression: bool,
}

/// Why an earlier report cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    #[error("{0}")]
    Unreadable(#[from] io::Error),
    #[error("it is not a report: {0}")]
    NoReport(#[from] serde_json::Error),
    #[error("it is a report of {0}")]
    OfAnother(String),
}

impl Baseline {
    /// Reads the `report.json` of an earlier run of the scenario.
    ///
    /// # Errors
    /// When the file cannot be read, or is of another scenario.
    pub fn read(path: &Path, scenario: &str) -> Result<Self, BaselineError> {
        let baseline: Self = serde_json::from_slice(&fs::read(path)?)?;
        if baseline.scenario == scenario { Ok(baseline) } else { Err(BaselineError::OfAnother(baseline.scenario)) }
    }

    /// Compares the figures that both runs have, except counts that must be zero: those have a threshold.
    pub fn compare(&self, checks: &[Check]) -> Vec<Compared> {
        let both = checks.iter().filter_map(|check| {
            let before = self.checks.iter().find(|known| known.name == check.name)?.measured?;
            Some((check, before, check.measured?))
        });
        both.filter(|(check, ..)| check.must > 0.0).map(|(check, before, now)| compared(check, before, now)).collect()
    }
}

fn compared(check: &Check, before: f64, now: f64) -> Compared {
    let regression = match check.bound {
        Bound::AtMost => now > before * (1.0 + TOLERANCE),
        Bound::AtLeast => now < before / (1.0 + TOLERANCE),
    };
    Compared { name: check.name, unit: check.unit, before, now, regression }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn baseline() -> Baseline {
        let json = r#"{"version": 1, "scenario": "idle", "checks": [
            {"name": "memory", "measured": 8.0, "must": 10.0}, {"name": "sockets", "measured": 4000.0},
            {"name": "reads", "measured": null}, {"name": "gone", "measured": 1.0}]}"#;
        serde_json::from_str(json).unwrap()
    }

    fn regressions(memory: f64, sockets: f64) -> Vec<&'static str> {
        let checks = [
            Check::at_most("memory", 10.0, "KiB", Some(memory)),
            Check::at_least("sockets", 3000.0, "", Some(sockets)),
            Check::at_most("reads", 1.0, "", Some(1.0)),
            Check::none("errors", 0),
        ];
        let compared = baseline().compare(&checks);
        assert_eq!(compared.len(), 2, "only figures of both runs");
        compared.iter().filter(|compared| compared.regression).map(|compared| compared.name).collect()
    }

    #[test]
    fn worse_by_a_quarter_is_a_regression_in_either_direction() {
        assert_eq!(regressions(10.0, 3200.0), [""; 0]);
        assert_eq!(regressions(10.1, 4000.0), ["memory"]);
        assert_eq!(regressions(1.0, 3100.0), ["sockets"]);
    }

    #[test]
    fn a_report_of_another_scenario_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        fs::write(&path, r#"{"scenario": "idle", "checks": []}"#).unwrap();
        assert!(Baseline::read(&path, "idle").is_ok());
        assert!(matches!(Baseline::read(&path, "fan-out"), Err(BaselineError::OfAnother(_))));
        fs::write(&path, "{}").unwrap();
        assert!(matches!(Baseline::read(&path, "idle"), Err(BaselineError::NoReport(_))));
        assert!(matches!(Baseline::read(&folder.path().join("none"), "idle"), Err(BaselineError::Unreadable(_))));
    }
}
