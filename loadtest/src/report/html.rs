//! The report as one HTML page without external files, for light and dark themes and for print.

use super::{
    Latency, Report,
    table::{change, limit},
};
use crate::measure::{Grid, process::Usage};
use std::fmt::Write;
use tandem_chart::{Axes, Axis, Chart, Line, amount, bars, lines};

pub fn page(report: &Report) -> String {
    let (verdict, class) = if report.passed { ("passed", "ok") } else { ("failed", "bad") };
    let title = format!("{}: {verdict}", escaped(&report.scenario));
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><style>{}</style></head><body>\
         <h1>{} <span class=\"{class}\">{verdict}</span></h1><p>{}</p>",
        include_str!("style.css"),
        escaped(&report.scenario),
        report.started_at,
    );
    page += &checks(report);
    page += &comparison(report);
    for grid in &report.tables {
        page += &table(grid);
    }
    for latency in &report.latencies {
        page += &section(latency);
    }
    page += &server(&report.server);
    page += &errors(report);
    page += &settings(report);
    page + "</body></html>"
}

fn checks(report: &Report) -> String {
    let mut rows = String::new();
    for check in &report.checks {
        let class = match check.measured {
            _ if !check.passed() => "bad",
            Some(_) => "ok",
            None => "unknown",
        };
        let figure = |value: Option<f64>| value.map_or_else(|| "–".into(), |value| amount(value, check.unit));
        // Writing to a string cannot fail, here and below.
        let _ = write!(
            rows,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td class=\"{class}\">{}</td></tr>",
            check.name,
            limit(check),
            figure(check.aim),
            figure(check.measured),
            check.verdict(),
        );
    }
    format!(
        "<table><thead><tr><th>threshold</th><th>must</th><th>aim</th><th>measured</th><th>verdict</th></tr></thead>\
         <tbody>{rows}</tbody></table>"
    )
}

fn table(grid: &Grid) -> String {
    // A trait object, because a closure has one type and the iterators of head and rows differ.
    let cells = |tag: &str, cells: &mut dyn Iterator<Item = &str>| -> String {
        let cells = cells.map(|cell| format!("<{tag}>{}</{tag}>", escaped(cell)));
        format!("<tr>{}</tr>", cells.collect::<String>())
    };
    let head = cells("th", &mut grid.columns.iter().copied());
    let rows: String = grid.rows.iter().map(|row| cells("td", &mut row.iter().map(String::as_str))).collect();
    format!("<h2>{}</h2><table><thead>{head}</thead><tbody>{rows}</tbody></table>", escaped(&grid.title))
}

fn comparison(report: &Report) -> String {
    if report.compared.is_empty() {
        return String::new();
    }
    let mut rows = String::new();
    for compared in &report.compared {
        let class = if compared.regression { "bad" } else { "ok" };
        let _ = write!(
            rows,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td class=\"{class}\">{}</td></tr>",
            compared.name,
            amount(compared.before, compared.unit),
            amount(compared.now, compared.unit),
            change(compared),
        );
    }
    format!(
        "<table><thead><tr><th>beside the earlier run</th><th>before</th><th>now</th><th>change</th></tr></thead>\
         <tbody>{rows}</tbody></table>"
    )
}

fn section(latency: &Latency) -> String {
    let line = |name, of: fn(&super::Point) -> f64| Line {
        name,
        points: latency.points.iter().map(|point| (seconds(point.second), of(point))).collect(),
    };
    let over_time = lines(&[line("p99", |point| point.p99), line("p50", |point| point.p50)], axes("s", "ms"));
    let curve: Vec<_> = latency.quantiles.iter().map(|(share, value)| (share * 100.0, *value)).collect();
    let curve = lines(&[Line { name: "by share", points: curve }], axes("%", "ms"));
    let [over_time, curve, bars] = [over_time, curve, bars(&latency.bars, axes("ms", ""))].map(drawn);
    let mut quantiles = String::new();
    for (share, value) in &latency.quantiles {
        let _ = write!(quantiles, "<li>p{} {}</li>", share * 100.0, amount(*value, "ms"));
    }
    format!(
        "<section><h2>{}</h2><ul><li>{} times</li><li>mean {}</li>{quantiles}<li>max {}</li></ul>\
         <div class=\"charts\"><figure>{over_time}<figcaption>over time</figcaption></figure>\
         <figure>{curve}<figcaption>by percentile</figcaption></figure>\
         <figure>{bars}<figcaption>how often</figcaption></figure></div></section>",
        latency.name,
        latency.count,
        amount(latency.mean, "ms"),
        amount(latency.max, "ms"),
    )
}

/// Processor use between samples, and memory.
fn server(usage: &[Usage]) -> String {
    if usage.len() < 2 {
        return String::new();
    }
    let share = |pair: &[Usage]| {
        let [before, after] = pair else { return None };
        let time = after.at - before.at;
        (time > 0.0).then(|| (after.at, (after.processor - before.processor) / time * 100.0))
    };
    let processor = Line { name: "processor", points: usage.windows(2).filter_map(share).collect() };
    let memory = Line { name: "memory", points: usage.iter().map(|usage| (usage.at, usage.memory)).collect() };
    format!(
        "<section><h2>the server's process</h2><div class=\"charts\">\
         <figure>{}<figcaption>processor, % of one core</figcaption></figure>\
         <figure>{}<figcaption>resident memory</figcaption></figure></div></section>",
        drawn(lines(&[processor], axes("s", "%"))),
        drawn(lines(&[memory], axes("s", "MiB"))),
    )
}

fn axes(x: &'static str, y: &'static str) -> Axes {
    Axes { x: Axis::linear(x), y: Axis::linear(y) }
}

/// A chart as an element of the page; nothing when there was nothing to draw.
fn drawn(chart: Option<Chart>) -> String {
    chart.map(|chart| chart.inline()).unwrap_or_default()
}

fn errors(report: &Report) -> String {
    let mut out = String::new();
    for (kind, failures) in &report.errors {
        let _ = write!(out, "<h3>{kind}: {}</h3>", failures.count);
        for example in &failures.examples {
            let _ = write!(out, "<pre>{}</pre>", escaped(example));
        }
    }
    if out.is_empty() { out } else { format!("<section><h2>what went wrong</h2>{out}</section>") }
}

fn settings(report: &Report) -> String {
    let mut rows = String::new();
    for (name, value) in &report.settings {
        let _ = write!(rows, "<tr><td>{name}</td><td>{}</td></tr>", escaped(value));
    }
    for (name, count) in &report.counts {
        let _ = write!(rows, "<tr><td>{name}</td><td>{count}</td></tr>");
    }
    format!("<section><h2>the run</h2><table><tbody>{rows}</tbody></table></section>")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[expect(clippy::cast_precision_loss, reason = "seconds of a run")]
fn seconds(second: u64) -> f64 {
    second as f64
}
