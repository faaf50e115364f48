//! Compares a running server with its `openapi.json`.
//!
//! schemathesis sends requests that the document allows and requests that it forbids, and checks the answers. It is a
//! Python program and not required for work on this repository: without it the step is skipped with a note.
//!
//! The version, the configuration and the seed are fixed, so that each run sends the same requests.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;

use anyhow::Context as _;

use crate::check::suites;
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
    let schemathesis = match installed(&workspace.target("schemathesis")) {
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

/// The path of the program, in a virtual environment that is created when it is missing.
fn installed(environment: &Path) -> anyhow::Result<PathBuf> {
    let programs = environment.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let program = |name: &str| programs.join(name).with_extension(std::env::consts::EXE_EXTENSION);
    if !program("python").exists() {
        quietly(Command::new("python3").args(["-m", "venv"]).arg(environment))
            .context("there is no Python 3 with venv")?;
    }
    // Also without a network, as long as this version is installed.
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE];
    quietly(Command::new(program("python")).args(install)).with_context(|| format!("{PACKAGE} cannot be installed"))?;
    Ok(program("schemathesis"))
}

fn quietly(command: &mut Command) -> anyhow::Result<()> {
    process::run(command.stdout(Stdio::null()).stderr(Stdio::null()))
}
