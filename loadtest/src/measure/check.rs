//! Thresholds: what a figure must not exceed, and what we aim at.

use serde::Serialize;

/// A figure and its limits.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Check {
    /// What was measured.
    pub name: &'static str,
    /// Of all three figures; empty for counts.
    pub unit: &'static str,
    /// More than this is a failure.
    pub must: f64,
    /// What we aim at, where that is less.
    pub aim: Option<f64>,
    /// The figure; `None` when there was nothing to measure it by.
    pub measured: Option<f64>,
    /// Whether a figure that is missing is a failure.
    pub required: bool,
}

impl Check {
    /// A figure that must be there and must not exceed `must`.
    #[must_use]
    pub fn at_most(name: &'static str, must: f64, unit: &'static str, measured: Option<f64>) -> Self {
        Self { name, unit, must, aim: None, measured, required: true }
    }

    /// A count that must be zero.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts of less than 2^52")]
    pub fn none(name: &'static str, count: u64) -> Self {
        Self::at_most(name, 0.0, "", Some(count as f64))
    }

    /// With what we aim at.
    #[must_use]
    pub fn aiming_at(self, aim: f64) -> Self {
        Self { aim: Some(aim), ..self }
    }

    /// Not a failure when it could not be measured.
    #[must_use]
    pub fn where_known(self) -> Self {
        Self { required: false, ..self }
    }

    /// Whether the figure is within its limit.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.measured.map_or(!self.required, |measured| measured <= self.must)
    }

    /// The verdict in a word.
    #[must_use]
    pub fn verdict(&self) -> &'static str {
        match self.measured {
            None if self.required => "MISSING",
            None => "unknown",
            Some(measured) if measured > self.must => "FAILED",
            Some(_) => "passed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_passes_up_to_its_limit() {
        let check = |measured| Check::at_most("token", 3.0, "ms", Some(measured)).aiming_at(1.0);
        assert!(check(3.0).passed() && !check(3.001).passed());
        assert_eq!((check(3.0).verdict(), check(4.0).verdict()), ("passed", "FAILED"));
    }

    #[test]
    fn a_figure_that_is_missing_fails_unless_it_may_be_unknown() {
        let missing = Check::at_most("token", 3.0, "ms", None);
        assert_eq!((missing.passed(), missing.verdict()), (false, "MISSING"));
        let unknown = missing.where_known();
        assert_eq!((unknown.passed(), unknown.verdict()), (true, "unknown"));
    }

    #[test]
    fn one_is_not_none() {
        assert!(Check::none("lost", 0).passed() && !Check::none("lost", 1).passed());
    }
}
