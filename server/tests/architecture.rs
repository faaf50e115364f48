//! The arrows of ARCHITECTURE.md, as tests: who may use whom, which crate stays in which room, how long a file may be.
//!
//! The arrows are read from the document, so that there is one list. The source is read as text, without comments,
//! literals and tests. That sees every `crate::room` that is written out, which is how this code names what is of another
//! room, and it needs no compiler.

#![expect(clippy::unwrap_used, reason = "a test that cannot read the source has failed")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Lines of a file. Longer ones are several rooms in one.
const MAX_LINES: usize = 500;

/// Who makes an `Owner`; the document of `auth/owner.rs` lists them.
const OWNER_MAKERS: &[&str] = &["service/authenticate.rs", "service/passwords.rs", "service/runs.rs"];

/// Who starts a task that the tracker does not know; the document of `lifecycle.rs` lists them.
const UNTRACKED: &[&str] = &["realtime/fan_out.rs", "store/postgres/mod.rs", "store/sqlite/writer.rs"];

/// Names that stay in their rooms; `!room` means everywhere but there.
const CONFINED: &[(&str, &[&str])] = &[
    ("sqlx::", &["store/sqlite", "store/postgres", "store/shared"]),
    ("axum::", &["http", "realtime/upgrade.rs", "mcp", "app.rs"]),
    ("async_nats::", &["bus/nats"]),
    ("async_openai::", &["assistant/providers"]),
    ("tokio::", &["!domain"]),
    ("Owner::assume_verified(", OWNER_MAKERS),
    ("tokio::spawn(", UNTRACKED),
    ("task::spawn(", &[]),
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
    /// What is compiled into the server: without tests, comments and literals.
    fn code(&self) -> String {
        without_tests(&without_text(&self.text))
    }

    /// The document of the module.
    fn document(&self) -> String {
        self.text.lines().take_while(|line| line.starts_with("//!")).collect::<Vec<_>>().join("\n")
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

fn source(path: &str) -> Source {
    sources().into_iter().find(|source| source.path == path).unwrap()
}

/// The code with comments and literals left out; literals leave their quotes.
fn without_text(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(next) = rest.chars().next() {
        let (kept, len) = token(&code, rest).unwrap_or((&rest[..next.len_utf8()], next.len_utf8()));
        code.push_str(kept);
        rest = &rest[len..];
    }
    code
}

/// A comment or literal at the start of the text: what is kept of it, and its length.
fn token(before: &str, text: &str) -> Option<(&'static str, usize)> {
    if text.starts_with("//") {
        return Some(("", text.find('\n').unwrap_or(text.len())));
    }
    if text.starts_with("/*") {
        return Some(("", text.find("*/").map_or(text.len(), |end| end + 2)));
    }
    let in_word = before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
    if text.starts_with('r') && (!in_word || before.ends_with('b')) {
        let signs = text[1..].len() - text[1..].trim_start_matches('#').len();
        if text[1 + signs..].starts_with('"') {
            let close = format!("\"{}", "#".repeat(signs));
            let start = signs + 2;
            return Some(("\"\"", text[start..].find(&close).map_or(text.len(), |end| start + end + close.len())));
        }
    }
    if text.starts_with('"') {
        return Some(("\"\"", quoted(text, '"')));
    }
    let mut letters = text.strip_prefix('\'')?.chars();
    let (first, second) = (letters.next()?, letters.next()?);
    // Without the second quote it is a lifetime.
    (first == '\\' || second == '\'').then(|| ("''", quoted(text, '\'')))
}

/// The length of a literal from quote to quote.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '\\' if !escaped => escaped = true,
            c if c == quote && !escaped => return at + c.len_utf8(),
            _ => escaped = false,
        }
    }
    text.len()
}

/// The code without the items that are compiled for tests alone.
fn without_tests(code: &str) -> String {
    let mut product = String::new();
    let mut rest = code;
    while let Some((before, item)) = rest.split_once("#[cfg(test)]") {
        product.push_str(before);
        rest = &item[item_len(item)..];
    }
    product.push_str(rest);
    product
}

/// The length of an item: to its semicolon, or to the end of its braces.
fn item_len(item: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in item.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 && (c == ';' || c == '}') {
            return at + 1;
        }
    }
    item.len()
}

/// The arrows of ARCHITECTURE.md: of the rooms, and of the packages.
fn arrows() -> [BTreeMap<String, BTreeSet<String>>; 2] {
    let document = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../ARCHITECTURE.md")).unwrap();
    let section = document.split("\n## Arrows\n").nth(1).unwrap().split("\n## ").next().unwrap().to_owned();
    let mut blocks = section.split("```").skip(1).step_by(2).map(|block| {
        let lines = block.lines().filter(|line| !line.trim().is_empty());
        lines.map(arrow).collect::<BTreeMap<_, _>>()
    });
    [blocks.next().unwrap(), blocks.next().unwrap()]
}

