//! A private NATS server that a test can stop and start again.

use crate::{eventually::eventually, fresh, process_guard::GuardedProcess, server::free_address};
use std::{
    env,
    fs::{self, OpenOptions},
    io::{self, ErrorKind},
    net::SocketAddr,
    process::{Command, ExitStatus},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tempfile::TempDir;
use tokio::{io::AsyncReadExt as _, net::TcpStream};

/// The message of a test on a machine without NATS.
const MISSING: &str = "the tests of several nodes need NATS: install it (Debian: `apt-get install nats-server`) or put \
                       `nats-server` on the PATH";

/// The first bytes that a NATS server sends.
const GREETING: &[u8] = b"INFO ";

/// Time limit for the greeting; after that, the connection is opened again.
const GREETS: Duration = Duration::from_secs(1);

/// A NATS server. It ends with the value, or with its test.
#[derive(Debug)]
pub struct Nats {
    address: SocketAddr,
    process: Mutex<Option<GuardedProcess>>,
    // Last, because fields are dropped in this order, and the process has to end before its folder is removed.
    folder: TempDir,
}

impl Nats {
    /// Starts a server and waits until it accepts connections.
    ///
    /// # Panics
    /// When NATS is not installed; the message contains the command that installs it.
    pub async fn new() -> Self {
        let nats = Self { address: free_address(), process: Mutex::new(None), folder: fresh::folder() };
        nats.start().await;
        nats
    }

    /// The value of `TANDEM_NATS_URL` for a node.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://{}", self.address)
    }

    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Kills the server: its clients are disconnected, and none can connect.
    pub fn stop(&self) {
        if let Some(process) = self.process().take() {
            process.kill();
        }
    }

    /// Starts the server again at its address, and waits until it accepts connections.
    ///
    /// # Panics
    /// When it does not; the message contains its output.
    pub async fn start(&self) {
        let started = self.spawn();
        *self.process() = Some(started);
        eventually("NATS to take connections", async || {
            if let Some(status) = self.exited() {
                panic!("NATS ended at its start with {status}:\n{}", self.log());
            }
            self.greets().await.then_some(())
        })
        .await;
    }

    fn spawn(&self) -> GuardedProcess {
        let path = env::var("PATH").unwrap_or_default();
        let log = OpenOptions::new().create(true).append(true).open(self.folder.path().join("nats.log"));
        let log = log.expect("the log can be written");
        let mut command = Command::new("nats-server");
        // Debian installs servers in a folder that is on the path of root only.
        command.env("PATH", format!("{path}:/usr/sbin:/usr/local/sbin")).current_dir(self.folder.path());
        command.args(["--addr", &self.address.ip().to_string(), "--port", &self.address.port().to_string()]);
        command.stdout(log.try_clone().expect("a file can be shared")).stderr(log);
        match GuardedProcess::start(&mut command, self.folder.path()) {
            Ok(started) => started,
            Err(error) if error.kind() == ErrorKind::NotFound => panic!("{MISSING}"),
            Err(error) => panic!("NATS does not start: {error}"),
        }
    }

    async fn greets(&self) -> bool {
        let greeted = tokio::time::timeout(GREETS, async {
            let mut said = [0; GREETING.len()];
            TcpStream::connect(self.address).await?.read_exact(&mut said).await?;
            io::Result::Ok(said == GREETING)
        });
        matches!(greeted.await, Ok(Ok(true)))
    }

    fn exited(&self) -> Option<ExitStatus> {
        self.process().as_mut()?.child.try_wait().expect("a child can be asked")
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("nats.log")).unwrap_or_default()
    }

    fn process(&self) -> MutexGuard<'_, Option<GuardedProcess>> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.stop();
    }
}
