//! `cargo xtask loadtest`: starts a server, runs the load tester against it, and stops the server.
//!
//! The load tester works with any server, but its figures are comparable only between servers with the same settings
//! and an empty database. This task starts such a server, or several nodes, for each run.
//!
//! No process outlives the task, also when a signal ends it.

pub(crate) mod server;
mod settings;
mod shared;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context as _;

use crate::loadtest::server::Server;
use crate::loadtest::shared::SharedServices;
use crate::workspace::Workspace;
use crate::{build, process};

/// The scenario when none is named.
const DEFAULT_SCENARIO: &str = "fifty-users";

/// The server reads its other settings from the environment: `TANDEM_DATABASE_URL` selects PostgreSQL.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The folder for report.json, report.html and the server's log
    #[arg(long, default_value = "loadtest/out", value_name = "FOLDER")]
    report: PathBuf,
    /// The number of nodes; several share a PostgreSQL and a NATS that are started for them
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=9))]
    nodes: u8,
    /// A folder that keeps the server's data for the next run (one node; `costs` takes minutes to fill an account)
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// A scenario (default: fifty-users), then arguments of `tandem-loadtest`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "SCENARIO AND ARGUMENTS")]
    arguments: Vec<String>,
}

impl Options {
    /// A run of one node with a new database.
    pub(crate) fn of(report: PathBuf, arguments: Vec<String>) -> Self {
        Self { report, nodes: 1, data: None, arguments }
    }
}

/// Builds both binaries, runs the scenario and stops the server. Returns the exit status of the load tester.
///
/// # Errors
/// When something does not compile, a server does not start, or one does not stop cleanly.
pub(crate) fn loadtest(workspace: &Workspace, options: &Options) -> anyhow::Result<ExitCode> {
    build::build(workspace)?;
    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&interrupted)).context("cannot listen for signals")?;
    }
    let report = workspace.root().join(&options.report);
    std::fs::create_dir_all(&report).with_context(|| format!("cannot make {}", report.display()))?;

    let provider = free_address()?;
    let metrics = free_address()?;
    let (scenario, rest) = scenario_of(&options.arguments);
    // Declared before the nodes, because values are dropped in reverse order: the nodes have to end first.
    let shared = (options.nodes > 1).then(SharedServices::start).transpose()?;
    let mut settings = settings::of_scenario(scenario, provider);
    settings.extend(shared.iter().flat_map(SharedServices::settings));
    let data = options.data.as_ref().map(|folder| workspace.root().join(folder));
    if let Some(folder) = &data {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let mut servers = Vec::new();
    for number in 1..=options.nodes {
        let (metrics, log) = if number == 1 {
            (metrics, report.join("server.log"))
        } else {
            (free_address()?, report.join(format!("server-{number}.log")))
        };
        let data = data.as_deref().filter(|_| number == 1);
        let mut server = Server::start(&workspace.target("release/tandem"), &settings, metrics, data, &log)?;
        // Not at the same time: the first one creates the schema.
        server.wait_until_ready(&interrupted)?;
        servers.push(server);
    }

    let mut tester = Command::new(workspace.target("release/tandem-loadtest"));
    tester.current_dir(workspace.root()).arg(scenario);
    for server in &servers {
        tester.args(["--url", &server.url()]);
    }
    tester.args(["--provider", "fake", "--provider-listen", &provider.to_string()]);
    tester.args(["--metrics", &format!("http://{metrics}/metrics")]);
    tester.arg("--report").arg(&report).args(rest);
    let code = run_tester(&mut tester, &interrupted);
    for server in servers {
        server.stop()?;
    }
    code
}

/// Runs the load tester to its end, and passes a signal to this process on to it.
fn run_tester(tester: &mut Command, interrupted: &AtomicBool) -> anyhow::Result<ExitCode> {
    println!("$ {}", process::shown(tester));
    let mut child = tester.spawn().with_context(|| format!("cannot start `{}`", process::shown(tester)))?;
    let mut terminated = false;
    loop {
        if let Some(status) = child.try_wait().context("cannot wait for the load tester")? {
            // There is no code when a signal ended it.
            return Ok(status
                .code()
                .and_then(|code| u8::try_from(code).ok())
                .map_or(ExitCode::FAILURE, ExitCode::from));
        }
        if !terminated && interrupted.load(Ordering::Relaxed) {
            terminated = true;
            process::terminate(&child)?;
        }
        std::thread::sleep(process::POLL);
    }
}

/// Splits off the scenario: the first argument, unless that is an option.
fn scenario_of(arguments: &[String]) -> (&str, &[String]) {
    match arguments.split_first() {
        Some((first, rest)) if !first.starts_with('-') => (first, rest),
        _ => (DEFAULT_SCENARIO, arguments),
    }
}

/// A loopback address whose port was free a moment ago.
pub(crate) fn free_address() -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port on this machine")?;
    listener.local_addr().context("no free port on this machine")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scenario_is_named_first_or_not_at_all() {
        let split = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(scenario_of(&[]), (DEFAULT_SCENARIO, &[][..]));
        assert_eq!(scenario_of(&split("--users 5")), (DEFAULT_SCENARIO, &split("--users 5")[..]));
        assert_eq!(scenario_of(&split("idle --users 5")), ("idle", &split("--users 5")[..]));
    }
}
