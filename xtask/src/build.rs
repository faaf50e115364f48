//! `cargo xtask build`: the optimised binaries, with the web client embedded.

use anyhow::bail;

use crate::workspace::Workspace;
use crate::{process, web};

/// The names of the binaries of a release.
const BINARIES: [&str; 2] = ["tandem", "tandem-loadtest"];

/// Builds the web client, then both binaries, and prints their paths and sizes.
pub(crate) fn build(workspace: &Workspace) -> anyhow::Result<()> {
    // First, because the build script of the server embeds what is in `web/dist`.
    web::build(workspace)?;
    process::run(workspace.cargo().args([
        "build",
        "--release",
        "--locked",
        "--package",
        "tandem-server",
        "--package",
        "tandem-loadtest",
    ]))?;
    for name in BINARIES {
        let path = workspace.target("release").join(name).with_extension(std::env::consts::EXE_EXTENSION);
        let Ok(file) = path.metadata() else { bail!("cargo did not leave {}", workspace.shown(&path)) };
        println!("{} ({} MiB)", workspace.shown(&path), file.len() >> 20);
    }
    Ok(())
}
