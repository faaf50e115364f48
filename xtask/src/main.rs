//! What a newcomer types: `cargo xtask run` starts Tandem, `cargo xtask test` checks all of it.
//!
//! Every task is one module; [`workspace`] knows the folders and how to call cargo, [`process`] how to run a program.

mod build;
mod process;
mod run;
mod toolchain;
mod web;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

/// Tasks of the Tandem repository.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Build everything and start Tandem on this machine, with SQLite in ./data
    Run(run::Options),
    /// Build the optimised binaries, web client inside: target/release/tandem and target/release/tandem-loadtest
    Build,
    /// Build the web client into web/dist
    Web,
    /// Format the Rust sources
    Fmt,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match perform(&cli.task) {
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
        Task::Fmt => process::run(workspace.cargo().args(["fmt", "--all"])).map(|()| ExitCode::SUCCESS),
    }
}
