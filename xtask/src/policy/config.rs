//! The parts of `deny.toml` that are checked here; `cargo deny` documents them all.

use semver::VersionReq;
use serde::Deserialize;

/// The file.
#[derive(Debug, Deserialize)]
pub(crate) struct Config {
    pub(crate) graph: Graph,
    pub(crate) licenses: Licenses,
    pub(crate) bans: Bans,
    pub(crate) sources: Sources,
}

/// Which part of the dependency graph counts.
#[derive(Debug, Deserialize)]
pub(crate) struct Graph {
    /// Triples: what only other platforms need is left out.
    pub(crate) targets: Vec<String>,
}

/// Under which terms others' work may be linked in.
#[derive(Debug, Deserialize)]
pub(crate) struct Licenses {
    /// SPDX identifiers, an exception included (`Apache-2.0 WITH LLVM-exception`).
    pub(crate) allow: Vec<String>,
    /// More for single packages.
    #[serde(default)]
    pub(crate) exceptions: Vec<Exception>,
}

/// More licences for one package.
#[derive(Debug, Deserialize)]
pub(crate) struct Exception {
    #[serde(rename = "crate")]
    pub(crate) package: Spec,
    pub(crate) allow: Vec<String>,
}

/// Which packages, and how many versions of one, may be there.
#[derive(Debug, Deserialize)]
pub(crate) struct Bans {
    #[serde(default)]
    pub(crate) deny: Vec<Entry>,
    /// Versions that may stand beside a newer one.
    #[serde(default)]
    pub(crate) skip: Vec<Entry>,
}

/// A package and why it is listed.
#[derive(Debug, Deserialize)]
pub(crate) struct Entry {
    #[serde(rename = "crate")]
    pub(crate) package: Spec,
    pub(crate) reason: String,
}

/// Where packages may come from.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Sources {
    #[serde(default)]
    pub(crate) allow_registry: Vec<String>,
    #[serde(default)]
    pub(crate) allow_git: Vec<String>,
}

/// `name`, `name@1.2.3` (exactly that version) or `name:0.9` (a version requirement, read as in `Cargo.toml`).
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Spec {
    pub(crate) text: String,
    name: String,
    version: VersionReq,
}

impl Spec {
    pub(crate) fn matches(&self, name: &str, version: &semver::Version) -> bool {
        self.name == name && self.version.matches(version)
    }
}

impl TryFrom<String> for Spec {
    type Error = semver::Error;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let (name, version) = match (text.split_once('@'), text.split_once(':')) {
            (Some((name, exact)), _) => (name, VersionReq::parse(&format!("={exact}"))?),
            (None, Some((name, requirement))) => (name, VersionReq::parse(requirement)?),
            (None, None) => (text.as_str(), VersionReq::STAR),
        };
        Ok(Self { name: name.to_owned(), version, text })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(spec: &str, version: &str) -> bool {
        Spec::try_from(spec.to_owned()).unwrap().matches("rand", &version.parse().unwrap())
    }

    #[test]
    fn a_package_is_named_alone_exactly_or_by_a_requirement() {
        assert!(matches("rand", "0.9.5") && !matches("random", "0.9.5"));
        assert!(matches("rand@0.9.5", "0.9.5") && !matches("rand@0.9.5", "0.9.6"));
        assert!(matches("rand:0.9", "0.9.6") && !matches("rand:0.9", "0.10.0"));
    }
}
