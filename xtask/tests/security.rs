//! The tests that docs/security.md names exist, and run on both databases where it says so.

#![expect(clippy::unwrap_used, reason = "a test that cannot read the repository has failed")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The sources below a folder.
fn sources(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push((path.clone(), fs::read_to_string(&path).unwrap()));
        }
    }
}

/// The modules that a file is in: `tests` for `tests.rs`, `mod.rs` and files in a folder of that name.
fn is_module(path: &Path, module: &str) -> bool {
    path.file_stem().is_some_and(|stem| stem == module)
        || path.parent().and_then(Path::file_name).is_some_and(|folder| folder == module)
}

/// Whether a file has a test of this name, and whether that runs on both databases.
fn has_test(text: &str, test: &str) -> Option<bool> {
    let listed = text.split("on_both!(").chain(text.split("on_each!(")).skip(1);
    let is_listed = |list: &str| list.split(')').next().unwrap().split(',').any(|name| name.trim() == test);
    let both = listed.into_iter().any(is_listed)
        || ["sqlite", "postgres"].iter().all(|kind| text.contains(&format!("fn {test}_on_{kind}()")));
    let alone = text.contains(&format!("fn {test}()"));
    (both || alone).then_some(both)
}

/// The tests in a cell of the table.
fn named(cell: &str) -> impl Iterator<Item = (&str, &str)> {
    cell.split('`').skip(1).step_by(2).filter_map(|name| name.split_once("::"))
}

#[test]
fn every_test_of_the_attacks_exists() {
    let mut all = Vec::new();
    for folder in ["protocol", "server", "tests", "web"] {
        sources(&root().join(folder), &mut all);
    }
    let document = fs::read_to_string(root().join("docs/security.md")).unwrap();
    let (rows, text): (Vec<&str>, Vec<&str>) = document.lines().partition(|line| line.starts_with('|'));
    let is_attack = |row: &&str| row.starts_with("| ") && !row.starts_with("| attack");
    let mut wrong = BTreeMap::new();
    let mut count = 0;
    for row in rows.into_iter().filter(is_attack) {
        let cells: Vec<&str> = row.split('|').collect();
        let [_, attack, both, alone, _] = cells[..] else { panic!("a row has three cells: {row}") };
        assert!(named(both).chain(named(alone)).count() > 0, "an attack without a test: {attack}");
        for (cell, on_both) in [(both, true), (alone, false)] {
            for (module, test) in named(cell) {
                let found = all.iter().filter(|(path, _)| is_module(path, module));
                let kinds: Vec<bool> = found.filter_map(|(_, text)| has_test(text, test)).collect();
                count += 1;
                if !(kinds.contains(&true) || !on_both && kinds.contains(&false)) {
                    let reason = if kinds.is_empty() { "does not exist" } else { "runs on one database" };
                    wrong.insert(format!("{module}::{test}"), reason);
                }
            }
        }
    }
    for (module, test) in text.iter().flat_map(|line| named(line)) {
        let mut found = all.iter().filter(|(path, _)| is_module(path, module));
        assert!(found.any(|(_, text)| has_test(text, test).is_some()), "{module}::{test} does not exist");
    }
    assert!(count > 100 && wrong.is_empty(), "{count} tests are named; {wrong:#?}");
}
