//! Licences, sources and duplicates of everything that is linked in, held against `deny.toml` without a network.
//!
//! `cargo deny` is the whole check and runs in the public workflow. It takes minutes to compile and must fetch a
//! database of advisories, so `cargo xtask test` reads the same file and checks what cargo itself can tell.

mod config;
mod graph;
mod licence;
mod rules;

use std::fs;

use anyhow::{Context as _, bail};

use crate::workspace::Workspace;

/// The file with the lists, read by `cargo deny` too.
const CONFIG: &str = "deny.toml";

/// Fails with every package that breaks a rule.
pub(crate) fn check(workspace: &Workspace) -> anyhow::Result<()> {
    let text = fs::read_to_string(workspace.path(CONFIG)).with_context(|| format!("cannot read {CONFIG}"))?;
    let config: config::Config = toml::from_str(&text).with_context(|| format!("{CONFIG} is not understood"))?;
    let packages = graph::packages(workspace, &config.graph.targets)?;
    let broken = rules::broken(&packages, &config)?;
    if broken.is_empty() {
        println!("{} packages: licences, sources and versions are as {CONFIG} wants them.", packages.len());
        return Ok(());
    }
    for rule in &broken {
        println!("{rule}");
    }
    bail!("{} rules of {CONFIG} are broken", broken.len())
}
