//! The axes of a chart: which values they show, and where.
//!
//! A logarithmic axis is for figures that span orders of magnitude: on a linear one, all but the largest would lie on the
//! ground.

/// The two axes of a chart.
#[derive(Clone, Copy, Debug)]
pub struct Axes {
    pub x: Axis,
    pub y: Axis,
}

/// What an axis shows.
#[derive(Clone, Copy, Debug)]
pub struct Axis {
    pub unit: &'static str,
    is_log: bool,
}

/// The part of an axis that a chart shows.
pub(crate) struct Range {
    from: f64,
    to: f64,
    is_log: bool,
}

impl Axis {
    /// An axis with equal distances for equal differences.
    pub const fn linear(unit: &'static str) -> Self {
        Self { unit, is_log: false }
    }

    /// An axis with equal distances for equal ratios. Figures of zero and less are at its start.
    pub const fn log(unit: &'static str) -> Self {
        Self { unit, is_log: true }
    }

    pub(crate) fn is_log(self) -> bool {
        self.is_log
    }

    /// The range that ends with these values.
    pub(crate) fn between(self, from: f64, to: f64) -> Range {
        Range { from, to, is_log: self.is_log }
    }

    /// The range from zero, or from a power of ten, to a round value that is not below any of these.
    pub(crate) fn above_zero(self, values: &[f64]) -> Range {
        let top = values.iter().copied().fold(0.0, f64::max);
        if !self.is_log {
            return self.between(0.0, round_up(top));
        }
        let positive = values.iter().copied().filter(|value| *value > 0.0);
        let from = power(positive.reduce(f64::min).unwrap_or(1.0).log10().floor());
        self.between(from, power(top.max(from).log10().ceil()).max(from * 10.0))
    }

    /// The values that are named at a horizontal axis: the ends, or each of these where there are few.
    pub(crate) fn marks(self, values: &[f64], (first, last): (f64, f64)) -> Vec<f64> {
        if !self.is_log {
            return vec![first, last];
        }
        let mut marks = values.to_vec();
        marks.sort_by(f64::total_cmp);
        marks.dedup();
        marks
    }
}

impl Range {
    /// Where a value is, from 0 to 1.
    pub(crate) fn share(&self, value: f64) -> f64 {
        let at = |value: f64| if self.is_log { value.max(f64::MIN_POSITIVE).log10() } else { value };
        // All values may be the same; a division by zero would put NaN into the drawing.
        let span = (at(self.to) - at(self.from)).max(f64::MIN_POSITIVE);
        let share = (at(value) - at(self.from)) / span;
        if self.is_log { share.clamp(0.0, 1.0) } else { share }
    }

    /// The values of its lines.
    pub(crate) fn grid(&self) -> Vec<f64> {
        if !self.is_log {
            return [0.0, 0.5, 1.0].map(|share| self.from + (self.to - self.from) * share).to_vec();
        }
        // A power of ten may miss the end by a rounding error.
        let powers = std::iter::successors(Some(self.from), |value| Some(value * 10.0));
        powers.take_while(|value| *value <= self.to * 1.001).collect()
    }
}

fn power(exponent: f64) -> f64 {
    10_f64.powf(exponent)
}

/// The next of 1, 2, 5, 10, … that is not less; 1 for zero.
fn round_up(value: f64) -> f64 {
    if value <= 0.0 {
        return 1.0;
    }
    let magnitude = power(value.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * magnitude);
    // A rounding error of the logarithm may leave no step; then the axis ends at the value.
    steps.into_iter().find(|step| *step >= value).unwrap_or(value)
}

/// A figure with its unit and at most four decimals, fewer for larger figures.
pub fn amount(value: f64, unit: &str) -> String {
    let digits = match value {
        _ if value.fract() == 0.0 => 0,
        _ if value < 0.1 => 4,
        _ if value < 10.0 => 2,
        _ => 1,
    };
    let figure = format!("{value:.digits$}");
    let figure = if figure.contains('.') { figure.trim_end_matches('0').trim_end_matches('.') } else { &figure };
    format!("{figure} {unit}").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_at_round_figures() {
        let ends = [0.0, 0.7, 1.0, 3.2, 17.0, 501.0].map(|top| format!("{:.3}", round_up(top)));
        assert_eq!(ends, ["1.000", "1.000", "1.000", "5.000", "20.000", "1000.000"]);
        let log = |values: &[f64]| {
            let range = Axis::log("ms").above_zero(values);
            (format!("{:.3}", range.from), format!("{:.3}", range.to))
        };
        assert_eq!(log(&[0.47, 423.0]), ("0.100".to_owned(), "1000.000".to_owned()));
        assert_eq!(log(&[]), ("1.000".to_owned(), "10.000".to_owned()));
    }

    #[test]
    fn small_figures_have_more_decimals_than_large_ones() {
        let shown = [(3.0, "ms"), (2.567, "ms"), (1234.56, "ms"), (0.015, "s"), (0.0, "")].map(|(v, u)| amount(v, u));
        assert_eq!(shown, ["3 ms", "2.57 ms", "1234.6 ms", "0.015 s", "0"]);
    }
}
