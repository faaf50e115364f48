//! The scaling curve as SVG: how late tokens are, and how busy the processor is, over the number of users.
//!
//! Numbers of users and milliseconds have logarithmic axes: the curve spans three orders of magnitude.

use std::fmt::Write as _;

use super::{report::Report, short};

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 300.0;
/// Space for the labels of the axes on each side.
const SIDE: f64 = 76.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = 40.0;

/// Milliseconds at the top and at the bottom of the drawing.
const LATEST: f64 = 10_000.0;
const EARLIEST: f64 = 0.1;

/// Draws the runs, which are in the order of their users.
pub(super) fn curve(runs: &[Report]) -> String {
    let busiest = runs.iter().map(Report::load).fold(100.0, f64::max);
    let ends = (runs.first().map_or(1.0, Report::users), runs.last().map_or(1.0, Report::users));
    let x = |run: &Report| SIDE + part(run.users(), ends.0, ends.1) * (WIDTH - 2.0 * SIDE);
    let y = |share: f64| HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
    let late = |run: &Report| y(part(run.token(0.99), EARLIEST, LATEST));
    let busy = |run: &Report| y(run.load() / busiest);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
         font-size=\"12\" fill=\"#555\">\n<title>Lateness of a token and use of the processor over the number of users</title>\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n"
    );
    // Writing to a string cannot fail.
    for power in -1..=4 {
        let (ms, y) = (10_f64.powi(power), y(part(10_f64.powi(power), EARLIEST, LATEST)));
        let (end, text) = (WIDTH - SIDE, SIDE - 6.0);
        let _ = writeln!(svg, "<line x1=\"{SIDE}\" x2=\"{end}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"#ddd\"/>");
        let _ = writeln!(svg, "<text x=\"{text}\" y=\"{:.1}\" text-anchor=\"end\">{ms} ms</text>", y + 4.0);
    }
    for share in [0.0, 0.5, 1.0] {
        let (x, y, load) = (WIDTH - SIDE + 6.0, y(share) + 4.0, short(busiest * share));
        let _ = writeln!(svg, "<text x=\"{x}\" y=\"{y:.1}\">{load} %</text>");
    }
    for run in runs {
        let (x, y) = (x(run), HEIGHT - BOTTOM + 18.0);
        let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y}\" text-anchor=\"middle\">{}</text>", run.setting("users"));
    }
    line(&mut svg, "#2563eb", runs.iter().map(|run| (x(run), late(run))));
    line(&mut svg, "#d97706", runs.iter().map(|run| (x(run), busy(run))));
    let legend = [("#2563eb", SIDE, "added to a token, p99"), ("#d97706", WIDTH / 2.0, "processor, % of a core")];
    for (colour, x, text) in legend {
        let _ = writeln!(svg, "<text x=\"{x}\" y=\"18\" fill=\"{colour}\">{text}</text>");
    }
    svg + "</svg>\n"
}

fn line(svg: &mut String, colour: &str, points: impl Iterator<Item = (f64, f64)>) {
    let points: Vec<_> = points.collect();
    let path: Vec<_> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let _ =
        writeln!(svg, "<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" points=\"{}\"/>", path.join(" "));
    for (x, y) in points {
        let _ = writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{colour}\"/>");
    }
}

/// Where a value is between two others on a logarithmic axis, from 0 to 1.
fn part(value: f64, from: f64, to: f64) -> f64 {
    let span = (to / from).log10();
    if span > 0.0 { ((value / from).log10() / span).clamp(0.0, 1.0) } else { 0.5 }
}
