//! The arrows of ARCHITECTURE.md, as tests: who may use whom, which crate stays in which room, how long a file may be.
//!
//! The source is read as text. That sees every `crate::room` that is written out, which is how this code names what is
//! of another room, and it needs no compiler.

#![expect(clippy::unwrap_used, reason = "a test that cannot read the source has failed")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Lines of a file. Longer ones are several rooms in one.
const MAX_LINES: usize = 500;

/// Each room and the rooms that it may use.
const ARROWS: &[(&str, &[&str])] = &[
    ("main", &[]),
    ("cli", &["app", "config", "store"]),
    (
        "app",
        &[
            "assistant",
            "auth",
            "bus",
            "config",
            "domain",
            "http",
            "lifecycle",
            "mcp",
            "realtime",
            "service",
            "store",
            "telemetry",
        ],
    ),
    ("http", &["auth", "service"]),
    ("realtime", &["auth", "bus", "http", "service"]),
    ("mcp", &["assistant", "auth", "http", "service"]),
    ("assistant", &["auth", "bus", "domain", "permits", "service", "store", "threads"]),
    ("service", &["auth", "bus", "domain", "store"]),
    ("store", &["auth", "domain", "permits"]),
    ("bus", &[]),
    ("auth", &["permits", "threads"]),
    ("domain", &[]),
    ("config", &["auth", "service"]),
    ("telemetry", &["config"]),
    ("lifecycle", &[]),
    ("permits", &[]),
    ("threads", &[]),
];

/// Names that stay in their rooms; `!room` means everywhere but there.
const CONFINED: &[(&str, &[&str])] = &[
    ("sqlx::", &["store/sqlite", "store/postgres", "store/shared"]),
    ("axum::", &["http", "realtime/upgrade.rs", "mcp", "app.rs"]),
    ("async_nats::", &["bus/nats"]),
    ("async_openai::", &["assistant/providers"]),
    ("tokio::", &["!domain"]),
    ("Owner::vouch(", &["auth", "service/authenticate.rs", "service/passwords.rs", "service/runs.rs"]),
    ("SqliteStore", &["store/sqlite", "app.rs", "app"]),
    ("PostgresStore", &["store/postgres", "app.rs", "app"]),
    ("LocalBus", &["bus/local.rs", "app.rs"]),
    ("NatsBus", &["bus/nats", "app.rs"]),
];

struct Source {
    /// Relative to `src`, with slashes.
    path: String,
    text: String,
}

impl Source {
    /// Without what tests alone see, and without comments.
    fn code(&self) -> String {
        let product = self.text.split("#[cfg(test)]").next().unwrap_or_default();
        product.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
    }

    fn room(&self) -> &str {
        let first = self.path.split('/').next().unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    fn is_test(&self) -> bool {
        self.path.ends_with("tests.rs") || self.path.contains("/tests/")
    }

    fn is_in(&self, room: &str) -> bool {
        self.path == room || self.path.starts_with(&format!("{room}/"))
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    walk(&root, &mut paths);
    assert!(paths.len() > 50, "the source was not found");
    let relative = |path: &Path| path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
    paths.iter().map(|path| Source { path: relative(path), text: fs::read_to_string(path).unwrap() }).collect()
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The rooms that a file names by `crate::room`, alone or in braces.
fn rooms_used(code: &str) -> BTreeSet<String> {
    let mut rooms = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            None => rooms.extend(leading_word(rest)),
            Some(braced) => rooms.extend(top_level_words(braced)),
        }
    }
    rooms
}

fn leading_word(text: &str) -> Option<String> {
    let word: String = text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!word.is_empty()).then_some(word)
}

/// The first word of each item of a `use` group, nested groups left out.
fn top_level_words(group: &str) -> Vec<String> {
    let (mut words, mut depth, mut expects) = (Vec::new(), 1, true);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => expects = true,
            c if depth == 1 && expects && c.is_alphabetic() => {
                words.extend(leading_word(&group[at..]));
                expects = false;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    words
}

#[test]
fn rooms_use_only_the_rooms_that_their_arrows_point_to() {
    let known: BTreeSet<&str> = ARROWS.iter().map(|(room, _)| *room).collect();
    let mut broken = Vec::new();
    for source in sources().iter().filter(|source| source.path != "lib.rs" && !source.is_test()) {
        let room = source.room();
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == room) else {
            broken.push(format!("{}: the room {room} has no arrows in this test", source.path));
            continue;
        };
        for used in rooms_used(&source.code()) {
            if used != room && known.contains(used.as_str()) && !allowed.contains(&used.as_str()) {
                broken.push(format!("{}: {room} must not use {used}", source.path));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn adapted_crates_and_adapters_stay_in_their_rooms() {
    let mut broken = Vec::new();
    for source in sources().iter().filter(|source| !source.is_test()) {
        let code = source.code();
        for (name, rooms) in CONFINED {
            let allowed = rooms.iter().any(|room| match room.strip_prefix('!') {
                Some(outside) => !source.is_in(outside),
                None => source.is_in(room),
            });
            let whole_word = |at: usize| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
            if !allowed && code.match_indices(name).any(|(at, _)| whole_word(at)) {
                broken.push(format!("{}: {name} does not belong here", source.path));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_file_says_its_job_and_is_short_enough_to_read() {
    let mut broken = Vec::new();
    for source in sources() {
        let lines = source.text.lines().count();
        if lines > MAX_LINES {
            broken.push(format!("{}: {lines} lines, at most {MAX_LINES}", source.path));
        }
        if !source.text.starts_with("//! ") {
            broken.push(format!("{}: does not say its job first", source.path));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn crates_depend_only_along_their_arrows() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let dependencies = |name: &str| {
        let text = fs::read_to_string(root.join(name).join("Cargo.toml")).unwrap();
        let section = text.split("\n[dependencies]").nth(1).unwrap_or_default();
        section.split("\n[").next().unwrap_or_default().to_owned()
    };
    let forbidden: [(&str, &[&str]); 4] = [
        ("protocol", &["tandem-", "tokio", "axum", "sqlx", "yew"]),
        ("server/nl", &["tandem-", "tokio", "axum", "sqlx", "yew"]),
        ("web", &["tandem-server", "tandem-loadtest"]),
        ("loadtest", &["tandem-server", "tandem-web"]),
    ];
    for (name, names) in forbidden {
        for wrong in names {
            assert!(!dependencies(name).contains(&format!("\n{wrong}")), "{name} must not depend on {wrong}");
        }
    }
}

#[test]
fn these_tests_see_what_they_look_for() {
    let code = "use crate::{auth::{Caller, Owner}, store::Store};\nlet x = crate::bus::News;";
    let rooms: Vec<String> = rooms_used(code).into_iter().collect();
    assert_eq!(rooms, ["auth", "bus", "store"]);
}
