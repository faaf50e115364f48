//! Virtual environments of Python for programs that are not required for work on this repository.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context as _;

use crate::process;

/// Installs packages into a virtual environment, which is created when it is missing, and returns the path of one of its
/// programs.
///
/// # Errors
/// When there is no Python 3 with venv, or a package can be neither found nor fetched.
pub(crate) fn installed(environment: &Path, packages: &[&str], program: &str) -> anyhow::Result<PathBuf> {
    let programs = environment.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let path = |name: &str| programs.join(name).with_extension(std::env::consts::EXE_EXTENSION);
    if !path("python").exists() {
        quietly(Command::new("python3").args(["-m", "venv"]).arg(environment))
            .context("there is no Python 3 with venv")?;
    }
    // Also without a network, as long as these versions are installed.
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    quietly(Command::new(path("python")).args(install).args(packages))
        .with_context(|| format!("{} cannot be installed", packages.join(" ")))?;
    Ok(path(program))
}

/// Runs a command whose output is of no interest.
pub(crate) fn quietly(command: &mut Command) -> anyhow::Result<()> {
    process::run(command.stdout(Stdio::null()).stderr(Stdio::null()))
}
