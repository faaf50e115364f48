//! Where the repository lies, and cargo as a program to call.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use serde::Deserialize;

use crate::process;

/// The repository that the task works on: the cargo workspace around the current folder.
#[derive(Debug, Clone)]
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

/// The two answers of `cargo metadata` that place a workspace.
#[derive(Deserialize)]
struct Places {
    workspace_root: PathBuf,
    target_directory: PathBuf,
}

impl Workspace {
    /// Asks cargo, so that `CARGO_TARGET_DIR` and cargo's own configuration hold here as they do anywhere.
    pub(crate) fn locate() -> anyhow::Result<Self> {
        let answer = process::output(cargo().args(["metadata", "--no-deps", "--format-version", "1"]))?;
        let places: Places = serde_json::from_str(&answer).context("cargo metadata answered in a form unknown here")?;
        Ok(Self { root: places.workspace_root, target: places.target_directory })
    }

    /// The folder of the workspace's `Cargo.toml`.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A path inside the repository.
    pub(crate) fn path(&self, inside: &str) -> PathBuf {
        self.root.join(inside)
    }

    /// A path inside cargo's target folder.
    pub(crate) fn target(&self, inside: &str) -> PathBuf {
        self.target.join(inside)
    }

    /// Cargo, in the root of the repository.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = cargo();
        command.current_dir(&self.root);
        command
    }

    /// A path as a person in the root of the repository would name it.
    pub(crate) fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }
}

/// Cargo without the variables that `cargo run` sets for this program. Some build scripts (ring's among them) ask to be
/// run again when `CARGO_PKG_*` or `CARGO_MANIFEST_DIR` change; left in, each switch between `cargo xtask` and plain
/// cargo would compile half of the server again.
fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"].iter().any(|start| text.starts_with(start)) {
            command.env_remove(&name);
        }
    }
    command
}
