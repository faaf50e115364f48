//! The packages that are compiled for the platforms that count.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use semver::Version;
use serde::Deserialize;

use crate::process;
use crate::workspace::Workspace;

/// A package of the dependency graph, as its author describes it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Package {
    id: String,
    pub(crate) name: String,
    pub(crate) version: Version,
    /// An SPDX expression.
    pub(crate) license: Option<String>,
    /// `registry+…` or `git+…`; none for our own.
    pub(crate) source: Option<String>,
}

/// The part of `cargo metadata` that is read.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
}

/// Every package that one of the targets needs, tests included, sorted by name and version.
pub(crate) fn packages(workspace: &Workspace, targets: &[String]) -> anyhow::Result<Vec<Package>> {
    let mut found = BTreeMap::new();
    for target in targets {
        let mut cargo = workspace.cargo();
        cargo.args(["metadata", "--locked", "--all-features", "--format-version", "1", "--filter-platform", target]);
        let metadata: Metadata = serde_json::from_str(&process::output(&mut cargo)?)
            .context("cargo metadata answered in a form unknown here")?;
        let needed: BTreeSet<_> = metadata.resolve.nodes.into_iter().map(|node| node.id).collect();
        for package in metadata.packages.into_iter().filter(|package| needed.contains(&package.id)) {
            found.insert((package.name.clone(), package.version.clone(), package.id.clone()), package);
        }
    }
    Ok(found.into_values().collect())
}

#[cfg(test)]
impl Package {
    /// A package for tests of the rules.
    pub(crate) fn new(name: &str, version: &str, license: Option<&str>, source: Option<&str>) -> Self {
        Self {
            id: format!("{name} {version}"),
            name: name.to_owned(),
            version: version.parse().unwrap(),
            license: license.map(str::to_owned),
            source: source.map(str::to_owned),
        }
    }
}
