//! A private NATS: the bus between nodes, a process on a port of its own that a test may stop and start again.

use crate::{eventually::eventually, fresh, process_guard::Held, server::free_address};
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

/// What a test stops with on a machine without NATS.
const MISSING: &str = "the tests of many nodes need NATS: install it (Debian: `apt-get install nats-server`) or put \
                       `nats-server` on the PATH";

/// What a NATS server says first.
const GREETING: &[u8] = b"INFO ";

/// How long one may take to greet. It is asked again when it does not.
const GREETS: Duration = Duration::from_secs(1);

/// A NATS server. It ends with the value, or with its test however that ends.
#[derive(Debug)]
pub struct Nats {
    address: SocketAddr,
    process: Mutex<Option<Held>>,
    // Last, because fields are dropped in this order: the process goes before its folder.
    folder: TempDir,
}

impl Nats {
    /// Starts one, and waits until it takes connections.
    ///
    /// # Panics
    /// When NATS is not installed; the message says what to do.
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

    /// Stops it in the middle of whatever it does: its clients are cut off, and nobody can connect.
    pub fn stop(&self) {
        if let Some(process) = self.process().take() {
            process.kill();
        }
    }

    /// Starts it again where it was, and waits until it takes connections.
    ///
    /// # Panics
    /// When it does not; the message shows what it said.
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

    fn spawn(&self) -> Held {
        let path = env::var("PATH").unwrap_or_default();
        let log = OpenOptions::new().create(true).append(true).open(self.folder.path().join("nats.log"));
        let log = log.expect("the log can be written");
        let mut command = Command::new("nats-server");
        // Debian puts servers where only root looks.
        command.env("PATH", format!("{path}:/usr/sbin:/usr/local/sbin")).current_dir(self.folder.path());
        command.args(["--addr", &self.address.ip().to_string(), "--port", &self.address.port().to_string()]);
        command.stdout(log.try_clone().expect("a file can be shared")).stderr(log);
        match Held::start(&mut command, self.folder.path()) {
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

    fn process(&self) -> MutexGuard<'_, Option<Held>> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.stop();
    }
}
