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

/// Waits for SIGTERM or Ctrl-C.
pub(crate) async fn signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            },
            // Ctrl-C still works.
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the handler of SIGTERM could not be installed"
                );
                interrupted().await;
            }
        }
    }
    #[cfg(not(unix))]
    interrupted().await;
}

/// Waits for Ctrl-C, or for ever if its handler cannot be installed.
async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
