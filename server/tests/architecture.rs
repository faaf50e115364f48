//! What ARCHITECTURE.md says and neither Cargo nor clippy holds: that its arrows are those of the manifests, which
//! package may use which library, where tasks start untracked, and how files look.
//!
//! The arrows are read from the document, so that there is one list. A forbidden arrow between crates does not compile;
//! these tests keep somebody from adding it to a manifest without a thought.

#![expect(clippy::unwrap_used, reason = "a test that cannot read the source has failed")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Lines of a file. A longer one does more than one job.
const MAX_LINES: usize = 500;

/// Words of a document. A shorter one repeats the name that it stands at.
const MIN_WORDS: usize = 4;

/// Libraries that only some packages of the product may use: what they adapt is known there alone.
const CONFINED: &[(&str, &[&str])] = &[
    ("sqlx", &["server/import", "server/store"]),
    ("axum", &["server", "server/http", "server/mcp", "server/realtime"]),
    ("async-nats", &["server/bus"]),
    ("async-openai", &["server/assistant"]),
    ("rmcp", &["server/mcp"]),
    ("yew", &["web/view"]),
];

/// Packages without I/O, and what they must not depend on.
const PURE: &[&str] = &["protocol", "server/completions", "server/domain", "server/nl", "web/markdown"];
const IMPURE: &[&str] = &["tokio", "axum", "reqwest", "sqlx", "yew"];

/// Who starts a task that the tracker does not know; the document of `lifecycle.rs` lists them.
const UNTRACKED: &[&str] = &["realtime/src/fan_out.rs", "store/src/postgres/mod.rs", "store/src/sqlite/writer.rs"];

/// Dependencies that no source names, with the reason.
const UNNAMED: &[(&str, &str, &str)] = &[("web", "tracing", "turns off what Yew would log")];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

struct Source {
    path: PathBuf,
    text: String,
}

impl Source {
    /// The lines before the unit tests, without comments.
    fn product(&self) -> String {
        let product = self.text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        product.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
    }

    fn is_test(&self) -> bool {
        self.path.components().any(|part| part.as_os_str() == "tests")
            || self.path.ends_with("tests.rs")
            || self.path.ends_with("interleavings.rs")
    }
}

fn sources(folder: &Path) -> Vec<Source> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("target") {
            found.append(&mut sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(Source { text: fs::read_to_string(&path).unwrap(), path });
        }
    }
    found
}

/// The packages of ARCHITECTURE.md, and those that each may depend on: `from → to, to`; a dash stands for nothing.
fn arrows() -> BTreeMap<String, BTreeSet<String>> {
    let document = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let section = document.split("\n## Arrows\n").nth(1).unwrap().split("\n## ").next().unwrap().to_owned();
    let block = section.split("```").nth(1).unwrap().to_owned();
    let arrow = |line: &str| {
        let (from, to) = line.split_once('→').unwrap_or_else(|| panic!("not an arrow: {line}"));
        let to = to.split(',').map(|name| name.trim().to_owned()).filter(|name| name != "–").collect();
        (from.trim().to_owned(), to)
    };
    block.lines().filter(|line| !line.trim().is_empty()).map(arrow).collect()
}

struct Package {
    folder: String,
    manifest: String,
}

impl Package {
    /// The names of all dependencies whose section the filter lets through.
    fn dependencies_in(&self, wanted: impl Fn(&str) -> bool) -> BTreeSet<&str> {
        let (mut names, mut section) = (BTreeSet::new(), "");
        for line in self.manifest.lines() {
            if let Some(header) = line.strip_prefix('[') {
                section = header.trim_end_matches(']');
                names.extend(section.strip_prefix("dependencies."));
            } else if section.ends_with("dependencies")
                && wanted(section)
                && let Some((name, _)) = line.split_once('=')
                && !line.starts_with('#')
            {
                names.insert(name.trim());
            }
        }
        names
    }

    /// All of them, those of tests included.
    fn dependencies(&self) -> BTreeSet<&str> {
        self.dependencies_in(|_| true)
    }

    /// What the product is compiled with.
    fn product_dependencies(&self) -> BTreeSet<&str> {
        self.dependencies_in(|section| !section.contains("dev-"))
    }

    fn name(&self) -> &str {
        let named = self.manifest.lines().find_map(|line| line.strip_prefix("name = "));
        named.unwrap().trim_matches('"')
    }

    fn code(&self) -> String {
        let folders = ["src", "tests", "examples", "benches"].map(|inside| root().join(&self.folder).join(inside));
        let sources = folders.iter().filter(|folder| folder.is_dir()).flat_map(|folder| sources(folder));
        let lines = |source: Source| -> Vec<String> {
            source.text.lines().filter(|line| !line.trim_start().starts_with("//")).map(str::to_owned).collect()
        };
        sources.flat_map(lines).collect::<Vec<_>>().join("\n")
    }
}

