//! Embeds the web client: writes a table of the files in `web/dist`, where `cargo xtask web` puts them.
//!
//! `src/assets.rs` includes the table and declares the type of its rows. Without a built client the table has a single
//! page with the command that builds it, so that the server and its tests compile from a fresh clone.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// The folder of the client, relative to this package.
const DIST: &str = "../../web/dist";

/// Without this file the folder holds no client, or one that is being written.
const INDEX: &str = "index.html";

/// The page that is served without a client.
const NOT_BUILT: &str = "<!doctype html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<title>Tandem</title>
<h1>The web client is not built</h1>
<p>This server was compiled without it. Run <code>cargo xtask run</code>, which builds both.</p>
</html>
";

fn main() -> io::Result<()> {
    let dist = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?).join(DIST);
    let out = PathBuf::from(env::var("OUT_DIR").map_err(io::Error::other)?);
    println!("cargo::rerun-if-changed=build.rs");
    // To Cargo a path that does not exist has changed, so that it would compile this crate each time. An empty folder
    // can be watched. On a read-only source tree it cannot be created, which costs that time and nothing else.
    let _ = fs::create_dir_all(&dist);
    println!("cargo::rerun-if-changed={DIST}");

    let mut files = Vec::new();
    if dist.join(INDEX).is_file() {
        collect(&dist, "", &mut files)?;
    } else {
        fs::write(out.join(INDEX), NOT_BUILT)?;
        files.push((INDEX.to_owned(), out.join(INDEX)));
    }
    files.sort();
    fs::write(out.join("assets.rs"), table(&files))
}

/// Collects every file with its path relative to the root of the client, except names that begin with a dot.
fn collect(folder: &Path, prefix: &str, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if name.starts_with('.') {
            continue;
        }
        let name = format!("{prefix}{name}");
        if path.is_dir() {
            collect(&path, &format!("{name}/"), files)?;
        } else {
            files.push((name, path));
        }
    }
    Ok(())
}

/// The source of the table: one row for each file, with its compressed forms (`.br`, `.gz`) in the same row.
fn table(files: &[(String, PathBuf)]) -> String {
    let form = |name: &str, suffix: &str| {
        let wanted = format!("{name}.{suffix}");
        let found = files.iter().find(|(name, _)| *name == wanted);
        found.map_or("None".to_owned(), |(_, path)| format!("Some({})", include(path)))
    };
    let is_form = |name: &str| {
        let original = name.strip_suffix(".br").or_else(|| name.strip_suffix(".gz"));
        original.is_some_and(|original| files.iter().any(|(name, _)| name == original))
    };
    let mut source = String::from("/// The web client's files, sorted by path.\nstatic ASSETS: &[Asset] = &[\n");
    for (name, path) in files.iter().filter(|(name, _)| !is_form(name)) {
        // Writing to a string cannot fail.
        let _ = writeln!(
            source,
            "    Asset {{ path: {:?}, content_type: {:?}, immutable: {}, identity: {}, brotli: {}, gzip: {} }},",
            format!("/{name}"),
            content_type(name),
            is_hashed(name),
            include(path),
            form(name, "br"),
            form(name, "gz"),
        );
    }
    source.push_str("];\n");
    source
}

/// The expression for the content of a file. The `Debug` form of a text is a valid string literal.
fn include(path: &Path) -> String {
    format!("include_bytes!({:?})", path.display().to_string())
}

/// Whether a name holds the hash of the content (`tandem-0123456789abcdef.css`), so that the file never changes.
fn is_hashed(name: &str) -> bool {
    let hash = name.rsplit_once('.').and_then(|(stem, _)| stem.rsplit_once('-')).map_or("", |(_, hash)| hash);
    hash.len() == 16 && hash.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "txt" => "text/plain; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}
