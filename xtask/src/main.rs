//! The tasks of the repository: `cargo xtask run` starts Tandem, `cargo xtask test` checks everything.
//!
//! They are a Rust program, so that a fresh clone needs nothing but Rust. Each task is one module; [`workspace`] has the
//! folders and runs cargo, [`process`] runs other programs.
//!
//! A task succeeds completely or exits with a status other than 0.

mod bench;
mod build;
mod check;
mod loadtest;
mod performance;
mod process;
mod run;
mod toolchain;
mod web;
mod workspace;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

use crate::workspace::Workspace;

/// Tasks of the Tandem repository.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Option<Task>,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Build everything and start Tandem on this machine, with SQLite in ./data
    Run(run::Options),
    /// Install what the tests need where that is possible, then check everything
    #[command(visible_aliases = ["ci", "t"])]
    Test(check::Options),
    /// Build the optimised binaries, web client inside: target/release/tandem and target/release/tandem-loadtest
    Build,
    /// Build the web client into web/dist
    Web,
    /// Measure: start a server with a fake provider and run a scenario of the load tester against it
    Loadtest(loadtest::Options),
    /// Measure how the server scales, and write the figures into docs/performance.md; takes about ten minutes
    Performance(performance::Options),
    /// Measure what the pieces of a token, of a change and of a message cost, and print a table
    Bench(bench::Options),
    /// Score how well the built-in assistant understands a folder of sample sentences
    NlScore {
        /// The folder that contains the samples
        samples: PathBuf,
    },
    /// Format the Rust sources
    Fmt,
}

fn main() -> ExitCode {
    let result = match Cli::parse().task {
        Some(task) => perform(&task),
        None => Cli::command().print_help().map(|()| ExitCode::SUCCESS).map_err(Into::into),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(task: &Task) -> anyhow::Result<ExitCode> {
    let workspace = Workspace::locate()?;
    match task {
        Task::Run(options) => run::run(&workspace, options),
        Task::Build => build::build(&workspace).map(|()| ExitCode::SUCCESS),
        Task::Web => web::build(&workspace).map(|()| ExitCode::SUCCESS),
        Task::Test(options) => check::test(&workspace, options),
        Task::Loadtest(options) => loadtest::loadtest(&workspace, options),
        Task::Performance(options) => performance::performance(&workspace, options),
        Task::Bench(options) => bench::bench(&workspace, options).map(|()| ExitCode::SUCCESS),
        Task::NlScore { samples } => nl_score(&workspace, samples).map(|()| ExitCode::SUCCESS),
        Task::Fmt => process::run(workspace.cargo().args(["fmt", "--all"])).map(|()| ExitCode::SUCCESS),
    }
}

/// Runs the scorer, an example of the language crate: the samples are not part of the product.
fn nl_score(workspace: &Workspace, samples: &Path) -> anyhow::Result<()> {
    let samples = std::path::absolute(samples)?;
    let mut cargo = workspace.cargo();
    cargo.args(["run", "--release", "--package", "tandem-nl", "--example", "score", "--"]);
    process::run(cargo.arg(samples))
}
