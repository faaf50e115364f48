//! Compiles the client to a WebAssembly module and the JavaScript that binds it to the browser.
//!
//! wasm-bindgen is linked as a library instead of run as a program: its version then comes from `Cargo.lock`, where it
//! must equal the version that the client was compiled with.
//!
//! Equal sources give equal bytes on every machine, so that the hashes in the names of the files are equal as well.

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::Context as _;
use wasm_bindgen_cli_support::Bindgen;

use crate::process;
use crate::toolchain::WASM_TARGET;
use crate::web::file::{File, files_in};
use crate::web::{locals, names, order, panics, places};
use crate::workspace::Workspace;

/// The output of the compiler and wasm-bindgen.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub(crate) wasm: Vec<u8>,
    /// The JavaScript that the module imports. It exports `__wbg_set_wasm`, which takes the exports of the module.
    pub(crate) glue: Vec<u8>,
    /// JavaScript files of dependencies, under the relative names by which the glue imports them.
    pub(crate) snippets: Vec<File>,
}

/// What happens to the messages of panics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Panics {
    /// They are left out, with all that is only there for them.
    Removed,
    Kept,
}

/// Compiles the client with the profile `wasm`.
pub(crate) fn compile(workspace: &Workspace, panics: Panics) -> anyhow::Result<Compiled> {
    // A target folder of its own, because a host build at the same time would wait for the lock of a shared one.
    let target = workspace.target("web");
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--package", "tandem-web", "--lib", "--profile", "wasm", "--target", WASM_TARGET]);
    cargo.arg("--target-dir").arg(&target);
    if let Some(config) = without_builders_paths() {
        cargo.arg("--config").arg(config);
    }
    process::run(&mut cargo)?;
    bind(&target.join(WASM_TARGET).join("wasm/tandem_web.wasm"), &target.join("bindgen"), panics)
}

/// The configuration that removes the paths of cargo's folders of sources from the module.
fn without_builders_paths() -> Option<String> {
    // Panic messages contain the paths of source files. Those of dependencies begin with the home folder of whoever
    // builds and the name of a registry or its mirror: private, and different on each machine, which would change the
    // hash of the module.
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let sources = home.or_else(|| Some(env::home_dir()?.join(".cargo")))?.join("registry/src");
    let mut folders: Vec<PathBuf> =
        fs::read_dir(sources).ok()?.map(|folder| Some(folder.ok()?.path())).collect::<Option<_>>()?;
    folders.sort();
    let flags: Vec<String> =
        folders.iter().map(|folder| format!("--remap-path-prefix={}/=", folder.display())).collect();
    Some(format!("target.{WASM_TARGET}.rustflags={flags:?}"))
}

/// Runs wasm-bindgen on a compiled module. Empties `folder` first and leaves the output there.
fn bind(module: &Path, folder: &Path, messages: Panics) -> anyhow::Result<Compiled> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot clear {}", folder.display()))?;
    }
    let failed = || format!("wasm-bindgen cannot read {}", module.display());
    let mut output = Bindgen::new()
        .input_path(module)
        .out_name("tandem")
        // The form without code that loads the module: ours is shorter (`page::loader`).
        .bundler(true)?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate_output()
        .with_context(failed)?;
    let glue = names::shorten(&mut output).context("wasm-bindgen left no script")?.into_bytes();
    if messages == Panics::Removed {
        panics::remove(output.wasm_mut()).with_context(failed)?;
    }
    output.emit(folder).with_context(failed)?;
    let read = |name: &str| fs::read(folder.join(name)).with_context(|| format!("wasm-bindgen left no {name}"));
    let mut snippets = files_in(&folder.join("snippets"))?;
    for snippet in &mut snippets {
        snippet.name.insert_str(0, "snippets/");
    }
    let mut module = read("tandem_bg.wasm")?;
    if messages == Panics::Removed {
        places::clear(&mut module)?;
    }
    Ok(Compiled { wasm: order::sort(&locals::renumber(&module)?)?, glue, snippets })
}
