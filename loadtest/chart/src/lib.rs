//! Charts of measurements as SVG: for the page of a report, and as files for the documents.
//!
//! A package of its own, because the load tester and the tasks of the repository draw the same charts and share nothing else.
//! It depends on nothing, so that the tasks of a fresh clone compile as fast as before.
//!
//! **Invariant:** no chart has a coordinate that is not a number, whatever the figures are.

mod axis;

pub use axis::{Axes, Axis, amount};

use axis::Range;
use std::fmt::Write;

const WIDTH: f64 = 400.0;
const HEIGHT: f64 = 170.0;
const LEFT: f64 = 60.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 28.0;

/// The colours of a chart that is a file. A page has its own, for a light and a dark theme.
const STYLE: &str = "text{font:11px sans-serif;fill:#6e6e73}.y{text-anchor:end}.g{stroke:#d2d2d7}.b{fill:#0a66c2}\
    polyline{fill:none;stroke-width:1.5;stroke-linecap:round;stroke:#0a66c2}.l1{stroke:#b25000}\
    .k0{fill:#0a66c2}.k1{fill:#b25000}";

/// A line of a chart, with its name in the legend.
#[derive(Clone, Debug)]
pub struct Line {
    pub name: &'static str,
    /// From left to right, in the units of the axes.
    pub points: Vec<(f64, f64)>,
}

/// A chart that is drawn.
#[derive(Clone, Debug)]
pub struct Chart {
    label: String,
    body: String,
}

impl Chart {
    /// The chart as an element of a page, whose stylesheet has the colours of its classes.
    pub fn inline(&self) -> String {
        let Self { label, body } = self;
        format!(r#"<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">{body}</svg>"#)
    }

    /// The chart as a file, with its colours on a white ground.
    pub fn file(&self) -> String {
        let Self { label, body } = self;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\">\n<title>{label}</title>\n\
             <style>{STYLE}</style>\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n{}\n</svg>\n",
            body.replace("><", ">\n<"),
        )
    }
}

/// Converts data to pixels.
struct Scale {
    x: Range,
    y: Range,
}

impl Scale {
    fn x(&self, value: f64) -> f64 {
        LEFT + self.x.share(value) * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, value: f64) -> f64 {
        HEIGHT - BOTTOM - self.y.share(value) * (HEIGHT - TOP - BOTTOM)
    }
}

/// Lines over a common axis; `None` when no line has a point.
pub fn lines(lines: &[Line], axes: Axes) -> Option<Chart> {
    let points = || lines.iter().flat_map(|line| &line.points);
    let (xs, ys): (Vec<_>, Vec<_>) = points().copied().unzip();
    let (first, last) = (xs.iter().copied().reduce(f64::min)?, xs.iter().copied().reduce(f64::max)?);
    let scale = Scale { x: axes.x.between(first, last), y: axes.y.above_zero(&ys) };
    let marks = axes.x.marks(&xs, (first, last));
    let mut body = frame(&scale, axes, &marks);
    for (number, line) in lines.iter().enumerate() {
        // A line from a point to itself has round ends, which draws a single point as a dot.
        let alone = line.points.first().filter(|_| line.points.len() == 1);
        let path: Vec<_> =
            line.points.iter().chain(alone).map(|(x, y)| format!("{:.1},{:.1}", scale.x(*x), scale.y(*y))).collect();
        let x = LEFT + 8.0 + 50.0 * count(number);
        // Writing to a string cannot fail, here and below.
        let _ = write!(
            body,
            r#"<polyline class="l{number}" points="{}"/><text class="k{number}" x="{x}" y="{}">{}</text>"#,
            path.join(" "),
            TOP + 10.0,
            line.name,
        );
    }
    Some(Chart { label: label(axes), body })
}

/// Bars with lower limit, upper limit and count; `None` when there are none.
pub fn bars(bars: &[(f64, f64, u64)], axes: Axes) -> Option<Chart> {
    let (first, last) = (bars.first()?, bars.last()?);
    // The last bar may cover a very large range. It is drawn as wide as the others; its label shows the limit.
    let width = first.1 - first.0;
    let heights: Vec<_> = bars.iter().map(|(.., count)| counts(*count)).collect();
    let ends = (first.0, last.0 + width);
    let scale = Scale { x: axes.x.between(ends.0, ends.1), y: axes.y.above_zero(&heights) };
    let mut body = frame(&scale, axes, &[ends.0, ends.1]);
    for (low, high, count) in bars {
        let (x, y) = (scale.x(*low), scale.y(counts(*count)));
        let wide = (scale.x(low + width) - x - 1.0).max(1.0);
        let tall = HEIGHT - BOTTOM - y;
        let label = format!("{} to {}: {count}", amount(*low, axes.x.unit), amount(*high, axes.x.unit));
        let _ = write!(
            body,
            r#"<rect class="b" x="{x:.1}" y="{y:.1}" width="{wide:.1}" height="{tall:.1}"><title>{label}</title></rect>"#
        );
    }
    Some(Chart { label: label(axes), body })
}

