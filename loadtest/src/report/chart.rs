//! Charts as inline SVG.
//!
//! The colours are in the stylesheet of the page, so that one drawing serves the light and the dark theme.

use super::table::amount;
use std::fmt::Write;

const WIDTH: f64 = 400.0;
const HEIGHT: f64 = 170.0;
const LEFT: f64 = 60.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 28.0;

/// A line of a chart, with its name in the legend.
#[derive(Clone, Debug)]
pub struct Line {
    pub name: &'static str,
    /// From left to right, in the units of the axes.
    pub points: Vec<(f64, f64)>,
}

/// The units of the two axes.
#[derive(Clone, Copy, Debug)]
pub struct Axes {
    pub x: &'static str,
    pub y: &'static str,
}

/// Converts data to pixels.
struct Scale {
    x: (f64, f64),
    y_max: f64,
}

impl Scale {
    fn x(&self, value: f64) -> f64 {
        // All points may have the same x; a division by zero would put NaN into the drawing.
        let span = (self.x.1 - self.x.0).max(f64::MIN_POSITIVE);
        LEFT + (value - self.x.0) / span * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, value: f64) -> f64 {
        HEIGHT - BOTTOM - value / self.y_max * (HEIGHT - TOP - BOTTOM)
    }
}

/// Lines over a common axis; an empty string when no line has a point.
pub fn lines(lines: &[Line], axes: Axes) -> String {
    let points = || lines.iter().flat_map(|line| &line.points);
    let x = points().fold((f64::MAX, f64::MIN), |(low, high), (x, _)| (low.min(*x), high.max(*x)));
    // There was no point to change the initial values.
    if x.0 > x.1 {
        return String::new();
    }
    let scale = Scale { x, y_max: round_up(points().fold(0.0, |high, (_, y)| y.max(high))) };
    let mut svg = open(&scale, axes);
    for (number, line) in lines.iter().enumerate() {
        // A line from a point to itself has round ends, which draws a single point as a dot.
        let alone = line.points.first().filter(|_| line.points.len() == 1);
        let path: Vec<_> =
            line.points.iter().chain(alone).map(|(x, y)| format!("{:.1},{:.1}", scale.x(*x), scale.y(*y))).collect();
        let x = LEFT + 8.0 + 50.0 * count(number);
        // Writing to a string cannot fail, here and below.
        let _ = write!(
            svg,
            r#"<polyline class="l{number}" points="{}"/><text class="k{number}" x="{x}" y="{}">{}</text>"#,
            path.join(" "),
            TOP + 10.0,
            line.name,
        );
    }
    svg + "</svg>"
}

/// Bars with lower limit, upper limit and count; an empty string when there are none.
pub fn bars(bars: &[(f64, f64, u64)], axes: Axes) -> String {
    let [first, .., last] = bars else { return String::new() };
    // The last bar may cover a very large range. It is drawn as wide as the others; its label shows the limit.
    let width = first.1 - first.0;
    let scale = Scale {
        x: (first.0, last.0 + width),
        y_max: round_up(bars.iter().fold(0.0, |high, (.., count)| counts(*count).max(high))),
    };
    let mut svg = open(&scale, axes);
    for (low, high, count) in bars {
        let (x, y) = (scale.x(*low), scale.y(counts(*count)));
        let wide = (scale.x(low + width) - x - 1.0).max(1.0);
        let tall = HEIGHT - BOTTOM - y;
        let label = format!("{} to {}: {count}", amount(*low, axes.x), amount(*high, axes.x));
        let _ = write!(
            svg,
            r#"<rect class="b" x="{x:.1}" y="{y:.1}" width="{wide:.1}" height="{tall:.1}"><title>{label}</title></rect>"#
        );
    }
    svg + "</svg>"
}

/// The start of a drawing: three horizontal lines with their values, and the ends of the horizontal axis.
fn open(scale: &Scale, axes: Axes) -> String {
    let mut svg =
        format!(r#"<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="chart of {} over {}">"#, axes.y, axes.x);
    for share in [0.0, 0.5, 1.0] {
        let value = scale.y_max * share;
        let y = scale.y(value);
        let _ = write!(
            svg,
            r#"<line class="g" x1="{LEFT}" x2="{}" y1="{y:.1}" y2="{y:.1}"/><text class="y" x="{}" y="{:.1}">{}</text>"#,
            WIDTH - RIGHT,
            LEFT - 6.0,
            y + 4.0,
            amount(value, axes.y),
        );
    }
    for (value, anchor) in [(scale.x.0, "start"), (scale.x.1, "end")] {
        let _ = write!(
            svg,
            r#"<text text-anchor="{anchor}" x="{:.1}" y="{}">{}</text>"#,
            scale.x(value),
            HEIGHT - 8.0,
            amount(value, axes.x),
        );
    }
    svg
}

/// The next of 1, 2, 5, 10, … that is not less; 1 for zero.
fn round_up(value: f64) -> f64 {
    if value <= 0.0 {
        return 1.0;
    }
    let magnitude = 10_f64.powf(value.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * magnitude);
    // A rounding error of the logarithm may leave no step; then the axis ends at the value.
    steps.into_iter().find(|step| *step >= value).unwrap_or(value)
}

#[expect(clippy::cast_precision_loss, reason = "a handful of lines")]
fn count(number: usize) -> f64 {
    number as f64
}

#[expect(clippy::cast_precision_loss, reason = "heights of bars need no more than 52 bits")]
fn counts(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const AXES: Axes = Axes { x: "s", y: "ms" };

    #[test]
    fn axes_end_at_round_figures() {
        let ends = [0.0, 0.7, 1.0, 3.2, 17.0, 501.0].map(|top| format!("{:.3}", round_up(top)));
        assert_eq!(ends, ["1.000", "1.000", "1.000", "5.000", "20.000", "1000.000"]);
    }

    #[test]
    fn a_line_fills_the_width_of_the_chart() {
        let svg = lines(&[Line { name: "p99", points: vec![(0.0, 0.0), (10.0, 5.0)] }], AXES);
        assert!(svg.contains(r#"points="60.0,142.0 388.0,12.0""#), "{svg}");
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>") && svg.contains("10 s") && svg.contains("5 ms"));
    }

    #[test]
    fn a_single_point_is_drawn_and_none_is_not() {
        assert!(!lines(&[Line { name: "p99", points: vec![(3.0, 1.0)] }], AXES).contains("NaN"));
        assert_eq!(lines(&[Line { name: "p99", points: Vec::new() }], AXES), "");
        assert_eq!(bars(&[], AXES), "");
    }

    #[test]
    fn every_bar_has_a_label_with_its_count() {
        let svg = bars(&[(0.0, 1.0, 3), (1.0, 2.0, 5), (2.0, 90.0, 1)], AXES);
        assert_eq!(svg.matches("<rect").count(), 3);
        assert!(svg.contains("2 s to 90 s: 1"), "{svg}");
    }
}
