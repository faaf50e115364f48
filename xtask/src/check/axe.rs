//! Runs axe in every state of the page.
//!
//! axe-core is a script for browsers and not required for work on this repository: where npm or the package is not to be had,
//! the step is skipped with a note. The version is fixed, so that each run checks the same.

use std::path::PathBuf;
use std::process::Command;

use crate::check::{python, suites};
use crate::workspace::Workspace;

/// The pinned version: another one would have other rules.
const PACKAGE: &str = "axe-core@4.14.1";

/// Installs axe and walks through the page, or returns a note when it cannot be installed.
///
/// # Errors
/// When axe finds something.
pub(crate) fn check(workspace: &Workspace) -> anyhow::Result<String> {
    let script = match installed(workspace) {
        Ok(script) => script,
        Err(reason) => {
            println!("skipped: {reason:#}");
            return Ok(format!("skipped: {PACKAGE} is not installed"));
        }
    };
    suites::build(workspace)?;
    suites::run_ignored(workspace, "e2e", "axe", &[("TANDEM_AXE", script.as_os_str())])
}

/// The path of the script.
fn installed(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let folder = workspace.target("axe");
    let script = folder.join("node_modules/axe-core/axe.min.js");
    if !script.exists() {
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--no-save", "--prefix"]).arg(&folder).arg(PACKAGE);
        python::quietly(&mut npm)?;
    }
    Ok(script)
}
