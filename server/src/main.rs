//! The `tandem` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    tandem_server::cli::main()
}
