//! A running server held against its own description: schemathesis sends what `openapi.json` allows and what it forbids,
//! and compares the answers with it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;

use anyhow::Context as _;

use crate::check::suites;
use crate::loadtest::server::Server;
use crate::workspace::Workspace;
use crate::{loadtest, process};

/// The version that is used: another one would try other requests.
const PACKAGE: &str = "schemathesis==4.32.5";

/// Which requests it makes, and what it expects beyond the description.
const CONFIG: &str = "tests/openapi/schemathesis.toml";

const HOOKS: &str = "tests/openapi/hooks.py";

/// Runs it, or says why not. Python is no part of what this repository needs.
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
    // What it leaves behind goes with the folder, so that no run depends on one before.
    run.current_dir(&folder).arg("--config-file").arg(workspace.path(CONFIG)).arg("run");
    run.arg(format!("{}/api/openapi.json", server.url()));
    run.env("TANDEM_URL", server.url()).env("SCHEMATHESIS_HOOKS", workspace.path(HOOKS));
    run.env("PYTHONDONTWRITEBYTECODE", "1");
    process::run(&mut run)?;
    server.stop()?;
    Ok(String::new())
}

/// The program, in a virtual environment that is made when there is none.
fn installed(environment: &Path) -> anyhow::Result<PathBuf> {
    let programs = environment.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let program = |name: &str| programs.join(name).with_extension(std::env::consts::EXE_EXTENSION);
    if !program("python").exists() {
        quietly(Command::new("python3").args(["-m", "venv"]).arg(environment))
            .context("there is no Python 3 with venv")?;
    }
    // Without a network this succeeds when the version is there.
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE];
    quietly(Command::new(program("python")).args(install)).with_context(|| format!("{PACKAGE} cannot be installed"))?;
    Ok(program("schemathesis"))
}

fn quietly(command: &mut Command) -> anyhow::Result<()> {
    process::run(command.stdout(Stdio::null()).stderr(Stdio::null()))
}
