//! The programs that the tests start: browsers, NATS and PostgreSQL.
//!
//! The tests run against real ones. On Debian as root, as in continuous integration, missing programs are installed;
//! elsewhere an error lists them, because a test run should not change somebody's machine.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::bail;

use crate::process;
use crate::workspace::Workspace;

/// A program and the Debian package that contains it.
#[derive(Debug)]
struct Tool {
    /// Alternatives: any of these names is sufficient.
    programs: &'static [&'static str],
    package: &'static str,
    purpose: &'static str,
}

const TOOLS: [Tool; 5] = [
    Tool {
        programs: &["chromium", "chromium-browser", "google-chrome"],
        package: "chromium",
        purpose: "the browser of the end-to-end tests",
    },
    Tool { programs: &["chromedriver"], package: "chromium-driver", purpose: "drives that browser" },
    Tool { programs: &["firefox-esr", "firefox"], package: "firefox-esr", purpose: "the other browser of those tests" },
    Tool { programs: &["nats-server"], package: "nats-server", purpose: "the bus between several nodes" },
    Tool { programs: &["initdb"], package: "postgresql", purpose: "private clusters for the tests of the store" },
];

/// Installs missing programs on Debian (or a derivative) as root.
///
/// # Errors
/// When programs are missing and cannot be installed; the error names the packages.
pub(crate) fn ensure(_: &Workspace) -> anyhow::Result<String> {
    let missing = missing(&TOOLS, &search_folders());
    if missing.is_empty() {
        println!("all are installed");
        return Ok(String::new());
    }
    let packages: Vec<_> = missing.iter().map(|tool| tool.package).collect();
    if !(Path::new("/usr/bin/apt-get").exists() && is_root()) {
        for tool in &missing {
            println!("missing: {} ({}), {}", tool.programs[0], tool.package, tool.purpose);
        }
        bail!("install them first; on Debian: sudo apt-get install {}", packages.join(" "));
    }
    apt_get(&["update", "--quiet"])?;
    let install = ["install", "--yes", "--quiet", "--no-install-recommends", "--option=Dpkg::Use-Pty=0"];
    apt_get(&[&install[..], &packages].concat())?;
    Ok(format!("installed {}", packages.join(", ")))
}

fn apt_get(arguments: &[&str]) -> anyhow::Result<()> {
    process::run(Command::new("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive"))
}

fn missing<'a>(tools: &'a [Tool], folders: &[PathBuf]) -> Vec<&'a Tool> {
    let is_there = |program: &&str| folders.iter().any(|folder| folder.join(program).is_file());
    tools.iter().filter(|tool| !tool.programs.iter().any(&is_there)).collect()
}

/// The search path and the folders in which Debian keeps servers.
fn search_folders() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<_> = std::env::split_paths(&path).collect();
    // Debian's nats-server is in a folder that is not on the path of an ordinary user, and the programs of PostgreSQL
    // are in folders by version.
    folders.push("/usr/sbin".into());
    if let Ok(versions) = Path::new("/usr/lib/postgresql").read_dir() {
        folders.extend(versions.filter_map(Result::ok).map(|version| version.path().join("bin")));
    }
    folders
}

fn is_root() -> bool {
    // The standard library has no user ids.
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_is_found_by_any_of_its_names() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["google-chrome", "initdb"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let packages: Vec<_> = missing(&TOOLS, &[folder.path().to_owned()]).iter().map(|tool| tool.package).collect();
        assert_eq!(packages, ["chromium-driver", "firefox-esr", "nats-server"]);
    }
}
