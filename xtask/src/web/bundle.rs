//! The files of the client and their names.
//!
//! A browser may keep a file for ever when its name changes with its content. So every file but `index.html` and the
//! static ones has a hash in its name, and `index.html` names the current ones.
//!
//! Every address in the page and in the loader is the address of a file in the bundle.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use crate::web::compile::Compiled;
use crate::web::file::{File, files_in};
use crate::web::{fingerprint, page, script};

/// The parts of the one stylesheet, in the order in which they cascade.
const STYLES: [&str; 3] = ["tokens.css", "base.css", "components.css"];

impl File {
    /// A file named `stem-HASH.extension`, with 64 bits of SHA-256 in hexadecimal. The server's build script matches this
    /// form to set the caching headers.
    fn hashed(stem: &str, extension: &str, bytes: Vec<u8>) -> Self {
        let hash = &fingerprint::hex(&Sha256::digest(&bytes))[..16];
        Self { name: format!("{stem}-{hash}.{extension}"), bytes }
    }

    /// The address that other files use: absolute, because the page is also served under paths such as `/c/{id}`.
    fn address(&self) -> String {
        format!("/{}", self.name)
    }
}

/// Assembles the client from the compiled module and the files in the folder of the web client.
pub(crate) fn assemble(web: &Path, compiled: &Compiled) -> anyhow::Result<Vec<File>> {
    let wasm = File::hashed("tandem", "wasm", compiled.wasm.clone());
    let glue = script::whole(&String::from_utf8_lossy(&compiled.glue), &compiled.snippets);
    let glue = File::hashed("tandem", "js", glue.into_bytes());
    let boot = script::compact(&page::loader(&glue.address(), &wasm.address()));
    let boot = File::hashed("boot", "js", boot.into_bytes());
    let css = File::hashed("tandem", "css", stylesheet(&web.join("src/styles"))?.into_bytes());

    let template = read(&web.join(page::INDEX))?;
    let addresses =
        [("css", css.address()), ("js", boot.address()), ("glue", glue.address()), ("wasm", wasm.address())];
    let html = page::fill(&template, &addresses).with_context(|| format!("in web/{}", page::INDEX))?;
    let index = File { name: page::INDEX.to_owned(), bytes: html.into_bytes() };

    let mut files = vec![wasm, glue, boot, css];
    let (drawn, others): (Vec<File>, Vec<File>) = files_in(&web.join("static"))?
        .into_iter()
        .partition(|file| file.name.rsplit_once('.').is_some_and(|(_, kind)| kind == "svg"));
    files.extend(drawn);
    let shell: Vec<String> = files.iter().map(File::address).collect();
    // The page names the others by their hashes, so its own hash is that of the version.
    let version = &fingerprint::hex(&Sha256::digest(&index.bytes))[..16];
    let worker = page::worker(&script::compact(&read(&web.join(page::WORKER))?), &shell, version);
    files.push(File { name: page::WORKER.to_owned(), bytes: worker.into_bytes() });
    files.push(index);
    files.extend(others);
    Ok(files)
}

/// All parts in one file, so that a page needs one request for them.
fn stylesheet(folder: &Path) -> anyhow::Result<String> {
    let parts: Vec<String> = STYLES.iter().map(|name| read(&folder.join(name))).collect::<anyhow::Result<_>>()?;
    Ok(compact_styles(&parts.join("\n")))
}

