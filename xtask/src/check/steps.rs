//! The steps of `cargo xtask test`, in order.

use crate::check::{contract, suites, tools};
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
}

/// All steps: first those that take seconds, last those that need the results of others.
pub(crate) const STEPS: [Step; 11] = [
    Step { name: "tools", about: "programs that the tests start", run: tools::ensure },
    Step { name: "format", about: "rustfmt changes nothing", run: format },
    Step { name: "policy", about: "licences, sources and versions of the dependencies", run: policy },
    Step { name: "web", about: "the web client as it is released", run: web },
    Step { name: "lint", about: "clippy, with warnings as errors", run: lint },
    Step { name: "lint-web", about: "clippy on the web client, as WebAssembly", run: lint_web },
    Step { name: "docs", about: "the links in the documentation resolve", run: docs },
    Step { name: "build", about: "the binaries and the tests", run: suites::build },
    Step { name: "contract", about: "a running server matches its openapi.json", run: contract::check },
    Step { name: "suites", about: "every test of every package", run: suites::run },
    Step {
        name: "interleavings",
        about: "hub and send queue under many schedules of their threads",
        run: suites::interleavings,
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
