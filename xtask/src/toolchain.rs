//! Installs the standard library for WebAssembly, the one part of the toolchain that `rust-toolchain.toml` cannot.
//!
//! rustup ignores the `targets` of that file where its automatic installation is off, and a distribution's own Rust has
//! no rustup.

use std::path::Path;
use std::process::Command;

use anyhow::Context as _;

use crate::process;
use crate::workspace::Workspace;

/// The target of the web client.
pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Adds the WebAssembly target when this Rust lacks it.
pub(crate) fn ensure_wasm_target(workspace: &Workspace) -> anyhow::Result<()> {
    if has_wasm_target(workspace)? {
        return Ok(());
    }
    println!("Adding the Rust target {WASM_TARGET}, which the web client is compiled for.");
    process::run(Command::new("rustup").current_dir(workspace.root()).args(["target", "add", WASM_TARGET])).context(
        "the web client is compiled to WebAssembly, and this Rust cannot do that yet; \
         run `rustup target add wasm32-unknown-unknown` where there is a network, then try again",
    )
}

fn has_wasm_target(workspace: &Workspace) -> anyhow::Result<bool> {
    // rustc itself names the folder: `rustup target list` would be wrong for the Rust of a distribution.
    let mut rustc = Command::new("rustc");
    rustc.current_dir(workspace.root()).args(["--print", "target-libdir", "--target", WASM_TARGET]);
    let folder = process::output(&mut rustc)?;
    let Ok(files) = Path::new(folder.trim()).read_dir() else { return Ok(false) };
    Ok(files.filter_map(Result::ok).any(|file| file.file_name().to_string_lossy().starts_with("libcore-")))
}