/// `from → to, to`; a dash stands for nothing.
fn arrow(line: &str) -> (String, BTreeSet<String>) {
    let (from, to) = line.split_once('→').unwrap_or_else(|| panic!("not an arrow: {line}"));
    let to = to.split(',').map(|name| name.trim().to_owned()).filter(|name| name != "–").collect();
    (from.trim().to_owned(), to)
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
    let [rooms, _] = arrows();
    let mut broken = Vec::new();
    let mut used_by = BTreeMap::<String, BTreeSet<String>>::new();
    for source in sources().iter().filter(|source| source.path != "lib.rs" && !source.is_test()) {
        let room = source.room();
        let Some(allowed) = rooms.get(room) else {
            broken.push(format!("{}: the room {room} has no arrows in ARCHITECTURE.md", source.path));
            continue;
        };
        let code = source.code().replace("tandem_server::", "crate::");
        for used in rooms_used(&code).into_iter().filter(|used| used != room && rooms.contains_key(used)) {
            if !allowed.contains(&used) {
                broken.push(format!("{}: {room} must not use {used}", source.path));
            }
            used_by.entry(room.to_owned()).or_default().insert(used);
        }
    }
    for (room, allowed) in &rooms {
        for idle in allowed.difference(used_by.get(room).unwrap_or(&BTreeSet::new())) {
            broken.push(format!("ARCHITECTURE.md: {room} does not use {idle}"));
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
fn documents_list_the_files_that_are_exceptions() {
    for (document, name, files) in
        [("auth/owner.rs", "Owner::assume_verified(", OWNER_MAKERS), ("lifecycle.rs", "tokio::spawn(", UNTRACKED)]
    {
        let document = source(document).document();
        for file in files {
            assert!(source(file).code().contains(name), "{file} has no {name} any more");
            assert!(document.contains(&format!("`{file}`")), "{document}\ndoes not list {file}");
        }
        let listed = document.replace("`tests/architecture.rs`", "").matches(".rs`").count();
        assert_eq!(listed, files.len(), "{document}\nlists other files than {files:?}");
    }
}

#[test]
fn confined_names_are_names_of_the_code() {
    let sources = sources();
    for (name, rooms) in CONFINED.iter().filter(|(_, rooms)| !rooms.is_empty()) {
        let used = |room: &&str| {
            let room = room.strip_prefix('!').map_or(Some(*room), |_| None);
            sources.iter().any(|source| room.is_none_or(|room| source.is_in(room)) && source.code().contains(name))
        };
        assert!(rooms.iter().any(used), "{name} is not used where it may be: was it renamed?");
    }
}

struct Package {
    folder: String,
    manifest: String,
}

impl Package {
    /// The names of all dependencies, those of tests and of single platforms included.
    fn dependencies(&self) -> BTreeSet<&str> {
        let (mut names, mut section) = (BTreeSet::new(), "");
        for line in self.manifest.lines() {
            if let Some(header) = line.strip_prefix('[') {
                section = header.trim_end_matches(']');
                names.extend(section.strip_prefix("dependencies."));
            } else if section.ends_with("dependencies")
                && let Some((name, _)) = line.split_once('=')
                && !line.starts_with('#')
            {
                names.insert(name.trim());
            }
        }
        names
    }

    fn code(&self) -> String {
        let mut paths = Vec::new();
        for inside in ["src", "tests", "examples", "benches"] {
            let folder = root().join(&self.folder).join(inside);
            if folder.is_dir() {
                walk(&folder, &mut paths);
            }
        }
        paths.iter().map(|path| without_text(&fs::read_to_string(path).unwrap())).collect()
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn packages() -> Vec<Package> {
    let text = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let members = text.split("\nmembers = [").nth(1).unwrap().split(']').next().unwrap();
    let folders = members.split(',').map(|member| member.trim().trim_matches('"').to_owned());
    let read = |folder: String| {
        let manifest = fs::read_to_string(root().join(&folder).join("Cargo.toml")).unwrap();
        Package { folder, manifest }
    };
    folders.map(read).collect()
}

#[test]
fn packages_depend_on_each_other_along_their_arrows() {
    let [_, expected] = arrows();
    let own = |package: &Package, name: &str| package.manifest.contains(&format!("name = \"{name}\""));
    let packages = packages();
    let folder = |name: &str| packages.iter().find(|package| own(package, name)).map(|package| package.folder.clone());
    let found = packages.iter().map(|package| {
        let to = package.dependencies().into_iter().filter(|name| name.starts_with("tandem-")).filter_map(folder);
        (package.folder.clone(), to.collect::<BTreeSet<_>>())
    });
    assert_eq!(found.collect::<BTreeMap<_, _>>(), expected, "ARCHITECTURE.md differs");
}

#[test]
fn the_language_and_the_wire_are_pure() {
    for package in packages().iter().filter(|package| ["protocol", "server/nl"].contains(&package.folder.as_str())) {
        for wrong in ["tokio", "axum", "sqlx", "yew"] {
            assert!(!package.dependencies().contains(wrong), "{} must not depend on {wrong}", package.folder);
        }
    }
}

/// Dependencies that no source names, with the reason.
const UNNAMED: &[(&str, &str, &str)] = &[("web", "tracing", "turns off what Yew would log")];

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

/// Whether the code has this name as a word.
fn names_crate(code: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(name)
        .any(|(at, _)| !code[..at].ends_with(is_part) && !code[at + name.len()..].starts_with(is_part))
}

#[test]
fn these_tests_see_what_they_look_for() {
    let code = "use crate::{auth::{Caller, Owner}, store::Store};\nlet x = crate::bus::News;";
    let rooms: Vec<String> = rooms_used(code).into_iter().collect();
    assert_eq!(rooms, ["auth", "bus", "store"]);
}

#[test]
#[expect(clippy::needless_raw_string_hashes, reason = "with one the text would end in its fourth line")]
fn the_source_is_read_behind_the_first_test() {
    let source = r##"
        fn first() -> &'static str { "crate::text #[cfg(test)] {" } // crate::comment
        #[cfg(test)]
        fn only_in_tests(list: [u8; 2]) { let brace = '}'; crate::test() }
        fn behind() { r#"crate::raw ""#; crate::product() }
        #[cfg(test)]
        mod tests;
        fn last<'a>(quote: char) -> bool { quote == '"' || crate::last('\'') }
    "##;
    let rooms: Vec<String> = rooms_used(&without_tests(&without_text(source))).into_iter().collect();
    assert_eq!(rooms, ["last", "product"]);
}