fn packages() -> Vec<Package> {
    let text = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let members = text.split("\nmembers = [").nth(1).unwrap().split(']').next().unwrap();
    let folders = members.split(',').map(|member| member.trim().trim_matches('"').to_owned());
    let read = |folder: String| {
        let manifest = fs::read_to_string(root().join(&folder).join("Cargo.toml")).unwrap();
        Package { folder, manifest }
    };
    folders.filter(|folder| !folder.is_empty()).map(read).collect()
}

#[test]
fn packages_depend_on_each_other_along_their_arrows() {
    let packages = packages();
    let folder = |name: &str| packages.iter().find(|package| package.name() == name).map(|found| found.folder.clone());
    let found = packages.iter().map(|package| {
        let to = package.product_dependencies().into_iter().filter_map(folder);
        (package.folder.clone(), to.collect::<BTreeSet<_>>())
    });
    assert_eq!(found.collect::<BTreeMap<_, _>>(), arrows(), "ARCHITECTURE.md differs");
}

#[test]
fn the_document_names_files_and_items_that_exist() {
    let document = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let mut missing = Vec::new();
    for name in document.split('`').skip(1).step_by(2) {
        let exists = match name.split_once("::") {
            Some((package, rest)) => item_exists(package, rest),
            None if name.contains('/') && !name.contains(['{', ' ']) => is_in_tree(name),
            None => true,
        };
        if !exists {
            missing.push(name);
        }
    }
    assert!(missing.is_empty(), "ARCHITECTURE.md names what does not exist: {missing:?}");
}

/// Whether a crate of the server has a module or an item of this name; names of other crates are not looked up.
fn item_exists(package: &str, rest: &str) -> bool {
    let folder = match package {
        "protocol" => root().join("protocol/src"),
        _ => root().join("server").join(package).join("src"),
    };
    if !folder.is_dir() {
        return true;
    }
    let first = rest.split("::").next().unwrap_or_default();
    let files = [folder.join(first), folder.join(format!("{first}.rs"))];
    files.iter().any(|file| file.exists())
        || sources(&folder).iter().any(|source| names_crate(&source.product(), first))
        || first.starts_with('{')
}

/// Whether a path of the document is in the repository; one that begins with a slash is a route.
fn is_in_tree(path: &str) -> bool {
    let places = ["", "server", "web/src"].map(|base| root().join(base).join(path));
    path.starts_with('/') || places.iter().any(|place| place.exists() || place.with_extension("rs").exists())
}

#[test]
fn libraries_that_are_adapted_stay_in_their_packages() {
    let outside = ["loadtest", "tests", "xtask"];
    for (library, allowed) in CONFINED {
        for package in packages().iter().filter(|package| !outside.contains(&package.folder.as_str())) {
            let uses = package.product_dependencies().contains(library);
            assert_eq!(uses, allowed.contains(&package.folder.as_str()), "{library} in {}", package.folder);
        }
    }
}

#[test]
fn packages_of_rules_do_no_io() {
    for package in packages().iter().filter(|package| PURE.contains(&package.folder.as_str())) {
        for library in IMPURE {
            assert!(!package.product_dependencies().contains(library), "{} depends on {library}", package.folder);
        }
    }
}

#[test]
fn the_document_of_the_lifecycle_lists_who_starts_untracked_tasks() {
    let server = root().join("server");
    let starts = |source: &Source| !source.is_test() && source.product().contains("tokio::spawn(");
    let found = sources(&server).into_iter().filter(starts).map(|source| {
        let path = source.path.strip_prefix(&server).unwrap();
        path.to_string_lossy().replace('\\', "/")
    });
    assert_eq!(found.collect::<BTreeSet<_>>(), UNTRACKED.iter().map(|&path| path.to_owned()).collect());
    let document = fs::read_to_string(server.join("src/lifecycle.rs")).unwrap();
    for path in UNTRACKED {
        assert!(document.contains(&format!("`{path}`")), "lifecycle.rs does not list {path}");
    }
}

