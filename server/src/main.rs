//! The `tandem` binary: settings, the command line, and the composition of the other crates into a node.
//!
//! Three transports (`tandem_http`, `tandem_realtime`, `tandem_mcp`) and the tools of the assistant use the functions
//! of `tandem_service`, which work on the traits of `tandem_store` and publish changes on `tandem_bus`.
//!
//! Only [`app`] names adapters of the traits. ARCHITECTURE.md lists which crate may depend on which.

mod app;
mod cli;
mod config;
mod lifecycle;
mod telemetry;

use mimalloc::MiMalloc;
use std::process::ExitCode;

/// Returns unused memory to the system. The default allocator would keep the 19 MiB that hashing a password takes, for
/// each thread that ever did so.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    cli::main()
}
