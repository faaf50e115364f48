//! What is checked, in order.

use crate::check::{contract, suites, tools};
use crate::toolchain::{self, WASM_TARGET};
use crate::workspace::Workspace;
use crate::{process, web};

/// One thing that must hold.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    /// Does it; gives a remark for the closing table, often empty.
    pub(crate) perform: fn(&Workspace) -> anyhow::Result<String>,
}

/// All steps: what takes seconds first, what needs others' results last.
pub(crate) const STEPS: [Step; 11] = [
    Step { name: "tools", about: "programs that the tests start", perform: tools::ensure },
    Step { name: "format", about: "the sources are formatted", perform: format },
    Step { name: "policy", about: "licences, sources and versions of what is linked in", perform: policy },
    Step { name: "web", about: "the web client, as it is shipped", perform: web },
    Step { name: "lint", about: "clippy, with warnings as errors", perform: lint },
    Step { name: "lint-web", about: "clippy on the web client, as WebAssembly", perform: lint_web },
    Step { name: "docs", about: "the documentation's links lead somewhere", perform: docs },
    Step { name: "build", about: "the binaries and the tests", perform: suites::build },
    Step { name: "contract", about: "a running server is what its openapi.json says", perform: contract::check },
    Step { name: "suites", about: "every test of every package", perform: suites::run },
    Step {
        name: "interleavings",
        about: "hub and send queue under every order of their threads",
        perform: suites::interleavings,
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
