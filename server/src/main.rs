//! The `tandem` binary.

use mimalloc::MiMalloc;
use std::process::ExitCode;

/// Gives back what is not used, in small pages: the system's allocator keeps the 19 MiB of each password that was ever
/// hashed.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    tandem_server::cli::main()
}
