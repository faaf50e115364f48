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

use std::process::ExitCode;

fn main() -> ExitCode {
    tandem_allocator::return_memory_at_once();
    cli::main()
}
