//! The `tandem` binary: settings, the command line, and the node that is put together of the other crates.
//!
//! Three transports (`tandem_http`, `tandem_realtime`, `tandem_mcp`) and the assistant's tools reach state through the
//! same functions of `tandem_service`, which work on the traits of `tandem_store` and publish what happened on
//! `tandem_bus`. [`app`] alone names adapters. ARCHITECTURE.md draws the arrows; Cargo refuses others.

mod app;
mod cli;
mod config;
mod lifecycle;
mod telemetry;

use mimalloc::MiMalloc;
use std::process::ExitCode;

/// Gives back what is not used, in small pages: the system's allocator keeps the 19 MiB of each password that was ever
/// hashed.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    cli::main()
}
