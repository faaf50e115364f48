//! `cargo xtask run`: builds everything and starts the server.
//!
//! One command has to be enough on a fresh clone, so this also builds the web client. The process then becomes the
//! server, so that signals reach the server itself.
//!
//! The address that is printed is the one on which the server listens: it is read from the same places in the same order.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::Context as _;

use crate::workspace::Workspace;
use crate::{process, web};

/// The default of the server's setting `listen`.
const DEFAULT_LISTEN: &str = "127.0.0.1:8080";

/// Settings come from the environment and from `tandem.toml`, as they do for the server alone.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Optimise the server too: slower to build, for measurements and deployment
    #[arg(long)]
    release: bool,
    /// Arguments for `tandem serve`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
    server: Vec<String>,
}

/// Builds what changed, then becomes the server.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> anyhow::Result<ExitCode> {
    web::build(workspace)?;
    let mut cargo = workspace.cargo();
    // Without optimisation this takes less than half the time of a release build, and one user does not notice the
    // difference. Password hashing and the web client are optimised in every profile.
    cargo.args(["build", "--package", "tandem-server"]);
    if options.release {
        cargo.arg("--release");
    }
    process::run(&mut cargo)?;

    let binary = workspace.target(if options.release { "release/tandem" } else { "debug/tandem" });
    let mut server = Command::new(binary.with_extension(std::env::consts::EXE_EXTENSION));
    server.current_dir(workspace.root()).arg("serve").args(&options.server);
    let variable = std::env::var("TANDEM_LISTEN").ok();
    let listen = listen_address(&options.server, variable.as_deref(), &workspace.path("tandem.toml"))?;
    println!("\n  Tandem: http://{listen}\n  Open it in a browser; Ctrl-C here stops it.\n");
    become_program(&mut server)
}

/// The address that the server will choose, in its order of precedence: flag, environment, file, default.
fn listen_address(arguments: &[String], variable: Option<&str>, file: &Path) -> anyhow::Result<String> {
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        if let Some(value) = argument.strip_prefix("--listen=") {
            return Ok(value.to_owned());
        }
        if argument == "--listen" {
            return arguments.next().cloned().context("--listen needs an address, such as 127.0.0.1:8080");
        }
    }
    if let Some(value) = variable {
        return Ok(value.to_owned());
    }
    if !file.exists() {
        return Ok(DEFAULT_LISTEN.to_owned());
    }
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let settings: toml::Table = text.parse().with_context(|| format!("{} is not valid TOML", file.display()))?;
    Ok(settings.get("listen").and_then(toml::Value::as_str).unwrap_or(DEFAULT_LISTEN).to_owned())
}

/// Replaces this process, so that every signal reaches the server, which then drains.
#[cfg(unix)]
fn become_program(command: &mut Command) -> anyhow::Result<ExitCode> {
    use std::os::unix::process::CommandExt as _;
    let error = command.exec();
    Err(error).with_context(|| format!("cannot start `{}`", process::shown(command)))
}

/// Where a process cannot be replaced, the terminal sends Ctrl-C to both processes.
#[cfg(not(unix))]
fn become_program(command: &mut Command) -> anyhow::Result<ExitCode> {
    process::run(command).map(|()| ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn the_address_follows_the_order_of_precedence_of_the_server() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tandem.toml");
        let absent = folder.path().join("none.toml");
        std::fs::write(&file, "listen = \"127.0.0.1:3000\"").unwrap();

        assert_eq!(listen_address(&[], None, &absent).unwrap(), DEFAULT_LISTEN);
        assert_eq!(listen_address(&[], None, &file).unwrap(), "127.0.0.1:3000");
        assert_eq!(listen_address(&[], Some("127.0.0.1:4000"), &file).unwrap(), "127.0.0.1:4000");
        let flag = split("--data-dir x --listen 127.0.0.1:5000");
        assert_eq!(listen_address(&flag, Some("127.0.0.1:4000"), &file).unwrap(), "127.0.0.1:5000");
        assert_eq!(listen_address(&split("--listen=[::1]:1"), None, &file).unwrap(), "[::1]:1");
    }

    #[test]
    fn a_listen_flag_without_an_address_is_refused() {
        let error = listen_address(&split("--listen"), None, Path::new("none.toml")).unwrap_err();
        assert!(error.to_string().contains("127.0.0.1:8080"), "{error}");
    }
}
