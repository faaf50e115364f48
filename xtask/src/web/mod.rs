//! `cargo xtask web`: the web client as static files in `web/dist`, which the server embeds.
//!
//! The steps: Rust is compiled to WebAssembly ([`compile`]), each file gets a name with the hash of its content
//! ([`bundle`], [`page`]), and each file is compressed ahead of time ([`compress`]), because the server should not
//! compress while a browser waits. [`fingerprint`] skips all of it while the inputs are the same.
//!
//! `web/dist` is either complete or not used: the server needs `index.html`, which is written last.

mod alike;
mod bundle;
mod compile;
mod compress;
mod file;
mod fingerprint;
mod locals;
mod names;
mod order;
mod page;
mod panics;
mod places;
mod script;
mod sizes;

use std::path::Path;
use std::{env, fs};

use anyhow::Context as _;

use crate::toolchain;
use crate::web::compile::Panics;
use crate::workspace::Workspace;

/// The folder of the finished client; ignored by git.
const DIST: &str = "web/dist";

/// Holds the digest of the inputs that `web/dist` was built from. The server skips names that begin with a dot.
const STAMP: &str = ".stamp";

/// The variable that leaves the messages of panics in the client, for whoever looks for one. It may weigh more then.
const PANICS: &str = "TANDEM_PANICS";

/// Builds `web/dist`, or leaves it alone while its inputs are the same.
pub(crate) fn build(workspace: &Workspace) -> anyhow::Result<()> {
    let dist = workspace.path(DIST);
    let panics = if env::var_os(PANICS).is_some() { Panics::Kept } else { Panics::Removed };
    let inputs = format!("{} {panics:?}", fingerprint::of_inputs(workspace.root())?);
    if fs::read_to_string(dist.join(STAMP)).is_ok_and(|built_from| built_from == inputs) {
        println!("The web client in {DIST} is up to date.");
        return Ok(());
    }
    toolchain::ensure_wasm_target(workspace)?;
    let compiled = compile::compile(workspace, panics)?;
    let files = bundle::assemble(&workspace.path("web"), &compiled)?;
    let packed: Vec<_> = files.into_iter().map(compress::pack).collect::<anyhow::Result<_>>()?;
    write(&dist, &packed)?;
    print!("{}", sizes::table(&packed));
    if panics == Panics::Removed {
        sizes::check(&packed)?;
    }
    fs::write(dist.join(STAMP), inputs).with_context(|| format!("cannot write {DIST}/{STAMP}"))
}

/// Replaces the folder by these files, `index.html` last.
fn write(dist: &Path, files: &[compress::Packed]) -> anyhow::Result<()> {
    if dist.exists() {
        fs::remove_dir_all(dist).with_context(|| format!("cannot clear {}", dist.display()))?;
    }
    // An interrupted build leaves a folder without `index.html`, of which the server embeds nothing, and without the
    // stamp, so that the next build starts over.
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
