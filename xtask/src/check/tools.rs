//! Programs that the tests start: installed where that is this program's business, named where it is not.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::bail;

use crate::process;
use crate::workspace::Workspace;

/// A program and where it comes from.
#[derive(Debug)]
struct Tool {
    /// Any of these names will do.
    programs: &'static [&'static str],
    package: &'static str,
    purpose: &'static str,
}

const TOOLS: [Tool; 4] = [
    Tool {
        programs: &["chromium", "chromium-browser", "google-chrome"],
        package: "chromium",
        purpose: "the browser of the end-to-end tests",
    },
    Tool { programs: &["chromedriver"], package: "chromium-driver", purpose: "drives that browser" },
    Tool { programs: &["nats-server"], package: "nats-server", purpose: "the bus between several nodes" },
    Tool { programs: &["initdb"], package: "postgresql", purpose: "private clusters for the tests of the store" },
];

/// Installs what is missing when this is Debian (or a child of it) and the user is root; else says what to install.
pub(crate) fn ensure(_: &Workspace) -> anyhow::Result<String> {
    let missing = missing(&TOOLS, &search_folders());
    if missing.is_empty() {
        println!("all there");
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

/// The search path, `/usr/sbin` (where Debian puts servers, outside an ordinary user's path), and the folders of
/// PostgreSQL's versions, which Debian keeps out of the path.
fn search_folders() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<_> = std::env::split_paths(&path).collect();
    folders.push("/usr/sbin".into());
    if let Ok(versions) = Path::new("/usr/lib/postgresql").read_dir() {
        folders.extend(versions.filter_map(Result::ok).map(|version| version.path().join("bin")));
    }
    folders
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_is_there_under_any_of_its_names() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["google-chrome", "initdb"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let packages: Vec<_> = missing(&TOOLS, &[folder.path().to_owned()]).iter().map(|tool| tool.package).collect();
        assert_eq!(packages, ["chromium-driver", "nats-server"]);
    }
}
