//! The rules: each takes the packages and the lists, and names what breaks it.

use crate::policy::config::Config;
use crate::policy::graph::Package;
use crate::policy::licence;

/// One line for every package that breaks a rule.
pub(crate) fn broken(packages: &[Package], config: &Config) -> anyhow::Result<Vec<String>> {
    let mut lines = licences(packages, config)?;
    lines.extend(sources(packages, config));
    lines.extend(denied(packages, config));
    lines.extend(duplicates(packages, config));
    lines.extend(stale_skips(packages, config));
    Ok(lines)
}

fn licences(packages: &[Package], config: &Config) -> anyhow::Result<Vec<String>> {
    let mut lines = Vec::new();
    for package in packages {
        let Package { name, version, license, .. } = package;
        let Some(expression) = license else {
            lines.push(format!("{name} {version} names no licence"));
            continue;
        };
        let exceptions = config.licenses.exceptions.iter().filter(|exception| exception.package.matches(name, version));
        let more = exceptions.flat_map(|exception| &exception.allow);
        let allowed: Vec<&str> = config.licenses.allow.iter().chain(more).map(String::as_str).collect();
        if !licence::is_allowed(expression, &allowed)? {
            lines.push(format!("{name} {version} is licensed under {expression}, which is not allowed"));
        }
    }
    Ok(lines)
}

fn sources<'a>(packages: &'a [Package], config: &'a Config) -> impl Iterator<Item = String> + 'a {
    let is_allowed = |source: &str| {
        let among = |list: &[String], address: &str| list.iter().any(|allowed| allowed == address);
        match (source.strip_prefix("registry+"), source.strip_prefix("git+")) {
            (Some(address), _) => among(&config.sources.allow_registry, address),
            // A git source ends in `?branch=…#commit`.
            (_, Some(address)) => among(&config.sources.allow_git, address.split(['?', '#']).next().unwrap_or(address)),
            _ => false,
        }
    };
    packages.iter().filter_map(move |Package { name, version, source, .. }| {
        let source = source.as_deref().filter(|source| !is_allowed(source))?;
        Some(format!("{name} {version} comes from {source}, which is not allowed"))
    })
}

fn denied<'a>(packages: &'a [Package], config: &'a Config) -> impl Iterator<Item = String> + 'a {
    packages.iter().filter_map(|Package { name, version, .. }| {
        let entry = config.bans.deny.iter().find(|entry| entry.package.matches(name, version))?;
        Some(format!("{name} {version} is not wanted: {}", entry.reason))
    })
}

/// A package in two versions is compiled and shipped twice. Versions that `skip` lists do not count.
fn duplicates(packages: &[Package], config: &Config) -> Vec<String> {
    let skipped =
        |package: &&Package| config.bans.skip.iter().any(|skip| skip.package.matches(&package.name, &package.version));
    let counted: Vec<_> = packages.iter().filter(|package| !skipped(package)).collect();
    let same_name = counted.chunk_by(|one, other| one.name == other.name).filter(|versions| versions.len() > 1);
    same_name
        .map(|versions| {
            let listed: Vec<_> = versions.iter().map(|package| package.version.to_string()).collect();
            format!("{} is there in versions {}", versions[0].name, listed.join(" and "))
        })
        .collect()
}

/// A version that is gone, or alone by now, needs no permission: the list would only grow.
fn stale_skips<'a>(packages: &'a [Package], config: &'a Config) -> impl Iterator<Item = String> + 'a {
    let is_duplicate = |name: &str| packages.iter().filter(|package| package.name == name).count() > 1;
    config
        .bans
        .skip
        .iter()
        .filter(move |skip| {
            !packages
                .iter()
                .any(|package| skip.package.matches(&package.name, &package.version) && is_duplicate(&package.name))
        })
        .map(|skip| format!("{} is skipped ({}), but is no duplicate any more", skip.package.text, skip.reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: &str = "registry+https://registry.example/index";

    fn config() -> Config {
        toml::from_str(
            r#"
            graph.targets = []
            sources = { allow-registry = ["https://registry.example/index"], allow-git = ["https://git.example/it"] }
            [licenses]
            allow = ["MIT"]
            exceptions = [{ crate = "roots", allow = ["CDLA-Permissive-2.0"] }]
            [bans]
            deny = [{ crate = "openssl", reason = "rustls is used" }]
            skip = [{ crate = "rand:0.9", reason = "an old friend needs it" }]
            "#,
        )
        .unwrap()
    }

    /// A graph in which nothing is wrong, and one package more.
    fn with(package: Package) -> Vec<String> {
        let mut packages = vec![
            Package::new("rand", "0.9.5", Some("MIT"), Some(HOME)),
            Package::new("rand", "0.10.1", Some("MIT"), Some(HOME)),
            Package::new("roots", "1.0.0", Some("CDLA-Permissive-2.0"), Some(HOME)),
            Package::new("tandem", "0.1.0", Some("MIT OR Apache-2.0"), None),
            package,
        ];
        packages.sort_by(|one, other| one.name.cmp(&other.name));
        broken(&packages, &config()).unwrap()
    }

    #[test]
    fn a_graph_within_the_rules_passes() {
        assert!(with(Package::new("serde", "1.0.0", Some("MIT"), Some(HOME))).is_empty());
        let git = "git+https://git.example/it?branch=main#0123";
        assert!(with(Package::new("serde", "1.0.0", Some("MIT"), Some(git))).is_empty());
    }

    #[test]
    fn each_rule_names_the_package_that_breaks_it() {
        let line = |name, version, license, source| {
            let lines = with(Package::new(name, version, license, Some(source)));
            assert_eq!(lines.len(), 1, "{lines:?}");
            lines[0].clone()
        };
        assert!(line("a", "1.0.0", Some("GPL-3.0-only"), HOME).contains("licensed under GPL-3.0-only"));
        assert!(line("a", "1.0.0", Some("CDLA-Permissive-2.0"), HOME).contains("not allowed"));
        assert!(line("a", "1.0.0", None, HOME).contains("names no licence"));
        assert!(line("a", "1.0.0", Some("MIT"), "git+https://git.example/other#0").contains("comes from"));
        assert!(line("a", "1.0.0", Some("MIT"), "registry+https://elsewhere.example").contains("comes from"));
        assert!(line("openssl", "1.0.0", Some("MIT"), HOME).contains("rustls is used"));
        assert!(line("rand", "0.11.0", Some("MIT"), HOME).contains("0.10.1 and 0.11.0"));
    }

    #[test]
    fn a_skip_that_nothing_needs_is_broken_too() {
        let packages = [Package::new("rand", "0.9.5", Some("MIT"), Some(HOME))];
        let lines = broken(&packages, &config()).unwrap();
        assert!(lines.len() == 1 && lines[0].contains("no duplicate any more"), "{lines:?}");
    }
}
