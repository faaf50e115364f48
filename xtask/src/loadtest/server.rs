//! A server for one measurement: its own port, its own data, stopped and swept away afterwards.

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

/// How long a server may take to start, and to drain.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running server; killed when dropped before [`Server::stop`].
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
    log: PathBuf,
    /// Its data, removed with this value unless it is to be kept.
    _data: Option<TempDir>,
}

impl Server {
    /// Starts the binary with these settings. Its data is kept in `kept`, or else removed afterwards.
    pub(crate) fn start(
        binary: &Path,
        settings: &Settings,
        metrics: SocketAddr,
        kept: Option<&Path>,
        log: &Path,
    ) -> anyhow::Result<Self> {
        let address = super::free_address()?;
        let (folder, data) = if let Some(folder) = kept {
            (folder.to_owned(), None)
        } else {
            let data = tempfile::tempdir().context("cannot make a folder for the server's data")?;
            (data.path().to_owned(), Some(data))
        };
        let output = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        let mut command = with_many_files(binary);
        // In the data folder there is no `tandem.toml` whose settings would be measured by accident.
        command.current_dir(&folder).arg("serve").stdin(Stdio::null());
        command.stdout(output.try_clone().context("cannot share the log")?).stderr(output);
        command
            .env("TANDEM_LISTEN", address.to_string())
            .env("TANDEM_ADMIN_LISTEN", metrics.to_string())
            .env("TANDEM_DATA_DIR", &folder)
            .envs(settings.iter().map(|(name, value)| (name, value)));
        process::apart(&mut command);
        let child = command.spawn().with_context(|| format!("cannot start {}", binary.display()))?;
        Ok(Self { child, address, log: log.to_owned(), _data: data })
    }

    /// What the load tester is told.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits until the server says that it is ready; an error when it ends, takes too long, or the user gives up.
    pub(crate) fn wait_until_ready(&mut self, interrupted: &AtomicBool) -> anyhow::Result<()> {
        let start = Instant::now();
        while !self.is_ready() {
            if let Some(status) = self.child.try_wait().context("cannot wait for the server")? {
                bail!("the server ended at once ({status}); its log is {}", self.log.display());
            }
            if interrupted.load(Ordering::Relaxed) {
                bail!("interrupted");
            }
            if start.elapsed() > PATIENCE {
                bail!("the server was not ready after {} s; its log is {}", PATIENCE.as_secs(), self.log.display());
            }
            std::thread::sleep(process::POLL);
        }
        Ok(())
    }

    fn is_ready(&self) -> bool {
        let ask = || -> std::io::Result<bool> {
            let mut stream = TcpStream::connect(self.address)?;
            stream.set_read_timeout(Some(Duration::from_secs(1)))?;
            write!(stream, "GET /readyz HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address)?;
            let mut start = [0; 12];
            stream.read_exact(&mut start)?;
            Ok(&start == b"HTTP/1.1 200")
        };
        ask().unwrap_or(false)
    }

    /// Asks the server to drain, and waits for it.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        process::terminate(&self.child)?;
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().context("cannot wait for the server")? {
                if !status.success() {
                    bail!("the server did not stop cleanly ({status}); its log is {}", self.log.display());
                }
                return Ok(());
            }
            std::thread::sleep(process::POLL);
        }
        bail!("the server was still draining after {} s; its log is {}", PATIENCE.as_secs(), self.log.display());
    }
}

/// A program that may open as many files as the system lets it: each socket is one. The shell raises its own limit, then
/// becomes the program; where it may not, the program starts with the limit that there was.
fn with_many_files(program: &Path) -> Command {
    if cfg!(not(unix)) {
        return Command::new(program);
    }
    let mut command = Command::new("sh");
    command.args(["-c", r#"ulimit -n "$(ulimit -H -n)" 2>/dev/null; exec "$0" "$@""#]).arg(program);
    command
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only when the process is gone, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_program_with_many_files_is_given_its_arguments_and_the_highest_limit() {
        let script = r#"test "$(ulimit -n)" = "$(ulimit -H -n)" && printf %s "$1""#;
        let mut command = with_many_files(Path::new("sh"));
        assert_eq!(process::output(command.args(["-c", script, "name", "two words"])).unwrap(), "two words");
    }
}