/// Styles without comments, indentation and spaces that mean nothing, which are a quarter of their size. The stylesheets have
/// no string that looks like any of these, so this does not have to parse CSS.
fn compact_styles(css: &str) -> String {
    let mut bare = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("/*") {
        bare.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, rest)| rest);
    }
    bare.push_str(rest);
    let lines = bare.lines().map(str::trim).filter(|line| !line.is_empty());
    let spaced = lines.collect::<Vec<_>>().join("\n");
    let ends = [("{\n", "{"), ("}\n", "}"), (";\n", ";"), (",\n", ",")];
    let spaces = [("{ ", "{"), (" {", "{"), (" }", "}"), ("; ", ";"), (": ", ":"), (", ", ","), (";}", "}")];
    ends.into_iter().chain(spaces).fold(spaced, |css, (spaced, compact)| css.replace(spaced, compact))
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_content_has_the_same_name_and_other_content_another() {
        let name = |text: &str| File::hashed("tandem", "css", text.into()).name;
        assert_eq!(name("a {}"), name("a {}"));
        assert_ne!(name("a {}"), name("b {}"));
        let hash = name("a {}").strip_prefix("tandem-").unwrap().strip_suffix(".css").unwrap().to_owned();
        assert!(hash.len() == 16 && hash.chars().all(|digit| digit.is_ascii_hexdigit()), "{hash}");
    }

    /// A web client's folder with the least that a bundle needs.
    fn web_folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        put("index.html", "<link href={{css}}><script type=module src={{js}}></script><link href={{wasm}}>");
        put("src/styles/components.css", "third {}");
        put("src/styles/tokens.css", "first {}");
        put("src/styles/base.css", "second {}");
        put("service-worker.js", "// why\nkeep({{shell}}, \"{{version}}\");");
        put("static/icons/app.svg", "<svg/>");
        put("static/icons/app.png", "png");
        put("static/.hidden", "");
        folder
    }

    fn compiled(wasm: &[u8]) -> Compiled {
        Compiled { wasm: wasm.to_vec(), glue: b"export function w0(){}".to_vec(), snippets: Vec::new() }
    }

    fn text_of<'a>(files: &'a [File], start: &str, end: &str) -> &'a str {
        let file = files.iter().find(|file| file.name.starts_with(start) && file.name.ends_with(end)).unwrap();
        std::str::from_utf8(&file.bytes).unwrap()
    }

    #[test]
    fn the_page_names_the_hashed_files_and_only_files_that_are_there() {
        let folder = web_folder();
        let files = assemble(folder.path(), &compiled(b"module")).unwrap();
        let page = text_of(&files, "index", ".html");
        for start in ["boot-", "tandem-"] {
            assert!(page.contains(&format!("=/{start}")), "{page}");
        }
        let loader = text_of(&files, "boot-", ".js");
        let named = page.split(['=', '>']).chain(loader.split('"')).filter(|word| word.starts_with('/'));
        for address in named.filter(|word| word.contains('-')) {
            assert!(files.iter().any(|file| format!("/{}", file.name) == address.trim()), "{address}");
        }
    }

    #[test]
    fn styles_cascade_in_the_documented_order_and_static_files_keep_their_names() {
        let folder = web_folder();
        let files = assemble(folder.path(), &compiled(b"module")).unwrap();
        assert_eq!(text_of(&files, "tandem-", ".css"), "first{}second{}third{}");
        assert_eq!(text_of(&files, "icons/app", ".svg"), "<svg/>");
        assert!(!files.iter().any(|file| file.name.contains("hidden")));
    }

    #[test]
    fn the_worker_keeps_what_the_page_loads_and_changes_with_it() {
        let folder = web_folder();
        let worker = |files: &[File]| text_of(files, "service-worker", ".js").to_owned();
        let files = assemble(folder.path(), &compiled(b"one")).unwrap();
        let script = worker(&files);
        let page = text_of(&files, "index", ".html");
        for address in page.split(['=', '>']).filter(|word| word.starts_with('/') && word.contains('-')) {
            assert!(script.contains(address.trim_end_matches('/')), "{address} in {script}");
        }
        assert!(
            script.contains("/icons/app.svg") && !script.contains("app.png") && !script.contains("why"),
            "{script}"
        );
        assert_ne!(script, worker(&assemble(folder.path(), &compiled(b"other")).unwrap()));
    }

    #[test]
    fn comments_and_indentation_are_removed() {
        let styles = "/* why */\na {\n  b: c, d; /* how\n  */\n}\ne f:is(g, h) { i: calc(1px + 2px); }\n/* open";
        assert_eq!(compact_styles(styles), "a{b:c,d}e f:is(g,h){i:calc(1px + 2px)}");
    }

    #[test]
    fn another_module_gives_the_loader_and_the_page_new_names() {
        let folder = web_folder();
        let one = assemble(folder.path(), &compiled(b"one")).unwrap();
        let other = assemble(folder.path(), &compiled(b"other")).unwrap();
        let boot = |files: &[File]| files.iter().find(|file| file.name.starts_with("boot-")).unwrap().name.clone();
        assert_ne!(boot(&one), boot(&other));
        assert_ne!(text_of(&one, "index", ".html"), text_of(&other, "index", ".html"));
    }

    #[test]
    fn a_missing_stylesheet_is_named() {
        let folder = web_folder();
        fs::remove_file(folder.path().join("src/styles/base.css")).unwrap();
        let error = assemble(folder.path(), &compiled(b"module")).unwrap_err();
        assert!(error.to_string().contains("base.css"), "{error}");
    }
}
