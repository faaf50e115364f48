//! The steps of `cargo xtask test`, in order.

use crate::check::{axe, contract, mcp, model, suites, tools};
use crate::toolchain::{self, WASM_TARGET};
use crate::workspace::Workspace;
use crate::{process, web};

/// One check, with its name for `--only` and its heading.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    /// Returns a note for the table, often empty.
    pub(crate) run: fn(&Workspace) -> anyhow::Result<String>,
    /// Whether it runs only when it is named.
    pub(crate) on_request: bool,
}

impl Step {
    const fn new(name: &'static str, about: &'static str, run: fn(&Workspace) -> anyhow::Result<String>) -> Self {
        Self { name, about, run, on_request: false }
    }
}

/// All steps: first those that take seconds, last those that need the results of others.
pub(crate) const STEPS: [Step; 14] = [
    Step::new("tools", "programs that the tests start", tools::ensure),
    Step::new("format", "rustfmt changes nothing", format),
    Step::new("policy", "licences, sources and versions of the dependencies", policy),
    Step::new("web", "the web client as it is released", web),
    Step::new("lint", "clippy, with warnings as errors", lint),
    Step::new("lint-web", "clippy on the web client, as WebAssembly", lint_web),
    Step::new("docs", "the links in the documentation resolve", docs),
    Step::new("build", "the binaries and the tests", suites::build),
    Step::new("contract", "a running server matches its openapi.json", contract::check),
    Step::new("mcp", "the conformance suite of MCP", mcp::check),
    Step::new("axe", "axe finds nothing in any state of the page", axe::check),
    Step::new("suites", "every test of every package", suites::run),
    Step::new("interleavings", "hub and send queue under many schedules of their threads", suites::interleavings),
    Step {
        on_request: true,
        ..Step::new("real-model", "on request: a conversation with a small language model", model::check)
    },
];

fn format(workspace: &Workspace) -> anyhow::Result<String> {
    process::run(workspace.cargo().args(["fmt", "--all", "--check"]))?;
    Ok(String::new())
}

/// Runs the checks of `cargo deny` that need no database of advisories; the public workflow runs all of them.
fn policy(workspace: &Workspace) -> anyhow::Result<String> {
    if process::output(workspace.cargo().args(["deny", "--version"])).is_err() {
        println!("skipped: `cargo install --locked cargo-deny` installs it");
        return Ok("skipped: cargo-deny is not installed".to_owned());
    }
    // Its warnings are entries of `deny.toml` that nothing needs any more.
    let check = ["deny", "--locked", "check", "--deny", "warnings", "bans", "licenses", "sources"];
    process::run(workspace.cargo().args(check))?;
    Ok(String::new())
}

fn web(workspace: &Workspace) -> anyhow::Result<String> {
    web::build(workspace)?;
    Ok(String::new())
}

fn lint(workspace: &Workspace) -> anyhow::Result<String> {
    let clippy = ["clippy", "--workspace", "--all-targets", "--locked", "--", "--deny", "warnings"];
    process::run(workspace.cargo().args(clippy))?;
    Ok(String::new())
}

fn lint_web(workspace: &Workspace) -> anyhow::Result<String> {
    toolchain::ensure_wasm_target(workspace)?;
    let clippy = ["clippy", "--package", "tandem-web", "--locked", "--target", WASM_TARGET, "--", "--deny", "warnings"];
    process::run(workspace.cargo().args(clippy))?;
    Ok(String::new())
}

fn docs(workspace: &Workspace) -> anyhow::Result<String> {
    let mut cargo = workspace.cargo();
    cargo.args(["doc", "--workspace", "--no-deps", "--document-private-items", "--locked"]);
    process::run(cargo.env("RUSTDOCFLAGS", "--deny warnings"))?;
    Ok(String::new())
}
