//! A server process for one measurement.
//!
//! It has ports, a working folder and data of its own, so that neither a `tandem.toml` nor an earlier run influences the
//! figures.
//!
//! The process ends with the value: [`Server::stop`] drains it, a drop kills it.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use tempfile::TempDir;

use super::settings::Settings;
use crate::process;

/// The time limit for a start, and for a drain.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// A running server; killed when dropped before [`Server::stop`].
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
    log: PathBuf,
    /// Removes the folder of the data when it is dropped; `None` when the data is kept.
    _data: Option<TempDir>,
}

impl Server {
    /// Starts the binary with these settings. Its data is in `data`, or in a temporary folder.
    pub(crate) fn start(
        binary: &Path,
        settings: &Settings,
        metrics: SocketAddr,
        data: Option<&Path>,
        log: &Path,
    ) -> anyhow::Result<Self> {
        let address = super::free_address()?;
        let (folder, temporary) = if let Some(folder) = data {
            (folder.to_owned(), None)
        } else {
            let folder = tempfile::tempdir().context("cannot make a folder for the server's data")?;
            (folder.path().to_owned(), Some(folder))
        };
        let output = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        let mut command = with_many_files(binary);
        // The server reads `tandem.toml` from its working folder; here it finds none.
        command.current_dir(&folder).arg("serve").stdin(Stdio::null());
        command.stdout(output.try_clone().context("cannot share the log")?).stderr(output);
        command
            .env("TANDEM_LISTEN", address.to_string())
            .env("TANDEM_ADMIN_LISTEN", metrics.to_string())
            .env("TANDEM_DATA_DIR", &folder)
            .env("TANDEM_PUSH_LOOPBACK", "on")
            .envs(settings.iter().map(|(name, value)| (name, value)));
        process::in_own_group(&mut command);
        let child = command.spawn().with_context(|| format!("cannot start {}", binary.display()))?;
        Ok(Self { child, address, log: log.to_owned(), _data: temporary })
    }

    /// The address of the server for the load tester.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits until `/readyz` answers with 200.
    ///
    /// # Errors
    /// When the server ends, takes too long, or `interrupted` is set.
    pub(crate) fn wait_until_ready(&mut self, interrupted: &AtomicBool) -> anyhow::Result<()> {
        let start = Instant::now();
        while !self.is_ready() {
            if let Some(status) = self.child.try_wait().context("cannot wait for the server")? {
                bail!("the server ended at once ({status}); its log is {}", self.log.display());
            }
            if interrupted.load(Ordering::Relaxed) {
                bail!("interrupted");
            }
            if start.elapsed() > TIME_LIMIT {
                bail!("the server was not ready after {} s; its log is {}", TIME_LIMIT.as_secs(), self.log.display());
            }
            std::thread::sleep(process::POLL);
        }
        Ok(())
    }

    fn is_ready(&self) -> bool {
        // A request by hand costs less than an HTTP client among the dependencies.
        let request = || -> std::io::Result<bool> {
            let mut stream = TcpStream::connect(self.address)?;
            stream.set_read_timeout(Some(Duration::from_secs(1)))?;
            write!(stream, "GET /readyz HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address)?;
            let mut start = [0; 12];
            stream.read_exact(&mut start)?;
            Ok(&start == b"HTTP/1.1 200")
        };
        request().unwrap_or(false)
    }

    /// Sends SIGTERM and waits for the drain.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        process::terminate(&self.child)?;
        let start = Instant::now();
        while start.elapsed() < TIME_LIMIT {
            if let Some(status) = self.child.try_wait().context("cannot wait for the server")? {
                if !status.success() {
                    bail!("the server did not stop cleanly ({status}); its log is {}", self.log.display());
                }
                return Ok(());
            }
            std::thread::sleep(process::POLL);
        }
        bail!("the server was still draining after {} s; its log is {}", TIME_LIMIT.as_secs(), self.log.display());
    }
}

/// The command for a program with the highest limit of open files that the system allows: each socket is one.
fn with_many_files(program: &Path) -> Command {
    if cfg!(not(unix)) {
        return Command::new(program);
    }
    // A shell raises its own limit and becomes the program: raising it from Rust before the exec needs unsafe code.
    let mut command = Command::new("sh");
    command.args(["-c", r#"ulimit -n "$(ulimit -H -n)" 2>/dev/null; exec "$0" "$@""#]).arg(program);
    command
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only when the process has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_program_with_many_files_gets_its_arguments_and_the_highest_limit() {
        let script = r#"test "$(ulimit -n)" = "$(ulimit -H -n)" && printf %s "$1""#;
        let mut command = with_many_files(Path::new("sh"));
        assert_eq!(process::output(command.args(["-c", script, "name", "two words"])).unwrap(), "two words");
    }
}
