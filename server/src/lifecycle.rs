//! The stages of a node: running, draining, stopping.
//!
//! The first signal drains the node: it refuses new work, and running replies may end or are handed over. The second
//! signal ends the process at once, for an operator who does not want to wait.
//!
//! Tasks are spawned on the tracker, so that the stop can wait for them. Three files spawn others, and
//! `tests/architecture.rs` allows no more: `realtime/src/fan_out.rs`, whose runs end with the sockets that they send
//! to; `store/src/sqlite/writer.rs`, whose committer is aborted with its writer; and `store/src/postgres/mod.rs`, which
//! waits for its task at once.

use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// The signals to background tasks, and the tracker of these.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lifecycle {
    /// Cancelled when the node drains: no new work.
    pub(crate) draining: CancellationToken,
    /// Cancelled when the running work has ended, or its time is over.
    pub(crate) stopping: CancellationToken,
    /// The tasks that the stop waits for.
    pub(crate) tracker: TaskTracker,
}

/// The signals that stop a node: SIGTERM and Ctrl-C.
#[derive(Debug)]
pub(crate) struct StopSignals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

impl StopSignals {
    /// Installs the handlers, before the node answers anybody: without them a signal ends the process at once.
    ///
    /// # Errors
    /// When the operating system refuses.
    #[cfg(unix)]
    pub(crate) fn install() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// The same for Ctrl-C alone.
    ///
    /// # Errors
    /// Never.
    #[cfg(not(unix))]
    pub(crate) fn install() -> std::io::Result<Self> {
        Ok(Self {})
    }

    /// Waits for the next signal.
    pub(crate) async fn next(&mut self) {
        #[cfg(unix)]
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
        #[cfg(not(unix))]
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
