//! Thresholds: the limit of a figure and its target.

use serde::Serialize;

/// The side of the limit on which a figure must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    AtMost,
    AtLeast,
}

/// A figure, its limit and its target.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Check {
    pub name: &'static str,
    /// The unit of all three figures; empty for counts.
    pub unit: &'static str,
    /// The side of `must`.
    pub bound: Bound,
    pub must: f64,
    /// The target, if it is stricter than the limit.
    pub aim: Option<f64>,
    /// The figure; `None` when it could not be measured.
    pub measured: Option<f64>,
    /// Whether a missing figure is a failure.
    pub required: bool,
}

impl Check {
    /// A required figure that must not exceed `must`.
    pub fn at_most(name: &'static str, must: f64, unit: &'static str, measured: Option<f64>) -> Self {
        Self { name, unit, bound: Bound::AtMost, must, aim: None, measured, required: true }
    }

    /// A required figure that must reach `must`.
    pub fn at_least(name: &'static str, must: f64, unit: &'static str, measured: Option<f64>) -> Self {
        Self { bound: Bound::AtLeast, ..Self::at_most(name, must, unit, measured) }
    }

    /// A count that must be zero.
    #[expect(clippy::cast_precision_loss, reason = "counts of less than 2^52")]
    pub fn none(name: &'static str, count: u64) -> Self {
        Self::at_most(name, 0.0, "", Some(count as f64))
    }

    /// The same with a target.
    #[must_use]
    pub fn aiming_at(self, aim: f64) -> Self {
        Self { aim: Some(aim), ..self }
    }

    /// The same, but a missing figure is not a failure.
    #[must_use]
    pub fn where_known(self) -> Self {
        self.required_if(false)
    }

    /// The same, but a missing figure is a failure only under this condition.
    #[must_use]
    pub fn required_if(self, required: bool) -> Self {
        Self { required, ..self }
    }

    pub fn passed(&self) -> bool {
        self.measured.map_or(!self.required, |measured| match self.bound {
            Bound::AtMost => measured <= self.must,
            Bound::AtLeast => measured >= self.must,
        })
    }

    pub fn verdict(&self) -> &'static str {
        match self.measured {
            None if self.required => "NOT MEASURED",
            None => "unknown",
            Some(_) if self.passed() => "passed",
            Some(_) => "FAILED",
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
    fn a_figure_that_must_be_reached_fails_below_its_limit() {
        let check = |measured| Check::at_least("sockets", 3000.0, "/s", Some(measured));
        assert!(check(3000.0).passed() && !check(2999.0).passed());
        assert_eq!(check(2999.0).verdict(), "FAILED");
    }

    #[test]
    fn a_figure_that_is_missing_fails_unless_it_may_be_unknown() {
        let missing = Check::at_most("token", 3.0, "ms", None);
        assert_eq!((missing.passed(), missing.verdict()), (false, "NOT MEASURED"));
        let unknown = missing.where_known();
        assert_eq!((unknown.passed(), unknown.verdict()), (true, "unknown"));
    }

    #[test]
    fn a_count_that_must_be_zero_fails_at_one() {
        assert!(Check::none("lost", 0).passed() && !Check::none("lost", 1).passed());
    }
}