fn label(axes: Axes) -> String {
    format!("chart of {} over {}", axes.y.unit, axes.x.unit)
}

/// Horizontal lines with their values, and the values at the marks of the horizontal axis.
fn frame(scale: &Scale, axes: Axes, marks: &[f64]) -> String {
    let mut body = String::new();
    for value in scale.y.grid() {
        let y = scale.y(value);
        let _ = write!(
            body,
            r#"<line class="g" x1="{LEFT}" x2="{}" y1="{y:.1}" y2="{y:.1}"/><text class="y" x="{}" y="{:.1}">{}</text>"#,
            WIDTH - RIGHT,
            LEFT - 6.0,
            y + 4.0,
            amount(value, axes.y.unit),
        );
    }
    for (number, value) in marks.iter().enumerate() {
        let anchor = match number {
            0 => "start",
            _ if number + 1 == marks.len() => "end",
            _ => "middle",
        };
        let unit = if axes.x.is_log() { "" } else { axes.x.unit };
        let _ = write!(
            body,
            r#"<text text-anchor="{anchor}" x="{:.1}" y="{}">{}</text>"#,
            scale.x(*value),
            HEIGHT - 8.0,
            amount(*value, unit),
        );
    }
    // The many marks of a logarithmic axis have their unit once, where the values of the other axis stand.
    if axes.x.is_log() {
        let _ = write!(body, r#"<text class="y" x="{}" y="{}">{}</text>"#, LEFT - 6.0, HEIGHT - 8.0, axes.x.unit);
    }
    body
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

    const AXES: Axes = Axes { x: Axis::linear("s"), y: Axis::linear("ms") };
    const CURVE: Axes = Axes { x: Axis::log("users"), y: Axis::log("ms") };

    fn line(points: &[(f64, f64)]) -> [Line; 1] {
        [Line { name: "p99", points: points.to_vec() }]
    }

    #[test]
    fn a_line_fills_the_width_of_the_chart() {
        let svg = lines(&line(&[(0.0, 0.0), (10.0, 5.0)]), AXES).unwrap().inline();
        assert!(svg.contains(r#"points="60.0,142.0 388.0,12.0""#), "{svg}");
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>") && svg.contains("10 s") && svg.contains("5 ms"));
    }

    #[test]
    fn on_logarithmic_axes_each_factor_has_the_same_width() {
        let svg = lines(&line(&[(10.0, 1.0), (100.0, 10.0), (1000.0, 100.0)]), CURVE).unwrap().inline();
        assert!(svg.contains(r#"points="60.0,142.0 224.0,77.0 388.0,12.0""#), "{svg}");
        let shown = [">10<", ">100<", ">1000<", ">users<", ">1 ms<", ">10 ms<", ">100 ms<"];
        assert!(shown.iter().all(|text| svg.contains(text)), "{svg}");
    }

    #[test]
    fn a_single_point_is_drawn_and_none_is_not() {
        for axes in [AXES, CURVE] {
            assert!(!lines(&line(&[(3.0, 1.0)]), axes).unwrap().inline().contains("NaN"));
            assert!(!lines(&line(&[(3.0, 0.0), (0.0, 0.0)]), axes).unwrap().inline().contains("NaN"));
            assert!(lines(&line(&[]), axes).is_none());
        }
        assert!(bars(&[], AXES).is_none());
    }

    #[test]
    fn every_bar_has_a_label_with_its_count() {
        let svg = bars(&[(0.0, 1.0, 3), (1.0, 2.0, 5), (2.0, 90.0, 1)], AXES).unwrap().inline();
        assert_eq!(svg.matches("<rect").count(), 3);
        assert!(svg.contains("2 s to 90 s: 1"), "{svg}");
    }

    #[test]
    fn a_file_has_its_colours_and_its_title() {
        let file = lines(&line(&[(0.0, 0.0), (10.0, 5.0)]), AXES).unwrap().file();
        assert!(file.starts_with("<svg xmlns=") && file.contains("<title>chart of ms over s</title>"), "{file}");
        assert!(file.contains(".l1{stroke:") && file.ends_with("</svg>\n"), "{file}");
    }
}
