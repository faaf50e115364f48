//! Compares a running server with its `openapi.json`.
//!
//! schemathesis sends requests that the document allows and requests that it forbids, and checks the answers. It is a
//! Python program and not required for work on this repository: without it the step is skipped with a note.
//!
//! The version, the configuration and the seed are fixed, so that each run sends the same requests.

use std::process::Command;
use std::sync::atomic::AtomicBool;

use anyhow::Context as _;

use crate::check::{python, suites};
use crate::loadtest::server::Server;
use crate::workspace::Workspace;
use crate::{loadtest, process};

/// The pinned version: another one would send other requests.
const PACKAGE: &str = "schemathesis==4.32.5";

/// Its configuration: which requests it sends, and what it expects beyond the document.
const CONFIG: &str = "tests/openapi/schemathesis.toml";

/// Python code that signs in and prepares data for the requests.
const HOOKS: &str = "tests/openapi/hooks.py";

/// Runs schemathesis, or returns a note when it cannot be installed.
///
/// # Errors
/// When an answer contradicts the document, or the server does not start.
pub(crate) fn check(workspace: &Workspace) -> anyhow::Result<String> {
    let schemathesis = match python::installed(&workspace.target("schemathesis"), &[PACKAGE], "schemathesis") {
        Ok(program) => program,
        Err(reason) => {
            println!("skipped: {reason:#}");
            return Ok(format!("skipped: {PACKAGE} is not installed"));
        }
    };
    suites::build(workspace)?;
    let log = workspace.target("contract.log");
    let settings = vec![("TANDEM_RATE_LIMIT", "off".to_owned()), ("TANDEM_PROVIDERS", "builtin".to_owned())];
    let binary = workspace.target("debug/tandem").with_extension(std::env::consts::EXE_EXTENSION);
    let mut server = Server::start(&binary, &settings, loadtest::free_address()?, None, &log)?;
    server.wait_until_ready(&AtomicBool::new(false))?;
    let folder = tempfile::tempdir().context("cannot make a folder for schemathesis")?;
    let mut run = Command::new(schemathesis);
    // schemathesis stores examples where it runs and reads them the next time. In a temporary folder no run depends on
    // an earlier one.
    run.current_dir(&folder).arg("--config-file").arg(workspace.path(CONFIG)).arg("run");
    run.arg(format!("{}/api/openapi.json", server.url()));
    run.env("TANDEM_URL", server.url()).env("SCHEMATHESIS_HOOKS", workspace.path(HOOKS));
    run.env("PYTHONDONTWRITEBYTECODE", "1");
    process::run(&mut run)?;
    server.stop()?;
    Ok(String::new())
}