#[test]
fn every_file_has_a_document_and_is_short_enough_to_read() {
    let mut broken = Vec::new();
    for package in packages() {
        for source in sources(&root().join(&package.folder).join("src")) {
            let lines = source.text.lines().count();
            if lines > MAX_LINES {
                broken.push(format!("{}: {lines} lines, at most {MAX_LINES}", source.path.display()));
            }
            if !source.text.starts_with("//! ") {
                broken.push(format!("{}: no document of the module", source.path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn documents_say_more_than_a_name() {
    let mut broken = Vec::new();
    for package in packages() {
        for source in sources(&root().join(&package.folder).join("src")).iter().filter(|source| !source.is_test()) {
            for (line, text) in documents(&source.text) {
                if text.split_whitespace().count() < MIN_WORDS {
                    broken.push(format!("{}:{line}: {text}", source.path.display()));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// The documents of items, each with the number of its first line.
fn documents(text: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut last = 0;
    for (at, line) in text.lines().enumerate() {
        let Some(words) = line.trim_start().strip_prefix("///") else { continue };
        match found.last_mut() {
            Some((_, document)) if last + 1 == at => document.push_str(words),
            _ => found.push((at + 1, words.to_owned())),
        }
        last = at;
    }
    found
}

#[test]
fn declared_dependencies_are_used() {
    let packages = packages();
    let mut unused = Vec::new();
    for package in &packages {
        let code = package.code();
        for name in package.dependencies() {
            let is_unnamed = UNNAMED.iter().any(|(folder, unnamed, _)| (*folder, *unnamed) == (&package.folder, name));
            if !is_unnamed && !names_crate(&code, &name.replace('-', "_")) {
                unused.push(format!("{}/Cargo.toml: no source names {name}", package.folder));
            }
        }
    }
    let workspace = Package { folder: String::new(), manifest: fs::read_to_string(root().join("Cargo.toml")).unwrap() };
    for name in workspace.dependencies() {
        if !packages.iter().any(|package| package.dependencies().contains(name)) {
            unused.push(format!("Cargo.toml: no package depends on {name}"));
        }
    }
    assert!(unused.is_empty(), "{}", unused.join("\n"));
}

/// Attributes and properties whose texts are shown or read aloud.
const SHOWN: &[&str] = &["aria-label", "placeholder", "title", "alt", "label", "text", "heading", "hint", "go", "save"];

/// Capitalised words of the client that are no texts: names of keys, of a type, of what browsers say of themselves.
const NAMES: &[&str] = &[
    "Escape",
    "Enter",
    "Tab",
    "Delete",
    "ArrowUp",
    "ArrowDown",
    "ArrowLeft",
    "ArrowRight",
    "Home",
    "End",
    "Ctrl",
    "Shift",
    "Alt",
    "Esc",
    "Del",
    "Clock",
    "Tablet",
    "Android",
    "Mobile",
];
/// What speaks to the browser and the server, in their words.
const OUTWARD: &[&str] = &["platform", "api"];

#[test]
fn texts_that_people_read_are_in_one_table() {
    let web = root().join("web/src");
    let mut found = Vec::new();
    for source in sources(&web).iter().filter(|source| !source.is_test() && !source.path.starts_with(web.join("text")))
    {
        for (before, literal) in literals(&source.product()) {
            let is_outward = OUTWARD.iter().any(|folder| source.path.starts_with(web.join(folder)));
            let is_name = NAMES.contains(&&*literal) || is_outward && !literal.contains(". ");
            if !is_name && is_shown(&before, &literal) {
                found.push(format!("{}: {literal:?}", source.path.display()));
            }
        }
    }
    assert!(found.is_empty(), "these belong into web/src/text/en:\n{}", found.join("\n"));
}

/// The strings of some code, each with the code before it on its line.
fn literals(code: &str) -> Vec<(String, String)> {
    let (mut found, mut rest, mut line) = (Vec::new(), code, String::new());
    while let Some(start) = rest.find('"') {
        let (before, after) = rest.split_at(start);
        line = before.rsplit_once('\n').map_or_else(|| format!("{line}{before}"), |(_, last)| last.to_owned());
        let raw = before.ends_with("r#");
        let is_char = before.ends_with('\'') && after.starts_with("\"'");
        let end = match after[1..].char_indices() {
            _ if is_char => Some(0),
            _ if raw => after[1..].find("\"#"),
            mut chars => loop {
                match chars.next() {
                    Some((_, '\\')) => drop(chars.next()),
                    Some((at, '"')) => break Some(at),
                    Some(_) => {}
                    None => break None,
                }
            },
        };
        let Some(end) = end else { break };
        if !is_char {
            found.push((line.clone(), after[1..=end].to_owned()));
        }
        rest = &after[if is_char { 1 } else { end + 2 }..];
        line.push('"');
    }
    found
}

/// Whether a string is a text for people: it stands where texts do, or reads like a phrase.
fn is_shown(before: &str, literal: &str) -> bool {
    if before.ends_with("reason = ") || before.ends_with("expect(") || !literal.contains(char::is_alphabetic) {
        return false;
    }
    let attribute = before.strip_suffix('=').map(|tag| tag.rsplit([' ', '<']).next().unwrap_or_default());
    if let Some(attribute) = attribute {
        return SHOWN.contains(&attribute);
    }
    let mut letters = literal.chars();
    let capital = letters.next().is_some_and(char::is_uppercase) && letters.next().is_some_and(char::is_lowercase);
    let words = literal.split(' ').filter(|word| !word.is_empty() && word.chars().all(char::is_alphabetic)).count();
    (capital && !literal.contains(['-', ':'])) || words > 2
}

/// Whether the code has this name as a word.
fn names_crate(code: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(name)
        .any(|(at, _)| !code[..at].ends_with(is_part) && !code[at + name.len()..].starts_with(is_part))
}
