//! Start, drain, stop. The first signal drains: new work is refused, what runs may end. The second cuts.
//!
//! Three files start tasks that the tracker does not know, and `tests/architecture.rs` refuses others:
//! `realtime/src/fan_out.rs`, whose runs end with the sockets that they send to; `store/src/sqlite/writer.rs`, whose
//! committer is aborted with its writer; and `store/src/postgres/mod.rs`, which waits for the task at once.

use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// What everything that is spawned holds on to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lifecycle {
    /// Cancelled when the node drains: no new work.
    pub(crate) draining: CancellationToken,
    /// Cancelled when the work that runs is done, or has had its time.
    pub(crate) stopping: CancellationToken,
    /// The tasks that the end waits for.
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
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "SIGTERM cannot be received");
                interrupted().await;
            }
        }
    }
    #[cfg(not(unix))]
    interrupted().await;
}

/// Waits for Ctrl-C; for ever when it cannot be received.
async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
