//! From Rust to a WebAssembly module and the JavaScript that binds it to the browser.

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::Context as _;
use wasm_bindgen_cli_support::Bindgen;

use crate::process;
use crate::toolchain::WASM_TARGET;
use crate::web::bundle::{self, File};
use crate::workspace::Workspace;

/// What the compiler and wasm-bindgen leave.
#[derive(Debug)]
pub(crate) struct Compiled {
    /// The module.
    pub(crate) wasm: Vec<u8>,
    /// The JavaScript that imports browser functions into it; exports an `init` function by default.
    pub(crate) glue: Vec<u8>,
    /// JavaScript that crates bring along, under the relative names by which the glue imports it.
    pub(crate) snippets: Vec<File>,
}

/// Compiles the client. It has a target folder of its own: the host build beside it would otherwise wait for its lock.
pub(crate) fn compile(workspace: &Workspace) -> anyhow::Result<Compiled> {
    let target = workspace.target("web");
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--package", "tandem-web", "--lib", "--profile", "wasm", "--target", WASM_TARGET]);
    cargo.arg("--target-dir").arg(&target);
    if let Some(config) = without_builders_paths() {
        cargo.arg("--config").arg(config);
    }
    process::run(&mut cargo)?;
    bind(&target.join(WASM_TARGET).join("wasm/tandem_web.wasm"), &target.join("bindgen"))
}

/// Panic messages name source files. Dependencies lie in cargo's home folder, whose path is nobody's business, differs
/// between machines (and with it the module's hash), and is shipped to every browser: it is cut off.
fn without_builders_paths() -> Option<String> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(env::home_dir()?.join(".cargo")))?;
    let flag = format!("--remap-path-prefix={}=", home.join("registry/src").display());
    Some(format!("target.{WASM_TARGET}.rustflags=[{flag:?}]"))
}

/// Runs wasm-bindgen on a compiled module, by way of `folder`, which is emptied first.
fn bind(module: &Path, folder: &Path) -> anyhow::Result<Compiled> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot clear {}", folder.display()))?;
    }
    Bindgen::new()
        .input_path(module)
        .out_name("tandem")
        .web(true)?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        // The loader says where the module lies, so the glue need not carry a name without a hash.
        .omit_default_module_path(true)
        .generate(folder)
        .with_context(|| format!("wasm-bindgen cannot read {}", module.display()))?;
    let read = |name: &str| fs::read(folder.join(name)).with_context(|| format!("wasm-bindgen left no {name}"));
    let mut snippets = bundle::files_in(&folder.join("snippets"))?;
    for snippet in &mut snippets {
        snippet.name.insert_str(0, "snippets/");
    }
    Ok(Compiled { wasm: read("tandem_bg.wasm")?, glue: read("tandem.js")?, snippets })
}
