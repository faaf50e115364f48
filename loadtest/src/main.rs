//! `tandem-loadtest`: see the library.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    tandem_loadtest::cli::main().await
}
