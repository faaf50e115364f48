//! What a newcomer types: `cargo xtask run` starts Tandem, `cargo xtask test` checks all of it.
//!
//! Every task is one module; [`workspace`] knows the folders and how to call cargo, [`process`] how to run a program.

mod build;
mod check;
mod loadtest;
mod policy;
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
    #[command(visible_alias = "ci")]
    Test(check::Options),
    /// Build the optimised binaries, web client inside: target/release/tandem and target/release/tandem-loadtest
    Build,
    /// Build the web client into web/dist
    Web,
    /// Measure: start a server with a fake provider and run a scenario of the load tester against it
    Loadtest(loadtest::Options),
    /// Score the built-in assistant's understanding of language on a folder of sample sentences
    NlScore {
        /// The folder with the samples
        samples: PathBuf,
    },
    /// Format the Rust sources
    Fmt,
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().task {
        Some(task) => perform(&task),
        None => Cli::command().print_help().map(|()| ExitCode::SUCCESS).map_err(Into::into),
    };
    match outcome {
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
        Task::NlScore { samples } => nl_score(&workspace, samples).map(|()| ExitCode::SUCCESS),
        Task::Fmt => process::run(workspace.cargo().args(["fmt", "--all"])).map(|()| ExitCode::SUCCESS),
    }
}

/// Runs the scorer, which is an example of the language crate so that the samples stay outside of the product.
fn nl_score(workspace: &Workspace, samples: &Path) -> anyhow::Result<()> {
    let samples = std::path::absolute(samples)?;
    let mut cargo = workspace.cargo();
    cargo.args(["run", "--release", "--package", "tandem-nl", "--example", "score", "--"]);
    process::run(cargo.arg(samples))
}
