//! The program `tandem-loadtest`; the library documents it.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    tandem_loadtest::cli::main().await
}
