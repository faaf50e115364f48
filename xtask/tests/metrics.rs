//! The metrics that the server exports, the dashboard shows and docs/operations.md describes are the same.

#![expect(clippy::unwrap_used, reason = "a test that cannot read the repository has failed")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
use yaml_rust2::YamlLoader;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The metric names that follow each occurrence of `before`.
fn names_after(text: &str, before: &str) -> BTreeSet<String> {
    let is_part = |letter: char| letter.is_ascii_lowercase() || letter == '_';
    text.split(before)
        .skip(1)
        .map(|rest| rest.split(|letter| !is_part(letter)).next().unwrap_or_default())
        .filter(|name| name.starts_with("tandem_") && name.len() > "tandem_".len())
        .map(str::to_owned)
        .collect()
}

/// The metrics in the sources under a folder.
fn counted(folder: &Path) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            names.append(&mut counted(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text: String = fs::read_to_string(&path).unwrap().split_whitespace().collect();
            for kind in ["gauge!(\"", "counter!(\"", "histogram!(\""] {
                names.append(&mut names_after(&text, kind));
            }
        }
    }
    names
}

/// The metric of a series: a histogram has three series.
fn metric(series: &str, metrics: &BTreeSet<String>) -> String {
    let ends = ["_bucket", "_sum", "_count"];
    let whole = ends.iter().find_map(|end| series.strip_suffix(end)).filter(|name| metrics.contains(*name));
    whole.unwrap_or(series).to_owned()
}

fn server() -> BTreeSet<String> {
    let metrics = counted(&root().join("server"));
    assert!(metrics.contains("tandem_sockets"), "metrics are found");
    metrics
}

fn dashboard() -> Value {
    serde_json::from_str(&read("server/dashboard/tandem.json")).expect("the dashboard is JSON")
}

/// Every query of the dashboard, with the title of its panel.
fn queries(dashboard: &Value) -> Vec<(&str, &str)> {
    let panels = dashboard["panels"].as_array().unwrap();
    let shows = |panel: &Value| panel["targets"].as_array().is_some_and(|targets| !targets.is_empty());
    assert!(panels.iter().all(|panel| panel["type"] == "row" || shows(panel)), "a panel shows nothing");
    let queries = panels.iter().flat_map(|panel| {
        let targets = panel["targets"].as_array().into_iter().flatten();
        targets.map(move |target| (panel["title"].as_str().unwrap(), target["expr"].as_str().unwrap()))
    });
    queries.collect()
}

#[test]
fn the_dashboard_shows_exactly_the_metrics_of_the_server() {
    let (metrics, dashboard) = (server(), dashboard());
    let mut drawn = BTreeSet::new();
    for (panel, query) in queries(&dashboard) {
        let spaced: String = query.chars().map(|c| if c.is_ascii_lowercase() || c == '_' { c } else { ' ' }).collect();
        for word in spaced.split_whitespace().filter(|word| word.starts_with("tandem_")) {
            let name = metric(word, &metrics);
            assert!(metrics.contains(&name), "{panel} shows {name}, which the server does not export");
            drawn.insert(name);
        }
    }
    let forgotten: Vec<_> = metrics.difference(&drawn).collect();
    assert!(forgotten.is_empty(), "the dashboard does not show {forgotten:?}");
}

#[test]
fn the_dashboard_uses_the_data_source_of_compose() {
    let compose = YamlLoader::load_from_str(&read("docker-compose.yml")).unwrap().remove(0);
    let source = compose["configs"]["grafana-datasource"]["content"].as_str().unwrap();
    let source = YamlLoader::load_from_str(source).unwrap().remove(0);
    let uid = source["datasources"][0]["uid"].as_str().unwrap();
    let dashboard = dashboard();
    let mut ids = BTreeSet::new();
    for panel in dashboard["panels"].as_array().unwrap() {
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "two panels have the number {}", panel["id"]);
        if panel["type"] != "row" {
            assert_eq!(panel["datasource"]["uid"], uid, "{}", panel["title"]);
            assert!(panel["description"].as_str().is_some_and(|about| !about.is_empty()), "{}", panel["title"]);
        }
    }
}

#[test]
fn the_documents_describe_exactly_the_metrics_of_the_server() {
    let documents = read("docs/operations.md");
    let (_, section) = documents.split_once("### All metrics").expect("the document has the section");
    let (table, _) = section.split_once("\n## ").expect("another section follows");
    assert_eq!(names_after(table, "\n| `"), server());
}
