//! The files and the table of a report.

use serde_json::Value;
use std::time::Duration;
use tandem_loadtest::{
    clock::Clock,
    measure::{Check, Meter, process::Usage},
    report::{Report, baseline::Baseline, settings, table::Table},
    scenario::{Outcome, Size},
};
use tandem_protocol::Timestamp;

/// The report of a run in which every token except one took between 1 and 2 ms.
fn report(limit_ms: f64) -> Report {
    let meter = Meter::new(Clock::start());
    for token in 0..10_000_u64 {
        meter.token.record(token * 1_000_000, 1_000_000 + token * 100);
    }
    meter.token.record(10_000_000_000, 90_000_000);
    meter.error("socket", "closed with 4008: <slow> & \"sorry\"");
    let checks = vec![
        Check::at_most("each token, added, p99", limit_ms, "ms", meter.token.quantile(0.99)).aiming_at(1.0),
        Check::at_most("server memory", 60.0, "MiB", None).where_known(),
    ];
    let size = Size { users: 5, devices: 2, duration: Duration::from_secs(10) };
    let usage = |at, processor| Usage { at, processor, memory: 31.5, written: None };
    Report::of(
        "fifty-users",
        &meter,
        Outcome { checks, measured: (1.0, 11.0), ..Outcome::default() },
        settings("http://127.0.0.1:8080", size, 7),
        Timestamp::from_millis(1_795_426_200_000),
        vec![usage(0.0, 1.0), usage(1.0, 1.4), usage(2.0, 1.9)],
    )
}

#[test]
fn the_table_shows_each_threshold_with_its_result() {
    let table = Table(&report(3.0)).to_string();
    let line = table.lines().find(|line| line.starts_with("each token, added, p99")).unwrap();
    let words: Vec<_> = line.split_whitespace().collect();
    assert_eq!(&words[4..8], ["3", "ms", "1", "ms"]);
    assert_eq!(words.last(), Some(&"passed"));
    assert!(
        table.contains("unknown") && table.contains("closed with 4008") && table.ends_with("fifty-users: passed\n")
    );
    let missed = Table(&report(1.5)).to_string();
    assert!(missed.ends_with("fifty-users: FAILED (each token, added, p99)\n"), "{missed}");
}

#[test]
fn the_json_has_all_figures() {
    let json: Value = serde_json::to_value(report(3.0)).unwrap();
    assert_eq!(
        (&json["version"], &json["passed"], &json["scenario"]),
        (&1.into(), &true.into(), &"fifty-users".into())
    );
    let token = &json["latencies"][0];
    assert_eq!((token["name"].as_str(), token["count"].as_u64()), (Some("each token, added"), Some(10_001)));
    // Within the precision of the histogram.
    assert!((90.0..90.1).contains(&token["max"].as_f64().unwrap()), "{token}");
    let counted: u64 = token["bars"].as_array().unwrap().iter().map(|bar| bar[2].as_u64().unwrap()).sum();
    assert_eq!(counted, 10_001, "every value is in one bar");
    assert_eq!((token["points"].as_array().unwrap().len(), json["errors"]["socket"]["count"].as_u64()), (11, Some(1)));
}

#[test]
fn the_page_has_no_external_files_and_escapes_text() {
    let folder = tempfile::tempdir().unwrap();
    report(3.0).write(&folder.path().join("out")).unwrap();
    let page = std::fs::read_to_string(folder.path().join("out/report.html")).unwrap();
    assert!(page.starts_with("<!doctype html>") && page.contains("prefers-color-scheme: dark"));
    assert!(!page.contains("src=") && !page.contains("href=") && !page.contains("url(") && !page.contains("<script"));
    assert!(page.contains("&lt;slow&gt; &amp; &quot;sorry&quot;") && !page.contains("<slow>"));
    assert!(page.matches("<polyline").count() >= 4 && page.matches("<rect").count() > 10 && !page.contains("NaN"));
    assert!(serde_json::from_slice::<Value>(&std::fs::read(folder.path().join("out/report.json")).unwrap()).is_ok());
}

#[test]
fn a_figure_that_is_worse_than_the_baseline_fails_by_name() {
    let folder = tempfile::tempdir().unwrap();
    report(3.0).write(folder.path()).unwrap();
    let path = folder.path().join("report.json");
    let same = report(3.0).against(&Baseline::read(&path, "fifty-users").unwrap());
    assert!(same.passed && Table(&same).to_string().contains("+0 %"));

    let mut earlier: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    earlier["checks"][0]["measured"] = 1.0.into();
    std::fs::write(&path, earlier.to_string()).unwrap();
    let worse = report(3.0).against(&Baseline::read(&path, "fifty-users").unwrap());
    let table = Table(&worse).to_string();
    assert!(
        !worse.passed && table.contains("WORSE") && table.ends_with("FAILED (each token, added, p99)\n"),
        "{table}"
    );
    worse.write(folder.path()).unwrap();
    assert!(std::fs::read_to_string(folder.path().join("report.html")).unwrap().contains("beside the earlier run"));
}
