//! `cargo xtask web`: the web client as files that a server can hand out without further thought.
//!
//! Rust to WebAssembly ([`compile`]), every file under a name that holds its content's hash ([`bundle`], [`page`]),
//! compressed ahead of time ([`compress`]), and nothing of it done again while the inputs are the same
//! ([`fingerprint`]). What the server embeds is `web/dist`.

mod bundle;
mod compile;
mod compress;
mod digest;
mod fingerprint;
mod page;
mod sizes;

use std::fs;
use std::path::Path;

use anyhow::Context as _;

use crate::toolchain;
use crate::workspace::Workspace;

/// Where the finished client lies; ignored by git.
const DIST: &str = "web/dist";

/// Remembers, inside `web/dist`, which inputs it was built from. The server skips names that begin with a dot.
const STAMP: &str = ".stamp";

/// Builds `web/dist`, or leaves it alone when nothing that goes into it has changed.
pub(crate) fn build(workspace: &Workspace) -> anyhow::Result<()> {
    let dist = workspace.path(DIST);
    let inputs = fingerprint::of_inputs(workspace.root())?;
    if fs::read_to_string(dist.join(STAMP)).is_ok_and(|built_from| built_from == inputs) {
        println!("The web client in {DIST} is up to date.");
        return Ok(());
    }
    toolchain::ensure_wasm_target(workspace)?;
    let compiled = compile::compile(workspace)?;
    let files = bundle::assemble(&workspace.path("web"), &compiled)?;
    let packed: Vec<_> = files.into_iter().map(compress::pack).collect::<anyhow::Result<_>>()?;
    write(&dist, &packed)?;
    print!("{}", sizes::table(&packed));
    sizes::check(&packed)?;
    fs::write(dist.join(STAMP), inputs).with_context(|| format!("cannot write {DIST}/{STAMP}"))
}

/// Replaces the folder. `index.html` comes last among the files, and the stamp after it: without the one the server
/// embeds nothing of the folder, without the other the next build starts over, so a half-written one is never used.
fn write(dist: &Path, files: &[compress::Packed]) -> anyhow::Result<()> {
    if dist.exists() {
        fs::remove_dir_all(dist).with_context(|| format!("cannot clear {}", dist.display()))?;
    }
    let (page, rest): (Vec<_>, Vec<_>) = files.iter().partition(|packed| packed.file.name == page::INDEX);
    for packed in rest.into_iter().chain(page) {
        let name = &packed.file.name;
        save(&dist.join(name), &packed.file.bytes)?;
        for (suffix, bytes) in [("br", &packed.brotli), ("gz", &packed.gzip)] {
            if let Some(bytes) = bytes {
                save(&dist.join(format!("{name}.{suffix}")), bytes)?;
            }
        }
    }
    Ok(())
}

fn save(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}
