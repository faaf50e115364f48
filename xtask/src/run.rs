//! `cargo xtask run`: from a fresh clone to the page in the browser.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::Context as _;

use crate::workspace::Workspace;
use crate::{process, web};

/// Where the server listens when nothing says otherwise; the server's own default.
const DEFAULT_LISTEN: &str = "127.0.0.1:8080";

/// Settings come from the environment and from `tandem.toml`, as they do for the server alone.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Optimise the server too: slower to build, and what one would measure or deploy
    #[arg(long)]
    release: bool,
    /// Passed on to `tandem serve`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
    server: Vec<String>,
}

/// Builds what changed, then becomes the server.
///
/// The server is built without optimisation: that takes less than half the time of a release build, and one person does
/// not feel the difference. Password hashing is optimised in every profile, and so is the web client.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> anyhow::Result<ExitCode> {
    web::build(workspace)?;
    let mut cargo = workspace.cargo();
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

/// The address that the server will choose, by its own order of precedence: flag, environment, file, default.
fn listen_address(arguments: &[String], variable: Option<&str>, file: &Path) -> anyhow::Result<String> {
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        if let Some(value) = word.strip_prefix("--listen=") {
            return Ok(value.to_owned());
        }
        if word == "--listen" {
            return words.next().cloned().context("--listen needs an address, such as 127.0.0.1:8080");
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

/// Replaces this process, so that Ctrl-C and every other signal reach the server itself, which then drains.
#[cfg(unix)]
fn become_program(command: &mut Command) -> anyhow::Result<ExitCode> {
    use std::os::unix::process::CommandExt as _;
    let error = command.exec();
    Err(error).with_context(|| format!("cannot start `{}`", process::shown(command)))
}

/// Where a process cannot be replaced, the terminal sends Ctrl-C to the server as well.
#[cfg(not(unix))]
fn become_program(command: &mut Command) -> anyhow::Result<ExitCode> {
    process::run(command).map(|()| ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn the_address_follows_the_servers_order_of_precedence() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tandem.toml");
        let absent = folder.path().join("none.toml");
        std::fs::write(&file, "listen = \"127.0.0.1:3000\"").unwrap();

        assert_eq!(listen_address(&[], None, &absent).unwrap(), DEFAULT_LISTEN);
        assert_eq!(listen_address(&[], None, &file).unwrap(), "127.0.0.1:3000");
        assert_eq!(listen_address(&[], Some("127.0.0.1:4000"), &file).unwrap(), "127.0.0.1:4000");
        let flag = words("--data-dir x --listen 127.0.0.1:5000");
        assert_eq!(listen_address(&flag, Some("127.0.0.1:4000"), &file).unwrap(), "127.0.0.1:5000");
        assert_eq!(listen_address(&words("--listen=[::1]:1"), None, &file).unwrap(), "[::1]:1");
    }

    #[test]
    fn a_listen_flag_without_an_address_is_refused() {
        let error = listen_address(&words("--listen"), None, Path::new("none.toml")).unwrap_err();
        assert!(error.to_string().contains("127.0.0.1:8080"), "{error}");
    }
}
